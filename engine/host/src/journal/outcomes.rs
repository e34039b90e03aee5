//! What came of a run as records: the same for who writes a journal and for who replays it and compares.
//!
//! Orders, fills and money stand in the order of happening: an order before it is sent, then each change of its state. Trades, steps of the guard,
//! commands and breakers follow by kind.

use super::RunError;
use bot4_engine::desk::Desk;
use bot4_engine::desk::execution::id::ClientId;
use bot4_engine::desk::execution::simulated::{Change, Simulated};
use bot4_engine::desk::execution::{Room, report::Refused};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::stream::{CashKind, DeskEvent};
use bot4_engine::journal::{Entry, KeyedEntry, SentEntry, control};
use bot4_engine::memory::snapshot::{Reader, SnapshotError, Writer};

/// The records of a run on their way.
pub struct Outcomes {
    orders: Simulated,
    strategy: u32,
    /// Whether orders on their way and money moved are told.
    is_whole: bool,
    bytes: Vec<u8>,
}

/// Epoch of orders on a simulated venue: nobody takes over.
const EPOCH: u32 = 0;

/// What takes a record: kind, time in ms, payload.
type Put<'a> = &'a mut dyn FnMut(u16, i64, &[u8]) -> Result<(), RunError>;

impl Outcomes {
    /// Follows a run of a program over so many instruments; a journal of contents 1 tells less.
    pub fn new(identity: &[u8; 32], assets: usize, contents: u32) -> Self {
        let strategy = u32::from_be_bytes([identity[0], identity[1], identity[2], identity[3]]);
        let orders = Simulated::new(Room::default().orders, assets, EPOCH, strategy);
        Self { orders, strategy, is_whole: contents >= 2, bytes: Vec::new() }
    }

    /// Gives every record of what a run has done since the last time to `put`.
    ///
    /// # Errors
    /// Returns what `put` returns, and where there are more orders than can be followed.
    pub fn each(&mut self, records: &Records, put: Put<'_>) -> Result<(), RunError> {
        let (mut funding, mut keyed) = (records.funding.iter(), records.keyed.as_slice());
        for event in &records.stream {
            if self.is_whole
                && let DeskEvent::Sent(sent) = event
            {
                let client = ClientId::new(EPOCH, self.strategy, u64::from(sent.order.id)).bits().to_be_bytes();
                self.put(&SentEntry { sent: *sent, client }, put)?;
            }
            match event {
                DeskEvent::Filled(fill) => self.put(fill, put)?,
                DeskEvent::Cash(cash) => {
                    if cash.kind == CashKind::Funding
                        && let Some(record) = funding.next()
                    {
                        self.put(record, put)?;
                    }
                    if self.is_whole {
                        self.put(cash, put)?;
                    }
                }
                DeskEvent::Ended(ended) => {
                    self.put(ended, put)?;
                    let at = keyed.iter().position(|record| record.order == ended.order.id);
                    if let Some(at) = at {
                        self.put(&KeyedEntry { record: keyed[at], done_ts: ended.done_ts }, put)?;
                        // They end in about the order in which they are listed.
                        keyed = if at == 0 { &keyed[1..] } else { keyed };
                    }
                }
                DeskEvent::Sent(_) | DeskEvent::Cut { .. } => {}
            }
            self.follow(Some(event), put)?;
        }
        self.follow(None, put)?;
        records.trades.iter().try_for_each(|record| self.put(record, put))?;
        records.commands.iter().try_for_each(|record| self.put(record, put))?;
        records.guard.iter().try_for_each(|record| self.put(record, put))?;
        records.breakers.iter().try_for_each(|record| self.put(record, put))
    }

    /// Writes the state, between two rows.
    pub fn save(&self) -> Vec<u8> {
        let mut to = Writer::default();
        self.orders.save(&mut to);
        to.finish()
    }

    /// Continues from a saved state.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut from = Reader::new(bytes);
        self.orders.load(&mut from)?;
        from.finish()
    }

    /// Refuses where the orders followed have come to other positions than the desk.
    ///
    /// # Errors
    /// Returns one sentence with both.
    pub fn agree(&self, desk: &Desk) -> Result<(), RunError> {
        for (asset, position) in desk.ledger().positions.iter().enumerate() {
            let followed = self.orders.orders.position(asset);
            if followed != position.lots {
                let lots = position.lots;
                return Err(RunError::Said(format!(
                    "orders come to {followed} lots of instrument {asset} and the desk holds {lots}; report this"
                )));
            }
        }
        Ok(())
    }

    /// Follows an event, or the end of a step, and tells each change of state.
    fn follow(&mut self, event: Option<&DeskEvent>, put: Put<'_>) -> Result<(), RunError> {
        let (mut done, bytes, is_whole) = (Ok(()), &mut self.bytes, self.is_whole);
        let each = |change: Change| {
            if is_whole && done.is_ok() {
                bytes.clear();
                change.encode(bytes);
                done = put(control::STATE, change.ts, bytes);
            }
        };
        match event {
            Some(event) => self.orders.take(event, each).map_err(|refused| RunError::Said(sentence(refused).to_owned()))?,
            None => self.orders.settle(each),
        }
        done
    }

    fn put<T: Entry>(&mut self, record: &T, put: Put<'_>) -> Result<(), RunError> {
        self.bytes.clear();
        record.encode(&mut self.bytes);
        put(T::KIND, record.time(), &self.bytes)
    }
}

fn sentence(refused: Refused) -> &'static str {
    match refused {
        Refused::Full => {
            "the journal follows 10,000 orders at once, or 115,000 fills of those at work, and the run has more; leave the journal out"
        }
        Refused::Known(_) | Refused::Stale | Refused::Number => "an order has a number that was used before; report this",
    }
}
