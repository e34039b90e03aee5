//! Decisions between two dates of the rebalance schedule: most of them only take targets in.

use super::{Desk, Halt, Source};
use crate::event::Entry;

impl Desk {
    /// Returns whether nothing can act off schedule: no target is held or ages, nothing else than targets decides.
    #[inline(always)]
    pub(super) fn only_watches(&self, present: &[Entry]) -> bool {
        let acts = |asset: usize| self.slots[asset].hold.is_some() || self.rules[asset].as_ref().is_some_and(|rule| rule.age.is_some());
        self.entries.is_empty() && self.legs.is_empty() && !present.iter().any(|entry| acts(entry.asset as usize))
    }

    /// Takes targets in where the schedule lets none of them act: they are counted, and looked at again.
    #[inline(never)]
    pub(super) fn watch_targets<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            if let Some(rule) = self.rules[asset].as_ref().filter(|rule| src.row(asset, local) >= rule.settled) {
                let halt = Halt { asset, ts: t - self.interval_ms };
                let (scale, slot) = (&self.contracts[asset].scale, &mut self.slots[asset]);
                slot.see(rule, scale, src.target(asset, local));
                slot.mark = scale.ticks(src.close(asset, local)).ok_or(halt)?;
                slot.dirty = true;
            }
        }
        Ok(())
    }
}
