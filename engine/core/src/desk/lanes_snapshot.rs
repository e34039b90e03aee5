//! The lanes' state as bytes, in the order of opening: keys, orders, brackets, rights. What a bar must reach is computed anew.
use super::bracket::Bracket;
use super::lanes::{Lane, LaneBook};
use super::order::Order;
use super::reason::{Evidence, OrderKind, Tif};
use super::resting::{Resting, Stage};
use super::size::SizeUnit;
use super::want::{Exits, Expiry, Want};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

impl LaneBook {
    /// Writes the state.
    pub(super) fn save(&self, to: &mut Writer) {
        to.u64(self.keys.len() as u64);
        self.keys.iter().for_each(|key| to.text(key));
        to.u64(self.lanes.len() as u64);
        self.lanes.iter().for_each(|lane| lane.save(to));
        for of in &self.of {
            to.u64(of.len() as u64);
            of.iter().for_each(|&lane| to.u64(u64::from(lane)));
        }
    }

    /// Reads the state into a book of the same program or the same room.
    pub(super) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let keys = from.u64()?;
        self.keys.clear();
        for _ in 0..keys {
            self.keys.push(from.text()?);
        }
        let count = from.u64()? as usize;
        if count > self.lanes.capacity() || (!self.rules.is_empty() && count != self.rules.len()) {
            return Err(SnapshotError::Mismatch { what: "number of lanes", expected: self.lanes.capacity() as u64, found: count as u64 });
        }
        self.lanes.clear();
        for _ in 0..count {
            self.lanes.push(Lane::load(from)?);
        }
        for asset in 0..self.of.len() {
            self.of[asset].clear();
            for _ in 0..from.u64()? {
                self.of[asset].push(from.u64()? as u32);
            }
            self.touch(asset);
            self.refresh(asset);
        }
        Ok(())
    }
}

fn save_some<T>(to: &mut Writer, some: Option<T>, save: impl Fn(T, &mut Writer)) {
    to.bool(some.is_some());
    if let Some(value) = some {
        save(value, to);
    }
}

fn load_some<T>(from: &mut Reader<'_>, load: impl Fn(&mut Reader<'_>) -> Result<T, SnapshotError>) -> Result<Option<T>, SnapshotError> {
    if from.bool()? { load(from).map(Some) } else { Ok(None) }
}

pub(super) fn code<T>(from: &mut Reader<'_>, what: &'static str, of: impl Fn(u8) -> Option<T>) -> Result<T, SnapshotError> {
    let found = from.u64()?;
    u8::try_from(found).ok().and_then(of).ok_or(SnapshotError::Mismatch { what, expected: 0, found })
}

impl Lane {
    fn save(&self, to: &mut Writer) {
        for x in [self.asset, self.key, self.rights] {
            to.u64(u64::from(x));
        }
        to.bool(self.was);
        save_some(to, self.after, |after, to| to.u64(u64::from(after)));
        save_some(to, self.order.as_ref(), Resting::save);
        self.bracket.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            asset: from.u64()? as u32,
            key: from.u64()? as u32,
            rights: from.u64()? as u32,
            was: from.bool()?,
            asked: false,
            after: load_some(from, |from| Ok(from.u64()? as u32))?,
            order: load_some(from, Resting::load)?,
            bracket: Bracket::load(from)?,
        })
    }
}

impl Exits {
    fn save(&self, to: &mut Writer) {
        [self.stop, self.trail, self.take, self.stop_at, self.take_at].into_iter().for_each(|x| to.i64(x));
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { stop: from.i64()?, trail: from.i64()?, take: from.i64()?, stop_at: from.i64()?, take_at: from.i64()? })
    }
}

impl Bracket {
    fn save(&self, to: &mut Writer) {
        to.i128(self.cost);
        [self.side, self.held, self.fresh, self.stop, self.trail, self.take, self.extreme].into_iter().for_each(|x| to.i64(x));
        to.u64(u64::from(self.parent));
        self.exits.save(to);
        save_some(to, self.leaving.as_ref(), Resting::save);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            cost: from.i128()?,
            side: from.i64()?,
            held: from.i64()?,
            fresh: from.i64()?,
            stop: from.i64()?,
            trail: from.i64()?,
            take: from.i64()?,
            extreme: from.i64()?,
            parent: from.u64()? as u32,
            exits: Exits::load(from)?,
            legs: [0; 2],
            leaving: load_some(from, Resting::load)?,
        })
    }
}

impl Resting {
    pub(super) fn save(&self, to: &mut Writer) {
        self.order.save(to);
        self.want.save(to);
        to.u64(self.stage as u64);
        [self.trigger, self.extreme, self.expire_ts].into_iter().for_each(|x| to.i64(x));
        to.u64(self.expire_row);
        save_some(to, self.parent, |parent, to| to.u64(u64::from(parent)));
        to.u64(self.evidence as u64);
        save_some(to, self.evidence_row, |row, to| to.u64(row));
        to.bool(self.triggered_inside);
    }

    pub(super) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self {
            order: Order::load(from)?,
            want: Want::load(from)?,
            stage: code(from, "stage of an order", Stage::from_code)?,
            trigger: from.i64()?,
            extreme: from.i64()?,
            expire_ts: from.i64()?,
            expire_row: from.u64()?,
            parent: load_some(from, |from| Ok(from.u64()? as u32))?,
            evidence: code(from, "evidence code", Evidence::from_code)?,
            evidence_row: load_some(from, |from| from.u64())?,
            leg: 0,
            triggered_inside: from.bool()?,
        })
    }
}

impl Want {
    fn save(&self, to: &mut Writer) {
        for x in [self.kind as u64, self.tif as u64, self.unit as u64, u64::from(self.oco)] {
            to.u64(x);
        }
        let (expiry, bars, ms) = match self.expiry {
            Expiry::Never => (0, 0, 0),
            Expiry::Bars(bars) => (1, bars, 0),
            Expiry::Ms(ms) => (2, 0, ms),
        };
        to.u64(expiry);
        to.u64(bars);
        let plain = [self.side, self.size, self.share, self.per_unit, self.price, self.trigger, self.distance, ms];
        plain.into_iter().for_each(|x| to.i64(x));
        [self.post_only, self.reduce_only, self.holds].into_iter().for_each(|x| to.bool(x));
        self.exits.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let kind = code(from, "kind of an order", OrderKind::from_code)?;
        let tif = code(from, "tif of an order", Tif::from_code)?;
        let unit = code(from, "unit of a size", SizeUnit::from_code)?;
        let oco = from.u64()? as u32;
        let (expiry, bars) = (from.u64()?, from.u64()?);
        let (side, size, share, per_unit) = (from.i64()?, from.i64()?, from.i64()?, from.i64()?);
        let (price, trigger, distance, ms) = (from.i64()?, from.i64()?, from.i64()?, from.i64()?);
        let expiry = match expiry {
            0 => Expiry::Never,
            1 => Expiry::Bars(bars),
            _ => Expiry::Ms(ms),
        };
        let (post_only, reduce_only, holds) = (from.bool()?, from.bool()?, from.bool()?);
        let exits = Exits::load(from)?;
        Ok(Self {
            side,
            kind,
            tif,
            expiry,
            post_only,
            reduce_only,
            oco,
            unit,
            size,
            share,
            per_unit,
            price,
            trigger,
            distance,
            holds,
            exits,
        })
    }
}
