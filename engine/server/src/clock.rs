//! The venue's clock: the machine's at a speed, or one that stands until it is moved.

use bot4_exchange::Micros;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The venue's time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    from: Instant,
    base: Micros,
    /// Venue seconds in a thousand seconds.
    speed: u64,
    last: Micros,
}

/// The machine's speed.
pub const REAL: u64 = 1000;

impl Clock {
    /// Returns a clock that shows `base` now.
    #[must_use]
    pub fn new(base: Micros, speed: u64) -> Self {
        Self { from: Instant::now(), base, speed, last: base }
    }

    /// Returns the machine's time, microseconds since 1970 UTC.
    #[must_use]
    pub fn wall() -> Micros {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as Micros)
    }

    /// Returns the venue's time, which never goes back.
    pub fn now(&mut self) -> Micros {
        let passed = self.from.elapsed().as_micros() * u128::from(self.speed) / u128::from(REAL);
        self.last = self.last.max(self.base + passed as Micros);
        self.last
    }

    /// Moves the clock on.
    pub fn advance(&mut self, by: Micros) {
        let now = self.now();
        *self = Self::new(now.saturating_add(by.max(0)), self.speed);
    }

    /// Changes the speed from now on.
    pub fn set_speed(&mut self, speed: u64) {
        *self = Self::new(self.now(), speed);
    }

    /// Returns the speed, in thousandths of the machine's.
    #[must_use]
    pub fn speed(&self) -> u64 {
        self.speed
    }

    /// Returns how long it takes on the machine until the venue's time is `at`, at most `most`.
    pub fn until(&mut self, at: Micros, most: Duration) -> Duration {
        let left = (at - self.now()).max(0) as u64;
        if self.speed == 0 {
            most
        } else {
            Duration::from_micros((u128::from(left) * u128::from(REAL) / u128::from(self.speed)) as u64).min(most)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_is_moved_by_hand_and_never_back() {
        let mut clock = Clock::new(1_000, 0);
        assert_eq!(clock.now(), 1_000);
        clock.advance(500);
        clock.advance(-5_000);
        assert_eq!(clock.now(), 1_500);
        assert_eq!(clock.until(9_000, Duration::from_millis(50)), Duration::from_millis(50));
        clock.set_speed(REAL);
        assert!(clock.now() >= 1_500 && clock.until(1_500, Duration::from_secs(1)) == Duration::ZERO);
    }
}
