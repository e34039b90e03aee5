//! Counts of one asset over the run.

/// Counts that the report and its warnings need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Decisions with a missing target.
    pub missing: u64,
    /// Changes of the raw target's sign.
    pub flips: u64,
    /// Decisions that acted.
    pub acts: u64,
    /// Changed targets that stayed inside the band.
    pub band_holds: u64,
    /// Decisions at which a signal of entries asked for a unit that is no lot.
    pub rejected_units: u64,
    /// Decisions at which a signal of entries found the most positions taken.
    pub ignored_signals: u64,
}
