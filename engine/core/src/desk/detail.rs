//! Finer bars between two decisions: bars are counted, and holds dated, by the coarse bar they lie in.
use super::Desk;
use crate::event::Entry;

impl Desk {
    /// Lets marks between decisions count no bar: [`Desk::end_detail`] does.
    pub fn use_detail(&mut self) {
        self.bars_per_mark = 0;
    }

    /// Begins the finer bars of the coarse bar that opens at `ts`.
    pub(crate) fn begin_detail(&mut self, ts: i64) {
        self.coarse_ts = ts;
    }

    /// Counts the coarse bar for the positions that are open at its close.
    pub(crate) fn end_detail(&mut self, present: &[Entry]) {
        for entry in present {
            let position = &mut self.ledger.positions[entry.asset as usize];
            position.bars += i64::from(position.lots != 0);
        }
    }

    /// Returns the time of the decision that follows a bar opening at `ts`.
    #[inline(always)]
    pub(super) fn decided_after(&self, ts: i64) -> i64 {
        if self.bars_per_mark == 0 { self.coarse_ts + self.interval_ms } else { ts + self.interval_ms }
    }
}
