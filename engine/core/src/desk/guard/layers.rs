//! Layers of stops above an order's own: what each looks at, when it acts, and until when it stands.
//!
//! Order: the strategy's, the account's, the portfolio's. Rules: docs/semantics.md, section 11.
use super::{Guard, GuardRecord};
use crate::desk::reason::{GuardState, Layer};
use crate::money::E9;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 86_400_000;
/// Layers that can act, in their order.
pub(super) const LAYERS: [Layer; 10] = [
    Layer::LosingStreak,
    Layer::StrategyDailyLoss,
    Layer::StrategyDrawdown,
    Layer::HourlyLoss,
    Layer::DailyLoss,
    Layer::TotalLoss,
    Layer::Drawdown,
    Layer::RepeatedOrders,
    Layer::VarBreach,
    Layer::CorrelationBreak,
];

/// Equities that losses are measured against, 1e-8 of the account currency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct References {
    pub start: i64,
    pub peak: i64,
    pub hour: i64,
    pub day: i64,
    /// At the decision before.
    pub last: i64,
}

/// How long a layer stands.
#[derive(PartialEq, Eq)]
enum Stands {
    TheHour,
    TheDay,
    WhileReached,
    ForGood,
}

impl Layer {
    fn stands(self) -> Stands {
        match self {
            Self::HourlyLoss => Stands::TheHour,
            Self::LosingStreak | Self::StrategyDailyLoss | Self::DailyLoss => Stands::TheDay,
            Self::VarBreach | Self::CorrelationBreak => Stands::WhileReached,
            _ => Stands::ForGood,
        }
    }

    /// Returns whether it stands, once it does, until a person resumes.
    pub(super) fn is_latch(self) -> bool {
        self.stands() == Stands::ForGood
    }

    fn state(self) -> GuardState {
        match self {
            Self::Drawdown => GuardState::Emergency,
            Self::HourlyLoss => GuardState::Reduced,
            _ => GuardState::Paused,
        }
    }
}

