//! The guard: looks at equity, closed trades and the portfolio once a decision and says what may still be sent.
//!
//! Order of one decision: bars are seen → commands of the operator ([`obey`]) → periods that are over → layers (strategy, account, portfolio; [`layers`]) → state → what the state cancels or
//! flattens ([`unwind`]) → the strategy, each of whose orders is cut by [`controls`] → positions that the portfolio's layers cut. Money is
//! integers; only the risk [`model`] reckons in floats. The guard knows no strategy. Rules: docs/semantics.md, section 11.
mod controls;
mod flatten;
mod kelly;
mod layers;
mod model;
mod obey;
pub mod policy;
mod sent;
mod snapshot;
mod tape;
mod unwind;

pub(super) use controls::{Arrival, Ask};

use super::breaker::Breakers;
use super::operator::Operator;
use super::reason::{GuardState, Layer};
use crate::config::Config;
use crate::money::E9;
use crate::venue::conditions::Condition;
use crate::venue::observed::Observed;
use kelly::Kelly;
pub(super) use layers::loss_e9;
use layers::{LAYERS, References};
use model::Model;
use policy::{Policy, SPAN};
use sent::Sent;
use tape::Tape;

/// What the guard did at a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardRecord {
    /// Decision time, ms.
    pub ts: i64,
    /// State before this decision.
    pub from: GuardState,
    /// State after it.
    pub to: GuardState,
    /// Which layer acted, or what was over.
    pub layer: Layer,
    /// What was measured: billionths of the reference, or trades.
    pub value: i64,
    /// Its limit.
    pub limit: i64,
    /// Equity, 1e-8 of the account currency.
    pub equity: i64,
}

/// Limits of the portfolio as fractions.
#[derive(Debug, Clone, Copy)]
struct Fractions {
    correlation: Option<f64>,
    volatility_target: Option<f64>,
    heat: Option<f64>,
    value_at_risk: Option<f64>,
    expected_shortfall: Option<f64>,
}

impl Fractions {
    fn of(policy: &Policy) -> Self {
        let fraction = |limit: Option<i64>| limit.map(|e9| e9 as f64 / E9 as f64);
        Self {
            correlation: fraction(policy.correlation_e9),
            volatility_target: fraction(policy.volatility_target_e9),
            heat: fraction(policy.heat_e9),
            value_at_risk: fraction(policy.value_at_risk_e9),
            expected_shortfall: fraction(policy.expected_shortfall_e9),
        }
    }
}

/// The guard of one desk.
pub(super) struct Guard {
    policy: Policy,
    limits: Fractions,
    pub state: GuardState,
    /// Time of the decision looked at last; none before the first.
    seen: Option<i64>,
    references: References,
    /// Whether each layer stands.
    stands: [bool; LAYERS.len()],
    /// Losing trades in a row.
    streak: i64,
    sent: Sent,
    tape: Tape,
    kelly: Kelly,
    /// Moments of returns, where something needs them.
    model: Option<Model>,
    /// Weight of each position with what is in flight, as of the last [`super::Desk::weigh`].
    weights: Vec<f64>,
    /// When the oldest price among positions was seen; of this decision.
    oldest_held: i64,
    /// What positions keep at this decision, billionths.
    keep_e9: i64,
    /// What people ask for.
    pub operator: Operator,
    /// Circuit breakers, where the policy has any.
    pub breakers: Option<Breakers>,
    /// Times at which the venue refuses orders.
    conditions: Vec<Condition>,
    /// What breakers see beside the bars, and when.
    observed: Vec<Observed>,
    /// Whether each asset is flattened by a limit, because the venue refused a market order.
    by_limit: Vec<bool>,
}

impl Guard {
    /// Makes the guard of a run that has a policy, commands or conditions of its venue; the others have none.
    pub fn of_run(config: &Config, assets: usize, interval_ms: i64) -> Option<Self> {
        let is_plain = config.policy.is_none()
            && config.commands.is_empty()
            && !config.operated
            && config.halt_at.is_none()
            && config.conditions.is_empty();
        (!is_plain).then(|| Self {
            operator: Operator::of_run(&config.commands, config.halt_at),
            conditions: config.conditions.clone(),
            observed: config.observed.clone(),
            ..Self::new(config.policy.clone().unwrap_or_default(), assets, interval_ms)
        })
    }

    pub fn new(policy: Policy, assets: usize, interval_ms: i64) -> Self {
        let model = policy.needs_model().then(|| Model::new(assets, policy.span.unwrap_or(SPAN), interval_ms));
        Self {
            limits: Fractions::of(&policy),
            state: GuardState::Normal,
            seen: None,
            references: References::default(),
            stands: [false; LAYERS.len()],
            streak: 0,
            sent: Sent::new(assets),
            tape: Tape::new(&policy, assets),
            kelly: Kelly::new(&policy),
            model,
            weights: vec![0.0; assets],
            oldest_held: i64::MAX,
            keep_e9: E9,
            operator: Operator::new(&[]),
            breakers: policy.breakers.clone().map(|settings| Breakers::new(settings, assets)),
            conditions: Vec::new(),
            observed: Vec::new(),
            by_limit: vec![false; assets],
            policy,
        }
    }

    /// Returns whether the strategy is not read any more.
    pub fn is_latched(&self) -> bool {
        matches!(self.state, GuardState::Emergency | GuardState::Killed)
    }

    /// Takes a bar in: its close in ticks and its volume in lots. By id.
    pub fn see(&mut self, asset: usize, t: i64, close: i64, volume: i64) {
        let before = self.tape.see(asset, t, close, volume);
        if let Some(model) = self.model.as_mut().filter(|_| before > 0) {
            model.note(asset, before, close);
        }
    }

    /// Shows the breakers what is observed at a decision beside its bars, and how old those are; before the bars themselves.
    pub fn observe(&mut self, t: i64) {
        let Some(breakers) = &mut self.breakers else { return };
        breakers.age_feeds(t);
        for observed in self.observed.iter().filter(|observed| observed.holds(t)) {
            breakers.measure(observed.kind, observed.index, observed.source, observed.value);
        }
    }

    /// Takes in what the bars of this decision say together.
    pub fn learn(&mut self) {
        if let Some(model) = &mut self.model {
            model.learn();
        }
    }

    /// Counts a trade that closed with this profit, entered for this amount.
    pub fn note_trade(&mut self, pnl: i64, entered: i64) {
        if let Some(breakers) = &mut self.breakers {
            breakers.see_trade(pnl);
        }
        self.streak = if pnl < 0 { self.streak + 1 } else { 0 };
        self.kelly.note(pnl, entered);
    }
}

#[cfg(test)]
mod tests;
