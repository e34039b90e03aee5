//! The host of a backtest: drives history through signals, venue and desk, block by block.
//!
//! Order of one block: columns → static signals; then of each time step: market half of the desk → feedback signals → decision half.
//! A block's length changes nothing but speed: any cutting gives the same bits.

mod block;
mod desk_side;
mod detail;
pub mod events;
mod lanes;
pub mod look;
mod news;
mod open;
mod operated;
mod row;
mod rules;
pub mod sleeves;
mod stepping;
pub mod sweep;
pub mod ticks;
pub mod trial;

use crate::config::Config;
use crate::desk::curve::EveryMark;
use crate::desk::funding::{DefaultFunding, FundingSeries};
use crate::desk::records::Records;
use crate::desk::{Desk, Halt};
use crate::event::PositionView;
use crate::market::Market;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::Signals;
use crate::signal::grid::{AssetRows, GridBuilder};
use crate::signal::program::Program;
use crate::signal::target::Rebalance;
use block::Block;
use detail::Detail;
use news::News;
use open::{funding_burst, open_desk};
use rules::{Plan, Wires};
use stepping::Pace;

pub use desk_side::DeskSide;
pub use open::contracts;

const VERSION: u64 = 2;
/// Columns of a block that fit the second-level cache beside each other, in rows over all assets.
const BLOCK_ROWS: usize = 8_192;

/// A node whose column the host wants to keep.
pub struct Captured {
    /// Node of the program.
    pub node: usize,
    /// Column by asset, one value for each row taken so far.
    pub columns: Vec<Vec<f64>>,
}

/// One run over one market.
pub struct Replay<'m> {
    columns: Vec<AssetRows<'m>>,
    times: Vec<&'m [i64]>,
    interval_ms: i64,
    trade_from_ms: i64,
    rebalance: Option<Rebalance>,
    wires: Vec<Option<Wires>>,
    funding: Vec<Option<FundingSeries<'m>>>,
    /// Finer bars for the market half of a step.
    detail: Option<Detail<'m>>,
    /// Columns of tick data by asset; empty on bars.
    features: Vec<ticks::Features<'m>>,
    grid: GridBuilder,
    /// Rows of each asset that were taken before its columns begin: of a run that continues from a snapshot.
    base: Vec<usize>,
    rows: Vec<AssetRows<'m>>,
    first_rows: Vec<u64>,
    signals: Signals,
    news: News,
    feedback: bool,
    views: Vec<PositionView>,
    desk: Desk,
    previous_t: Option<i64>,
    block: usize,
    captured: Vec<Captured>,
    /// Orders, fills and trades so far.
    pub records: Records,
    /// Decision time of each grid row, ms.
    pub equity_ts: Vec<i64>,
    /// Equity after the mark of each grid row, 1e-8 quote.
    pub equity: Vec<i64>,
}

impl<'m> Replay<'m> {
    /// Prepares a run; `capture` are nodes whose columns are kept, `block` the rows of a block (0 = chosen).
    ///
    /// # Errors
    /// Returns one sentence where program, market and configuration do not fit each other.
    pub fn new(market: &Market<'m>, program: &Program, config: &Config, capture: &[usize], block: usize) -> Result<Self, String> {
        let assets = market.listings.len();
        if program.interval_ms != market.interval_ms {
            return Err(format!("the program was traced for bars of {} ms, the market has {} ms", program.interval_ms, market.interval_ms));
        }
        let mut plan = Plan::new(program)?;
        let mut outputs = program.target_nodes();
        outputs.extend_from_slice(capture);
        outputs.sort_unstable();
        outputs.dedup();
        let block = if block == 0 { (BLOCK_ROWS / assets).clamp(64, 1_024) } else { block };
        let signals = Signals::new(program, &outputs, block)?;
        let feedback = signals.has_feedback();
        let longest = market.columns.iter().map(|c| c.ts.len()).max().unwrap_or(0);
        let wires = std::mem::take(&mut plan.wires);
        let desk = open_desk(market, program, config, plan, feedback)?;
        let records = Records::like(&desk.outbox);
        Ok(Self {
            times: market.columns.iter().map(|c| c.ts).collect(),
            columns: market.columns.clone(),
            interval_ms: market.interval_ms,
            trade_from_ms: config.trade_from_ms.unwrap_or(i64::MIN),
            rebalance: program.rebalance,
            wires,
            funding: vec![None; assets],
            detail: None,
            features: Vec::new(),
            grid: GridBuilder::new(assets, block),
            base: vec![0; assets],
            rows: vec![AssetRows::default(); assets],
            first_rows: vec![0; assets],
            news: News::new(lanes::watched(program), &program.feedback(), block),
            signals,
            feedback,
            views: vec![PositionView::default(); assets],
            desk,
            previous_t: None,
            block,
            captured: capture.iter().map(|&node| Captured { node, columns: vec![Vec::new(); assets] }).collect(),
            records,
            equity_ts: Vec::with_capacity(longest),
            equity: Vec::with_capacity(longest),
        })
    }

