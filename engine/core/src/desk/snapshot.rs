//! The desk's state as bytes: every field that a decision can depend on, in one fixed order.
use super::lanes_snapshot::code;
use super::ledger::{Ledger, Position};
use super::order::Order;
use super::reason::{Cause, Evidence, Reason};
use super::stops::{Hold, Stops};
use super::{Counters, Desk, Slot};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const VERSION: u64 = 2;

impl Desk {
    /// Writes the state; the outbox must be empty.
    pub fn save(&self, to: &mut Writer) {
        debug_assert!(self.outbox.orders.is_empty() && self.outbox.fills.is_empty(), "drain before a snapshot");
        to.u64(VERSION);
        to.u64(self.slots.len() as u64);
        for x in [self.ledger.flow, self.ledger.fees, self.total_value, self.peak, self.budget_max_gross_e9] {
            to.i64(x);
        }
        for x in [u64::from(self.next_order), self.budget_rows, self.queue.len() as u64] {
            to.u64(x);
        }
        to.bool(self.was_partial);
        to.bool(self.over_budget);
        self.queue.iter().for_each(|&asset| to.u64(u64::from(asset)));
        for (position, slot) in self.ledger.positions.iter().zip(&self.slots) {
            position.save(to);
            slot.save(to);
        }
        self.entries.save(to);
        self.legs.iter().for_each(|group| group.save(to));
        if self.lanes.room() > 0 {
            self.lanes.save(to);
        }
        // A plain account has neither, and its state stays as it was.
        self.ledger.wallets.iter().for_each(|wallet| wallet.save(to));
        if let Some(accounts) = &self.accounts {
            accounts.save(to);
        }
        if let Some(guard) = &self.guard {
            guard.save(to);
            self.slots.iter().for_each(|slot| to.i64(slot.stops.venue));
        }
        if let Some(remote) = &self.remote {
            remote.save(to);
        }
    }

    /// Returns the hash of the state: equal states have equal hashes on every build.
    pub fn hash(&self) -> [u8; 32] {
        let mut to = Writer::default();
        self.save(&mut to);
        *blake3::hash(&to.finish()).as_bytes()
    }

    /// Reads a state into a desk built from the same setup.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to another version or number of assets.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("desk version", VERSION)?;
        from.expect("number of assets", self.slots.len() as u64)?;
        let (flow, fees) = (from.i64()?, from.i64()?);
        self.total_value = from.i64()?;
        self.peak = from.i64()?;
        self.budget_max_gross_e9 = from.i64()?;
        self.next_order = from.u64()? as u32;
        self.budget_rows = from.u64()?;
        let queued = from.u64()?;
        self.was_partial = from.bool()?;
        self.over_budget = from.bool()?;
        self.queue.clear();
        for _ in 0..queued {
            self.queue.push(from.u64()? as u32);
        }
        let mut positions = self.ledger.positions.clone();
        for (position, slot) in positions.iter_mut().zip(&mut self.slots) {
            *position = Position::load(from)?;
            *slot = Slot { trails: slot.trails, ..Slot::load(from)? };
        }
        let mut wallets = std::mem::take(&mut self.ledger.wallets);
        let home = std::mem::take(&mut self.ledger.home);
        self.entries.load(from)?;
        self.legs.iter_mut().try_for_each(|group| group.load(from))?;
        if self.lanes.room() > 0 {
            self.lanes.load(from)?;
        }
        self.ledger = Ledger::resume(flow, fees, positions);
        if let Some(accounts) = &mut self.accounts {
            for wallet in &mut wallets {
                wallet.load(from)?;
            }
            self.ledger.split(wallets, home);
            accounts.load(from)?;
        }
        if let Some(guard) = &mut self.guard {
            guard.load(from)?;
            self.slots.iter_mut().try_for_each(|slot| from.i64().map(|level| slot.stops.venue = level))?;
        }
        if let Some(remote) = &mut self.remote {
            remote.load(from)?;
            self.lanes.outgoing = remote.outgoing(self.slots.len());
            (0..self.slots.len()).for_each(|asset| {
                self.lanes.touch(asset);
                self.lanes.refresh(asset);
            });
        }
        self.open_positions = self.ledger.positions.iter().filter(|p| p.lots != 0).count();
        self.armed_stops = self.slots.iter().filter(|s| s.armed).count();
        Ok(())
    }
}

