//! What the desk keeps for one asset beside its position.

use super::counters::Counters;
use super::order::Order;
use super::reason::{Cause, Evidence, Reason};
use super::rule::{MISSING, Rule};
use super::stops::{Hold, Stops};
use crate::money::Scale;

/// Everything the desk keeps for one asset beside its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) raw_bits: u64,
    pub(super) raw: i64,
    pub(super) acted: i64,
    /// Something happened since the last decision: an unchanged target must be looked at again.
    pub(super) dirty: bool,
    pub(super) armed: bool,
    /// Whether it has a trailing stop: part of the rules, not of the state.
    pub(super) trails: bool,
    pub(super) hold: Option<Hold>,
    pub(super) stops: Stops,
    pub(super) working: Option<Order>,
    pub(super) mark: i64,
    pub(super) value: i64,
    pub(super) used: i64,
    pub(super) used_ts: i64,
    /// Position when the bar at `used_ts` began, lots.
    pub(super) begin: i64,
    /// Why the working take was last reached and not (wholly) filled, and in which row.
    pub(super) evidence: (Evidence, i64),
    pub(super) raw_sign: i64,
    pub(super) counters: Counters,
}

impl Slot {
    pub(super) const NEW: Self = Self {
        raw_bits: 0,
        raw: MISSING,
        acted: 0,
        dirty: true,
        armed: false,
        trails: false,
        hold: None,
        stops: Stops { fixed: 0, trailing: 0, take: 0, venue: 0, high: 0, low: 0 },
        working: None,
        mark: 0,
        value: 0,
        used: 0,
        used_ts: i64::MIN,
        begin: 0,
        evidence: (Evidence::None, -1),
        raw_sign: 0,
        counters: Counters { missing: 0, flips: 0, acts: 0, band_holds: 0, rejected_units: 0, ignored_signals: 0 },
    };

    /// Takes a raw target in and counts it.
    #[inline(always)]
    pub(super) fn see(&mut self, rule: &Rule, scale: &Scale, raw: f64) {
        if raw.to_bits() != self.raw_bits || self.raw == MISSING {
            self.raw_bits = raw.to_bits();
            self.raw = rule.quantise(scale, raw);
        }
        if self.raw == MISSING {
            self.counters.missing += 1;
        } else {
            self.counters.flips += u64::from(self.raw.signum() != self.raw_sign);
            self.raw_sign = self.raw.signum();
        }
    }

    /// Returns the signed lots of the working market order; a take may never fill and counts for nothing.
    #[inline(always)]
    pub(super) fn in_flight(&self) -> i64 {
        self.working.as_ref().filter(|order| order.reason != Reason::Take).map_or(0, Order::signed_left)
    }

    /// Returns whether a price stop's order works.
    pub(super) fn is_stopping(&self) -> bool {
        self.working.as_ref().is_some_and(|order| order.reason.is_price_stop())
    }

    /// Returns why the working order ends where one is sent for this reason.
    pub(super) fn ended_by(&self, reason: Reason) -> Cause {
        match (reason.is_stop(), self.is_taking()) {
            (false, _) => Cause::Superseded,
            (true, true) => Cause::Oco,
            (true, false) => Cause::Stopped,
        }
    }

    /// Returns whether a part-filled take works.
    pub(super) fn is_taking(&self) -> bool {
        self.working.as_ref().is_some_and(|order| order.reason == Reason::Take)
    }
}
