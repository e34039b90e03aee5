//! One run among many: its own desk, its own digest, and of the signals only what waits for its book.
use super::super::block::{Block, Columns};
use super::super::detail::Detail;
use super::super::news::News;
use super::super::rules::{Plan, Wires};
use super::super::stepping::{self, Pace};
use super::super::{lanes, open_desk};
use super::chunks::Chunks;
use super::digest::{Digest, Tracker};
use super::{Row, Sweep};
use crate::desk::curve::Curve;
use crate::desk::funding::FundingSeries;
use crate::desk::records::Outbox;
use crate::desk::{Desk, Halt};
use crate::event::PositionView;
use crate::money::Overflow;
use crate::signal::merge::{Own, Part, Place};
use crate::signal::{AssetRows, Grid, Program, Signals};

/// What all runs of a tile read of a block.
pub struct Common<'a> {
    pub rows: &'a [AssetRows<'a>],
    pub first_rows: &'a [u64],
    pub funding: &'a [Option<FundingSeries<'a>>],
    pub grid: Grid<'a>,
    pub signals: &'a Signals,
    pub chunks: &'a Chunks,
}

/// The columns of one program: the common ones and its own.
struct Joined<'a> {
    places: &'a [Place],
    common: &'a Signals,
    own: Option<&'a Signals>,
}

impl Columns for Joined<'_> {
    #[inline(always)]
    fn column(&self, node: usize, asset: usize) -> &[f64] {
        match self.places[node] {
            Place::Common(node) => self.common.column(node, asset),
            Place::Own(node) => self.own.map_or(&[], |own| own.column(node, asset)),
            Place::Nowhere => &[],
        }
    }
}

/// A run at work.
pub struct Run<'m> {
    places: Vec<Place>,
    wires: Vec<Option<Wires>>,
    /// Signals that wait for the book.
    own: Option<Signals>,
    views: Vec<PositionView>,
    news: News,
    detail: Option<Detail<'m>>,
    desk: Desk,
    pace: Pace,
    digest: Digest,
}

impl<'m> Run<'m> {
    /// Prepares a run of a program that is `part` of a whole, whose common signals are `common`, for blocks of `block` rows.
    ///
    /// # Safety
    /// `common` must outlive the run and take each block before it.
    ///
    /// # Errors
    /// Returns one sentence where program, market and configuration do not fit each other.
    pub unsafe fn new(sweep: &Sweep<'m>, program: &Program, part: Part, common: &Signals, block: usize) -> Result<Self, String> {
        let (market, config) = (sweep.market, &sweep.config);
        let mut plan = Plan::new(program)?;
        let own = match &part.own {
            // SAFETY: the caller promises that the common signals outlive the run and run first.
            Some(Own { program, outputs }) => Some(unsafe { Signals::beside(common, program, outputs)? }),
            None => None,
        };
        let from_ms = first_decision(sweep, program, &plan).unwrap_or(i64::MIN);
        let wires = std::mem::take(&mut plan.wires);
        let mut desk = open_desk(market, program, config, plan, own.is_some())?;
        if let Some(burst) = sweep.burst {
            desk.expect_funding(sweep.default, burst);
        }
        let detail = sweep.detail.map(|fine| Detail::new(market, fine)).transpose()?;
        if detail.is_some() {
            desk.use_detail();
        }
        Ok(Self {
            places: part.places,
            wires,
            views: if own.is_some() { vec![PositionView::default(); market.listings.len()] } else { Vec::new() },
            own,
            news: News::new(lanes::watched(program), &program.feedback(), block),
            detail,
            desk,
            pace: Pace {
                interval_ms: market.interval_ms,
                trade_from_ms: config.trade_from_ms.unwrap_or(i64::MIN),
                rebalance: program.rebalance,
                previous_t: None,
            },
            digest: Digest::new(&sweep.calendar, market.interval_ms, from_ms, config.cash),
        })
    }

