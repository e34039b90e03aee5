//! One breaker: closed, open, half-open. It is looked at once a decision; what came since the last look is pending until then.
//!
//! Order of a look: outcomes and measures taken → trip, or cool down, or judge the trials. At most one change a look.
use super::settings::Rules;
use super::window::Window;
use super::{BreakerState, Kind, Trip};
use crate::desk::lanes_snapshot::code;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::E9;

/// Measured sources of one kind, at most.
const MEASURES: usize = 3;
/// Nothing was measured since the last look.
const NOTHING: i64 = i64::MIN;

/// A change of a breaker's state, with what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub from: BreakerState,
    pub to: BreakerState,
    pub trip: Trip,
    pub value: i64,
    pub limit: i64,
}

/// A component that can be switched off.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub kind: Kind,
    /// Number among its kind.
    pub index: u32,
    pub state: BreakerState,
    /// When it opened, or when its trials were given last, ms.
    since: i64,
    window: Window,
    /// Bad outcomes in a row.
    row: i64,
    /// Largest equity since the statistics began.
    peak: i64,
    /// Openings that passed as trials, and good outcomes since it is half-open.
    passed: i64,
    good: i64,
    /// Good and bad outcomes since the last look.
    pending: (i64, i64),
    measured: [i64; MEASURES],
}

impl Component {
    pub fn new(kind: Kind, index: u32) -> Self {
        Self {
            kind,
            index,
            state: BreakerState::Closed,
            since: 0,
            window: Window::EMPTY,
            row: 0,
            peak: i64::MIN,
            passed: 0,
            good: 0,
            pending: (0, 0),
            measured: [NOTHING; MEASURES],
        }
    }

    /// Counts an outcome until the next look.
    pub fn record(&mut self, is_good: bool) {
        let (good, bad) = &mut self.pending;
        *(if is_good { good } else { bad }) += 1;
    }

    /// Keeps the largest value of a source until the next look.
    pub fn measure(&mut self, trip: Trip, value: i64) {
        if let Some(at) = self.kind.measures().iter().position(|&own| own == trip) {
            self.measured[at] = self.measured[at].max(value);
        }
    }

    /// Returns whether an opening may pass: always where closed, as a trial where half-open.
    pub fn lets_pass(&self, rules: &Rules) -> bool {
        match self.state {
            BreakerState::Closed => true,
            BreakerState::Open => false,
            BreakerState::HalfOpen => self.passed < rules.trials,
        }
    }

    /// Counts an opening that was sent.
    pub fn note_sent(&mut self) {
        self.passed += i64::from(self.state == BreakerState::HalfOpen);
    }

    /// Looks at what came since the last look, at decision time `t`.
    pub fn look(&mut self, rules: &Rules, t: i64, equity: i64) -> Option<Change> {
        let (mut good, bad) = std::mem::take(&mut self.pending);
        if self.kind == Kind::Account && self.state != BreakerState::Open {
            self.measure_equity(rules, t, equity);
            // An account has no outcomes of its own: a decision at which no limit is reached is a good one.
            good += i64::from(self.state == BreakerState::HalfOpen);
        }
        let reached = self.reached(rules);
        self.measured = [NOTHING; MEASURES];
        match self.state {
            BreakerState::Closed => {
                self.window.add(t, rules.window_ms, good, bad);
                self.row = if good > 0 { 0 } else { self.row + bad };
                let (trip, value, limit) = reached.or_else(|| self.too_many(rules, bad))?;
                Some(self.turn(BreakerState::Open, t, trip, value, limit))
            }
            BreakerState::Open => {
                let waited = t - self.since;
                if waited < rules.cooldown_ms {
                    return None;
                }
                let change = self.turn(BreakerState::HalfOpen, t, Trip::CooledDown, waited, rules.cooldown_ms);
                self.begin_equity(rules, t, equity);
                Some(change)
            }
            BreakerState::HalfOpen => self.judge(rules, t, equity, reached, (good, bad)),
        }
    }

