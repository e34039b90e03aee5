//! A venue that answers later: orders and cancels leave the desk as acts, fills and ends come back as reports (docs/language-ticks.md).
//!
//! On bars the desk is its own venue: an order that it cancels has ended at once. Here a cancelled order is *leaving*: it may still be
//! filled, counts in every limit, and ends when the venue says so. Everything else (targets, lanes, gate, guard, ledger, records) is the
//! same code. A stop of a target is watched at each row, and what it sends is an order like any other. Not here: takes, entries and exits of
//! orders, which programs on ticks do not have; the venue itself.
use super::lanes::Worker;
use super::market::{Fill, Place};
use super::order::{KeyedRecord, Order, OrderRecord};
use super::reason::{Cause, FillRule, OrderKind, Reason, Status, Tif};
use super::resting::Resting;
use super::{Desk, Halt, Source};
use crate::event::Entry;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::Overflow;

/// Acts and leaving orders that there is room for from the start.
const ROOM: usize = 4_096;

/// What the desk asks of the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An order that has passed every control.
    Send(Outgoing),
    /// The end of an order, by its number.
    Cancel(u32),
}

/// An order as the venue is asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// Number.
    pub order: u32,
    /// Instrument id.
    pub asset: u32,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Lots.
    pub lots: i64,
    /// Limit price, ticks; none = at market.
    pub price: Option<i64>,
    /// How long it works; gtd is the desk's own affair.
    pub tif: Tif,
    /// Whether it may only make liquidity.
    pub post_only: bool,
}

/// What the venue says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Number of the order.
    pub order: u32,
    /// When it happened at the venue, ns.
    pub venue_ns: i64,
    /// When it was known here, ns.
    pub local_ns: i64,
    /// What.
    pub what: What,
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// So many lots were filled.
    Filled {
        /// Lots, above 0.
        lots: i64,
        /// Price, ticks.
        ticks: i64,
        /// The mid when it was filled, of a maker its price: ticks.
        base: i64,
        /// The evidence.
        rule: FillRule,
    },
    /// It works no more, with lots left: cancelled as asked (`None`), or ended by the venue.
    Ended(Cause),
}

/// An order whose cancel is on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    order: Order,
    cause: Cause,
    /// Its lane, the key and what it was sent for; none of a target's.
    of: Option<(u32, u32, Resting)>,
}

/// The desk's side of the venue.
#[derive(Debug)]
pub(super) struct Remote {
    acts: Vec<Act>,
    leaving: Vec<Leaving>,
}

/// Where an order stands.
enum At {
    Slot(usize),
    Lane(usize),
    Leaving(usize),
}

impl Leaving {
    /// Returns the order as it stands.
    pub(super) fn order(&self) -> &Order {
        &self.order
    }

    /// Returns the record of its lane.
    pub(super) fn keyed(&self) -> Option<KeyedRecord> {
        self.of.map(|(_, key, resting)| resting.keyed(key))
    }
}

impl Desk {
    /// Lets orders work at a venue that reports. To be called before the first row.
    pub fn go_remote(&mut self) {
        self.remote = Some(Box::new(Remote { acts: Vec::with_capacity(ROOM), leaving: Vec::with_capacity(ROOM) }));
        self.lanes.outgoing = vec![[0; 2]; self.slots.len()];
    }

    /// Returns whether wallets, margin or funding are kept, which need bars.
    pub fn has_accounts(&self) -> bool {
        self.accounts.is_some()
    }

    /// Moves what the desk asks of the venue to `to`, in order.
    pub fn take_acts(&mut self, to: &mut Vec<Act>) {
        if let Some(remote) = &mut self.remote {
            to.append(&mut remote.acts);
        }
    }

