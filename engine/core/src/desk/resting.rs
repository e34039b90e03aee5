//! An order of a lane at the venue: its life, and what a bar does to it.
//!
//! Life: sent → watching (a trigger) → resting (a limit) or market → ended. Pure: it neither fills nor books.
use super::order::{Approved, KeyedRecord, Order};
use super::reason::{Evidence, OrderKind, Reason, Tif};
use super::size::SizeUnit;
use super::want::{Exits, Expiry, Want};
use crate::venue::bars::Bar;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// On its way: no bar has opened since it arrived.
    Sent = 0,
    /// Waits for its trigger.
    Watching = 1,
    /// Rests at its limit price.
    Resting = 2,
    /// Takes what the next open offers.
    Market = 3,
}

impl Stage {
    /// Returns the stage of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Sent, Self::Watching, Self::Resting, Self::Market].into_iter().find(|stage| *stage as u8 == code)
    }
}

/// An order that works in a lane.
#[derive(Debug, Clone, Copy)]
pub struct Resting {
    /// The order itself.
    pub order: Order,
    /// What it was sent for.
    pub want: Want,
    /// Where it stands.
    pub stage: Stage,
    /// Level that triggers it, ticks; a trailing order's moves. 0 = none.
    pub trigger: i64,
    /// Best price since its first bar, ticks (trailing).
    pub extreme: i64,
    /// First time at which it has expired, ms; `i64::MAX` = never.
    pub expire_ts: i64,
    /// Last row of the asset at which it works; `u64::MAX` = always.
    pub expire_row: u64,
    /// Order whose exit it is.
    pub parent: Option<u32>,
    /// Why it was reached and not filled last.
    pub evidence: Evidence,
    /// Row of that evidence.
    pub evidence_row: Option<u64>,
    /// Leg of the bar's path in which it acted last.
    pub leg: u8,
    /// Whether its trigger was reached inside the bar, after its open.
    pub triggered_inside: bool,
}

impl Resting {
    /// Puts an approved order on its way; `row` and `close` are those of its decision.
    pub fn send(approved: Approved<Order>, mut want: Want, row: u64, close: i64) -> Self {
        let order = approved.into_inner();
        if want.kind == OrderKind::Trailing {
            want.trigger = trail_level(-want.side, close, want.distance);
        }
        Self {
            order,
            want,
            stage: Stage::Sent,
            trigger: want.trigger,
            extreme: if want.side < 0 { i64::MIN } else { i64::MAX },
            expire_ts: if let Expiry::Ms(ms) = want.expiry { order.ts.saturating_add(ms) } else { i64::MAX },
            expire_row: if let Expiry::Bars(bars) = want.expiry { row.saturating_add(bars) } else { u64::MAX },
            parent: None,
            evidence: Evidence::None,
            evidence_row: None,
            leg: 0,
            triggered_inside: false,
        }
    }

    /// Returns an order that the gate refused, for its record.
    pub fn refused(order: Order, want: &Want) -> Self {
        Self { want: *want, parent: None, ..Self::exit(order, None, 0, 0) }
    }

    /// Makes an exit of what a lane holds: a stop's market order, or a take at `price`. What only reduces passes every control.
    pub fn exit(order: Order, price: Option<i64>, trigger: i64, parent: u32) -> Self {
        let want = Want {
            side: order.side,
            kind: if price.is_some() { OrderKind::Limit } else { OrderKind::Market },
            tif: Tif::Gtc,
            expiry: Expiry::Never,
            post_only: false,
            reduce_only: true,
            oco: 0,
            unit: SizeUnit::Qty,
            size: order.lots,
            share: 1,
            per_unit: 0,
            price: price.unwrap_or(0),
            trigger,
            distance: 0,
            holds: false,
            exits: Exits::default(),
        };
        let stage = if price.is_some() { Stage::Resting } else { Stage::Market };
        Self {
            order,
            want,
            stage,
            trigger,
            extreme: 0,
            expire_ts: i64::MAX,
            expire_row: u64::MAX,
            parent: Some(parent),
            evidence: Evidence::None,
            evidence_row: None,
            leg: 0,
            triggered_inside: false,
        }
    }

    /// Returns whether it takes what it finds: a market order, or a stop that was triggered.
    pub fn is_at_market(&self) -> bool {
        self.want.kind == OrderKind::Market || self.stage == Stage::Market
    }

