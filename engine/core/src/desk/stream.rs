//! The stream: what the desk did, one event after the other, in the order in which it happened.
//!
//! The lists of the [`Outbox`](super::records::Outbox) are by kind and name an order when it ends; a host that sends orders, journals them before
//! they leave or keeps books of its own needs them in one row and an order when it is sent. Off until [`Desk::tell`] is called, and then
//! without cost but one branch an order. The desk never
//! amends but where its guard cuts: what changes is cancelled (`Replaced`) and sent anew.
use super::Desk;
use super::order::{FillRecord, NO_KEY, Order, OrderRecord};
use super::reason::{OrderKind, Tif, codes};
use super::resting::Resting;

/// An order as it was sent: it has passed every control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The order, nothing filled yet.
    pub order: Order,
    /// What kind of order.
    pub kind: OrderKind,
    /// How long it is to work.
    pub tif: Tif,
    /// Index into the run's keys, or [`NO_KEY`].
    pub key: u32,
    /// Limit price, ticks; −1 = none.
    pub price_ticks: i64,
    /// Trigger price, ticks; −1 = none.
    pub trigger_ticks: i64,
}

impl Sent {
    /// Makes the record of an order without a key: at market, or resting at `price`.
    pub(super) fn plain(order: Order, price: Option<i64>) -> Self {
        let kind = if price.is_some() { OrderKind::Limit } else { OrderKind::Market };
        Self { order, kind, tif: Tif::Gtc, key: NO_KEY, price_ticks: price.unwrap_or(-1), trigger_ticks: -1 }
    }

    /// Makes the record of an order of a lane.
    pub(super) fn keyed(resting: &Resting, key: u32) -> Self {
        let known = resting.keyed(key);
        let (price_ticks, trigger_ticks) = (known.price_ticks, known.trigger_ticks);
        Self { order: resting.order, kind: known.kind, tif: known.tif, key, price_ticks, trigger_ticks }
    }
}

codes! {
    /// What money was moved for that no fill moved.
    CashKind {
        /// Funding of a perpetual.
        Funding = 1 "funding",
        /// Interest on spot borrowed to be sold short.
        Borrow = 2 "borrow",
        /// Interest on a wallet's negative cash.
        Interest = 3 "interest",
        /// What the venue's fund took of a liquidation.
        Fund = 4 "fund",
        /// Paid in or out.
        Transfer = 5 "transfer",
    }
}

/// No instrument: the money belongs to a wallet.
pub const NO_ASSET: u32 = u32::MAX;

/// Money that no fill moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cash {
    /// When, ms.
    pub ts: i64,
    /// Instrument id, or [`NO_ASSET`].
    pub asset: u32,
    /// Wallet, in the order of the configuration; 0 where there is one.
    pub wallet: u32,
    /// What for.
    pub kind: CashKind,
    /// Paid (negative) or received, 1e-8 of the wallet's currency.
    pub amount: i64,
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // Most are of the largest.
pub enum DeskEvent {
    /// An order left the gate.
    Sent(Sent),
    /// The guard cut a working order to these lots.
    Cut {
        /// The order as it works on.
        order: Order,
        /// When, ms.
        ts: i64,
    },
    /// An order was filled, in part or whole.
    Filled(FillRecord),
    /// An order ended: filled, cancelled (its cause says why; `Expired` among them), or rejected, which was never sent.
    Ended(OrderRecord),
    /// Money moved.
    Cash(Cash),
}

/// The events of a step, until the host drains them.
#[derive(Debug, Default)]
pub struct Stream {
    on: bool,
    /// Events in order.
    pub events: Vec<DeskEvent>,
}

/// The most events that one order causes in one step: sent, filled twice, ended.
const PER_ORDER: usize = 4;

impl Stream {
    /// Returns whether anybody listens.
    #[inline(always)]
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Appends an event. To be called where [`Stream::is_on`].
    #[cold]
    #[inline(never)]
    pub(super) fn push(&mut self, event: DeskEvent) {
        self.events.push(event);
    }
}

impl Desk {
    /// Switches the stream on. To be called before the first row, after lanes and funding are known.
    pub fn tell(&mut self) {
        let outbox = &mut self.outbox;
        let room = outbox.orders.capacity() + outbox.fills.capacity() + outbox.funding.capacity();
        outbox.stream.on = true;
        outbox.stream.events.reserve(PER_ORDER * room);
    }

    /// Tells that an order without a key left the gate.
    #[inline(always)]
    pub(super) fn tell_sent(&mut self, order: &Order, price: Option<i64>) {
        if self.outbox.stream.on {
            self.outbox.stream.push(DeskEvent::Sent(Sent::plain(*order, price)));
        }
    }

    /// Tells that the guard cut the asset's working order.
    #[cold]
    pub(super) fn tell_cut(&mut self, asset: usize, ts: i64) {
        if self.outbox.stream.on
            && let Some(order) = self.slots[asset].working
        {
            self.outbox.stream.push(DeskEvent::Cut { order, ts });
        }
    }

    /// Tells that an order of a lane left the gate.
    #[inline(always)]
    pub(super) fn tell_keyed(&mut self, resting: &Resting, key: u32) {
        if self.outbox.stream.on {
            self.outbox.stream.push(DeskEvent::Sent(Sent::keyed(resting, key)));
        }
    }

    /// Tells that money moved which no fill moved.
    #[inline(always)]
    pub(super) fn tell_cash(&mut self, kind: CashKind, ts: i64, asset: u32, wallet: usize, amount: i64) {
        if self.outbox.stream.on {
            self.outbox.stream.push(DeskEvent::Cash(Cash { ts, asset, wallet: wallet as u32, kind, amount }));
        }
    }
}
