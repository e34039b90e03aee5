//! A rolling window of eight slices aligned to time: outcomes and, of the account, the first equity of each slice.
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const SLICES: i64 = 8;
/// No equity was noted in a slice.
const NOTHING: i64 = i64::MIN;

/// What one slice holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slice {
    good: i64,
    bad: i64,
    equity: i64,
}

const EMPTY: Slice = Slice { good: 0, bad: 0, equity: NOTHING };

/// The last eight slices; older ones are forgotten whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    slices: [Slice; SLICES as usize],
    /// Number of the newest slice: time over its length.
    newest: i64,
}

impl Window {
    pub const EMPTY: Self = Self { slices: [EMPTY; SLICES as usize], newest: i64::MIN };

    /// Forgets what is older than the window that ends at `t`, for slices of an eighth of `window_ms`.
    fn roll(&mut self, t: i64, window_ms: i64) -> &mut Slice {
        let now = t.div_euclid((window_ms + SLICES - 1) / SLICES);
        if self.newest == i64::MIN || now - self.newest >= SLICES {
            *self = Self { newest: now, ..Self::EMPTY };
        }
        while self.newest < now {
            self.newest += 1;
            self.slices[self.newest.rem_euclid(SLICES) as usize] = EMPTY;
        }
        &mut self.slices[now.rem_euclid(SLICES) as usize]
    }

    /// Adds outcomes at `t`.
    pub fn add(&mut self, t: i64, window_ms: i64, good: i64, bad: i64) {
        let slice = self.roll(t, window_ms);
        slice.good += good;
        slice.bad += bad;
    }

    /// Notes the equity at `t`; returns the first one of the oldest slice.
    pub fn note(&mut self, t: i64, window_ms: i64, equity: i64) -> i64 {
        let slice = self.roll(t, window_ms);
        if slice.equity == NOTHING {
            slice.equity = equity;
        }
        let oldest_first = (1..=SLICES).map(|ago| self.slices[(self.newest + ago).rem_euclid(SLICES) as usize].equity);
        oldest_first.into_iter().find(|&first| first != NOTHING).unwrap_or(equity)
    }

    /// Returns all outcomes, and the bad ones among them.
    pub fn totals(&self) -> (i64, i64) {
        self.slices.iter().fold((0, 0), |(calls, bad), slice| (calls + slice.good + slice.bad, bad + slice.bad))
    }

    pub fn save(&self, to: &mut Writer) {
        to.i64(self.newest);
        for Slice { good, bad, equity } in self.slices {
            [good, bad, equity].into_iter().for_each(|x| to.i64(x));
        }
    }

    pub fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut window = Self { newest: from.i64()?, ..Self::EMPTY };
        for slice in &mut window.slices {
            *slice = Slice { good: from.i64()?, bad: from.i64()?, equity: from.i64()? };
        }
        Ok(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_leave_the_window_slice_by_slice() {
        let mut window = Window::EMPTY;
        window.add(0, 80, 1, 1);
        window.add(15, 80, 0, 1);
        assert_eq!(window.totals(), (3, 2));
        window.add(79, 80, 0, 0);
        assert_eq!(window.totals(), (3, 2), "the eighth slice still keeps the first");
        window.add(80, 80, 0, 0);
        assert_eq!(window.totals(), (1, 1));
        window.add(1_000, 80, 1, 0);
        assert_eq!(window.totals(), (1, 0));
    }

    #[test]
    fn the_reference_is_the_first_equity_of_the_oldest_slice() {
        let mut window = Window::EMPTY;
        assert_eq!(window.note(5, 80, 100), 100);
        assert_eq!(window.note(6, 80, 90), 100);
        assert_eq!(window.note(31, 80, 80), 100);
        assert_eq!(window.note(85, 80, 70), 80, "the slice of 5 is gone, that of 31 is the oldest");
        assert_eq!(window.note(120, 80, 60), 70);
    }
}
