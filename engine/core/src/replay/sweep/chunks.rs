//! What all runs of a batch use of a block's closes: prices in ticks, their sums, and the extremes of every few rows.
//!
//! While nothing happens, equity rises and falls with the close (`Scale::floor` is monotone). So the highest and the lowest close of some rows
//! say whether equity can have reached a new high or a new depth in them; only then their marks are looked at one by one.
use crate::money::Scale;

/// Rows of a chunk.
pub const CHUNK_ROWS: usize = 32;
/// Prices up to this many ticks can be summed over any block.
const MOST_TICKS: i64 = 1 << 40;

/// The closes of a block of one instrument.
#[derive(Default)]
pub struct Chunks {
    /// Closes in ticks; empty where some close is missing or too large to sum.
    pub ticks: Vec<i64>,
    /// Sum of the ticks before each row, and of all.
    pub sums: Vec<i64>,
    /// Lowest and highest tick of every chunk.
    pub ranges: Vec<(i64, i64)>,
    /// Lowest and highest tick of the block.
    pub range: (i64, i64),
}

impl Chunks {
    /// Makes room for blocks of at most `rows` rows.
    pub fn with_room(rows: usize) -> Self {
        let chunks = rows.div_ceil(CHUNK_ROWS);
        Self { ticks: Vec::with_capacity(rows), sums: Vec::with_capacity(rows + 1), ranges: Vec::with_capacity(chunks), range: (0, 0) }
    }

    /// Takes a block's closes.
    pub fn take(&mut self, scale: &Scale, closes: &[f64]) {
        self.ticks.clear();
        self.sums.clear();
        self.ranges.clear();
        self.ticks.extend(closes.iter().map_while(|&close| scale.ticks(close).filter(|ticks| (0..MOST_TICKS).contains(ticks))));
        if self.ticks.len() < closes.len() {
            self.ticks.clear();
            return;
        }
        let mut sum = 0;
        self.sums.push(sum);
        self.sums.extend(self.ticks.iter().map(|ticks| {
            sum += ticks;
            sum
        }));
        self.ranges.extend(self.ticks.chunks(CHUNK_ROWS).map(range_of));
        self.range = self.ranges.iter().fold((i64::MAX, i64::MIN), |(low, high), range| (low.min(range.0), high.max(range.1)));
    }
}

/// Returns the lowest and the highest of some ticks.
#[inline(always)]
pub fn range_of(ticks: &[i64]) -> (i64, i64) {
    ticks.iter().fold((i64::MAX, i64::MIN), |(low, high), &ticks| (low.min(ticks), high.max(ticks)))
}
