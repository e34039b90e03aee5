//! What a lane holds and how it leaves: stop, trailing stop and take of the lots that the lane's order has filled.
//!
//! One state machine: empty → holding (levels set anew after each fill) → leaving by a stop or a take → empty. Pure: it neither fills nor books.
use super::ledger::share;
use super::reason::Reason;
use super::resting::{Resting, tighter, trail_level};
use super::want::Exits;
use crate::money::{div_ceil, div_floor};
use crate::venue::bars::Bar;

/// Lots held by a lane, with their exits.
#[derive(Debug, Clone, Copy)]
pub struct Bracket {
    /// +1 long, −1 short; 0 while nothing was ever held.
    pub side: i64,
    /// Lots held.
    pub held: i64,
    /// Of these, lots that were filled in the current bar.
    pub fresh: i64,
    /// Σ lots·ticks of the lots held.
    pub cost: i128,
    /// Exits as the decision gave them.
    pub exits: Exits,
    /// Level of the stop, ticks; 0 = none.
    pub stop: i64,
    /// Level of the trailing stop, ticks; 0 = none.
    pub trail: i64,
    /// Level of the take, ticks; 0 = none.
    pub take: i64,
    /// Best price since the first fill, ticks.
    pub extreme: i64,
    /// The lane's order that filled last.
    pub parent: u32,
    /// Legs of the bar's path in which stop and take acted last.
    pub legs: [u8; 2],
    /// The exit order at work, if one is.
    pub leaving: Option<Resting>,
}

impl Bracket {
    /// A lane that holds nothing.
    pub const EMPTY: Self = Self {
        side: 0,
        held: 0,
        fresh: 0,
        cost: 0,
        exits: Exits { stop: 0, trail: 0, take: 0, stop_at: 0, take_at: 0 },
        stop: 0,
        trail: 0,
        take: 0,
        extreme: 0,
        parent: 0,
        legs: [0; 2],
        leaving: None,
    };

    /// Returns whether the lane may send.
    pub fn is_free(&self) -> bool {
        self.held == 0 && self.leaving.is_none()
    }

    /// Takes in a fill of the lane's order and sets the levels anew from the average price.
    pub fn absorb(&mut self, order: &Resting, lots: i64, ticks: i64) {
        let first = self.held == 0;
        if first {
            *self = Self { leaving: self.leaving, legs: self.legs, side: order.order.side, ..Self::EMPTY };
            self.extreme = if self.side > 0 { i64::MIN } else { i64::MAX };
        }
        self.exits = order.want.exits;
        self.parent = order.order.id;
        self.held += lots;
        self.fresh += lots;
        self.cost += i128::from(lots) * i128::from(ticks);
        let entry = self.entry();
        let exits = self.exits;
        let from_entry = |distance: i64, towards: i64| (entry + towards * distance).max(0);
        self.stop = if exits.stop_at > 0 {
            exits.stop_at
        } else if exits.stop > 0 {
            from_entry(exits.stop, -self.side)
        } else {
            0
        };
        self.take = if exits.take_at > 0 {
            exits.take_at
        } else if exits.take > 0 {
            from_entry(exits.take, self.side)
        } else {
            0
        };
        if first && exits.trail > 0 {
            self.trail = trail_level(self.side, ticks, exits.trail);
        }
    }

    /// Returns the average entry price in ticks, rounded away from the stop's favour: down for long, up for short.
    fn entry(&self) -> i64 {
        let (cost, lots) = (self.cost, i128::from(self.held));
        (if self.side > 0 { div_floor(cost, lots) } else { div_ceil(cost, lots) }) as i64
    }

    /// Takes out what an exit has filled.
    pub fn release(&mut self, lots: i64) {
        self.cost -= if lots == self.held { self.cost } else { share(self.cost, lots, self.held) };
        self.held -= lots;
        self.fresh = self.fresh.min(self.held);
        if self.held == 0 {
            self.empty();
        }
    }

    /// Forgets what is held and its levels; an exit order at work stays.
    pub fn empty(&mut self) {
        *self = Self { leaving: self.leaving, legs: self.legs, parent: self.parent, ..Self::EMPTY };
    }

    /// Returns the tighter of stop and trailing stop; ties go to the stop. None while nothing is held or a stop's order works.
    pub fn stop_level(&self) -> Option<(i64, Reason)> {
        if self.held == 0 || self.leaving.is_some_and(|exit| !exit.is_take()) {
            return None;
        }
        match tighter(self.side, self.stop, self.trail) {
            0 => None,
            level if level == self.stop => Some((level, Reason::ExitStop)),
            level => Some((level, Reason::ExitTrail)),
        }
    }

    /// Returns the price of a take that may be sent. None while nothing is held or an exit works.
    pub fn take_level(&self) -> Option<i64> {
        (self.held > 0 && self.leaving.is_none() && self.take > 0).then_some(self.take)
    }

    /// Moves the trailing level with the bar.
    pub fn mark(&mut self, bar: &Bar) {
        if self.held > 0 && self.exits.trail > 0 {
            self.extreme = if self.side > 0 { self.extreme.max(bar.high) } else { self.extreme.min(bar.low) };
            self.trail = tighter(self.side, self.trail, trail_level(self.side, self.extreme, self.exits.trail));
        }
    }
}