    /// Marks a row of ticks at its close, and lets lanes' orders end whose time is over: the market half of a step.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn mark_row<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let marked = if self.lanes.of[asset].is_empty() {
                self.mark(asset, local, src)
            } else {
                self.expire(asset, ts + self.interval_ms, src.row(asset, local));
                self.lanes.met[asset] = false;
                self.mark_lanes(asset, local, src)
            };
            marked.map_err(|Overflow| Halt { asset, ts })?;
            if self.slots[asset].armed {
                self.watch_stop(ts + self.interval_ms, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            }
        }
        self.peak = self.peak.max(self.equity());
        Ok(())
    }

    fn expire(&mut self, asset: usize, now: i64, row: u64) {
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            if self.lanes.lanes[lane].order.is_some_and(|resting| resting.is_expired(now, row + 1)) {
                self.cancel_worker(lane, Worker::Order, now, Cause::Expired);
            }
        }
        self.lanes.refresh(asset);
    }

    /// Asks the venue for an order of a target or of the guard, where there is one that reports.
    #[inline(always)]
    pub(super) fn post(&mut self, order: &Order) {
        if self.remote.is_some() {
            self.post_plain(order);
        }
    }

    #[cold]
    fn post_plain(&mut self, order: &Order) {
        let by_limit = order.reason == Reason::RiskFlattenLimit;
        let price = by_limit.then(|| self.flatten_limit(order));
        self.hand_out(order, price, if by_limit { Tif::Ioc } else { Tif::Gtc }, false);
    }

    /// Asks the venue for an order of a lane.
    #[inline(always)]
    pub(super) fn post_lane(&mut self, resting: &Resting) {
        if self.remote.is_some() {
            let want = &resting.want;
            let price = (want.kind == OrderKind::Limit).then_some(want.price);
            self.hand_out(&resting.order, price, want.tif, want.post_only);
        }
    }

    fn hand_out(&mut self, order: &Order, price: Option<i64>, tif: Tif, post_only: bool) {
        if let Some(remote) = &mut self.remote {
            let (number, asset, side) = (order.id, order.asset, order.side);
            remote.acts.push(Act::Send(Outgoing { order: number, asset, side, lots: order.left(), price, tif, post_only }));
        }
    }

    /// Cancels the asset's working order, if any.
    pub(super) fn cancel(&mut self, asset: usize, ts: i64, cause: Cause) {
        if self.remote.is_some() { self.leave(asset, ts, cause) } else { self.cancel_now(asset, ts, cause) }
    }

    /// Asks the venue to end the asset's order of a target: it leaves.
    #[cold]
    fn leave(&mut self, asset: usize, ts: i64, cause: Cause) {
        let Some(order) = self.slots[asset].working else { return };
        self.unqueue(asset);
        self.slots[asset].dirty = true;
        self.part(Leaving { order, cause, of: None }, ts);
    }

    /// Asks the venue to end a lane's order: it leaves, and the lane is free.
    #[cold]
    pub(super) fn leave_lane(&mut self, lane: usize, ts: i64, cause: Cause) {
        let state = &mut self.lanes.lanes[lane];
        let Some(resting) = state.order.take() else { return };
        let (key, order) = (state.key, resting.order);
        self.part(Leaving { order, cause, of: Some((lane as u32, key, resting)) }, ts);
    }

    fn part(&mut self, leaving: Leaving, ts: i64) {
        let order = leaving.order;
        let outgoing = &mut self.lanes.outgoing[order.asset as usize];
        outgoing[usize::from(order.side < 0)] += order.left();
        self.lanes.touch(order.asset as usize);
        self.note_cancelled(ts, leaving.cause);
        if let Some(remote) = &mut self.remote {
            remote.leaving.push(leaving);
            remote.acts.push(Act::Cancel(order.id));
        }
    }

    /// Takes what the venue says of an order; `row` is that of the asset's row in which it was known. What it does not know is ignored.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn take_report(&mut self, report: &Report, row: u64) -> Result<(), Halt> {
        let Some(at) = self.where_is(report.order) else { return Ok(()) };
        let ts = report.local_ns.div_euclid(1_000_000);
        let asset = self.order_at(&at).asset as usize;
        match report.what {
            What::Filled { lots, ticks, base, rule } => {
                let fill = Fill { lots, ticks, base, rule, maker: rule.is_maker(), room: -1 };
                self.fill_reported(&at, &Place { asset, row, ts }, fill).map_err(|Overflow| Halt { asset, ts })?;
            }
            What::Ended(cause) => self.end_reported(&at, ts, cause),
        }
        self.rearm_stops(asset);
        self.lanes.touch(asset);
        self.lanes.refresh(asset);
        Ok(())
    }

    fn where_is(&self, order: u32) -> Option<At> {
        let of_target = |&asset: &u32| self.slots[asset as usize].working.is_some_and(|working| working.id == order);
        if let Some(&asset) = self.queue.iter().find(|asset| of_target(asset)) {
            return Some(At::Slot(asset as usize));
        }
        let of_lane = self.lanes.lanes().iter().position(|lane| lane.order.is_some_and(|resting| resting.order.id == order));
        let leaving = || self.remote.as_ref()?.leaving.iter().position(|leaving| leaving.order.id == order);
        of_lane.map(At::Lane).or_else(|| leaving().map(At::Leaving))
    }

    fn order_at(&mut self, at: &At) -> &mut Order {
        let gone = "the order was found there";
        match *at {
            At::Slot(asset) => self.slots[asset].working.as_mut().expect(gone),
            At::Lane(lane) => &mut self.lanes.lanes[lane].order.as_mut().expect(gone).order,
            At::Leaving(place) => &mut self.remote.as_mut().expect(gone).leaving[place].order,
        }
    }

    fn fill_reported(&mut self, at: &At, place: &Place, fill: Fill) -> Result<(), Overflow> {
        let (order, lots) = (*self.order_at(at), fill.lots);
        self.book_apart(place, &order, fill)?;
        self.order_at(at).filled += lots;
        let is_whole = order.filled + lots >= order.lots;
        let of = match *at {
            At::Slot(_) => None,
            At::Lane(lane) => self.lanes.lanes[lane].order.map(|resting| (lane, resting)),
            At::Leaving(place) => {
                let leaving = &mut self.remote.as_mut().expect("it is leaving").leaving[place];
                self.lanes.outgoing[order.asset as usize][usize::from(order.side < 0)] -= lots;
                leaving.of.as_mut().map(|(lane, _, resting)| {
                    resting.order = leaving.order;
                    (*lane as usize, *resting)
                })
            }
        };
        if is_whole {
            self.take_out(at, Status::Filled, Cause::None, place.ts);
        }
        if let Some((lane, resting)) = of {
            self.after_fill(lane, &resting, lots, place);
        }
        Ok(())
    }

    fn end_reported(&mut self, at: &At, ts: i64, cause: Cause) {
        match *at {
            // What was wanted and not had is decided on anew.
            At::Slot(asset) => (self.slots[asset].acted, self.slots[asset].dirty) = (0, true),
            At::Lane(_) => {}
            At::Leaving(place) => {
                let order = self.order_at(at);
                let (asset, side, left) = (order.asset as usize, order.side, order.left());
                self.lanes.outgoing[asset][usize::from(side < 0)] -= left;
                let own = self.remote.as_ref().expect("it is leaving").leaving[place].cause;
                return self.take_out(at, Status::Cancelled, own, ts);
            }
        }
        self.take_out(at, Status::Cancelled, cause, ts);
    }

    /// Takes an order that has ended out of its place and records it.
    fn take_out(&mut self, at: &At, status: Status, cause: Cause, ts: i64) {
        let mut order = *self.order_at(at);
        if status == Status::Cancelled {
            order.cause = cause;
        }
        let keyed = match *at {
            At::Slot(asset) => {
                self.unqueue(asset);
                self.slots[asset].dirty = true;
                (order.reason == Reason::RiskFlattenLimit).then(|| self.flatten_record(&order))
            }
            At::Lane(lane) => {
                let state = &mut self.lanes.lanes[lane];
                let key = state.key;
                state.order.take().map(|resting| resting.keyed(key))
            }
            At::Leaving(place) => {
                let leaving = self.remote.as_mut().expect("it is leaving").leaving.remove(place);
                leaving.of.map(|(_, key, resting)| resting.keyed(key))
            }
        };
        self.outbox.end(OrderRecord { order, status, done_ts: ts });
        self.outbox.keyed.extend(keyed);
    }

    /// Returns the orders whose cancel is on its way.
    pub(super) fn leaving(&self) -> impl Iterator<Item = &Leaving> {
        self.remote.iter().flat_map(|remote| &remote.leaving)
    }
}

impl Remote {
    pub(super) fn save(&self, to: &mut Writer) {
        to.u64(self.leaving.len() as u64);
        for Leaving { order, cause, of } in &self.leaving {
            order.save(to);
            to.u64(*cause as u64);
            to.bool(of.is_some());
            if let Some((lane, key, resting)) = of {
                to.u64(u64::from(*lane));
                to.u64(u64::from(*key));
                resting.save(to);
            }
        }
    }

    pub(super) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.leaving.clear();
        for _ in 0..from.u64()? {
            let order = Order::load(from)?;
            let cause = super::lanes_snapshot::code(from, "cause", Cause::from_code)?;
            let of = if from.bool()? { Some((from.u64()? as u32, from.u64()? as u32, Resting::load(from)?)) } else { None };
            self.leaving.push(Leaving { order, cause, of });
        }
        Ok(())
    }

    /// Returns what leaves, by instrument: lots of buys and sells.
    pub(super) fn outgoing(&self, assets: usize) -> Vec<[i64; 2]> {
        let mut found = vec![[0; 2]; assets];
        for Leaving { order, .. } in &self.leaving {
            found[order.asset as usize][usize::from(order.side < 0)] += order.left();
        }
        found
    }
}
