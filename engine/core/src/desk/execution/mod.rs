//! Execution: every order from its record to the end of its retention, whatever the venue reports, loses, repeats or turns round.
//!
//! What an order does when stands in one table ([`table`], drawn in docs/orders.md). A host uses it so:
//!
//! ```text
//! open(intent)           the order exists, with its id; the host writes it to the journal
//! send(order, fence)     checks the fence; Effect::Note → the message goes out, else nothing does
//! report(…)              each report, in whatever order it arrives; the outcome says what the host does:
//!                          Book, BookLate  book `booked` lots          Ask, Conflict  question(order), then ask the venue
//!                          Lost            its intent may be decided anew    missing > 0    fetch its trades
//! cancel, replace        acts of ours; never blocked where the order may be alive
//! forget(now)            frees what ended longer ago than the retention
//! recover(epoch, now)    after a restart: all that had not ended is unknown, and is asked for
//! ```
//!
//! One intent is one id and is sent once. A venue keeps ids unique among *open* orders only (Kraken, Binance), so a message that is sent again could be a
//! second order. What was lost is therefore found out by asking, and `not_found` counts only when asked after the message could still arrive
//! (the window: Binance's `recvWindow`, with a margin for both clocks).
//!
//! Trades count once, by their number, also those of ended orders. Memory is taken at the start. Pure: no clock, no socket, no disk.
mod apply;
pub mod fence;
pub mod id;
mod index;
pub mod live;
pub mod report;
pub mod simulated;
mod snapshot;
pub mod states;
pub mod table;

use crate::memory::pool::{Handle, Pool};
use fence::{Fence, Fenced};
use id::{ClientId, MOST_INTENTS};
use index::Index;
use live::{Intent, Live, Requests};
use report::{Outcome, Refused};
use states::{EFFECTS, Event, State};
use std::collections::VecDeque;

/// How much is followed, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Orders, ended ones until they are forgotten among them.
    pub orders: usize,
    /// Trades of those orders.
    pub trades: usize,
    /// How long an ended order is kept, ms.
    pub retention_ms: i64,
    /// How long a message can still arrive after it was sent, ms.
    pub window_ms: i64,
}

impl Default for Room {
    /// 10,000 orders with 80,000 trades, kept for an hour; the window is Binance's default of 5 s and a second for the clocks.
    fn default() -> Self {
        Self { orders: 10_000, trades: 80_000, retention_ms: 3_600_000, window_ms: 6_000 }
    }
}

/// The orders of one desk at one venue.
pub struct Orders {
    room: Room,
    epoch: u32,
    strategy: u32,
    pool: Pool<Live>,
    /// Handles by slot of the pool, for the index.
    handles: Box<[Option<Handle>]>,
    /// Slots by number of intent.
    intents: Index,
    /// Slots by (instrument, trade).
    trades: Index,
    /// Ended orders, in order of ending.
    ended: VecDeque<Handle>,
    newest: Option<u64>,
    positions: Box<[i64]>,
    /// Lots in flight by asset: bought, sold.
    flights: Box<[[i64; 2]]>,
    counts: [u64; EFFECTS],
}

impl Orders {
    /// Follows nothing yet; `strategy` are the first 32 bits of the strategy's identity.
    pub fn new(room: Room, assets: usize, epoch: u32, strategy: u32) -> Self {
        Self {
            epoch,
            strategy,
            pool: Pool::new(room.orders),
            handles: vec![None; room.orders].into_boxed_slice(),
            intents: Index::new(room.orders),
            trades: Index::new(room.trades),
            ended: VecDeque::with_capacity(room.orders),
            newest: None,
            positions: vec![0; assets].into_boxed_slice(),
            flights: vec![[0; 2]; assets].into_boxed_slice(),
            counts: [0; EFFECTS],
            room,
        }
    }

    /// Opens an intent: its order exists, is not sent, and counts in flight.
    ///
    /// # Errors
    /// Returns why there is no new order; a known intent is given back with its order.
    pub fn open(&mut self, intent: Intent) -> Result<Handle, Refused> {
        if intent.number > MOST_INTENTS {
            return Err(Refused::Number);
        }
        if let Some(slot) = self.intents.get((intent.number, 0)) {
            return self.handles[slot as usize].map_or(Err(Refused::Stale), |handle| Err(Refused::Known(handle)));
        }
        if self.newest.is_some_and(|newest| intent.number <= newest) {
            return Err(Refused::Stale);
        }
        // A new order without room for its trades could be filled twice.
        if self.trades.room() <= self.room.trades / 8 {
            return Err(Refused::Full);
        }
        let live = Live {
            id: ClientId::new(self.epoch, self.strategy, intent.number),
            intent,
            state: State::New,
            filled: 0,
            told: 0,
            wanted: None,
            requests: Requests::default(),
            held: false,
            deadline: i64::MAX,
            asked: i64::MIN,
            ended: 0,
            trades: None,
            leaving: false,
        };
        let handle = self.put(live).ok_or(Refused::Full)?;
        self.newest = Some(intent.number);
        Ok(handle)
    }

