//! The time grid of a block: every time at which some asset has a bar, with the assets present, in id order.
//!
//! Not a calendar: an asset that misses a bar simply has no row there. Programs without cross-sections and without feedback never look at it.

use crate::event::Entry;
use std::ops::Range;

/// One block of one asset: its own rows, oldest first.
#[derive(Clone, Copy, Default)]
pub struct AssetRows<'a> {
    /// Open times, in ms.
    pub ts: &'a [i64],
    /// Opening prices.
    pub open: &'a [f64],
    /// Highs.
    pub high: &'a [f64],
    /// Lows.
    pub low: &'a [f64],
    /// Closing prices.
    pub close: &'a [f64],
    /// Volumes in base units.
    pub volume: &'a [f64],
}

impl<'a> AssetRows<'a> {
    /// Returns the rows of `range`.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self {
            ts: &self.ts[range.clone()],
            open: &self.open[range.clone()],
            high: &self.high[range.clone()],
            low: &self.low[range.clone()],
            close: &self.close[range.clone()],
            volume: &self.volume[range],
        }
    }
}

/// The grid of one block.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    ts: &'a [i64],
    offsets: &'a [u32],
    entries: &'a [Entry],
}

impl<'a> Grid<'a> {
    /// Makes the grid of a block whose parts stand elsewhere: entries of row i are those from `offsets[i]` to `offsets[i + 1]`.
    pub fn of_parts(ts: &'a [i64], offsets: &'a [u32], entries: &'a [Entry]) -> Self {
        Self { ts, offsets, entries }
    }

    /// Returns the number of grid rows.
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// Returns whether the block has no row.
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    /// Returns the open times of the grid rows, in ms.
    pub fn ts(&self) -> &'a [i64] {
        self.ts
    }

    /// Returns the assets present at a grid row, by id.
    #[inline(always)]
    pub fn present(&self, row: usize) -> &'a [Entry] {
        &self.entries[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// Copies which assets are present.
    pub(crate) fn copy_to(&self, offsets: &mut Vec<u32>, entries: &mut Vec<Entry>) {
        let end = self.offsets.get(self.len()).map_or(0, |&end| end as usize);
        offsets.clear();
        offsets.extend_from_slice(self.offsets.get(..=self.len()).unwrap_or(&[]));
        entries.clear();
        entries.extend_from_slice(&self.entries[..end]);
    }
}

/// Walks over the assets' times and cuts them into blocks; allocates only when built.
pub struct GridBuilder {
    next: Vec<usize>,
    start: Vec<usize>,
    ts: Vec<i64>,
    offsets: Vec<u32>,
    entries: Vec<Entry>,
}

impl GridBuilder {
    /// Makes a builder for blocks of at most `capacity` grid rows over `assets` assets.
    pub fn new(assets: usize, capacity: usize) -> Self {
        let (offsets, entries) = if assets == 1 {
            // One asset is present everywhere: its grid is the identity and is never built again.
            ((0..=capacity as u32).collect(), (0..capacity as u32).map(|row| Entry { asset: 0, row }).collect())
        } else {
            (Vec::with_capacity(capacity + 1), Vec::with_capacity(capacity * assets))
        };
        Self { next: vec![0; assets], start: vec![0; assets], ts: Vec::with_capacity(capacity), offsets, entries }
    }

    /// Goes back to the first row.
    pub fn rewind(&mut self) {
        self.next.fill(0);
        self.start.fill(0);
    }

    /// Continues at the given row of each asset, for a restored run.
    ///
    /// # Panics
    /// Panics if there are more or fewer rows than assets.
    pub fn seek(&mut self, rows: &[usize]) {
        self.next.copy_from_slice(rows);
        self.start.copy_from_slice(rows);
    }

    /// Builds the next block of at most `limit` grid rows (never more than the capacity) from all assets' open times; an empty grid means the end.
    ///
    /// # Panics
    /// Panics if there are more or fewer columns than assets.
    pub fn advance(&mut self, times: &[&[i64]], limit: usize) -> Grid<'_> {
        assert_eq!(times.len(), self.next.len(), "one column of times for each asset");
        let limit = limit.min(self.ts.capacity());
        self.start.copy_from_slice(&self.next);
        self.ts.clear();
        if let [only] = times {
            let from = self.next[0];
            let to = only.len().min(from + limit);
            match &only[from..to] {
                [ts] => self.ts.push(*ts),
                ts => self.ts.extend_from_slice(ts),
            }
            self.next[0] = to;
        } else {
            self.merge(times, limit);
        }
        self.grid()
    }

    fn merge(&mut self, times: &[&[i64]], limit: usize) {
        self.entries.clear();
        self.offsets.clear();
        self.offsets.push(0);
        while self.ts.len() < limit {
            let heads = times.iter().zip(&self.next).filter_map(|(column, &at)| column.get(at));
            let Some(&now) = heads.min() else { break };
            for (asset, column) in times.iter().enumerate() {
                let at = self.next[asset];
                if column.get(at) == Some(&now) {
                    self.entries.push(Entry { asset: asset as u32, row: (at - self.start[asset]) as u32 });
                    self.next[asset] = at + 1;
                }
            }
            self.ts.push(now);
            self.offsets.push(self.entries.len() as u32);
        }
    }

    /// Returns the grid of the block built last.
    pub fn grid(&self) -> Grid<'_> {
        Grid { ts: &self.ts, offsets: &self.offsets, entries: &self.entries }
    }

    /// Returns the rows of an asset that the block built last covers.
    pub fn range(&self, asset: usize) -> Range<usize> {
        self.start[asset]..self.next[asset]
    }

    /// Returns each asset's next row, to save and to `seek` again.
    pub fn rows(&self) -> &[usize] {
        &self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(asset: u32, row: u32) -> Entry {
        Entry { asset, row }
    }

    #[test]
    fn blocks_cover_every_row_once_and_keep_id_order() {
        let times: [&[i64]; 3] = [&[0, 2, 3], &[1, 2], &[]];
        let mut builder = GridBuilder::new(3, 3);
        let first = builder.advance(&times, 9);
        assert_eq!(first.ts(), [0, 1, 2]);
        assert_eq!(first.present(2), [entry(0, 1), entry(1, 1)]);
        assert_eq!((builder.range(0), builder.range(1), builder.range(2)), (0..2, 0..2, 0..0));
        let second = builder.advance(&times, 9);
        assert_eq!((second.ts(), second.present(0)), (&[3][..], &[entry(0, 0)][..]));
        assert!(builder.advance(&times, 9).is_empty());
        builder.seek(&[2, 2, 0]);
        assert_eq!(builder.advance(&times, 1).ts(), [3]);
        assert_eq!(builder.rows(), [3, 2, 0]);
        builder.rewind();
        assert_eq!(builder.advance(&times, 1).len(), 1);
    }

    #[test]
    fn one_asset_needs_no_merge() {
        let times = [5_i64, 6, 9];
        let mut builder = GridBuilder::new(1, 2);
        let grid = builder.advance(&[&times], 2);
        assert_eq!((grid.len(), grid.ts(), grid.present(1)), (2, &[5, 6][..], &[entry(0, 1)][..]));
        assert_eq!(builder.advance(&[&times], 2).present(0), [entry(0, 0)]);
        assert_eq!(builder.range(0), 2..3);
    }
}
