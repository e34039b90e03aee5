//! Controls of market data: nothing is opened on prices that are old or cannot be.
use super::super::tape::Tape;
use super::{Ask, Limit};
use crate::desk::reason::Cause;
use crate::money::Overflow;

/// Refuses where the instrument's prices, or those of anything held, are older than the limit: equity is then not known.
pub(super) struct Stale<'a> {
    pub max_age_ms: Option<i64>,
    /// When the oldest price among positions was seen; `i64::MAX` without any.
    pub oldest_held: i64,
    pub tape: &'a Tape,
}
impl Limit for Stale<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Some(most) = self.max_age_ms else { return Ok(lots) };
        let oldest = self.tape.last[ask.asset].t.min(self.oldest_held);
        Ok(if ask.t.saturating_sub(oldest) > most { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::StaleData
    }
}

/// Refuses on a close that is too far from the one before.
pub(super) struct Unreasonable<'a>(pub &'a Tape);
impl Limit for Unreasonable<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.0.last[ask.asset].is_doubtful { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::UnreasonableData
    }
}