    /// Judges the trials of a half-open breaker.
    fn judge(&mut self, rules: &Rules, t: i64, equity: i64, reached: Option<(Trip, i64, i64)>, (good, bad): (i64, i64)) -> Option<Change> {
        if let Some((trip, value, limit)) = reached.or((bad > 0).then_some((Trip::TrialFailed, bad, 1))) {
            return Some(self.turn(BreakerState::Open, t, trip, value, limit));
        }
        self.good += good;
        if self.good >= rules.trials {
            let value = self.good;
            let change = self.turn(BreakerState::Closed, t, Trip::TrialsPassed, value, rules.trials);
            self.begin_equity(rules, t, equity);
            return Some(change);
        }
        if t - self.since >= rules.cooldown_ms {
            // Trials without an outcome must not block it for ever.
            (self.passed, self.since) = (0, t);
        }
        None
    }

    /// Returns the first measured source that has reached its limit, with value and limit.
    fn reached(&self, rules: &Rules) -> Option<(Trip, i64, i64)> {
        let each = self.kind.measures().iter().zip(self.measured);
        each.filter_map(|(&trip, value)| rules.limit(trip).filter(|&limit| value >= limit).map(|limit| (trip, value, limit))).next()
    }

    /// Returns what the outcomes say, where a bad one came.
    fn too_many(&self, rules: &Rules, bad: i64) -> Option<(Trip, i64, i64)> {
        if bad == 0 {
            return None;
        }
        let in_a_row = if self.kind == Kind::Strategy { Trip::LosingStreak } else { Trip::Failures };
        if let Some(most) = rules.failures.filter(|&most| self.row >= most) {
            return Some((in_a_row, self.row, most));
        }
        let (calls, bad) = self.window.totals();
        if let Some(most) = rules.storm.filter(|&most| bad >= most) {
            return Some((Trip::RejectStorm, bad, most));
        }
        let rate = (i128::from(bad) * i128::from(E9) / i128::from(calls)) as i64;
        rules.error_rate_e9.filter(|&most| calls >= rules.min_calls && rate >= most).map(|most| (Trip::ErrorRate, rate, most))
    }

    fn measure_equity(&mut self, rules: &Rules, t: i64, equity: i64) {
        self.peak = self.peak.max(equity);
        let reference = self.window.note(t, rules.window_ms, equity);
        self.measure(Trip::Loss, crate::desk::guard::loss_e9(reference, equity));
        self.measure(Trip::Drawdown, crate::desk::guard::loss_e9(self.peak, equity));
    }

    fn begin_equity(&mut self, rules: &Rules, t: i64, equity: i64) {
        if self.kind == Kind::Account {
            self.peak = equity;
            self.window.note(t, rules.window_ms, equity);
        }
    }

    /// Changes the state; all statistics begin anew.
    fn turn(&mut self, to: BreakerState, t: i64, trip: Trip, value: i64, limit: i64) -> Change {
        let change = Change { from: self.state, to, trip, value, limit };
        *self = Self { state: to, since: t, ..Self::new(self.kind, self.index) };
        change
    }

    pub fn save(&self, to: &mut Writer) {
        to.u64(self.state as u64);
        let (good, bad) = self.pending;
        for x in [self.since, self.row, self.peak, self.passed, self.good, good, bad].into_iter().chain(self.measured) {
            to.i64(x);
        }
        self.window.save(to);
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.state = code(from, "breaker's state", BreakerState::from_code)?;
        let (good, bad) = &mut self.pending;
        let plain = [&mut self.since, &mut self.row, &mut self.peak, &mut self.passed, &mut self.good, good, bad];
        for field in plain.into_iter().chain(&mut self.measured) {
            *field = from.i64()?;
        }
        self.window = Window::load(from)?;
        Ok(())
    }
}
