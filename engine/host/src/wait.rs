//! What a thread does while there is nothing to do: spin where every thread has a processor, then give way, then sleep.
//!
//! The Disruptor's rule: busy spinning only with as many threads as processors, and never more. A spinning thread that shares its processor
//! takes the time of the one it waits for.
use std::time::Duration;

/// Looks without giving the processor away.
const SPINS: u32 = 256;
/// Looks after which the thread sleeps.
const YIELDS: u32 = 64;
/// How long it sleeps between two looks after that.
const NAP: Duration = Duration::from_micros(50);

/// How a thread waits.
pub struct Waiter {
    spins: u32,
    idle: u32,
}

impl Waiter {
    /// Makes the strategy of one of `threads` threads that wait on `cores` processors.
    pub fn new(threads: usize, cores: usize) -> Self {
        Self { spins: if threads <= cores { SPINS } else { 0 }, idle: 0 }
    }

    /// Says whether it may spin.
    pub fn may_spin(&self) -> bool {
        self.spins > 0
    }

    /// Something was done: begin anew.
    #[inline(always)]
    pub fn reset(&mut self) {
        self.idle = 0;
    }

    /// Waits a little, longer each time in a row.
    #[inline]
    pub fn idle(&mut self) {
        self.idle = self.idle.saturating_add(1);
        if self.idle <= self.spins {
            std::hint::spin_loop();
        } else if self.idle <= self.spins + YIELDS {
            std::thread::yield_now();
        } else {
            std::thread::sleep(NAP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_spins_where_threads_share_processors() {
        assert!(Waiter::new(2, 2).may_spin());
        assert!(!Waiter::new(3, 2).may_spin());
        let mut waiter = Waiter::new(2, 2);
        (0..SPINS + YIELDS).for_each(|_| waiter.idle());
        let begun = std::time::Instant::now();
        waiter.idle();
        assert!(begun.elapsed() >= NAP, "after that it sleeps");
        waiter.reset();
        assert_eq!(waiter.idle, 0);
    }
}
