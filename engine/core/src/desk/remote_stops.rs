//! Stops of targets at a venue that reports: watched here, at each row's mid; what they send is an order at market like any other.

use super::market::Place;
use super::stops::Hold;
use super::{Desk, Source};
use crate::money::Overflow;

impl Desk {
    /// Sends the order at market that closes a position whose stop the row's mid has reached, and holds it flat as after a stop on bars.
    #[cold]
    pub(super) fn watch_stop<S: Source>(&mut self, t: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let (lots, row) = (self.ledger.positions[asset].lots, src.row(asset, local));
        let mid = self.contracts[asset].scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
        let Some((_, reason)) = self.slots[asset].stops.level(lots.signum()).filter(|(level, _)| lots.signum() * (mid - level) <= 0) else {
            return Ok(());
        };
        self.cancel(asset, t, self.slots[asset].ended_by(reason));
        let slot = &mut self.slots[asset];
        slot.hold = Some(Hold { side: lots.signum(), row, ts: t });
        (slot.acted, slot.dirty) = (0, true);
        let order = self.exit_order(&Place { asset, row, ts: t }, lots, mid, reason);
        self.enqueue(order);
        self.rearm_stops(asset);
        Ok(())
    }
}