    /// Takes an order among those followed.
    fn put(&mut self, live: Live) -> Option<Handle> {
        let handle = self.pool.acquire(live).ok()?;
        self.handles[handle.index()] = Some(handle);
        self.intents.insert((live.intent.number, 0), handle.index() as u32, None);
        self.fly(&live, 1);
        Some(handle)
    }

    /// Hands an order to the venue, where the fence lets it: to be called once it is in the journal.
    ///
    /// # Errors
    /// Returns why it may not leave; the order stays new.
    pub fn send(&mut self, order: Handle, fence: &Fence, now: i64) -> Result<Outcome, Fenced> {
        let epoch = self.pool.get(order).map_or(self.epoch, |live| live.id.epoch());
        fence.check(epoch, now)?;
        Ok(self.act(order, Event::Send, None, now))
    }

    /// Asks the venue to cancel an order. No fence holds it back: it can only reduce what is open.
    pub fn cancel(&mut self, order: Handle, now: i64) -> Outcome {
        self.act(order, Event::Cancel, None, now)
    }

    /// Asks the venue to change an order's lots and price.
    ///
    /// # Errors
    /// Returns why it may not leave; nothing changes.
    pub fn replace(&mut self, order: Handle, terms: live::Terms, fence: &Fence, now: i64) -> Result<Outcome, Fenced> {
        fence.check(self.epoch, now)?;
        Ok(self.act(order, Event::Replace, Some(terms), now))
    }

    /// Gives a question its number: answers to earlier ones say nothing from now on. 0 where the order is not followed.
    pub fn question(&mut self, order: Handle, now: i64) -> u32 {
        let Some(live) = self.pool.get_mut(order) else { return 0 };
        live.requests.last += 1;
        live.requests.ask = live.requests.last;
        live.asked = now;
        live.requests.ask
    }

    /// Frees every order that ended longer ago than the retention, with the numbers of its trades; returns how many. One whose trades are not all known
    /// stays.
    pub fn forget(&mut self, now: i64) -> usize {
        let mut freed = 0;
        for _ in 0..self.ended.len() {
            let Some(handle) = self.ended.front().copied() else { break };
            let Some(live) = self.pool.get_mut(handle) else { break };
            if live.state.is_ended() && live.ended.saturating_add(self.room.retention_ms) > now {
                break;
            }
            self.ended.pop_front();
            if live.state.is_ended() && live.missing() == 0 {
                self.free(handle);
                freed += 1;
            } else if live.state.is_ended() {
                live.ended = now;
                self.ended.push_back(handle);
            } else {
                // The venue contradicted itself and it lives again.
                live.leaving = false;
            }
        }
        freed
    }

    fn free(&mut self, handle: Handle) {
        if let Some(live) = self.pool.release(handle) {
            self.fly(&live, -1);
            self.trades.remove_list(live.trades);
            self.intents.remove_key((live.intent.number, 0));
            self.handles[handle.index()] = None;
        }
    }

    /// Takes over after a restart in a later epoch: what had not ended is unknown. Calls `each` with the outcome for every such order.
    ///
    /// # Panics
    /// Where the epoch is not later.
    pub fn recover(&mut self, epoch: u32, now: i64, each: impl FnMut(Outcome)) {
        assert!(epoch > self.epoch, "who takes over takes a later epoch");
        self.epoch = epoch;
        self.disconnect(now, each);
    }

    /// Takes note that the connection was lost: what had not ended is unknown. Calls `each` with the outcome for every such order.
    pub fn disconnect(&mut self, now: i64, mut each: impl FnMut(Outcome)) {
        for slot in 0..self.handles.len() {
            let Some(handle) = self.handles[slot] else { continue };
            if self.pool.get(handle).is_some_and(|live| !live.state.is_ended()) {
                each(self.lost_touch(handle, now));
            }
        }
    }

    /// Returns an order.
    pub fn get(&self, order: Handle) -> Option<&Live> {
        self.pool.get(order)
    }

    /// Returns the order of a client id.
    pub fn find(&self, id: ClientId) -> Option<Handle> {
        let handle = self.of_intent(id.intent())?;
        self.pool.get(handle).filter(|live| live.id == id).map(|_| handle)
    }

    /// Returns the order of an intent.
    pub fn of_intent(&self, number: u64) -> Option<Handle> {
        self.handles[self.intents.get((number, 0))? as usize]
    }

    /// Returns every order followed, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (Handle, &Live)> {
        self.pool.iter()
    }

    /// Returns how many orders are followed.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Returns whether none is followed.
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// Returns the signed lots of all trades of an instrument.
    pub fn position(&self, asset: usize) -> i64 {
        self.positions[asset]
    }

    /// Returns the lots in flight of an instrument: to buy, to sell.
    pub fn in_flight(&self, asset: usize) -> [i64; 2] {
        self.flights[asset]
    }

    /// Returns how often each effect came, by its code.
    pub fn counts(&self) -> &[u64; EFFECTS] {
        &self.counts
    }

    /// Counts an order's lots in flight in (`sign` 1) or out (−1).
    #[inline(always)]
    fn fly(&mut self, live: &Live, sign: i64) {
        self.flights[live.intent.asset as usize][usize::from(live.intent.side < 0)] += sign * live.in_flight();
    }
}
