//! One row seen from inside: the desk before and after its decision, and the values of the kept nodes.
//!
//! The run is stepped again to the row, which is then taken by itself in its ordinary way, so that what is told is what happened: any cutting of
//! a run gives the same bits (`tests/replay.rs`). No other way of stepping comes here.
use super::Replay;
use super::sleeves::Sleeves;
use crate::desk::Halt;
use crate::desk::look::{Asked, AssetLook};
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

/// The part of a look that is taken before the decision.
pub(super) struct Before {
    t: i64,
    is_due: bool,
    account: AccountView,
    assets: Vec<AssetLook>,
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
        let asked = self.desk.asked(&assets, present, &self.first_rows).map_err(|Overflow| Halt { asset: 0, ts: grid.ts()[0] })?;
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
}
