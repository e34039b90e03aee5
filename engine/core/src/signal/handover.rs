//! Signals in two places: the static part of an asset where its shard is, the feedback part where the desk is.
//!
//! Both places bind the same program, so that a column here has its twin there. A shard hands out the values of a row that somebody reads
//! outside the static part; the desk's copy takes them in and goes on as if it had computed them. Blocks hold one row.

use super::arena::Col;
use super::executor::Signals;
use super::grid::{AssetRows, Grid};
use crate::event::Entry;
use crate::memory::snapshot::Writer;

impl Signals {
    /// Returns whether no static node joins assets, so that each asset may be computed in another place.
    pub fn is_separable(&self) -> bool {
        self.joints.iter().all(Vec::is_empty)
    }

    /// Returns the number of assets.
    pub fn assets(&self) -> usize {
        self.assets.len()
    }

    /// Returns how many values a row of any asset hands over at most.
    pub fn handed_values(&self) -> usize {
        self.handed.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Runs the static part over one row of one asset, for programs that are separable.
    ///
    /// # Panics
    /// Panics where the program joins assets or `rows` are not one row.
    #[inline]
    pub fn run_alone(&mut self, asset: usize, rows: &AssetRows<'_>) {
        assert!(self.is_separable() && rows.ts.len() == 1, "one row of an asset that stands alone");
        self.lens[asset] = 1;
        let asset = &mut self.assets[asset];
        asset.enter(rows);
        for stage in &mut asset.stages {
            for segment in stage {
                segment.run(asset.lens[segment.clock]);
            }
        }
    }

    /// Runs the static part over one grid row of assets that are joined.
    pub fn run_joined(&mut self, ts: i64, rows: &[AssetRows<'_>], present: &[Entry]) {
        let offsets = [0, present.len() as u32];
        self.run(rows, &Grid::of_parts(&[ts], &offsets, present));
    }

    /// Copies out what an asset's row hands over; returns how many values.
    #[inline]
    pub fn hand_out(&self, asset: usize, to: &mut [f64]) -> usize {
        let columns = &self.handed[asset];
        to.iter_mut().zip(columns).for_each(|(value, column)| *value = column.get(0));
        columns.len()
    }

    /// Takes in one grid row: `values(asset)` of those present, in id order; then `feedback` may run for row 0, and `column` shows the row.
    #[inline]
    pub fn hand_in<'a>(&mut self, ts: i64, present: &[Entry], values: impl Fn(usize) -> &'a [f64]) {
        self.lens.fill(0);
        for entry in present {
            let asset = entry.asset as usize;
            self.lens[asset] = 1;
            self.assets[asset].ts.set(0, ts);
            self.handed[asset].iter().zip(values(asset)).for_each(|(column, &value)| column.set(0, value));
        }
        if self.has_feedback {
            self.kept.offsets.clear();
            self.kept.offsets.extend_from_slice(&[0, present.len() as u32]);
            self.kept.entries.clear();
            self.kept.entries.extend_from_slice(present);
        }
    }

    /// Writes the state as [`Signals::save`] does, the static part of each asset from where it was computed.
    pub fn save_with<'a>(&'a self, static_of: impl Fn(usize) -> &'a Self, to: &mut Writer) {
        self.save_parts(static_of, to);
    }
}

/// The columns that a row hands over, one list for each asset.
pub(crate) type Handed = Vec<Vec<Col>>;
