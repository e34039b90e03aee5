//! Legs: targets of several assets that belong together, and what is done where only some of them could be had. Rules: docs/semantics.md, section 8.
//!
//! Of one decision: after the targets were read, a flattened group is released or a broken one found; after targets have chosen, what they asked for
//! is noted and what is missing sent again.

use super::decide::Intent;
use super::ledger::Position;
use super::reason::Cause;
use super::rule::MISSING;
use super::{Desk, Slot};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::{E9, Overflow};

/// What is done with a broken group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// Every leg is closed and held flat until its target has been 0 or changed sign.
    Flatten,
    /// What is missing is sent again.
    Complete,
    /// Nothing.
    Hold,
}

/// One leg of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Leg {
    asset: usize,
    /// Position that the target last acted on asked for, lots; none after a target of 0.
    asked: Option<i64>,
    /// Side of the target when the group was flattened.
    side: i64,
    /// Whether it has been 0 or changed sign since.
    released: bool,
}

/// Targets that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    legs: Vec<Leg>,
    broken: Broken,
    tolerance_e9: i64,
    /// Whether every leg is held flat.
    flattened: bool,
    /// Whether it was broken when last looked at.
    was_broken: bool,
    /// Whether no order of it worked when this decision began.
    idle: bool,
    count: u64,
}

impl Group {
    /// Makes a group of the targets of these assets.
    pub fn new(assets: Vec<usize>, broken: Broken, tolerance_e9: i64) -> Self {
        let legs = assets.into_iter().map(|asset| Leg { asset, ..Leg::default() }).collect();
        Self { legs, broken, tolerance_e9, flattened: false, was_broken: false, idle: false, count: 0 }
    }

    /// Returns how often it was found broken.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns whether it holds an asset flat, because it was broken.
    pub(super) fn holds(&self, asset: usize) -> bool {
        self.flattened && self.legs.iter().any(|leg| leg.asset == asset)
    }

    /// Returns whether the filled fractions of the legs that want a position lie apart by more than the tolerance.
    fn is_broken(&self, positions: &[Position], slots: &[Slot]) -> bool {
        let wanted = self.legs.iter().filter(|leg| slots[leg.asset].raw != 0);
        let fractions = wanted.filter_map(|leg| leg.asked.map(|asked| fraction_e9(positions[leg.asset].lots, asked)));
        let (low, high) = fractions.fold((i128::MAX, i128::MIN), |(low, high), f| (low.min(f), high.max(f)));
        high.saturating_sub(low) > i128::from(self.tolerance_e9)
    }

    fn release(&mut self, slots: &[Slot]) {
        for leg in &mut self.legs {
            let raw = slots[leg.asset].raw;
            leg.released |= raw != MISSING && raw.signum() != leg.side;
        }
        self.flattened = !self.legs.iter().all(|leg| leg.released);
    }

    fn flatten(&mut self, slots: &mut [Slot]) {
        (self.flattened, self.was_broken) = (true, false);
        for leg in &mut self.legs {
            let slot = &mut slots[leg.asset];
            let side = if slot.raw == MISSING { leg.asked.unwrap_or(0).signum() } else { slot.raw.signum() };
            *leg = Leg { asset: leg.asset, asked: None, side, released: side == 0 };
            (slot.acted, slot.dirty) = (0, true);
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.bool(self.flattened);
        to.bool(self.was_broken);
        to.u64(self.count);
        for leg in &self.legs {
            to.bool(leg.asked.is_some());
            to.i64(leg.asked.unwrap_or(0));
            to.i64(leg.side);
            to.bool(leg.released);
        }
    }

    pub(super) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.flattened = from.bool()?;
        self.was_broken = from.bool()?;
        self.count = from.u64()?;
        for leg in &mut self.legs {
            let has_asked = from.bool()?;
            leg.asked = Some(from.i64()?).filter(|_| has_asked);
            leg.side = from.i64()?;
            leg.released = from.bool()?;
        }
        Ok(())
    }
}

/// Returns position over what was asked for, billionths; 0 where the target came to no lot.
fn fraction_e9(position: i64, asked: i64) -> i128 {
    if asked == 0 { 0 } else { i128::from(position) * i128::from(E9) / i128::from(asked) }
}

