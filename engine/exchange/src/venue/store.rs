//! Orders in a slab: found by the venue's id and by the client's, linked by account.
//!
//! An order's place in the slab is also its id in the book. Orders that are over stay until their account has more of them than the
//! profile's `room.history`; then the oldest goes. An id a client uses again names the newest order of that id.

use super::table::Table;
use crate::report::Order;
use crate::text::Text;
use crate::{Account, Amount, Asset, Symbol};

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

/// An order and what the venue keeps beside it.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// As it is told.
    pub order: Order,
    /// Limit, ticks of the book; 0 for none.
    pub ticks: i64,
    /// Lots left.
    pub left: i64,
    /// What it holds of the asset it pays with.
    pub locked: Amount,
    /// The asset it pays with.
    pub pays: Asset,
    /// Where it is.
    pub place: Where,
    /// Hash of account, symbol and client id.
    pub hash: u64,
    /// Neighbours among its account's orders: the open ones, then those that are over.
    pub before: u32,
    /// See `before`.
    pub after: u32,
    /// Place of its list, or [`NONE`].
    pub list: u32,
    /// How often it was amended.
    pub amends: u32,
    /// Whether a trailing stop follows the price.
    pub follows: bool,
    /// The best price a trailing stop has seen since it follows.
    pub extreme: Amount,
}

/// All orders the venue knows.
#[derive(Debug)]
pub struct Store {
    records: Vec<Record>,
    free: Vec<u32>,
    by_id: Table,
    by_client: Table,
    most: usize,
}

/// Returns the hash a venue's id is found by: ids that follow each other lie side by side with a gap between, so that taking one out
/// looks no further than its neighbour.
#[inline]
fn id_hash(id: u64) -> u64 {
    id << 1
}

/// Returns the hash a client id is found by.
#[inline]
pub fn client_hash(account: Account, symbol: Symbol, client_id: &Text) -> u64 {
    client_id.hash(u64::from(account) << 16 | u64::from(symbol))
}

impl Store {
    /// Returns an empty store for `most` orders.
    pub fn new(most: usize) -> Self {
        Self {
            records: Vec::with_capacity(most),
            free: Vec::with_capacity(most),
            by_id: Table::new(most),
            by_client: Table::new(most),
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

    /// Takes an order in, under both its ids; the caller has seen that there is room.
    #[inline]
    pub fn add(&mut self, record: Record) -> u32 {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.records[slot as usize] = record;
                slot
            }
            None => {
                self.records.push(record);
                (self.records.len() - 1) as u32
            }
        };
        self.by_id.insert(id_hash(record.order.id), slot);
        if let Some(older) = self.find_client(record.hash, record.order.account, record.order.asked.symbol, &record.order.asked.client_id) {
            self.by_client.remove(record.hash, older);
        }
        self.by_client.insert(record.hash, slot);
        slot
    }

    /// Forgets an order.
    #[inline]
    pub fn remove(&mut self, slot: u32) {
        let record = &self.records[slot as usize];
        self.by_id.remove(id_hash(record.order.id), slot);
        self.by_client.remove(record.hash, slot);
        self.free.push(slot);
    }

    /// Gives an order another client id.
    pub fn rename(&mut self, slot: u32, client_id: Text) {
        let record = &mut self.records[slot as usize];
        let (account, symbol, old) = (record.order.account, record.order.asked.symbol, record.hash);
        record.order.asked.client_id = client_id;
        record.hash = client_hash(account, symbol, &client_id);
        let hash = record.hash;
        self.by_client.remove(old, slot);
        if let Some(older) = self.find_client(hash, account, symbol, &client_id) {
            self.by_client.remove(hash, older);
        }
        self.by_client.insert(hash, slot);
    }

    /// Returns the place of an order by the venue's id.
    #[inline]
    pub fn find_id(&self, id: u64) -> Option<u32> {
        self.by_id.find(id_hash(id), |slot| self.records[slot as usize].order.id == id)
    }

    /// Returns the place of the newest order of a client id.
    #[inline]
    pub fn find_client(&self, hash: u64, account: Account, symbol: Symbol, client_id: &Text) -> Option<u32> {
        self.by_client.find(hash, |slot| {
            let order = &self.records[slot as usize].order;
            order.account == account && order.asked.symbol == symbol && order.asked.client_id == *client_id
        })
    }
}