impl Slot {
    fn save(&self, to: &mut Writer) {
        to.u64(self.raw_bits);
        for x in [self.raw, self.acted, self.mark, self.value, self.used, self.used_ts, self.raw_sign] {
            to.i64(x);
        }
        for x in [self.stops.fixed, self.stops.trailing, self.stops.take, self.stops.high, self.stops.low] {
            to.i64(x);
        }
        let Counters { missing, flips, acts, band_holds, rejected_units, ignored_signals } = self.counters;
        for x in [missing, flips, acts, band_holds, rejected_units, ignored_signals] {
            to.u64(x);
        }
        to.u64(self.evidence.0 as u64);
        to.i64(self.evidence.1);
        to.bool(self.dirty);
        to.bool(self.armed);
        to.bool(self.hold.is_some());
        if let Some(hold) = self.hold {
            to.i64(hold.side);
            to.u64(hold.row);
            to.i64(hold.ts);
        }
        to.bool(self.working.is_some());
        if let Some(order) = &self.working {
            order.save(to);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            raw_bits: from.u64()?,
            raw: from.i64()?,
            acted: from.i64()?,
            mark: from.i64()?,
            value: from.i64()?,
            used: from.i64()?,
            used_ts: from.i64()?,
            raw_sign: from.i64()?,
            stops: Stops { fixed: from.i64()?, trailing: from.i64()?, take: from.i64()?, venue: 0, high: from.i64()?, low: from.i64()? },
            counters: Counters {
                missing: from.u64()?,
                flips: from.u64()?,
                acts: from.u64()?,
                band_holds: from.u64()?,
                rejected_units: from.u64()?,
                ignored_signals: from.u64()?,
            },
            evidence: (code(from, "evidence code", Evidence::from_code)?, from.i64()?),
            dirty: from.bool()?,
            armed: from.bool()?,
            trails: false,
            begin: 0,
            hold: if from.bool()? { Some(Hold { side: from.i64()?, row: from.u64()?, ts: from.i64()? }) } else { None },
            working: if from.bool()? { Some(Order::load(from)?) } else { None },
        })
    }
}

impl Order {
    pub(super) fn save(&self, to: &mut Writer) {
        to.u64(u64::from(self.id));
        to.u64(u64::from(self.asset));
        let plain = [self.ts, self.side, self.lots, self.filled, self.wanted, self.ref_ticks, self.due];
        plain.into_iter().chain([self.fixed_ticks, self.trailing_ticks, self.take_ticks]).for_each(|x| to.i64(x));
        to.u64(self.reason as u64);
        to.u64(self.cause as u64);
        to.u64(u64::from(self.capped_row));
    }

    pub(super) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            id: from.u64()? as u32,
            asset: from.u64()? as u32,
            ts: from.i64()?,
            side: from.i64()?,
            lots: from.i64()?,
            filled: from.i64()?,
            wanted: from.i64()?,
            ref_ticks: from.i64()?,
            due: from.i64()?,
            fixed_ticks: from.i64()?,
            trailing_ticks: from.i64()?,
            take_ticks: from.i64()?,
            reason: reason(from)?,
            cause: cause(from)?,
            capped_row: from.u64()? as u32,
        })
    }
}

pub(super) fn reason(from: &mut Reader<'_>) -> Result<Reason, SnapshotError> {
    let found = from.u64()?;
    Reason::from_code(found as u8).ok_or(SnapshotError::Mismatch { what: "reason code", expected: Reason::Target as u64, found })
}

fn cause(from: &mut Reader<'_>) -> Result<Cause, SnapshotError> {
    let found = from.u64()?;
    Cause::from_code(found as u8).ok_or(SnapshotError::Mismatch { what: "cause code", expected: Cause::None as u64, found })
}
