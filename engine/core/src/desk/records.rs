//! The outbox: records of one step, in fixed buffers that the host empties. The step itself never allocates.
use super::breaker::BreakerRecord;
use super::funding::FundingRecord;
use super::guard::GuardRecord;
use super::operator::CommandRecord;
use super::order::{FillRecord, KeyedRecord, OrderRecord, TradeRecord};
use super::stream::{DeskEvent, Stream};
use crate::memory::touch::touch;

/// The most records of one kind that one asset can cause in one step.
pub const PER_ASSET: usize = 8;
/// The most that one lane can cause.
const PER_LANE: usize = 8;

/// Records of a guard that one block can hold without growing.
const GUARD_ROOM: usize = 4_096;

/// Records waiting for the host.
pub struct Outbox {
    /// Orders that ended.
    pub orders: Vec<OrderRecord>,
    /// What is known of ended orders of lanes beside.
    pub keyed: Vec<KeyedRecord>,
    /// Fills.
    pub fills: Vec<FillRecord>,
    /// Trades that closed.
    pub trades: Vec<TradeRecord>,
    /// Funding settled.
    pub funding: Vec<FundingRecord>,
    /// What the guard did.
    pub guard: Vec<GuardRecord>,
    /// What came of commands.
    pub commands: Vec<CommandRecord>,
    /// Changes of circuit breakers.
    pub breakers: Vec<BreakerRecord>,
    /// All of it in order of happening, where it is switched on.
    pub stream: Stream,
    high_water: usize,
}

impl Outbox {
    /// Reserves room for one step of every asset above the mark at which the host should drain.
    pub fn new(assets: usize) -> Self {
        let high_water = 1024;
        let room = high_water + PER_ASSET * assets;
        Self {
            orders: Vec::with_capacity(room),
            keyed: Vec::with_capacity(room),
            fills: Vec::with_capacity(room),
            trades: Vec::with_capacity(room),
            funding: Vec::new(),
            guard: Vec::new(),
            commands: Vec::new(),
            breakers: Vec::new(),
            stream: Stream::default(),
            high_water,
        }
    }

    /// Makes an outbox without room, for a desk that is lent one while it steps.
    pub fn none() -> Self {
        let (orders, keyed, fills, trades, funding) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (guard, commands, breakers) = (Vec::new(), Vec::new(), Vec::new());
        Self { orders, keyed, fills, trades, funding, guard, commands, breakers, stream: Stream::default(), high_water: 1024 }
    }

    /// Takes over the room of another empty one where it has more.
    pub fn widen(&mut self, other: Self) {
        widen(&mut self.orders, other.orders);
        widen(&mut self.keyed, other.keyed);
        widen(&mut self.fills, other.fills);
        widen(&mut self.trades, other.trades);
        widen(&mut self.funding, other.funding);
        widen(&mut self.guard, other.guard);
        widen(&mut self.commands, other.commands);
        widen(&mut self.breakers, other.breakers);
    }

    /// Reserves room for what a guard, its operator and its breakers record in a block.
    pub fn guarded(&mut self) {
        self.guard.reserve(GUARD_ROOM);
        self.commands.reserve(GUARD_ROOM);
        self.breakers.reserve(GUARD_ROOM);
    }

    /// Reserves room for one step of every lane.
    pub fn make_room(&mut self, lanes: usize) {
        let room = PER_LANE * lanes;
        self.orders.reserve(self.high_water + room);
        self.keyed.reserve(self.high_water + room);
        self.fills.reserve(self.high_water + room);
        self.trades.reserve(self.high_water + room);
    }

    /// Reserves room for `burst` settlements in one step.
    pub fn expect_funding(&mut self, burst: usize) {
        self.funding.reserve_exact(self.high_water + 1 + burst);
    }

    /// Appends an order that ended.
    #[inline(always)]
    pub(super) fn end(&mut self, record: OrderRecord) {
        self.orders.push(record);
        if self.stream.is_on() {
            self.stream.push(DeskEvent::Ended(record));
        }
    }

