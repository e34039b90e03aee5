//! Orders in a slab: found by the venue's id and by the client's, linked by account.
//!
//! An order's place in the slab is also its id in the book. Orders that are over stay until their account has more of them than the
//! profile's `room.history`; then the oldest goes. An id a client uses again names the newest order of that id.
//!
//! What every command touches is a [`Record`], two lines of cache; what few orders have is beside it and neither written nor read for the
//! others. A name the venue gives follows from the order's id ([`Text::number`] turns it back), so it is neither kept nor looked up.

use super::ids::Ids;
use super::table::Table;
use super::told::Seen;
use crate::command::{Force, Kind, SelfTrade, Side};
use crate::report::State;
use crate::text::Text;
use crate::{Account, Amount, Asset, Micros, Symbol};

/// No place.
pub const NONE: u32 = u32::MAX;

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// On its way into the book, or in it.
    Book,
    /// Waits for its trigger.
    Trigger,
    /// Waits for its list's working order.
    Pending,
    /// Over.
    Done,
}

/// Bits of [`Record::marks`].
pub mod mark {
    /// The client named it: its name stands beside it.
    pub const NAMED: u8 = 1;
    /// It has details.
    pub const DETAILED: u8 = 2;
    /// It is or was in the book (`isWorking`).
    pub const WORKING: u8 = 4;
    /// It shows only a part.
    pub const ICEBERG: u8 = 8;
    /// A client gave another order the name the venue gave it: it is not found by it any more.
    pub const TAKEN: u8 = 16;
}

/// What every order has.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(128))]
pub struct Record {
    /// The venue's id.
    pub id: u64,
    /// Limit, ticks of the book; 0 for none.
    pub ticks: i64,
    /// Lots left.
    pub left: i64,
    /// What it holds of the asset it pays with.
    pub locked: Amount,
    /// Base quantity filled.
    pub filled: Amount,
    /// Quote quantity filled.
    pub filled_quote: Amount,
    /// Whose it is.
    pub account: Account,
    /// Place of its list, or [`NONE`].
    pub list: u32,
    /// Symbol.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Order type.
    pub kind: Kind,
    /// Time in force as asked.
    pub force: Option<Force>,
    /// Status.
    pub state: State,
    /// Where it is.
    pub place: Where,
    /// Of [`mark`].
    pub marks: u8,
    /// When it last changed.
    pub updated: Micros,
    /// Base quantity asked for; of a market order by quote as it may execute.
    pub quantity: Amount,
    /// Limit price; 0 for none.
    pub price: Amount,
    /// Base quantity prevented by self-trade prevention.
    pub prevented: Amount,
    /// When it was taken.
    pub created: Micros,
    /// When it came into the book; 0 before.
    pub working_since: Micros,
    /// Neighbours among its account's open orders.
    pub before: u32,
    /// See `before`.
    pub after: u32,
    /// The asset it pays with.
    pub pays: Asset,
    /// Self-trade prevention.
    pub self_trade: SelfTrade,
}

impl Record {
    /// Tells whether it has a mark.
    #[inline]
    #[must_use]
    pub fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }
}

/// What few orders have.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the first are those of `NewOrder`")]
pub struct Detail {
    pub quote_quantity: Option<Amount>,
    pub stop_price: Option<Amount>,
    pub trailing_delta: Option<i64>,
    pub iceberg: Option<Amount>,
    pub strategy_id: Option<i64>,
    pub strategy_type: Option<i64>,
    /// Id of its list; −1 for none.
    pub list: i64,
    /// Trigger of a trailing stop as it stands; else the asked one; 0 for none.
    pub trigger: Amount,
    /// The best price a trailing stop has seen since it follows.
    pub extreme: Amount,
    /// How often it was amended.
    pub amends: u32,
}

impl Detail {
    /// Of an order that has none.
    pub const NONE: Self = Self {
        quote_quantity: None,
        stop_price: None,
        trailing_delta: None,
        iceberg: None,
        strategy_id: None,
        strategy_type: None,
        list: -1,
        trigger: 0,
        extreme: 0,
        amends: 0,
    };
}

/// A client's name of an order and the hash it is found by.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// The name.
    pub text: Text,
    hash: u64,
}

/// What stands beside a record; each part holds where the record has its mark.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// With [`mark::NAMED`].
    pub name: Name,
    /// With [`mark::DETAILED`].
    pub detail: Detail,
}

/// All orders the venue knows.
#[derive(Debug)]
pub struct Store {
    records: Vec<Record>,
    beside: Vec<Beside>,
    free: Vec<u32>,
    by_id: Ids,
    by_client: Table,
    /// Clients' names that have the form of a name of the venue's.
    alike: usize,
    most: usize,
}

/// Returns the hash a client id is found by.
#[inline]
fn client_hash(account: Account, symbol: Symbol, client_id: &Text) -> u64 {
    client_id.hash(u64::from(account) << 16 | u64::from(symbol))
}

/// Returns the venue's name of an order.
#[inline]
pub fn own_name(id: u64) -> Text {
    Text::of_number(id ^ 1 << 63)
}

/// Returns the id of the order that the venue would give a name.
#[inline]
fn named_by_venue(name: &Text) -> Option<u64> {
    name.number().map(|number| number ^ 1 << 63)
}

