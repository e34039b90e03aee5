//! Quiet stretches of a single asset with lanes: no bar reaches anybody, and nothing that the orders read has changed.
//!
//! As in [`super::glide`] only the mark is left of such rows; both ways give the same bits, which the tests of every block length hold.
use super::curve::Curve;
use super::{Desk, Halt, Source};
use crate::money::Overflow;

impl Desk {
    /// Takes rows from `from` on while they are quiet; gives one mark a row to the curve and returns how many it took.
    #[inline(never)]
    pub(super) fn glide_lanes<S: Source, K: Curve>(&mut self, ts: &[i64], from: usize, src: &S, curve: &mut K) -> Result<usize, Halt> {
        let lanes = &self.lanes;
        let quiet = !lanes.is_empty() && lanes.reach[0].settled && !lanes.reach[0].awake && self.accounts.is_none() && !self.track_extremes;
        // Targets and entries have no lanes beside them on the only asset.
        if !quiet || ts[from] + self.interval_ms < self.trade_from_ms || src.row(0, from) < lanes.settled[0] {
            return Ok(0);
        }
        let (reach, scale, news) = (lanes.reach[0], &self.contracts[0].scale, src.news(0));
        let (lots, flow) = (self.ledger.positions[0].lots, self.ledger.flow);
        let (mut peak, mut mark, mut value) = (self.peak, self.slots[0].mark, self.slots[0].value);
        let mut row = from;
        while row < ts.len() {
            let halt = Halt { asset: 0, ts: ts[row] };
            let low = scale.ticks(src.low(0, row)).ok_or(halt)?;
            let high = scale.ticks(src.high(0, row)).ok_or(halt)?;
            if reach.is_met(low, high, ts[row], src.row(0, row)) || news.get(row).is_some_and(|&changed| changed != 0) {
                break;
            }
            mark = scale.ticks(src.close(0, row)).ok_or(halt)?;
            value = scale.value(lots, mark).map_err(|Overflow| halt)?;
            let now = flow.checked_add(value).ok_or(halt)?;
            peak = peak.max(now);
            curve.point(ts[row], now, lots != 0);
            row += 1;
        }
        if row > from {
            (self.slots[0].mark, self.slots[0].value, self.total_value, self.peak) = (mark, value, value, peak);
            if lots != 0 {
                self.ledger.positions[0].bars += (row - from) as i64;
            }
        }
        Ok(row - from)
    }
}
