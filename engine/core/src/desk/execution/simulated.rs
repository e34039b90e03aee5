//! The orders of a desk on a simulated venue, followed as they would be live: each event of the desk's stream becomes acts and reports.
//!
//! The simulated venue answers at once: an order is new, pending and working in one moment, or rejected where the venue refuses it; fills, cuts and ends
//! come as they happen. A journal and a rehearsal use it; their executions must come to the positions of the desk.
use super::fence::Fence;
use super::live::{Intent, Terms};
use super::report::{Outcome, Refused, Report};
use super::states::Event;
use super::{Orders, Room};
use crate::desk::order::Order;
use crate::desk::reason::{Cause, Status};
use crate::desk::stream::DeskEvent;
use crate::memory::pool::Handle;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// Orders followed on a simulated venue.
pub struct Simulated {
    /// The orders.
    pub orders: Orders,
    fence: Fence,
    trade: u64,
    /// The order sent last, and when: taken unless the next event is its refusal.
    sent: Option<(u32, i64)>,
}

/// Something that changed, for a record.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Number of the desk's order.
    pub order: u32,
    /// When, ms.
    pub ts: i64,
    /// What followed.
    pub outcome: Outcome,
    /// Lots filled so far.
    pub filled: i64,
}

impl Simulated {
    /// Follows the orders of one strategy over so many instruments; nothing that ended is kept, because nothing comes late.
    pub fn new(orders: usize, assets: usize, epoch: u32, strategy: u32) -> Self {
        // One order has any number of trades while it works, and each is kept as long as the order.
        let room = Room { orders, trades: (64 * orders).max(1 << 17), retention_ms: 0, window_ms: 0 };
        Self { orders: Orders::new(room, assets, epoch, strategy), fence: Fence::forever(epoch), trade: 0, sent: None }
    }

    /// Takes an event; tells `each` what changed.
    ///
    /// # Errors
    /// Returns why an order that was sent is not followed: its number was used before, or there is no room.
    pub fn take(&mut self, event: &DeskEvent, mut each: impl FnMut(Change)) -> Result<(), Refused> {
        let is_refusal = |id| matches!(event, DeskEvent::Ended(record) if record.status == Status::Rejected && record.order.id == id);
        if !self.sent.is_some_and(|(id, _)| is_refusal(id)) {
            self.settle(&mut each);
        }
        self.sent = None;
        match event {
            DeskEvent::Sent(sent) => self.open(&sent.order, sent.price_ticks, &mut each),
            DeskEvent::Filled(fill) => {
                self.trade += 1;
                let (trade, lots) = (self.trade, fill.lots.abs());
                self.report(fill.order, fill.ts, |report| Report { event: Event::Fill, trade, lots, ..report }, &mut each);
                Ok(())
            }
            DeskEvent::Cut { order, ts } => {
                self.cut(order, *ts, &mut each);
                Ok(())
            }
            DeskEvent::Ended(record) => {
                let event = match (record.status, record.order.cause) {
                    // The gate's own refusals were never sent, and are not known.
                    (Status::Rejected, _) => Some(Event::Rejected),
                    (Status::Filled, _) => None,
                    (_, Cause::Expired) => Some(Event::Expired),
                    _ => Some(Event::Cancelled),
                };
                if let Some(event) = event {
                    self.report(record.order.id, record.done_ts, |report| Report { event, ..report }, &mut each);
                }
                self.orders.forget(i64::MAX);
                Ok(())
            }
            DeskEvent::Cash(_) => Ok(()),
        }
    }

    /// Lets the venue take what was sent last: to be called after the last event of a step.
    pub fn settle(&mut self, mut each: impl FnMut(Change)) {
        if let Some((id, ts)) = self.sent.take() {
            self.report(id, ts, |report| report, &mut each);
        }
    }

    /// Writes the state between two steps, when all that was sent is settled.
    pub fn save(&self, to: &mut Writer) {
        debug_assert!(self.sent.is_none(), "settle before a snapshot");
        to.u64(self.trade);
        self.orders.save(to);
    }

    /// Reads a state into fresh orders of the same room, instruments and strategy.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else, or hold more than there is room for.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.trade = from.u64()?;
        self.orders.load(from)
    }

    fn open(&mut self, order: &Order, ticks: i64, each: &mut impl FnMut(Change)) -> Result<(), Refused> {
        let Order { id, asset, side, lots, ts, .. } = *order;
        let handle = self.orders.open(Intent { number: u64::from(id), asset, side, lots, ticks })?;
        if let Ok(outcome) = self.orders.send(handle, &self.fence, ts) {
            each(Change { order: id, ts, outcome, filled: 0 });
            self.sent = Some((id, ts));
        }
        Ok(())
    }

    fn cut(&mut self, order: &Order, ts: i64, each: &mut impl FnMut(Change)) {
        let Some((handle, ticks)) = self.known(order.id) else { return };
        let terms = Terms { lots: order.lots, ticks };
        if let Ok(outcome) = self.orders.replace(handle, terms, &self.fence, ts) {
            each(Change { order: order.id, ts, outcome, filled: order.filled });
            let request = outcome.request;
            self.report(order.id, ts, |report| Report { event: Event::Replaced, request, ..report }, each);
        }
    }

    fn report(&mut self, id: u32, ts: i64, with: impl FnOnce(Report) -> Report, each: &mut impl FnMut(Change)) {
        let Some(live) = self.known(id).and_then(|(handle, _)| self.orders.get(handle)) else { return };
        let report = with(Report::plain(live.id, Event::Accepted, ts));
        let outcome = self.orders.report(&report);
        let filled = outcome.order.and_then(|handle| self.orders.get(handle)).map_or(0, |live| live.filled);
        each(Change { order: id, ts, outcome, filled });
    }

    fn known(&self, id: u32) -> Option<(Handle, i64)> {
        let handle = self.orders.of_intent(u64::from(id))?;
        self.orders.get(handle).map(|live| (handle, live.intent.ticks))
    }
}