    /// Returns whether it is a take of what a lane holds.
    pub fn is_take(&self) -> bool {
        self.order.reason == Reason::Take
    }

    /// Returns whether the order ends for its age at a bar that opens at `ts` in `row`.
    pub fn is_expired(&self, ts: i64, row: u64) -> bool {
        ts >= self.expire_ts || row > self.expire_row
    }

    /// Notes why it was reached and not filled.
    pub fn note(&mut self, evidence: Evidence, row: u64) {
        (self.evidence, self.evidence_row) = (evidence, Some(row));
    }

    /// Returns whether it waits for a falling price; otherwise for a rising one. Market orders wait for none.
    pub fn waits_below(&self) -> bool {
        let buys = self.order.side > 0;
        match self.stage {
            Stage::Watching if self.want.kind == OrderKind::TakeProfit => buys,
            Stage::Watching => !buys,
            _ => buys,
        }
    }

    /// Returns the level that it waits for, ticks; none for a market order.
    pub fn level(&self) -> Option<i64> {
        match self.stage {
            Stage::Watching => (self.trigger > 0).then_some(self.trigger),
            Stage::Resting => Some(self.want.price),
            Stage::Sent | Stage::Market => None,
        }
    }

    /// Returns whether the price has reached the trigger; levels below one tick are never reached.
    pub fn is_triggered_by(&self, price: i64) -> bool {
        self.trigger > 0 && if self.waits_below() { price <= self.trigger } else { price >= self.trigger }
    }

    /// Returns whether the bar's range reaches the level it waits for.
    pub fn is_touched(&self, bar: &Bar) -> bool {
        self.level().is_some_and(|level| if self.waits_below() { bar.low <= level } else { bar.high >= level })
    }

    /// Returns whether the bar's range goes through the limit.
    pub fn is_passed(&self, bar: &Bar) -> bool {
        if self.order.side > 0 { bar.low < self.want.price } else { bar.high > self.want.price }
    }

    /// Returns whether the open has passed the limit.
    pub fn is_gapped(&self, bar: &Bar) -> bool {
        if self.order.side > 0 { bar.open < self.want.price } else { bar.open > self.want.price }
    }

    /// Returns whether the limit would take liquidity at a price.
    pub fn is_marketable(&self, price: i64) -> bool {
        if self.order.side > 0 { price <= self.want.price } else { price >= self.want.price }
    }

    /// Returns whether a bar reaches an order that has not arrived: market orders always, others where their level is touched.
    pub fn would_be_reached(&self, bar: &Bar) -> bool {
        let arrived = match self.want.kind {
            OrderKind::Market => return true,
            OrderKind::Limit => Self { stage: Stage::Resting, ..*self },
            _ => Self { stage: Stage::Watching, ..*self },
        };
        arrived.is_touched(bar)
    }

    /// Moves a trailing order's level with the bar.
    pub fn trail(&mut self, bar: &Bar) {
        if self.want.kind == OrderKind::Trailing && self.stage == Stage::Watching {
            let held = -self.order.side;
            self.extreme = if held > 0 { self.extreme.max(bar.high) } else { self.extreme.min(bar.low) };
            self.trigger = tighter(held, self.trigger, trail_level(held, self.extreme, self.want.distance));
        }
    }

    /// Returns the columns that an order of a target does not have.
    pub fn keyed(&self, key: u32) -> KeyedRecord {
        KeyedRecord {
            order: self.order.id,
            key,
            kind: self.want.kind,
            tif: self.want.tif,
            price_ticks: if self.want.price > 0 { self.want.price } else { -1 },
            trigger_ticks: if self.want.trigger > 0 { self.want.trigger } else { -1 },
            parent: self.parent.map_or(-1, i64::from),
            evidence: self.evidence,
            evidence_row: self.evidence_row.map_or(-1, |row| row as i64),
        }
    }
}

/// Returns the level of a stop at `distance` from a price, for a position of this side; a long stop below one tick is none (0).
pub fn trail_level(held: i64, from: i64, distance: i64) -> i64 {
    if held > 0 { (from - distance).max(0) } else { from.saturating_add(distance) }
}

/// Returns the tighter of two stop levels of a position of this side; 0 is none.
pub fn tighter(held: i64, a: i64, b: i64) -> i64 {
    if a == 0 || b == 0 {
        return a.max(b);
    }
    if held > 0 { a.max(b) } else { a.min(b) }
}
