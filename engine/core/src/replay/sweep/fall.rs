//! The deepest fall of equity below a former high, mark by mark: what `bot4/report/formulas.py::max_drawdown` finds in the whole column.

/// The deepest fall so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fall {
    /// Highest equity so far.
    pub peak: i64,
    /// Row and time of its latest mark.
    high: (u64, i64),
    /// Equity below this may be a new depth.
    threshold: f64,
    /// The fall as a fraction, at most 0.
    pub depth: f64,
    /// Time of the high before it, ms.
    pub start_ms: i64,
    /// Time of its lowest mark.
    pub trough_ms: i64,
    /// Time of the first mark back at that high; −1 while there is none.
    pub end_ms: i64,
    /// Longest time between two new highs.
    pub longest_ms: i64,
}

impl Fall {
    /// Begins with the first mark.
    pub fn new(t: i64, equity: i64) -> Self {
        let mut fall = Self { peak: equity, high: (0, t), threshold: 0.0, depth: 0.0, start_ms: t, trough_ms: t, end_ms: t, longest_ms: 0 };
        fall.set_threshold();
        fall
    }

    /// A little above the equity that is exactly as deep as the deepest so far: what is not below need not be divided.
    fn set_threshold(&mut self) {
        self.threshold = (self.depth + 1.0) * self.peak as f64 * (1.0 + 1e-12) + 1.0;
    }

    /// Returns whether marks between `low` and `high` change nothing.
    #[inline(always)]
    pub fn spares(&self, low: i64, high: i64) -> bool {
        high < self.peak && low as f64 >= self.threshold
    }

    /// Returns whether two different equities from `lowest` up to the peak have different depths: below 2^50 the quotients are far enough
    /// apart for rounding.
    #[inline(always)]
    pub fn tells_apart(&self, lowest: i64) -> bool {
        lowest >= 0 && self.peak < 1 << 50
    }

    /// Takes the mark of a row.
    #[inline(always)]
    pub fn take(&mut self, row: u64, t: i64, equity: i64) {
        if equity >= self.peak {
            self.rise(row, row, t, t, equity);
        } else if (equity as f64) < self.threshold {
            self.sink(t, equity);
        }
    }

    /// Takes equal marks from row `first`, at `t`, to row `last`, at `last_t`.
    pub fn level(&mut self, (first, t): (u64, i64), (last, last_t): (u64, i64), equity: i64) {
        if equity >= self.peak {
            self.rise(first, last, t, last_t, equity);
        } else if (equity as f64) < self.threshold {
            self.sink(t, equity);
        }
    }

    /// Takes a high that begins in row `first` and is last seen in row `last`.
    #[inline(always)]
    fn rise(&mut self, first: u64, last: u64, t: i64, last_t: i64, equity: i64) {
        // Neighbouring highs have no drawdown between them.
        if first - self.high.0 > 1 {
            self.longest_ms = self.longest_ms.max(t - self.high.1);
        }
        if self.end_ms < 0 {
            self.end_ms = t;
        }
        self.high = (last, last_t);
        if equity > self.peak {
            self.peak = equity;
            self.set_threshold();
        }
    }

    #[inline(always)]
    fn sink(&mut self, t: i64, equity: i64) {
        let depth = equity as f64 / self.peak as f64 - 1.0;
        if depth < self.depth {
            (self.depth, self.start_ms, self.trough_ms, self.end_ms) = (depth, self.high.1, t, -1);
            self.set_threshold();
        }
    }

    /// Ends with the last mark: the last drawdown may be unfinished.
    pub fn finish(&mut self, last_t: i64) {
        self.longest_ms = self.longest_ms.max(last_t - self.high.1);
    }
}
