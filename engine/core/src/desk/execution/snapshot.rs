//! The orders as bytes: by intent, each with its trades, so that equal states have equal bytes whatever slots they stand in.
use super::Orders;
use super::id::ClientId;
use super::live::{Intent, Live, Requests, Terms};
use super::states::State;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const VERSION: u64 = 1;

impl Orders {
    /// Writes the state.
    pub fn save(&self, to: &mut Writer) {
        to.u64(VERSION);
        for x in [self.positions.len() as u64, u64::from(self.epoch), u64::from(self.strategy), self.newest.map_or(0, |newest| newest + 1)]
        {
            to.u64(x);
        }
        self.positions.iter().for_each(|&lots| to.i64(lots));
        self.counts.iter().for_each(|&count| to.u64(count));
        let mut listed: Vec<&Live> = self.pool.iter().map(|(_, live)| live).collect();
        listed.sort_unstable_by_key(|live| live.intent.number);
        to.u64(listed.len() as u64);
        for live in listed {
            live.save(to);
            let trades: Vec<u64> = self.trades.list(live.trades).map(|key| key.1).collect();
            to.u64(trades.len() as u64);
            trades.into_iter().rev().for_each(|trade| to.u64(trade));
        }
        to.u64(self.ended.len() as u64);
        let numbers = self.ended.iter().filter_map(|&handle| self.pool.get(handle)).map(|live| live.intent.number);
        numbers.for_each(|number| to.u64(number));
    }

    /// Reads a state into fresh orders of the same room and instruments.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to something else, or hold more than there is room for.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("orders version", VERSION)?;
        from.expect("number of assets", self.positions.len() as u64)?;
        (self.epoch, self.strategy) = (from.u64()? as u32, from.u64()? as u32);
        self.newest = from.u64()?.checked_sub(1);
        for lots in &mut self.positions {
            *lots = from.i64()?;
        }
        for count in &mut self.counts {
            *count = from.u64()?;
        }
        let most = self.room.orders as u64;
        let full = |found| SnapshotError::Mismatch { what: "orders or trades", expected: most, found };
        let count = from.u64()?;
        for _ in 0..count {
            let live = Live::load(from, self.positions.len())?;
            let trades = from.u64()?;
            let Some(handle) = self.put(live) else { return Err(full(count)) };
            for _ in 0..trades {
                let key = (u64::from(live.intent.asset), from.u64()?);
                let list = self.pool.get(handle).and_then(|live| live.trades);
                let Some(first) = self.trades.insert(key, handle.index() as u32, list) else { return Err(full(trades)) };
                if let Some(live) = self.pool.get_mut(handle) {
                    live.trades = Some(first);
                }
            }
        }
        for _ in 0..from.u64()? {
            let number = from.u64()?;
            let slot = self.intents.get((number, 0)).and_then(|slot| self.handles[slot as usize]);
            let absent = SnapshotError::Mismatch { what: "ended order", expected: 0, found: number };
            self.ended.push_back(slot.ok_or(absent)?);
        }
        Ok(())
    }

    /// Returns the hash of the state: equal states have equal hashes on every build.
    pub fn hash(&self) -> [u8; 32] {
        let mut to = Writer::default();
        self.save(&mut to);
        *blake3::hash(&to.finish()).as_bytes()
    }
}

impl Live {
    fn save(&self, to: &mut Writer) {
        to.u64((self.id.bits() >> 64) as u64);
        to.u64(self.id.bits() as u64);
        to.u64(u64::from(self.intent.asset));
        let Terms { lots, ticks } = self.wanted.unwrap_or(Terms { lots: 0, ticks: 0 });
        let plain = [self.intent.side, self.intent.lots, self.intent.ticks, self.filled, self.told, lots, ticks];
        plain.into_iter().chain([self.deadline, self.asked, self.ended]).for_each(|x| to.i64(x));
        to.u64(self.state as u64);
        let Requests { last, send, cancel, replace, ask } = self.requests;
        [last, send, cancel, replace, ask].into_iter().for_each(|x| to.u64(u64::from(x)));
        [self.held, self.leaving, self.wanted.is_some()].into_iter().for_each(|x| to.bool(x));
    }

    fn load(from: &mut Reader<'_>, assets: usize) -> Result<Self, SnapshotError> {
        let bits = u128::from(from.u64()?) << 64 | u128::from(from.u64()?);
        let wrong = |what, found| SnapshotError::Mismatch { what, expected: 0, found };
        let id = ClientId::from_bits(bits).ok_or(wrong("client order id", bits as u64))?;
        let asset = from.u64()?;
        if asset >= assets as u64 {
            return Err(wrong("instrument of an order", asset));
        }
        let (side, lots, ticks) = (from.i64()?, from.i64()?, from.i64()?);
        let intent = Intent { number: id.intent(), asset: asset as u32, side, lots, ticks };
        let (filled, told) = (from.i64()?, from.i64()?);
        let wanted = Terms { lots: from.i64()?, ticks: from.i64()? };
        let (deadline, asked, ended) = (from.i64()?, from.i64()?, from.i64()?);
        let code = from.u64()?;
        let state = State::from_code(code as u8).ok_or(wrong("state of an order", code))?;
        let mut number = || from.u64().map(|x| x as u32);
        let requests = Requests { last: number()?, send: number()?, cancel: number()?, replace: number()?, ask: number()? };
        let (held, leaving) = (from.bool()?, from.bool()?);
        let wanted = from.bool()?.then_some(wanted);
        Ok(Self { id, intent, state, filled, told, wanted, requests, held, deadline, asked, ended, trades: None, leaving })
    }
}
