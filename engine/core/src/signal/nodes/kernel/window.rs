//! Rolling windows: what is accumulated over one (`Monoid`), what is read off it (`Statistic`), and the choice between rows and time.
//!
//! A window is kept as two stacks (van Herk 1992; "two-stack queue"): the totals of every suffix of an older part, which only shrinks,
//! and the total of a newer part, which only grows. Nothing is ever subtracted, so there is no drift, a missing value is felt exactly as
//! long as it is inside, and the result depends on the rows alone, not on how they were cut into slices. When the older part is used up,
//! all rows of the window become the older part ("flip"): one extra addition a row, on average.

use super::params::Extent;
use super::row_window::RowWindow;
use super::time_window::TimeWindow;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::Node;

/// A total of rows of `K` values, built row by row from either end.
///
/// Rows are measured from an `origin`: the newest row at the last flip, which every window until the next flip contains.
pub trait Monoid<const K: usize>: Copy + Send + 'static {
    /// The total of no rows.
    const EMPTY: Self;
    /// Adds one row at either end; `count` includes it.
    fn add(self, origin: [f64; K], x: [f64; K], count: f64) -> Self;
    /// Joins the totals of two neighbouring parts of these numbers of rows (either may be 0).
    fn join(self, other: Self, count: f64, other_count: f64) -> Self;
    /// Writes the total.
    fn save(&self, to: &mut Writer);
    /// Reads the total.
    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError>;
}

/// What a node reads off the total of its window.
pub trait Statistic<const K: usize>: Copy + Send + 'static {
    /// What it needs accumulated.
    type Total: Monoid<K>;
    /// Returns the value for a window of `count` rows of which `newest` is the last; need not be finite.
    fn value(&self, total: Self::Total, origin: [f64; K], count: f64, newest: [f64; K]) -> f64;
}

/// Builds the node of a statistic over a window of rows or of time.
pub fn rolling<const K: usize, S: Statistic<K>>(window: Extent, statistic: S) -> Box<dyn Node> {
    match window {
        Extent::Rows(n) => Box::new(RowWindow::<K, S>::new(n, statistic)),
        Extent::Time { ms, interval_ms } => Box::new(TimeWindow::<K, S>::new(ms, interval_ms, window.rows(), statistic)),
    }
}
