//! What the desk keeps of one asset, told to whoever explains a decision: a copy, made when asked for. No decision reads it.

use super::lanes::Lane;
use super::order::Order;
use super::rule::MISSING;
use super::stops::{Hold, Stops};
use super::{Counters, Desk};
use crate::event::{Entry, PositionView};
use crate::money::{Overflow, Scale};

/// One asset as the desk has it at a moment. Amounts are ticks, lots and billionths, as in the desk itself.
#[derive(Debug, Clone)]
pub struct AssetLook {
    /// The position, as strategies see it.
    pub position: PositionView,
    /// Signed lots of the position.
    pub lots: i64,
    /// Raw target last read, in the rule's unit; [`MISSING`] where it was missing.
    pub raw: i64,
    /// Target last acted on, in the rule's unit, after share and budget.
    pub acted: i64,
    /// The hold after a stop, take or liquidation.
    pub hold: Option<Hold>,
    /// Levels of targets and entries.
    pub stops: Stops,
    /// The order of a target or of entries at work.
    pub working: Option<Order>,
    /// What was counted so far.
    pub counters: Counters,
    /// Lanes, in the order of their keys.
    pub lanes: Vec<Lane>,
    /// Row and decision time of the bar of the last exit of entries.
    pub exit: Option<(u64, i64)>,
    /// Whether a broken group of legs holds it flat.
    pub is_broken: bool,
}

/// What the targets of one decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Σ|w| asked for over all assets, billionths.
    pub gross_e9: i64,
    /// Largest gross weight allowed, billionths.
    pub budget_e9: i64,
    /// By asset: (target after holds and share, the same after the budget), in the rule's unit; none without a target at this decision.
    pub targets: Vec<Option<(i64, i64)>>,
}

impl Desk {
    /// Returns the grid of an asset's prices and quantities.
    pub fn scale_of(&self, asset: usize) -> &Scale {
        &self.contracts[asset].scale
    }

    /// Returns the last mark of an asset that is held or valued by, ticks.
    pub fn mark_of(&self, asset: usize) -> i64 {
        self.slots[asset].mark
    }

    /// Returns an asset's counts.
    pub fn counters(&self, asset: usize) -> &Counters {
        &self.slots[asset].counters
    }

    /// Returns a copy of what is kept of an asset.
    pub fn look(&self, asset: usize) -> AssetLook {
        let slot = &self.slots[asset];
        AssetLook {
            position: self.position_view(asset),
            lots: self.ledger.positions[asset].lots,
            raw: slot.raw,
            acted: slot.acted,
            hold: slot.hold,
            stops: slot.stops,
            working: slot.working,
            counters: slot.counters,
            lanes: self.lanes.of(asset).copied().collect(),
            exit: self.entries.exit_of(asset),
            is_broken: self.is_broken(asset),
        }
    }

    /// Returns what each asset's target last acted on is, in the rule's unit.
    pub fn acted(&self) -> impl Iterator<Item = i64> {
        self.slots.iter().map(|slot| slot.acted)
    }

    /// Returns an asset's counts of a decision at a glance: (held after a stop, held as a broken leg, decisions acted on, units rejected,
    /// signals ignored).
    pub fn marks(&self, asset: usize) -> (bool, bool, u64, u64, u64) {
        let slot = &self.slots[asset];
        let Counters { acts, rejected_units, ignored_signals, .. } = slot.counters;
        (slot.hold.is_some(), self.is_broken(asset), acts, rejected_units, ignored_signals)
    }

    /// Returns the levels that protect the position of a target or of entries, ticks: the tighter stop and the take; 0 where there is none.
    pub fn levels(&self, asset: usize) -> (i64, i64) {
        let (lots, stops) = (self.ledger.positions[asset].lots, &self.slots[asset].stops);
        if lots == 0 { (0, 0) } else { (stops.level(lots.signum()).map_or(0, |(level, _)| level), stops.take) }
    }

    /// Returns what the targets of the decision just taken came to; `acted_before` by asset, `rows` the assets' own rows.
    ///
    /// It is read from the state after the decision: a decision leaves raw targets, holds and broken legs as it used them, and equity and marks
    /// as they were; only `acted` has moved, of which the old one is given.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn asked(&self, acted_before: &[i64], present: &[Entry], rows: &[u64]) -> Result<Asked, Overflow> {
        let (equity, mut gross_e9) = (self.equity(), 0_i64);
        let mut targets = vec![None; self.slots.len()];
        let mut listed = present.iter().peekable();
        for (asset, slot) in self.slots.iter().enumerate() {
            let at = listed.next_if(|entry| entry.asset as usize == asset);
            let Some(rule) = &self.rules[asset] else { continue };
            let is_held = slot.hold.is_some() || self.is_broken(asset);
            let acted = if self.is_broken(asset) { 0 } else { acted_before[asset] };
            let mut counted = acted;
            if at.is_some_and(|entry| rows[asset] + u64::from(entry.row) >= rule.settled) {
                let target = match slot.raw {
                    _ if is_held => 0,
                    MISSING => MISSING,
                    raw => rule.shared(raw),
                };
                targets[asset] = (target != MISSING).then_some((target, target));
                counted = if target == MISSING { acted } else { target };
            }
            gross_e9 = gross_e9.checked_add(self.weight_of(asset, rule, counted, equity)?).ok_or(Overflow)?;
        }
        if gross_e9 > self.budget_e9 {
            for (target, scaled) in targets.iter_mut().flatten() {
                *scaled = (i128::from(*target) * i128::from(self.budget_e9) / i128::from(gross_e9)) as i64;
            }
        }
        Ok(Asked { gross_e9, budget_e9: self.budget_e9, targets })
    }

    fn is_broken(&self, asset: usize) -> bool {
        self.legs.iter().any(|group| group.holds(asset))
    }
}