    /// Appends a fill.
    #[inline(always)]
    pub(super) fn fill(&mut self, record: FillRecord) {
        self.fills.push(record);
        if self.stream.is_on() {
            self.stream.push(DeskEvent::Filled(record));
        }
    }

    /// Returns whether the host must drain before the next step.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        let fullest = self.orders.len().max(self.fills.len()).max(self.trades.len()).max(self.funding.len());
        fullest > self.high_water
    }
}

/// All records of a run, owned by the host.
#[derive(Default)]
pub struct Records {
    /// Orders by end time; [`Records::sort`] puts them by id.
    pub orders: Vec<OrderRecord>,
    /// Orders of lanes, beside `orders`; [`Records::sort`] puts them by id.
    pub keyed: Vec<KeyedRecord>,
    /// Fills in order.
    pub fills: Vec<FillRecord>,
    /// Trades in order of closing.
    pub trades: Vec<TradeRecord>,
    /// Funding in order of booking.
    pub funding: Vec<FundingRecord>,
    /// What the guard did, in order.
    pub guard: Vec<GuardRecord>,
    /// What came of commands, in order.
    pub commands: Vec<CommandRecord>,
    /// Changes of circuit breakers, in order.
    pub breakers: Vec<BreakerRecord>,
    /// What happened, in order, where the stream is switched on.
    pub stream: Vec<DeskEvent>,
}

impl Records {
    /// Makes empty lists as large as the outbox: a host that empties them after each drain changes buffers with the desk and copies nothing.
    pub fn like(outbox: &Outbox) -> Self {
        Self {
            orders: Vec::with_capacity(outbox.orders.capacity()),
            keyed: Vec::with_capacity(outbox.keyed.capacity()),
            fills: Vec::with_capacity(outbox.fills.capacity()),
            trades: Vec::with_capacity(outbox.trades.capacity()),
            funding: Vec::with_capacity(outbox.funding.capacity()),
            guard: Vec::with_capacity(outbox.guard.capacity()),
            commands: Vec::with_capacity(outbox.commands.capacity()),
            breakers: Vec::with_capacity(outbox.breakers.capacity()),
            stream: Vec::with_capacity(outbox.stream.events.capacity()),
        }
    }

    /// Makes room for so many orders, fills and trades, and touches it: a host that keeps what is recorded row by row then meets no page that
    /// the system has still to give, and no list that has to move, before there are more.
    pub fn expect(&mut self, of_each: usize) {
        touch(&mut self.orders, of_each);
        touch(&mut self.fills, of_each);
        touch(&mut self.trades, of_each);
    }

    /// Moves everything out of the outbox, which keeps its room.
    pub fn drain(&mut self, outbox: &mut Outbox) {
        move_all(&mut outbox.orders, &mut self.orders);
        move_all(&mut outbox.keyed, &mut self.keyed);
        move_all(&mut outbox.fills, &mut self.fills);
        move_all(&mut outbox.trades, &mut self.trades);
        move_all(&mut outbox.funding, &mut self.funding);
        move_all(&mut outbox.guard, &mut self.guard);
        move_all(&mut outbox.commands, &mut self.commands);
        move_all(&mut outbox.breakers, &mut self.breakers);
        move_all(&mut outbox.stream.events, &mut self.stream);
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.keyed.clear();
        self.fills.clear();
        self.trades.clear();
        self.funding.clear();
        self.guard.clear();
        self.commands.clear();
        self.breakers.clear();
        self.stream.clear();
    }

    /// Puts orders by id.
    pub fn sort(&mut self) {
        if !self.orders.is_sorted_by_key(|record| record.order.id) {
            self.orders.sort_by_key(|record| record.order.id);
        }
        self.keyed.sort_by_key(|record| record.order);
    }
}

fn widen<T>(own: &mut Vec<T>, other: Vec<T>) {
    if other.capacity() > own.capacity() {
        *own = other;
    }
}

fn move_all<T>(from: &mut Vec<T>, to: &mut Vec<T>) {
    if to.is_empty() && to.capacity() == from.capacity() {
        std::mem::swap(from, to);
    } else {
        to.append(from);
    }
}