impl Store {
    /// Returns an empty store for `most` orders.
    pub fn new(most: usize) -> Self {
        Self {
            records: Vec::with_capacity(most),
            beside: Vec::with_capacity(most),
            free: Vec::with_capacity(most),
            by_id: Ids::new(most),
            by_client: Table::new(most),
            alike: 0,
            most,
        }
    }

    /// Tells whether there is room for so many more.
    #[inline]
    pub fn has_room(&self, more: usize) -> bool {
        self.records.len() - self.free.len() + more <= self.most
    }

    /// Returns an order.
    #[inline]
    pub fn get(&self, slot: u32) -> &Record {
        &self.records[slot as usize]
    }

    /// Returns an order.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut Record {
        &mut self.records[slot as usize]
    }

    /// Returns an order as it can be told.
    #[inline]
    pub fn seen(&self, slot: u32) -> Seen<'_> {
        Seen::new(&self.records[slot as usize], &self.beside[slot as usize])
    }

    /// Returns what few orders have.
    #[inline]
    pub fn detail(&self, slot: u32) -> &Detail {
        if self.records[slot as usize].has(mark::DETAILED) { &self.beside[slot as usize].detail } else { &Detail::NONE }
    }

    /// Returns what few orders have, and this one has from now on.
    pub fn detail_mut(&mut self, slot: u32) -> &mut Detail {
        let (record, beside) = (&mut self.records[slot as usize], &mut self.beside[slot as usize]);
        if !record.has(mark::DETAILED) {
            record.marks |= mark::DETAILED;
            beside.detail = Detail::NONE;
        }
        &mut beside.detail
    }

    /// Takes an order in under the venue's id and its name, empty for the venue's; the caller has seen that there is room.
    #[inline(always)]
    pub fn add(&mut self, record: Record, name: &Text) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| self.grow(record));
        self.records[slot as usize] = record;
        self.by_id.insert(record.id, slot);
        if !name.is_empty() {
            self.name(slot, *name);
        } else if self.alike > 0 {
            let own = own_name(record.id);
            self.unname(client_hash(record.account, record.symbol, &own), record.account, record.symbol, &own);
        }
        slot
    }

    #[cold]
    fn grow(&mut self, record: Record) -> u32 {
        self.records.push(record);
        self.beside.push(Beside { name: Name { text: Text::EMPTY, hash: 0 }, detail: Detail::NONE });
        (self.records.len() - 1) as u32
    }

    /// Gives an order a client's name; an older order of it has none any more.
    fn name(&mut self, slot: u32, text: Text) {
        let &Record { account, symbol, .. } = self.get(slot);
        let hash = client_hash(account, symbol, &text);
        self.unname(hash, account, symbol, &text);
        self.records[slot as usize].marks |= mark::NAMED;
        self.beside[slot as usize].name = Name { text, hash };
        self.by_client.insert(hash, slot);
        if let Some(id) = named_by_venue(&text) {
            self.alike += 1;
            if let Some(older) = self.find_own(id, account, symbol) {
                self.records[older as usize].marks |= mark::TAKEN;
            }
        }
    }

    /// Takes a client's name from the order that is found by it.
    fn unname(&mut self, hash: u64, account: Account, symbol: Symbol, text: &Text) {
        if let Some(older) = self.find_name(hash, account, symbol, text) {
            self.forget_name(older);
        }
    }

    fn forget_name(&mut self, slot: u32) {
        let Name { text, hash } = self.beside[slot as usize].name;
        if self.by_client.remove(hash, slot) {
            self.alike -= usize::from(named_by_venue(&text).is_some());
        }
    }

    /// Forgets an order.
    #[inline]
    pub fn remove(&mut self, slot: u32) {
        let record = &self.records[slot as usize];
        let (id, is_named) = (record.id, record.has(mark::NAMED));
        self.by_id.remove(id, slot, |place| self.records[place as usize].id);
        if is_named {
            self.forget_name(slot);
        }
        self.free.push(slot);
    }

    /// Gives an order another client id.
    pub fn rename(&mut self, slot: u32, client_id: Text) {
        if self.get(slot).has(mark::NAMED) {
            self.forget_name(slot);
        }
        self.name(slot, client_id);
    }

    /// Returns the place of an order by the venue's id.
    #[inline]
    pub fn find_id(&self, id: u64) -> Option<u32> {
        self.by_id.find(id, |slot| self.records[slot as usize].id)
    }

    fn find_name(&self, hash: u64, account: Account, symbol: Symbol, text: &Text) -> Option<u32> {
        self.by_client.find(hash, |slot| {
            let record = &self.records[slot as usize];
            record.account == account && record.symbol == symbol && self.beside[slot as usize].name.text == *text
        })
    }

    /// Returns the place of the newest order of a client id.
    pub fn find_client(&self, account: Account, symbol: Symbol, client_id: &Text) -> Option<u32> {
        let given = self.find_name(client_hash(account, symbol, client_id), account, symbol, client_id);
        given.or_else(|| self.find_own(named_by_venue(client_id)?, account, symbol))
    }

    /// Returns the place of an order that the venue named.
    fn find_own(&self, id: u64, account: Account, symbol: Symbol) -> Option<u32> {
        let slot = self.find_id(id)?;
        let record = self.get(slot);
        (!record.has(mark::NAMED | mark::TAKEN) && record.account == account && record.symbol == symbol).then_some(slot)
    }
}
