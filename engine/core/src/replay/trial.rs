//! Orders that a host asks the gate about without sending them: what would pass now, as of the last decision.
use super::Replay;
use crate::desk::reason::Cause;
use crate::money::Overflow;

/// A market order nobody sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Instrument id.
    pub asset: usize,
    /// Signed lots.
    pub lots: i64,
    /// Price it refers to, ticks.
    pub ticks: i64,
}

impl Replay<'_> {
    /// Returns how many lots of each order the gate would let out at the last decision, and what would cut them; `None` before the first.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn would_pass(&mut self, trials: &[Trial]) -> Result<Option<Vec<(i64, Cause)>>, Overflow> {
        let Some(t) = self.previous_t else { return Ok(None) };
        let each = trials.iter().map(|trial| self.desk.would_pass(t, trial.asset, trial.lots, trial.ticks));
        each.collect::<Result<_, _>>().map(Some)
    }
}