    /// Takes a block; the desk writes to the `outbox` of the tile, which is empty before and after and so stays in the nearest cache.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn take(&mut self, sweep: &Sweep<'m>, common: &Common<'_>, outbox: &mut Outbox) -> Result<(), Halt> {
        std::mem::swap(&mut self.desk.outbox, outbox);
        let taken = self.steps(sweep, common);
        self.digest.sums.drain(&mut self.desk.outbox);
        std::mem::swap(&mut self.desk.outbox, outbox);
        taken
    }

    /// Gives the room of its outbox away; the run is lent one for each block.
    pub fn give_room(&mut self) -> Outbox {
        std::mem::replace(&mut self.desk.outbox, Outbox::none())
    }

    fn steps(&mut self, sweep: &Sweep<'m>, common: &Common<'_>) -> Result<(), Halt> {
        if let Some(own) = &mut self.own {
            own.run(common.rows, &common.grid);
        }
        let columns = Joined { places: &self.places, common: common.signals, own: self.own.as_ref() };
        self.news.take(&columns, common.rows.iter().map(|rows| rows.ts.len()));
        if self.own.is_some() || self.detail.is_some() {
            (0..common.grid.len()).try_for_each(|step| self.row(sweep, common, step))?;
        } else {
            let block = Block::new(common.rows, common.first_rows, &self.wires, common.funding, &columns, &self.news);
            let Digest { marks, sums } = &mut self.digest;
            let mut curve = Tracker { digest: marks, sums, calendar: &sweep.calendar, chunks: common.chunks };
            stepping::steps_in_block::<false, _, _>(&mut self.desk, &mut self.pace, &common.grid, &block, &mut curve)?;
        }
        Ok(())
    }

    /// Takes one row: market half, signals that read the book, decision half.
    fn row(&mut self, sweep: &Sweep<'m>, common: &Common<'_>, step: usize) -> Result<(), Halt> {
        let (ts, present) = (common.grid.ts()[step], common.grid.present(step));
        let Common { rows, first_rows, funding, signals, .. } = *common;
        let columns = Joined { places: &self.places, common: signals, own: self.own.as_ref() };
        let block = Block::of_bars(rows, first_rows, &self.wires, funding, &columns, &self.news);
        let sums = &mut self.digest.sums;
        match &mut self.detail {
            None => self.desk.market(ts, present, &block)?,
            Some(detail) => detail.market(&mut self.desk, ts, present, &block, |outbox| sums.drain(outbox))?,
        }
        if let Some(own) = &mut self.own {
            for entry in present {
                self.views[entry.asset as usize] = self.desk.position_view(entry.asset as usize);
            }
            let account = self.desk.account_view().map_err(|Overflow| Halt { asset: 0, ts })?;
            own.feedback(step, &self.views, &account);
        }
        let columns = Joined { places: &self.places, common: signals, own: self.own.as_ref() };
        if self.own.is_some() {
            self.news.row(&columns, present);
        }
        let t = ts + self.pace.interval_ms;
        let due = self.pace.rebalance.is_none_or(|schedule| schedule.due(self.pace.previous_t, t));
        self.pace.previous_t = Some(t);
        let block = Block::new(rows, first_rows, &self.wires, funding, &columns, &self.news);
        self.desk.decide(t, due, present, &block)?;
        if t >= self.pace.trade_from_ms {
            let Digest { marks, sums } = &mut self.digest;
            let mut curve = Tracker { digest: marks, sums, calendar: &sweep.calendar, chunks: common.chunks };
            curve.mark(t, self.desk.equity(), self.desk.is_held());
        }
        if self.desk.outbox.is_full() {
            self.digest.sums.drain(&mut self.desk.outbox);
        }
        Ok(())
    }

    /// Ends the run.
    pub fn finish(mut self) -> Row {
        self.digest.finish(self.desk.working().count(), self.desk.open_trades());
        let assets = self.desk.ledger().positions.len();
        let totals = (0..assets).map(|asset| self.desk.totals(asset));
        let (borrow, liquidations) = totals.fold((0, 0), |(borrow, count), each| (borrow + each.borrow, count + each.liquidations as i64));
        Row {
            digest: self.digest,
            borrow,
            interest: self.desk.ledger().wallets.iter().map(|wallet| wallet.interest).sum(),
            liquidations,
            desk_hash: self.desk.hash(),
        }
    }
}

/// Returns the time of the earliest decision that can be; `None` where the data ends before (`bot4/backtest/columns.py`).
fn first_decision(sweep: &Sweep<'_>, program: &Program, plan: &Plan) -> Option<i64> {
    let interval_ms = sweep.market.interval_ms;
    let of = |asset: usize| {
        let is_addressed = plan.wires[asset].is_some() || lanes::addresses(program, asset);
        let ts = sweep.market.columns[asset].ts;
        let settled = is_addressed.then(|| plan.settled(asset) as usize)?;
        let from = sweep.config.trade_from_ms.map_or(0, |from| ts.partition_point(|ts| *ts < from - interval_ms));
        ts.get(settled.max(from)).map(|ts| ts + interval_ms)
    };
    (0..sweep.market.columns.len()).filter_map(of).min()
}
