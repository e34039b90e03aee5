//! The desk's side of a run whose bars and static signals come from elsewhere, one grid row at a time: live, or rehearsed.
//!
//! The same desk, feedback signals and order of things as in [`Replay`]; only where rows come from differs. Fills, records, state and its
//! hash are the same bits as those of the run from columns.
use super::Replay;
use super::block::Block;
use crate::desk::{Desk, Halt};
use crate::event::Entry;
use crate::memory::touch::touch;
use crate::money::Overflow;
use crate::shard::{Shard, Tick, emptied};
use crate::signal::AssetRows;

/// Rows for which there is room for one order, fill and trade before lists grow; and the most there is room for.
const ROWS_A_RECORD: usize = 16;
const MOST_RECORDS: usize = 1 << 16;

/// A run that is fed row by row. What it records is kept in memory that was touched at the start.
pub struct DeskSide<'m> {
    run: Replay<'m>,
    /// Bars taken of each asset.
    taken: Vec<usize>,
    present: Vec<Entry>,
    /// Room for the rows of one step, empty between steps.
    rows: Vec<AssetRows<'static>>,
    steps: u64,
}

impl<'m> DeskSide<'m> {
    /// Takes over a run before its first row.
    ///
    /// # Panics
    /// Panics where the run has begun or keeps columns.
    pub fn new(mut run: Replay<'m>) -> Self {
        assert!(run.captured.is_empty() && run.grid.rows().iter().all(|&row| row == 0), "a run before its first row");
        let rows = run.equity.capacity();
        touch(&mut run.equity, rows);
        touch(&mut run.equity_ts, rows);
        run.records.expect((rows / ROWS_A_RECORD).min(MOST_RECORDS));
        let assets = run.times.len();
        Self { taken: vec![0; assets], present: Vec::with_capacity(assets), rows: Vec::with_capacity(assets), steps: 0, run }
    }

    /// Takes one grid row: `at(asset)` gives the bar of an asset that has one, and the values its shard hands over.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn step<'t>(&mut self, ts: i64, at: impl Fn(usize) -> Option<(&'t Tick, &'t [f64])>) -> Result<(), Halt> {
        let mut rows: Vec<AssetRows<'t>> = std::mem::take(&mut self.rows);
        self.present.clear();
        for asset in 0..self.taken.len() {
            let tick = at(asset).map(|(tick, _)| tick);
            rows.push(tick.map_or_else(AssetRows::default, Tick::rows));
            if let Some(tick) = tick {
                self.run.first_rows[asset] = tick.row;
                self.taken[asset] += 1;
                self.present.push(Entry { asset: asset as u32, row: 0 });
            }
        }
        self.run.signals.hand_in(ts, &self.present, |asset| at(asset).map_or(&[], |(_, values)| values));
        self.run.news.take(&self.run.signals, rows.iter().map(|rows| rows.ts.len()));
        let done = self.halves(ts, &rows);
        self.rows = emptied(rows);
        self.steps += 1;
        done
    }

    /// The market half, then the decision half.
    fn halves(&mut self, ts: i64, rows: &[AssetRows<'_>]) -> Result<(), Halt> {
        let run = &mut self.run;
        let block = Block::of_bars(rows, &run.first_rows, &run.wires, &run.funding, &run.signals, &run.news);
        match &mut run.detail {
            None => run.desk.market(ts, &self.present, &block)?,
            Some(detail) => detail.market(&mut run.desk, ts, &self.present, &block, |outbox| run.records.drain(outbox))?,
        }
        if run.feedback {
            for entry in &self.present {
                run.views[entry.asset as usize] = run.desk.position_view(entry.asset as usize);
            }
            let account = run.desk.account_view().map_err(|Overflow| Halt { asset: 0, ts })?;
            run.signals.feedback(0, &run.views, &account);
            run.news.row(&run.signals, &self.present);
        }
        let t = ts + run.interval_ms;
        let due = run.rebalance.is_none_or(|schedule| schedule.due(run.previous_t, t));
        run.previous_t = Some(t);
        let block = Block::new(rows, &run.first_rows, &run.wires, &run.funding, &run.signals, &run.news);
        run.desk.decide(t, due, &self.present, &block)?;
        if t >= run.trade_from_ms {
            run.equity_ts.push(t);
            run.equity.push(run.desk.equity());
        }
        run.records.drain(&mut run.desk.outbox);
        Ok(())
    }

    /// Returns the desk.
    pub fn desk(&self) -> &Desk {
        &self.run.desk
    }

    /// Returns grid rows taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Returns the run, for its records.
    pub fn run(&mut self) -> &mut Replay<'m> {
        &mut self.run
    }

    /// Returns the whole state, as [`Replay::save`] writes it; `shard_of` gives the shard that computes an asset.
    pub fn save<'s>(&'s self, shard_of: impl Fn(usize) -> &'s Shard) -> Vec<u8> {
        self.run.save_parts(&self.taken, |to| self.run.signals.save_with(|asset| shard_of(asset).signals(), to))
    }

    /// Returns the hash of the state: that of the run from columns after as many rows.
    pub fn hash<'s>(&'s self, shard_of: impl Fn(usize) -> &'s Shard) -> [u8; 32] {
        *blake3::hash(&self.save(shard_of)).as_bytes()
    }
}