    /// Settles funding: `series` by instrument, `default` where a perpetual has none. To be called before the first row.
    ///
    /// # Errors
    /// Returns one sentence naming the instrument and row that cannot be settled.
    pub fn with_funding(
        mut self,
        market: &Market<'m>,
        series: &[Option<FundingSeries<'m>>],
        default: Option<DefaultFunding>,
    ) -> Result<Self, String> {
        let burst = funding_burst(market, series, default.as_ref())?;
        self.funding = series.to_vec();
        self.desk.expect_funding(default, burst);
        Ok(self)
    }

    /// Reads what happens between decisions from finer bars, where `fine` has them. To be called before the first row.
    ///
    /// # Errors
    /// Returns one sentence where the bars do not lie inside those of the market.
    pub fn with_detail(mut self, market: &Market<'m>, fine: &Market<'m>) -> Result<Self, String> {
        self.detail = Some(Detail::new(market, fine)?);
        self.desk.use_detail();
        Ok(self)
    }

    /// Tells everything the desk does in order of happening, in `records.stream`. To be called last, before the first row.
    pub fn with_stream(mut self) -> Self {
        self.desk.tell();
        self
    }

    /// Takes up to `limit` grid rows in one block (never more than the block's length); returns how many, 0 at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn advance(&mut self, limit: usize) -> Result<usize, Halt> {
        let steps = self.take_block(limit);
        if steps == 0 {
            return Ok(0);
        }
        self.steps()?;
        self.keep_columns();
        self.records.drain(&mut self.desk.outbox);
        Ok(steps)
    }

    /// Appends the block's values to the columns that are kept.
    fn keep_columns(&mut self) {
        for captured in &mut self.captured {
            for (asset, column) in captured.columns.iter_mut().enumerate() {
                column.extend_from_slice(self.signals.column(captured.node, asset));
            }
        }
    }

    /// Takes the next block of at most `limit` grid rows and computes its static signals; returns its grid rows, 0 at the end.
    fn take_block(&mut self, limit: usize) -> usize {
        let steps = self.grid.advance(&self.times, limit.min(self.block)).len();
        if steps == 0 {
            return 0;
        }
        for (asset, columns) in self.columns.iter().enumerate() {
            let range = self.grid.range(asset);
            self.first_rows[asset] = (self.base[asset] + range.start) as u64;
            if let Some(features) = self.features.get(asset) {
                self.signals.lend(asset, |place| &features.columns[place][range.clone()]);
            }
            self.rows[asset] = columns.slice(range);
        }
        self.signals.run(&self.rows, &self.grid.grid());
        self.news.take(&self.signals, self.rows.iter().map(|rows| rows.ts.len()));
        steps
    }

