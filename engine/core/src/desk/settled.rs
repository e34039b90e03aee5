//! A target that stands where it was acted on: after a fill of a single asset there is nothing to send, and most of a decision need not be made.
use super::rule::{MISSING, Unit};
use super::{Desk, Halt, Source};

impl Desk {
    /// Returns whether the only asset's target is what was last acted on, and all of it: only the position has changed, so nothing would be sent.
    #[inline(always)]
    pub(super) fn is_settled(&self, raw: f64) -> bool {
        let slot = &self.slots[0];
        if raw.to_bits() != slot.raw_bits || slot.raw == MISSING {
            return false;
        }
        let Some(rule) = &self.rules[0] else { return false };
        // Restless rules, and what a budget scales, take the whole way.
        let is_plain = rule.unit == Unit::Weight && rule.age.is_none() && slot.hold.is_none() && !self.over_budget && self.guard.is_none();
        let is_flat = self.ledger.positions[0].lots == 0 && slot.working.is_none();
        is_plain && rule.shared(slot.raw) == slot.acted && (slot.acted != 0 || is_flat)
    }

    /// Leaves a settled target alone until something happens again.
    #[inline(always)]
    pub(super) fn settle_only<S: Source>(&mut self, t: i64, local: usize, src: &S) -> Result<(), Halt> {
        let halt = Halt { asset: 0, ts: t - self.interval_ms };
        self.slots[0].mark = self.contracts[0].scale.ticks(src.close(0, local)).ok_or(halt)?;
        self.slots[0].dirty = false;
        Ok(())
    }
}
