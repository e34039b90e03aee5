//! `pick` and `pick_event`: one asset's series on the rows of the others.

use super::arena::Col;
use crate::event::Entry;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// Where one asset reads the picked series.
pub(crate) struct Reading {
    pub asset: usize,
    pub ts: Col<i64>,
    pub out: Col,
}

/// A picked series. On a block it merges each reader's times with those of the source; `held` is the source's last value before the block.
pub(crate) struct Pick {
    pub source: usize,
    pub ts: Col<i64>,
    pub value: Col,
    pub readers: Vec<Reading>,
    /// Whether the value counts only at its own time (and is false elsewhere).
    pub event: bool,
    pub held: f64,
}

impl Pick {
    /// Makes a pick that has seen nothing.
    pub fn new(source: usize, ts: Col<i64>, value: Col, readers: Vec<Reading>, event: bool) -> Self {
        Self { source, ts, value, readers, event, held: if event { 0.0 } else { f64::NAN } }
    }

    /// Fills the readers' columns for a block; `lens` are the assets' row counts.
    pub fn block(&mut self, lens: &[usize]) {
        let rows = lens[self.source];
        for reader in &self.readers {
            let mut next = 0;
            let mut last = self.held;
            for row in 0..lens[reader.asset] {
                let now = reader.ts.get(row);
                if self.event {
                    last = 0.0;
                }
                while next < rows && self.ts.get(next) <= now {
                    if !self.event || self.ts.get(next) == now {
                        last = self.value.get(next);
                    }
                    next += 1;
                }
                reader.out.set(row, last);
            }
        }
        if !self.event && rows > 0 {
            self.held = self.value.get(rows - 1);
        }
    }

    /// Fills the cells of the readers present at one time.
    pub fn row(&mut self, present: &[Entry]) {
        let here = present.iter().any(|entry| entry.asset as usize == self.source);
        let now = if here { self.value.get(0) } else { self.held };
        if !self.event {
            self.held = now;
        }
        for reader in &self.readers {
            reader.out.set(0, now);
        }
    }

    pub fn save(&self, to: &mut Writer) {
        to.f64(self.held);
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.held = from.f64()?;
        Ok(())
    }
}