    /// Runs to the end; `progress` is told the grid rows taken after each block and may stop the run by returning false.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn run(&mut self, mut progress: impl FnMut(usize) -> bool) -> Result<bool, Halt> {
        let mut taken = 0;
        loop {
            match self.advance(usize::MAX)? {
                0 => return Ok(true),
                steps => taken += steps,
            }
            if !progress(taken) {
                return Ok(false);
            }
        }
    }

    /// Steps every time of the block.
    fn steps(&mut self) -> Result<(), Halt> {
        if self.feedback || self.detail.is_some() { self.steps_by_row() } else { self.steps_in_block() }
    }

    /// Steps where signals wait for nothing: the whole block's are there.
    fn steps_in_block(&mut self) -> Result<(), Halt> {
        let block = Block::new(&self.rows, &self.first_rows, &self.wires, &self.funding, &self.signals, &self.news);
        let mut pace = Pace {
            interval_ms: self.interval_ms,
            trade_from_ms: self.trade_from_ms,
            rebalance: self.rebalance,
            previous_t: self.previous_t,
        };
        let (ts, equity, records) = (&mut self.equity_ts, &mut self.equity, &mut self.records);
        let mut curve = EveryMark { ts, equity, records, interval_ms: self.interval_ms };
        stepping::steps_in_block::<true, _, _>(&mut self.desk, &mut pace, &self.grid.grid(), &block, &mut curve)?;
        self.previous_t = pace.previous_t;
        Ok(())
    }

    /// Returns the desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Ends the run and returns the columns kept.
    pub fn into_captured(self) -> Vec<Captured> {
        self.captured
    }

    /// Returns the whole state between two blocks: history, signals, desk. Records already given out are not part of it.
    pub fn save(&self) -> Vec<u8> {
        let rows: Vec<usize> = self.base.iter().zip(self.grid.rows()).map(|(base, row)| base + row).collect();
        self.save_parts(&rows, |to| self.signals.save(to))
    }

    /// Writes the state; `rows` are those taken of each asset, `signals` writes theirs.
    fn save_parts(&self, rows: &[usize], signals: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut to = Writer::default();
        to.u64(VERSION);
        to.u64(self.times.len() as u64);
        rows.iter().for_each(|&row| to.u64(row as u64));
        to.bool(self.previous_t.is_some());
        to.i64(self.previous_t.unwrap_or(0));
        signals(&mut to);
        self.desk.save(&mut to);
        to.finish()
    }

    /// Continues from a saved state of the same program, market and configuration.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.load_at(bytes, false)
    }

    /// Continues from a saved state with columns that begin at the first rows that it has not taken: what came before is not needed.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else.
    pub fn resume(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.load_at(bytes, true)
    }

    fn load_at(&mut self, bytes: &[u8], is_cut: bool) -> Result<(), SnapshotError> {
        let mut from = Reader::new(bytes);
        from.expect("replay version", VERSION)?;
        from.expect("number of assets", self.times.len() as u64)?;
        let mut rows = Vec::with_capacity(self.times.len());
        for _ in 0..self.times.len() {
            rows.push(from.u64()? as usize);
        }
        if is_cut {
            self.base = std::mem::replace(&mut rows, vec![0; self.times.len()]);
        }
        self.grid.seek(&rows);
        self.news.forget();
        if let Some(detail) = &mut self.detail {
            detail.seek(&rows, &self.times);
        }
        let has_previous = from.bool()?;
        self.previous_t = Some(from.i64()?).filter(|_| has_previous);
        self.signals.load(&mut from)?;
        self.desk.load(&mut from)?;
        from.finish()
    }

    /// Returns the hash of the state: equal states have equal hashes on every build.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.save()).as_bytes()
    }
}

/// Returns the row at which each asset's decisions begin; 0 where nothing addresses it.
///
/// # Errors
/// Returns one sentence where the program's targets do not fit each other.
pub fn settled_rows(program: &Program) -> Result<Vec<u64>, String> {
    let plan = Plan::new(program)?;
    Ok((0..program.symbols.len()).map(|asset| plan.settled(asset)).collect())
}
