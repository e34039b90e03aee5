//! What the guard has seen of the market: each instrument's last bar, its closes of a window, and whether they can be believed.
use super::policy::{COLLAR_BARS, Policy};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::E9;

/// An instrument's last bar.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Last {
    /// Volume, lots.
    pub volume: i64,
    /// Close, ticks; 0 before the first.
    pub close: i64,
    /// Decision time at which it was seen, ms.
    pub t: i64,
    /// Whether its close is further from the one before than the policy believes.
    pub is_doubtful: bool,
    /// Closes seen so far.
    seen: u64,
    /// Lowest and highest close of the window; both 0 without one.
    range: (i64, i64),
}

/// The last bars of all instruments.
pub(super) struct Tape {
    pub last: Vec<Last>,
    max_move_e9: Option<i64>,
    /// Closes of the window, instrument by instrument; empty without a collar over a window.
    closes: Vec<i64>,
    window: usize,
}

impl Tape {
    pub fn new(policy: &Policy, assets: usize) -> Self {
        let window = policy.collar_window_e9.map_or(0, |_| policy.collar_bars.unwrap_or(COLLAR_BARS) as usize);
        Self { last: vec![Last::default(); assets], max_move_e9: policy.max_move_e9, closes: vec![0; assets * window], window }
    }

    /// Takes a bar in; returns the close before it, 0 where there was none.
    pub fn see(&mut self, asset: usize, t: i64, close: i64, volume: i64) -> i64 {
        let last = &mut self.last[asset];
        let before = last.close;
        let moved = i128::from((close - before).abs()) * i128::from(E9);
        last.is_doubtful = before > 0 && self.max_move_e9.is_some_and(|most| moved > i128::from(most) * i128::from(before));
        if self.window > 0 {
            self.closes[asset * self.window + (last.seen % self.window as u64) as usize] = close;
        }
        (last.volume, last.close, last.t) = (volume, close, t);
        last.seen += 1;
        self.last[asset].range = self.find_range(asset);
        before
    }

    /// Returns the lowest and the highest close of an instrument's window; both 0 before the first.
    pub fn range(&self, asset: usize) -> (i64, i64) {
        self.last[asset].range
    }

    fn find_range(&self, asset: usize) -> (i64, i64) {
        let seen = self.last[asset].seen.min(self.window as u64) as usize;
        let closes = &self.closes[asset * self.window..asset * self.window + seen];
        closes.iter().min().copied().zip(closes.iter().max().copied()).unwrap_or((0, 0))
    }

    pub fn save(&self, to: &mut Writer) {
        for last in &self.last {
            [last.volume, last.close, last.t].into_iter().for_each(|x| to.i64(x));
            to.bool(last.is_doubtful);
            to.u64(last.seen);
        }
        self.closes.iter().for_each(|&close| to.i64(close));
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        for last in &mut self.last {
            let (volume, close, t) = (from.i64()?, from.i64()?, from.i64()?);
            *last = Last { volume, close, t, is_doubtful: from.bool()?, seen: from.u64()?, range: (0, 0) };
        }
        self.closes.iter_mut().try_for_each(|close| from.i64().map(|read| *close = read))?;
        (0..self.last.len()).for_each(|asset| self.last[asset].range = self.find_range(asset));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_forgets_its_oldest_close() {
        let policy = Policy { collar_window_e9: Some(E9), collar_bars: Some(3), ..Policy::default() };
        let mut tape = Tape::new(&policy, 2);
        assert_eq!(tape.range(1), (0, 0));
        for (t, close) in [5, 9, 7, 8].into_iter().enumerate() {
            tape.see(1, t as i64, close, 1);
            if t == 1 {
                assert_eq!(tape.range(1), (5, 9));
            }
        }
        assert_eq!((tape.range(1), tape.range(0)), ((7, 9), (0, 0)));
    }

    #[test]
    fn a_close_is_doubted_beyond_the_limit_and_believed_at_it() {
        let mut tape = Tape::new(&Policy { max_move_e9: Some(E9 / 2), ..Policy::default() }, 1);
        let mut doubted = |close| {
            tape.see(0, 0, close, 1);
            tape.last[0].is_doubtful
        };
        assert!(!doubted(1_000), "nothing to compare with");
        assert!(!doubted(1_500));
        assert!(doubted(2_251));
        assert!(!doubted(2_251), "the next is compared with it");
    }
}