impl Desk {
    /// Looks at every group of which a leg has a target at this decision: releases, finds what is broken, and takes flattened legs to 0.
    pub(super) fn check_legs(&mut self) {
        let Self { legs: groups, intents, slots, ledger, .. } = self;
        for group in groups {
            group.idle = group.legs.iter().all(|leg| slots[leg.asset].working.is_none());
            if !group.legs.iter().any(|leg| intent_of(intents, leg.asset).is_some()) {
                continue;
            }
            if group.flattened {
                group.release(slots);
            } else if group.idle {
                let is_broken = group.is_broken(&ledger.positions, slots);
                group.count += u64::from(is_broken && !group.was_broken);
                group.was_broken = is_broken;
                if is_broken && group.broken == Broken::Flatten {
                    group.flatten(slots);
                }
            }
            if group.flattened {
                for leg in &group.legs {
                    if let Some(intent) = intent_of(intents, leg.asset) {
                        (intent.target, intent.cause) = (0, Cause::BrokenLeg);
                    }
                }
            }
        }
    }

    /// Notes what the targets that act ask for, and sends again what a broken group lacks.
    pub(super) fn note_legs(&mut self, equity: i64) -> Result<(), Overflow> {
        let mut groups = std::mem::take(&mut self.legs);
        let noted = groups.iter_mut().filter(|group| !group.flattened).try_for_each(|group| self.note_group(group, equity));
        self.legs = groups;
        noted
    }

    fn note_group(&mut self, group: &mut Group, equity: i64) -> Result<(), Overflow> {
        let completes = group.was_broken && group.broken == Broken::Complete && group.idle;
        for leg in &mut group.legs {
            let equity = self.to_settlement(leg.asset, equity)?;
            let Self { intents, slots, ledger, rules, contracts, .. } = self;
            let (slot, contract) = (&mut slots[leg.asset], &contracts[leg.asset]);
            let Some((intent, rule)) = intent_of(intents, leg.asset).zip(rules[leg.asset].as_ref()) else { continue };
            if intent.acts && slot.acted != 0 {
                leg.asked = Some(rule.desired(&contract.scale, equity, slot.acted, intent.ticks)?);
            } else if slot.raw == 0 {
                leg.asked = None;
            }
            // A leg that its own stop holds flat is not sent again.
            if let Some(asked) = leg.asked
                && completes
                && !intent.acts
                && slot.hold.is_none()
            {
                let position = ledger.positions[leg.asset].lots;
                intent.desired = asked;
                intent.wanted = asked.checked_sub(position).ok_or(Overflow)?.abs();
                if asked < 0 && contract.is_long_only() {
                    (intent.desired, intent.cause) = (0, Cause::NoShort);
                }
                intent.acts = true;
            }
            // Whether it can be had shows at the next decision, also where nothing is filled.
            slot.dirty |= intent.acts;
        }
        Ok(())
    }
}

/// Finds the asset's intent: they stand by id.
fn intent_of(intents: &mut [Intent], asset: usize) -> Option<&mut Intent> {
    let at = intents.binary_search_by_key(&(asset as u32), |intent| intent.asset).ok()?;
    intents.get_mut(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_broken_where_filled_fractions_lie_apart() {
        assert_eq!(fraction_e9(5, 10), 500_000_000);
        assert_eq!(fraction_e9(-5, -10), 500_000_000);
        assert_eq!(fraction_e9(5, -10), -500_000_000, "the wrong side counts below nothing");
        assert_eq!((fraction_e9(0, 7), fraction_e9(3, 0)), (0, 0));
        let mut group = Group::new(vec![0, 1], Broken::Hold, 100_000_000);
        let mut positions = [Position::FLAT; 2];
        let mut slots = [Slot { raw: 1, ..Slot::NEW }; 2];
        assert!(!group.is_broken(&positions, &slots), "nothing was asked for yet");
        (group.legs[0].asked, group.legs[1].asked) = (Some(10), Some(-20));
        (positions[0].lots, positions[1].lots) = (10, -18);
        assert!(!group.is_broken(&positions, &slots), "exactly the tolerance");
        positions[1].lots = -17;
        assert!(group.is_broken(&positions, &slots));
        slots[1].raw = 0;
        assert!(!group.is_broken(&positions, &slots), "a leg that wants nothing does not count");
    }
}