/// Returns the loss against a reference in billionths; all of it where the reference is not above 0.
pub(in crate::desk) fn loss_e9(reference: i64, equity: i64) -> i64 {
    if reference <= 0 {
        return E9;
    }
    let loss = (i128::from(reference) - i128::from(equity)) * i128::from(E9);
    crate::money::div_floor(loss, i128::from(reference)).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

impl Guard {
    /// Looks at the equity of a decision, sets the state and records what acted.
    pub fn look(&mut self, t: i64, equity: i64, to: &mut Vec<GuardRecord>) {
        self.keep_e9 = E9;
        if self.is_latched() {
            return;
        }
        let before = self.state;
        let mut over = self.begin(t, equity);
        let first = to.len();
        for (at, &layer) in LAYERS.iter().enumerate() {
            let reached = self.reached(layer, equity);
            if reached.is_none() && self.stands[at] && layer.stands() == Stands::WhileReached {
                (self.stands[at], over) = (false, Layer::Eased);
            }
            let Some((value, limit)) = reached else { continue };
            if layer == Layer::VarBreach {
                let keep = i128::from(limit) * i128::from(E9) / i128::from(value.max(1));
                self.keep_e9 = self.keep_e9.min(keep as i64);
            }
            if self.stands[at] {
                continue;
            }
            self.stands[at] = true;
            to.push(GuardRecord { ts: t, from: before, to: before, layer, value, limit, equity });
            match layer {
                Layer::LosingStreak => self.streak = 0,
                Layer::CorrelationBreak => self.keep_e9 = self.keep_e9.min(E9 / 2),
                _ => {}
            }
        }
        self.state = self.gravest();
        to[first..].iter_mut().for_each(|record| record.to = self.state);
        if to.len() == first && self.state != before {
            to.push(GuardRecord { ts: t, from: before, to: self.state, layer: over, value: 0, limit: 0, equity });
        }
        self.references.last = equity;
    }

    /// Everything is flat: from now on nothing is sent.
    pub fn kill(&mut self, t: i64, equity: i64, to: &mut Vec<GuardRecord>) {
        to.push(GuardRecord { ts: t, from: self.state, to: GuardState::Killed, layer: Layer::Flat, value: 0, limit: 0, equity });
        self.state = GuardState::Killed;
    }

    /// Takes the references of a new hour or day and lets their layers go; returns which of them is over.
    fn begin(&mut self, t: i64, equity: i64) -> Layer {
        let Some(seen) = self.seen.replace(t) else {
            self.references = References { start: equity, peak: equity, hour: equity, day: equity, last: equity };
            return Layer::HourOver;
        };
        let References { last, peak, .. } = self.references;
        self.references.peak = peak.max(equity);
        if seen.div_euclid(HOUR_MS) != t.div_euclid(HOUR_MS) {
            self.references.hour = last;
            self.let_go(&Stands::TheHour);
        }
        if seen.div_euclid(DAY_MS) == t.div_euclid(DAY_MS) {
            return Layer::HourOver;
        }
        self.references.day = last;
        self.let_go(&Stands::TheDay);
        Layer::DayOver
    }

    fn let_go(&mut self, over: &Stands) {
        for (stands, layer) in self.stands.iter_mut().zip(LAYERS) {
            *stands &= layer.stands() != *over;
        }
    }

    /// Returns what a layer measures and its limit, where that is reached.
    fn reached(&self, layer: Layer, equity: i64) -> Option<(i64, i64)> {
        let (policy, references) = (&self.policy, &self.references);
        let limit = match layer {
            Layer::LosingStreak => policy.losing_streak,
            Layer::StrategyDailyLoss => policy.strategy_daily_loss_e9,
            Layer::StrategyDrawdown => policy.strategy_drawdown_e9,
            Layer::HourlyLoss => policy.hourly_loss_e9,
            Layer::DailyLoss => policy.daily_loss_e9,
            Layer::TotalLoss => policy.total_loss_e9,
            Layer::Drawdown => policy.drawdown_e9,
            Layer::RepeatedOrders => policy.repeated_orders,
            Layer::VarBreach => policy.var_breach_e9,
            Layer::CorrelationBreak => policy.correlation_break_e9,
            Layer::HourOver | Layer::DayOver | Layer::Flat | Layer::Eased | Layer::Operator | Layer::Journal => None,
        }?;
        let value = match layer {
            Layer::LosingStreak => self.streak,
            Layer::StrategyDailyLoss | Layer::DailyLoss => loss_e9(references.day, equity),
            Layer::HourlyLoss => loss_e9(references.hour, equity),
            Layer::TotalLoss => loss_e9(references.start, equity),
            Layer::RepeatedOrders => self.sent.longest_row(),
            Layer::VarBreach => self.value_at_risk_e9(equity),
            Layer::CorrelationBreak => self.largest_correlation_e9(),
            _ => loss_e9(references.peak, equity),
        };
        (value >= limit).then_some((value, limit))
    }

    /// Returns the value at risk of what is held and in flight, billionths of equity; all of it where there is none.
    fn value_at_risk_e9(&self, equity: i64) -> i64 {
        match &self.model {
            Some(model) if equity > 0 => (model.value_at_risk(&self.weights) * E9 as f64).floor() as i64,
            _ => E9,
        }
    }

    /// Returns the largest correlation of two positions, positive where they move together, billionths; −10⁹ without any.
    fn largest_correlation_e9(&self) -> i64 {
        let Some(model) = &self.model else { return -E9 };
        let mut largest = -E9;
        for (i, &own) in self.weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            for (j, &other) in self.weights.iter().enumerate().skip(i + 1).filter(|(_, weight)| **weight != 0.0) {
                if let Some(found) = model.correlation(i, j) {
                    largest = largest.max((own.signum() * other.signum() * found * E9 as f64).floor() as i64);
                }
            }
        }
        largest
    }

    /// Returns the gravest of what the layers and people ask for.
    pub(super) fn gravest(&self) -> GuardState {
        let standing = LAYERS.iter().zip(self.stands).filter(|(_, stands)| *stands);
        let halted = self.operator.is_halted.then_some(GuardState::Paused);
        standing
            .map(|(layer, _)| layer.state())
            .chain([self.operator.asked])
            .chain(halted)
            .max_by_key(|&state| state as u8)
            .unwrap_or(GuardState::Normal)
    }
}
