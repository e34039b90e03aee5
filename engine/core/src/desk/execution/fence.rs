//! The fence: of several instances only the one whose epoch is the newest, and whose lease has not run out, may send.
//!
//! Who takes over takes the next epoch from the lease's store; the former holder finds its lease over, or its epoch old, and sends nothing. Checked before
//! each send that is not a cancel.

/// Why an order may not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fenced {
    /// The order was made in another epoch than the holder's.
    OldEpoch,
    /// The lease is over.
    LeaseOver,
}

/// Who may send, until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    epoch: u32,
    /// First time at which the lease is over, ms of the host's monotonic clock.
    until_ms: i64,
}

impl Fence {
    /// Holds an epoch until a time.
    pub fn new(epoch: u32, until_ms: i64) -> Self {
        Self { epoch, until_ms }
    }

    /// Holds an epoch whose lease never ends: of a host that is the only one by itself, as a rehearsal is.
    pub const fn forever(epoch: u32) -> Self {
        Self { epoch, until_ms: i64::MAX }
    }

    /// Returns the epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Extends the lease; it never gets shorter.
    pub fn renew(&mut self, until_ms: i64) {
        self.until_ms = self.until_ms.max(until_ms);
    }

    /// Passes an order of `epoch` at `now_ms`.
    ///
    /// # Errors
    /// Returns why it may not leave.
    #[inline(always)]
    pub fn check(&self, epoch: u32, now_ms: i64) -> Result<(), Fenced> {
        if epoch != self.epoch {
            return Err(Fenced::OldEpoch);
        }
        if now_ms >= self.until_ms { Err(Fenced::LeaseOver) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_of_the_newest_epoch_sends_and_only_while_its_lease_lasts() {
        let mut fence = Fence::new(7, 1_000);
        assert_eq!(fence.check(7, 999), Ok(()));
        assert_eq!(fence.check(7, 1_000), Err(Fenced::LeaseOver));
        assert_eq!(fence.check(6, 0), Err(Fenced::OldEpoch));
        assert_eq!(fence.check(8, 0), Err(Fenced::OldEpoch), "nor one of a later epoch that it does not hold");
        fence.renew(2_000);
        fence.renew(1_500);
        assert_eq!((fence.check(7, 1_999), fence.epoch()), (Ok(()), 7));
    }
}
