//! What open lots cost, by two rules beside each other: the average of all, and first in, first out.
//!
//! Amounts are signed: what was paid for lots is positive, what was received negative, so that a short position's cost is below zero. Whatever rule shares
//! a cost out, realised − cost = −Σ amounts, and both realise the same once a position is flat.
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::{Overflow, narrow};
use std::collections::VecDeque;

/// Returns the part of an amount that `part` of `whole` lots carry, towards zero; all of it for all of them.
fn share(amount: i64, part: i64, whole: i64) -> Result<i64, Overflow> {
    narrow(i128::from(amount) * i128::from(part) / i128::from(whole))
}

/// A cost that is shared out evenly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Average {
    /// Lots open, without sign.
    lots: i64,
    /// What they cost.
    pub cost: i64,
    /// Profit of what was closed, before fees.
    pub realised: i64,
}

impl Average {
    /// Adds lots that cost `amount`.
    pub(super) fn open(&mut self, lots: i64, amount: i64) -> Result<(), Overflow> {
        self.lots = self.lots.checked_add(lots).ok_or(Overflow)?;
        self.cost = self.cost.checked_add(amount).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes lots out, for which `amount` was paid.
    pub(super) fn close(&mut self, lots: i64, amount: i64) -> Result<(), Overflow> {
        let carried = share(self.cost, lots, self.lots)?;
        self.lots -= lots;
        self.cost -= carried;
        self.realised = self.realised.checked_sub(carried.checked_add(amount).ok_or(Overflow)?).ok_or(Overflow)?;
        Ok(())
    }

    pub(super) fn save(&self, to: &mut Writer) {
        [self.lots, self.cost, self.realised].into_iter().for_each(|x| to.i64(x));
    }

    pub(super) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { lots: from.i64()?, cost: from.i64()?, realised: from.i64()? })
    }
}

/// Lots of one purchase that are still open, and what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layer {
    lots: i64,
    amount: i64,
}

/// A cost that the oldest lots take with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fifo {
    /// The oldest first.
    layers: VecDeque<Layer>,
    /// What the open lots cost.
    pub cost: i64,
    /// Profit of what was closed, before fees.
    pub realised: i64,
}

/// Purchases that have room at the start; more take memory when they come.
const ROOM: usize = 256;

impl Fifo {
    pub(super) fn new() -> Self {
        Self { layers: VecDeque::with_capacity(ROOM), cost: 0, realised: 0 }
    }

    /// Returns how many purchases are open.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Adds lots that cost `amount`.
    pub(super) fn open(&mut self, lots: i64, amount: i64) -> Result<(), Overflow> {
        self.cost = self.cost.checked_add(amount).ok_or(Overflow)?;
        self.layers.push_back(Layer { lots, amount });
        Ok(())
    }

    /// Takes lots out, the oldest first, for which `amount` was paid.
    pub(super) fn close(&mut self, lots: i64, amount: i64) -> Result<(), Overflow> {
        let (mut left, mut carried) = (lots, 0_i64);
        while left > 0 {
            let Some(oldest) = self.layers.front_mut() else { return Err(Overflow) };
            let taken = left.min(oldest.lots);
            let part = share(oldest.amount, taken, oldest.lots)?;
            (oldest.lots, oldest.amount) = (oldest.lots - taken, oldest.amount - part);
            carried = carried.checked_add(part).ok_or(Overflow)?;
            left -= taken;
            if oldest.lots == 0 {
                self.layers.pop_front();
            }
        }
        self.cost -= carried;
        self.realised = self.realised.checked_sub(carried.checked_add(amount).ok_or(Overflow)?).ok_or(Overflow)?;
        Ok(())
    }

    pub(super) fn save(&self, to: &mut Writer) {
        [self.cost, self.realised].into_iter().for_each(|x| to.i64(x));
        to.u64(self.layers.len() as u64);
        self.layers.iter().flat_map(|layer| [layer.lots, layer.amount]).for_each(|x| to.i64(x));
    }

    pub(super) fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut fifo = Self { cost: from.i64()?, realised: from.i64()?, ..Self::new() };
        for _ in 0..from.u64()? {
            fifo.layers.push_back(Layer { lots: from.i64()?, amount: from.i64()? });
        }
        Ok(fifo)
    }
}
