//! What desks of one account must know of each other: lots that others took of a bar, numbers of orders, and orders that could meet.
//!
//! Only sleeves use it (`replay/sleeves`); a desk alone never does. Rules: docs/semantics.md, section 8, "Sleeves".
use super::Desk;
use super::order::Order;
use super::reason::{Cause, OrderKind, Reason};
use super::resting::{Resting, Stage};
use crate::money::{Overflow, rate_ceil};

/// An order that rests in the book, or will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Number of the order.
    pub id: u32,
    /// Instrument id.
    pub asset: u32,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Its limit price, ticks.
    pub ticks: i64,
}

impl Desk {
    /// Counts lots that others took of the bar that opens at `ts` against its volume; to be called before the bar is taken.
    pub fn share_bar(&mut self, asset: usize, ts: i64, taken: i64) {
        let slot = &mut self.slots[asset];
        (slot.used_ts, slot.used, slot.begin) = (ts, taken, self.ledger.positions[asset].lots);
    }

    /// Returns the number of the next order.
    pub fn next_number(&self) -> u32 {
        self.next_order
    }

    /// Sets the number of the next order, which must not be below those given.
    pub fn number_from(&mut self, next: u32) {
        self.next_order = next;
    }

    /// Appends the orders that rest or will: limits, triggered stop-limits, takes with a number.
    pub fn offers(&self, to: &mut Vec<Offer>) {
        let lanes = self.lanes.lanes().iter().flat_map(|lane| lane.orders());
        to.extend(lanes.filter(|resting| rests(resting)).map(|resting| offered(&resting.order, resting.want.price)));
        let working = self.queue.iter().filter_map(|&asset| self.slots[asset as usize].working.as_ref());
        to.extend(working.filter(|order| order.reason == Reason::Take).map(|order| offered(order, order.ref_ticks)));
    }

    /// Returns those of one instrument.
    pub(super) fn offers_of(&self, asset: usize) -> impl Iterator<Item = Offer> {
        let lanes = self.lanes.of(asset).flat_map(|lane| lane.orders()).filter(|resting| rests(resting));
        let taking = self.slots[asset].working.as_ref().filter(|order| order.reason == Reason::Take);
        let of_lanes = lanes.map(|resting| offered(&resting.order, resting.want.price));
        of_lanes.chain(taking.map(|order| offered(order, order.ref_ticks)))
    }

    /// Delays by one bar each working order numbered from `first` on that could meet an older one of `offers`; returns how many were.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a price does not fit.
    pub fn hold_crossing(&mut self, first: u32, offers: &[Offer]) -> Result<u64, Overflow> {
        let (half_spread_e9, interval_ms) = (self.venue.half_spread_e9, self.interval_ms);
        let mut held = 0;
        let mut hold = |order: &mut Order, price: Option<i64>| -> Result<(), Overflow> {
            let price = match price {
                Some(price) => price,
                None => order.ref_ticks.checked_add(order.side * rate_ceil(order.ref_ticks, half_spread_e9)?).ok_or(Overflow)?,
            };
            if offers.iter().any(|offer| meets(order.id, order.asset, order.side, price, offer)) {
                order.due += interval_ms;
                order.cause = if order.cause == Cause::None { Cause::OwnCross } else { order.cause };
                held += 1;
            }
            Ok(())
        };
        for &asset in &self.queue {
            if let Some(order) =
                self.slots[asset as usize].working.as_mut().filter(|order| order.id >= first && order.reason != Reason::Take)
            {
                hold(order, None)?;
            }
        }
        for resting in self.lanes.lanes.iter_mut().filter_map(|lane| lane.order.as_mut()).filter(|resting| resting.order.id >= first) {
            match resting.want.kind {
                OrderKind::Market => hold(&mut resting.order, None)?,
                OrderKind::Limit => hold(&mut resting.order, Some(resting.want.price))?,
                // What waits for a trigger meets nobody yet.
                _ => {}
            }
        }
        Ok(held)
    }
}

fn offered(order: &Order, ticks: i64) -> Offer {
    Offer { id: order.id, asset: order.asset, side: order.side, ticks }
}

fn rests(resting: &Resting) -> bool {
    match resting.want.kind {
        OrderKind::Limit => true,
        OrderKind::StopLimit => resting.stage == Stage::Resting,
        _ => false,
    }
}

/// Returns whether an order of this number that pays `price` at most (a sell: takes at least) would trade against an older one of the other side.
pub(super) fn meets(id: u32, asset: u32, side: i64, price: i64, offer: &Offer) -> bool {
    let crosses = if side > 0 { price >= offer.ticks } else { price <= offer.ticks };
    offer.asset == asset && offer.side == -side && offer.id < id && crosses
}
