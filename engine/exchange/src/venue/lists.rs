//! Order lists as the venue keeps them: found by its id and by the client's. The oldest that is over goes where there is no room.

use super::table::Table;
use crate::report::ListState;
use crate::text::Text;
use crate::{Account, Micros, Symbol};

/// What the orders of a list are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Two orders, one cancels the other.
    Oco,
    /// A working order and one it sets off.
    Oto,
    /// A working order and an OCO it sets off.
    Otoco,
}

/// A list.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The venue's id.
    pub id: u64,
    /// Whose.
    pub account: Account,
    /// Symbol.
    pub symbol: Symbol,
    /// The client's id.
    pub client_id: Text,
    /// What its orders are to each other.
    pub form: Form,
    /// Places and ids of its orders.
    pub legs: [(u32, u64); 3],
    /// How many it has.
    pub count: usize,
    /// Its state.
    pub state: ListState,
    /// When it was placed.
    pub created: Micros,
    /// Whether its pair, or what waits, is in the market.
    pub is_active: bool,
    /// Whether one leg of its pair is over, or has begun to trade: the other goes its own way.
    pub is_split: bool,
}

/// All lists.
#[derive(Debug)]
pub struct Lists {
    pub(super) items: Vec<List>,
    pub(super) done: std::collections::VecDeque<u32>,
    by_id: Table,
    by_client: Table,
    most: usize,
    next: u64,
}

fn salt(account: Account) -> u64 {
    u64::from(account) << 16 | 1 << 60
}

impl Lists {
    /// Returns no lists, with room for `most`.
    pub fn new(most: usize) -> Self {
        Self {
            items: Vec::with_capacity(most),
            done: std::collections::VecDeque::with_capacity(most),
            by_id: Table::new(most),
            by_client: Table::new(most),
            most,
            next: 1,
        }
    }

    /// Returns a list.
    pub fn get(&self, place: u32) -> &List {
        &self.items[place as usize]
    }

    /// Takes a list in; the oldest that is over goes where there is no room. None: every one is open.
    pub(super) fn add(&mut self, mut list: List) -> Option<u32> {
        list.id = self.next;
        if list.client_id.is_empty() {
            list.client_id = Text::of_number(self.next ^ 1 << 62);
        }
        let place = if self.items.len() < self.most {
            self.items.push(list);
            (self.items.len() - 1) as u32
        } else {
            let place = self.done.pop_front()?;
            let old = self.items[place as usize];
            self.by_id.remove(old.id << 1, place);
            self.by_client.remove(old.client_id.hash(salt(old.account)), place);
            self.items[place as usize] = list;
            place
        };
        self.next += 1;
        self.by_id.insert(list.id << 1, place);
        if let Some(older) = self.find_client(list.account, &list.client_id).filter(|&older| older != place) {
            self.by_client.remove(list.client_id.hash(salt(list.account)), older);
        }
        self.by_client.insert(list.client_id.hash(salt(list.account)), place);
        Some(place)
    }

    /// Returns the place of a list by the venue's id.
    pub fn find_id(&self, id: u64) -> Option<u32> {
        self.by_id.find(id << 1, |place| self.items[place as usize].id == id)
    }

    /// Returns the place of the newest list of a client's id.
    pub fn find_client(&self, account: Account, client_id: &Text) -> Option<u32> {
        self.by_client.find(client_id.hash(salt(account)), |place| {
            let list = &self.items[place as usize];
            list.account == account && list.client_id == *client_id
        })
    }

    /// Visits all lists that are known.
    pub fn iter(&self) -> impl Iterator<Item = &List> {
        self.items.iter()
    }
}
