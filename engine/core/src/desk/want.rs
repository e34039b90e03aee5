//! What is wanted of a lane: a plain value, in ticks, lots and billionths.
//!
//! The program's evaluator fills it from columns ([`super::lane_rule`]); any other host may fill it itself. It knows no state.
use super::reason::{OrderKind, Tif};
use super::size::SizeUnit;
use crate::money::{Overflow, Scale};

/// When an order ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Never.
    Never,
    /// At the first bar more than this many of the asset's rows after its decision's.
    Bars(u64),
    /// At the first bar that opens this long after its decision, ms.
    Ms(i64),
}

/// Exits of what an order fills, in ticks; 0 = none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exits {
    /// Distance of the stop from the entry price.
    pub stop: i64,
    /// Distance of the trailing stop from the best price.
    pub trail: i64,
    /// Distance of the take from the entry price.
    pub take: i64,
    /// Price of the stop.
    pub stop_at: i64,
    /// Price of the take.
    pub take_at: i64,
}

/// The order that should work in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// +1 buy, −1 sell.
    pub side: i64,
    /// What kind of order.
    pub kind: OrderKind,
    /// How long it works.
    pub tif: Tif,
    /// When it ends, with gtd.
    pub expiry: Expiry,
    /// Whether it may only make liquidity.
    pub post_only: bool,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// Group on the asset of which one fill cancels the others; 0 = none.
    pub oco: u32,
    /// What the size means.
    pub unit: SizeUnit,
    /// The size, above 0: billionths (weight, risk), 1e-8 quote (notional) or lots.
    pub size: i64,
    /// Number of assets that share the equity of a weight or risk.
    pub share: i64,
    /// Loss of one unit at the stop, ticks; read for risk.
    pub per_unit: i64,
    /// Limit price, ticks; 0 = none.
    pub price: i64,
    /// Trigger price, ticks; 0 = none. That of a trailing order is set from the decision's close when it is sent.
    pub trigger: i64,
    /// Trailing distance, ticks; 0 = none.
    pub distance: i64,
    /// Whether its fills are held by the lane until an exit.
    pub holds: bool,
    /// Exits of its fills.
    pub exits: Exits,
}

impl Want {
    /// Returns the price that sizes and controls are computed at: the limit, the trigger, or the close.
    pub fn reference(&self, close: i64) -> i64 {
        match self.kind {
            OrderKind::Limit | OrderKind::StopLimit => self.price,
            OrderKind::Stop | OrderKind::TakeProfit => self.trigger,
            OrderKind::Market | OrderKind::Trailing => close,
        }
    }

    /// Returns the lots that it means at this equity (1e-8 quote) and close (ticks), before any control.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a product does not fit.
    pub fn lots(&self, scale: &Scale, equity: i64, close: i64) -> Result<i64, Overflow> {
        self.unit.lots(scale, self.size, equity, self.share, self.reference(close), self.per_unit)
    }

    /// Returns whether an order sent as `sent` is still the one wanted: the strategy's numbers are those it was sent with.
    pub fn is_kept(&self, sent: &Self) -> bool {
        let same_levels = self.kind == OrderKind::Trailing || (self.price == sent.price && self.trigger == sent.trigger);
        self.size == sent.size
            && same_levels
            && self.kind == sent.kind
            && self.side == sent.side
            && self.tif == sent.tif
            && self.unit == sent.unit
    }
}

/// When and at which price a decision is taken.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Decision time, ms.
    pub t: i64,
    /// Row of the asset's bar.
    pub row: u64,
    /// Its close, ticks.
    pub close: i64,
}
