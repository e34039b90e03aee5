//! One row seen from inside: the desk before and after its decision, and the values of the kept nodes.
//!
//! The run is stepped again to the row, which is then taken by itself in its ordinary way, so that what is told is what happened: any cutting of
//! a run gives the same bits (`tests/replay.rs`). No other way of stepping comes here.
use super::Replay;
use super::sleeves::Sleeves;
use crate::desk::Halt;
use crate::desk::look::{Asked, AssetLook};
use crate::desk::rule::MISSING;
use crate::event::AccountView;
use crate::money::Overflow;

/// One row of one desk.
#[derive(Debug, Clone)]
pub struct Look {
    /// Decision time, ms.
    pub t: i64,
    /// Whether the schedule lets targets act.
    pub is_due: bool,
    /// Whether decisions are allowed at this time.
    pub is_open: bool,
    /// The account after the bar and before the decision.
    pub account: AccountView,
    /// Row of the bar in each asset's own data; none where it has no bar.
    pub rows: Vec<Option<u64>>,
    /// Each asset before and after the decision.
    pub assets: Vec<(AssetLook, AssetLook)>,
    /// What targets came to.
    pub asked: Asked,
    /// By kept node and asset: (value at the asset's previous row if that is known, value at this row if it has one).
    pub values: Vec<Vec<(Option<f64>, Option<f64>)>>,
}

/// Decisions of many rows, by asset: one value for each of its rows taken, in order.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// Position before the decision, lots.
    pub lots: Vec<i64>,
    /// Target after hold and share, in the rule's unit; [`MISSING`] where there is none.
    pub wanted: Vec<i64>,
    /// The same after the budget.
    pub budgeted: Vec<i64>,
    /// What was last acted on before the decision, and after it.
    pub acted_before: Vec<i64>,
    /// After it.
    pub acted: Vec<i64>,
    /// Levels after the decision, ticks: the tighter stop, and the take; 0 where there is none.
    pub stop: Vec<i64>,
    /// Level of the take.
    pub take: Vec<i64>,
    /// Bits: [`Trace::DUE`] and those that follow.
    pub flags: Vec<u8>,
}

impl Trace {
    /// The schedule lets targets act.
    pub const DUE: u8 = 1;
    /// Decisions are allowed at this time.
    pub const OPEN: u8 = 2;
    /// Held at 0 after a stop, take or liquidation.
    pub const HELD: u8 = 4;
    /// Held at 0 as a leg of a broken group.
    pub const BROKEN: u8 = 8;
    /// The target was acted on.
    pub const ACTS: u8 = 16;
    /// A unit of entries was no lot.
    pub const REJECTED: u8 = 32;
    /// A signal of entries found every place taken.
    pub const IGNORED: u8 = 64;
}

/// The part of a look that is taken before the decision.
pub(super) struct Before {
    t: i64,
    is_due: bool,
    account: AccountView,
    assets: Vec<AssetLook>,
}

/// What a trace needs of the state before a decision.
pub(super) struct Marked {
    is_due: bool,
    acted: Vec<i64>,
    counts: Vec<(bool, bool, u64, u64, u64)>,
}

impl Replay<'_> {
    /// Takes `rows` grid rows without looking; returns how many there were. Of kept columns only the last value stays.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn skip(&mut self, rows: usize) -> Result<usize, Halt> {
        let mut taken = 0;
        while taken < rows {
            match self.advance(rows - taken)? {
                0 => break,
                steps => taken += steps,
            }
            self.forget();
        }
        Ok(taken)
    }

    /// Takes one grid row and returns what it looked like; `None` at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn look(&mut self) -> Result<Option<Look>, Halt> {
        if self.take_block(1) == 0 {
            return Ok(None);
        }
        self.market_row(0)?;
        let before = self.look_before()?;
        self.decide_row(0)?;
        let look = self.look_after(before)?;
        self.records.drain(&mut self.desk.outbox);
        Ok(Some(look))
    }

    /// Takes the next block row by row and adds its decisions to `traces`, one by asset; returns its rows, 0 at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn trace(&mut self, traces: &mut [Trace]) -> Result<usize, Halt> {
        let steps = self.take_block(usize::MAX);
        for step in 0..steps {
            self.market_row(step)?;
            let before = self.marked(step);
            self.decide_row(step)?;
            self.note(step, &before, traces)?;
            self.records.drain(&mut self.desk.outbox);
            self.records.clear();
        }
        self.equity_ts.clear();
        self.equity.clear();
        Ok(steps)
    }

    /// Returns what the rows to be noted need of the state before the decision.
    pub(super) fn marked(&self, step: usize) -> Marked {
        let present = self.grid.grid().present(step);
        let t = self.grid.grid().ts()[step] + self.interval_ms;
        Marked {
            is_due: self.rebalance.is_none_or(|schedule| schedule.due(self.previous_t, t)),
            acted: self.desk.acted().collect(),
            counts: present.iter().map(|entry| self.desk.marks(entry.asset as usize)).collect(),
        }
    }

    /// Adds the decision just taken to the traces.
    pub(super) fn note(&self, step: usize, before: &Marked, traces: &mut [Trace]) -> Result<(), Halt> {
        let grid = self.grid.grid();
        let (ts, present) = (grid.ts()[step], grid.present(step));
        let asked = self.desk.asked(&before.acted, present, &self.first_rows).map_err(|Overflow| Halt { asset: 0, ts })?;
        let acted: Vec<i64> = self.desk.acted().collect();
        let is_open = ts + self.interval_ms >= self.trade_from_ms;
        for (entry, &(_, _, acts, rejected, ignored)) in present.iter().zip(&before.counts) {
            let asset = entry.asset as usize;
            let (is_held, is_broken, acts_now, rejected_now, ignored_now) = self.desk.marks(asset);
            let (wanted, budgeted) = asked.targets[asset].unwrap_or((MISSING, MISSING));
            let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
            let trace = &mut traces[asset];
            trace.lots.push(self.desk.ledger().positions[asset].lots);
            trace.wanted.push(wanted);
            trace.budgeted.push(budgeted);
            trace.acted_before.push(before.acted[asset]);
            trace.acted.push(acted[asset]);
            let (stop, take) = self.desk.levels(asset);
            trace.stop.push(stop);
            trace.take.push(take);
            trace.flags.push(
                bit(before.is_due, Trace::DUE)
                    | bit(is_open, Trace::OPEN)
                    | bit(is_held, Trace::HELD)
                    | bit(is_broken, Trace::BROKEN)
                    | bit(acts_now > acts, Trace::ACTS)
                    | bit(rejected_now > rejected, Trace::REJECTED)
                    | bit(ignored_now > ignored, Trace::IGNORED),
            );
        }
        Ok(())
    }

    /// Drops what was kept of earlier rows but for the last value of each column.
    fn forget(&mut self) {
        for column in self.captured.iter_mut().flat_map(|captured| &mut captured.columns) {
            column.drain(..column.len().saturating_sub(1));
        }
        self.records.clear();
        self.equity_ts.clear();
        self.equity.clear();
    }

    pub(super) fn look_before(&self) -> Result<Before, Halt> {
        let ts = self.grid.grid().ts()[0];
        let t = ts + self.interval_ms;
        Ok(Before {
            t,
            is_due: self.rebalance.is_none_or(|schedule| schedule.due(self.previous_t, t)),
            account: self.desk.account_view().map_err(|Overflow| Halt { asset: 0, ts })?,
            assets: (0..self.times.len()).map(|asset| self.desk.look(asset)).collect(),
        })
    }

    pub(super) fn look_after(&mut self, before: Before) -> Result<Look, Halt> {
        let Before { t, is_due, account, assets } = before;
        let grid = self.grid.grid();
        let present = grid.present(0);
        let acted: Vec<i64> = assets.iter().map(|look| look.acted).collect();
        let asked = self.desk.asked(&acted, present, &self.first_rows).map_err(|Overflow| Halt { asset: 0, ts: grid.ts()[0] })?;
        let mut rows = vec![None; self.times.len()];
        for entry in present {
            rows[entry.asset as usize] = Some(self.first_rows[entry.asset as usize] + u64::from(entry.row));
        }
        let mut values = Vec::with_capacity(self.captured.len());
        for captured in &mut self.captured {
            let each = captured.columns.iter_mut().enumerate().map(|(asset, column)| {
                let (last, now) = (column.last().copied(), self.signals.column(captured.node, asset).first().copied());
                column.extend(now);
                (last, now)
            });
            values.push(each.collect());
        }
        let after = (0..assets.len()).map(|asset| self.desk.look(asset));
        let assets = assets.into_iter().zip(after).collect();
        Ok(Look { t, is_due, is_open: t >= self.trade_from_ms, account, rows, assets, asked, values })
    }
}

impl Sleeves<'_> {
    /// Takes `rows` grid rows without looking; returns how many there were. Of kept columns only the last value stays.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn skip(&mut self, rows: usize) -> Result<usize, Halt> {
        let mut taken = 0;
        while taken < rows {
            match self.advance(rows - taken)? {
                0 => break,
                steps => taken += steps,
            }
            for member in self.members_mut() {
                member.keep_columns();
                member.forget();
            }
            self.forget();
        }
        Ok(taken)
    }

    /// Takes one grid row and returns what it looked like to each member; `None` at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn look(&mut self) -> Result<Option<Vec<Look>>, Halt> {
        let mut steps = 0;
        for member in self.members_mut() {
            steps = member.take_block(1);
        }
        if steps == 0 {
            return Ok(None);
        }
        self.market(0)?;
        let before: Result<Vec<Before>, Halt> = self.members().iter().map(Replay::look_before).collect();
        let before = before?;
        self.decide(0)?;
        let members = self.members_mut().iter_mut().zip(before);
        members.map(|(member, before)| member.look_after(before)).collect::<Result<_, _>>().map(Some)
    }

    /// Takes the next block row by row and adds its decisions to `traces`, for each member one by asset; returns its rows, 0 at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn trace(&mut self, traces: &mut [Vec<Trace>]) -> Result<usize, Halt> {
        let mut steps = 0;
        for member in self.members_mut() {
            steps = member.take_block(usize::MAX);
        }
        for step in 0..steps {
            self.market(step)?;
            let before: Vec<Marked> = self.members().iter().map(|member| member.marked(step)).collect();
            self.decide(step)?;
            for ((member, before), traces) in self.members().iter().zip(&before).zip(traces.iter_mut()) {
                member.note(step, before, traces)?;
            }
            self.forget();
        }
        for member in self.members_mut() {
            member.forget();
        }
        Ok(steps)
    }
}
