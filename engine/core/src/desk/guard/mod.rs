//! The guard: looks at equity and closed trades once a decision and says what may still be sent.
//!
//! Order of one decision: commands of the operator ([`obey`]) → periods that are over → layers (strategy, then account) → state → what the state cancels or flattens
//! ([`unwind`]). What an order may open is cut by [`controls`]. Integers only; it knows no strategy. Rules: docs/semantics.md, section 11.
mod controls;
mod flatten;
mod obey;
pub mod policy;
mod unwind;

pub(super) use controls::Ask;

use super::breaker::Breakers;
use super::lanes_snapshot::code;
use super::operator::Operator;
use super::reason::{GuardState, Layer};
use crate::config::Config;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::E9;
use crate::venue::conditions::Condition;
use policy::Policy;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// Layers that can act.
const LAYERS: [Layer; 6] =
    [Layer::LosingStreak, Layer::HourlyLoss, Layer::DailyLoss, Layer::TotalLoss, Layer::Drawdown, Layer::RepeatedOrders];
/// Places in [`LAYERS`] of those that an hour or a day ends.
const STREAK: usize = 0;
const HOURLY: usize = 1;
const DAILY: usize = 2;

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

/// Equities that losses are measured against, 1e-8 of the account currency.
#[derive(Debug, Clone, Copy, Default)]
struct References {
    start: i64,
    peak: i64,
    hour: i64,
    day: i64,
    /// At the decision before.
    last: i64,
}

/// Orders sent in the current minute and day.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    minute: i64,
    in_minute: i64,
    day: i64,
    in_day: i64,
}

/// Orders in a row of one instrument and direction.
#[derive(Debug, Clone, Copy, Default)]
struct Repeats {
    side: i64,
    day: i64,
    count: i64,
}

/// The guard of one desk.
pub(super) struct Guard {
    policy: Policy,
    pub state: GuardState,
    /// Time of the decision looked at last; none before the first.
    seen: Option<i64>,
    references: References,
    /// Whether each layer stands.
    stands: [bool; LAYERS.len()],
    /// Losing trades in a row.
    streak: i64,
    sent: Sent,
    repeats: Vec<Repeats>,
    /// Volume of each asset's last bar, lots.
    volumes: Vec<i64>,
    /// What people ask for.
    pub operator: Operator,
    /// Circuit breakers, where the policy has any.
    pub breakers: Option<Breakers>,
    /// Times at which the venue refuses orders.
    conditions: Vec<Condition>,
    /// Whether each asset is flattened by a limit, because the venue refused a market order.
    by_limit: Vec<bool>,
}

/// Returns the loss against a reference in billionths; all of it where the reference is not above 0.
pub(super) fn loss_e9(reference: i64, equity: i64) -> i64 {
    if reference <= 0 {
        return E9;
    }
    let loss = (i128::from(reference) - i128::from(equity)) * i128::from(E9);
    crate::money::div_floor(loss, i128::from(reference)).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

impl Guard {
    /// Makes the guard of a run that has a policy, commands or conditions of its venue; the others have none.
    pub fn of_run(config: &Config, assets: usize) -> Option<Self> {
        let is_plain = config.policy.is_none() && config.commands.is_empty() && !config.operated && config.conditions.is_empty();
        (!is_plain).then(|| Self {
            operator: Operator::new(&config.commands),
            conditions: config.conditions.clone(),
            ..Self::new(config.policy.clone().unwrap_or_default(), assets)
        })
    }

    pub fn new(policy: Policy, assets: usize) -> Self {
        Self {
            breakers: policy.breakers.clone().map(|settings| Breakers::new(settings, assets)),
            operator: Operator::new(&[]),
            conditions: Vec::new(),
            by_limit: vec![false; assets],
            policy,
            state: GuardState::Normal,
            seen: None,
            references: References::default(),
            stands: [false; LAYERS.len()],
            streak: 0,
            sent: Sent::default(),
            repeats: vec![Repeats::default(); assets],
            volumes: vec![0; assets],
        }
    }

    /// Returns whether the strategy is not read any more.
    pub fn is_latched(&self) -> bool {
        matches!(self.state, GuardState::Emergency | GuardState::Killed)
    }

    /// Counts a trade that closed with this profit.
    pub fn note_trade(&mut self, pnl: i64) {
        if let Some(breakers) = &mut self.breakers {
            breakers.see_trade(pnl);
        }
        self.streak = if pnl < 0 { self.streak + 1 } else { 0 };
    }

    /// Counts an order that passed the gate at decision time `t`.
    pub fn note_sent(&mut self, t: i64, asset: u32, side: i64) {
        let (repeats, day) = (&mut self.repeats[asset as usize], t.div_euclid(DAY_MS));
        let is_repeat = repeats.side == side && repeats.day == day;
        *repeats = Repeats { side, day, count: if is_repeat { repeats.count + 1 } else { 1 } };
        self.sent = Sent { in_minute: self.sent_in_minute(t) + 1, in_day: self.sent_in_day(t) + 1, ..self.sent };
        (self.sent.minute, self.sent.day) = (t.div_euclid(MINUTE_MS), t.div_euclid(DAY_MS));
    }

    fn sent_in_minute(&self, t: i64) -> i64 {
        if self.sent.minute == t.div_euclid(MINUTE_MS) { self.sent.in_minute } else { 0 }
    }

    fn sent_in_day(&self, t: i64) -> i64 {
        if self.sent.day == t.div_euclid(DAY_MS) { self.sent.in_day } else { 0 }
    }

    /// Looks at the equity of a decision, sets the state and records what acted.
    pub fn look(&mut self, t: i64, equity: i64, to: &mut Vec<GuardRecord>) {
        if self.is_latched() {
            return;
        }
        let before = self.state;
        let over = self.begin(t, equity);
        let first = to.len();
        for (at, &layer) in LAYERS.iter().enumerate() {
            if let Some((value, limit)) = self.reached(layer, equity).filter(|_| !self.stands[at]) {
                self.stands[at] = true;
                to.push(GuardRecord { ts: t, from: before, to: before, layer, value, limit, equity });
                if layer == Layer::LosingStreak {
                    self.streak = 0;
                }
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
            self.stands[HOURLY] = false;
        }
        if seen.div_euclid(DAY_MS) == t.div_euclid(DAY_MS) {
            return Layer::HourOver;
        }
        self.references.day = last;
        (self.stands[STREAK], self.stands[DAILY]) = (false, false);
        Layer::DayOver
    }

    /// Returns what a layer measures and its limit, where that is reached.
    fn reached(&self, layer: Layer, equity: i64) -> Option<(i64, i64)> {
        let (policy, references) = (&self.policy, &self.references);
        let (value, limit) = match layer {
            Layer::LosingStreak => (self.streak, policy.losing_streak),
            Layer::HourlyLoss => (loss_e9(references.hour, equity), policy.hourly_loss_e9),
            Layer::DailyLoss => (loss_e9(references.day, equity), policy.daily_loss_e9),
            Layer::TotalLoss => (loss_e9(references.start, equity), policy.total_loss_e9),
            Layer::Drawdown => (loss_e9(references.peak, equity), policy.drawdown_e9),
            Layer::RepeatedOrders => (self.repeats.iter().map(|repeats| repeats.count).max().unwrap_or(0), policy.repeated_orders),
            Layer::HourOver | Layer::DayOver | Layer::Flat | Layer::Operator => return None,
        };
        limit.filter(|&limit| value >= limit).map(|limit| (value, limit))
    }

    /// Returns the gravest of what the layers and people ask for.
    fn gravest(&self) -> GuardState {
        let (of_layers, asked) = (self.gravest_layer(), self.operator.asked);
        if asked as u8 > of_layers as u8 { asked } else { of_layers }
    }

    fn gravest_layer(&self) -> GuardState {
        match self.stands {
            [_, _, _, _, true, _] => GuardState::Emergency,
            [true, ..] | [_, _, true, ..] | [_, _, _, true, ..] | [.., true] => GuardState::Paused,
            [_, true, ..] => GuardState::Reduced,
            _ => GuardState::Normal,
        }
    }

    pub fn save(&self, to: &mut Writer) {
        to.u64(self.state as u64);
        to.bool(self.seen.is_some());
        let References { start, peak, hour, day, last } = self.references;
        let Sent { minute, in_minute, day: sent_day, in_day } = self.sent;
        for x in [self.seen.unwrap_or(0), start, peak, hour, day, last, self.streak, minute, in_minute, sent_day, in_day] {
            to.i64(x);
        }
        self.stands.iter().for_each(|&stands| to.bool(stands));
        for &Repeats { side, day, count } in &self.repeats {
            [side, day, count].into_iter().for_each(|x| to.i64(x));
        }
        self.volumes.iter().for_each(|&volume| to.i64(volume));
        self.by_limit.iter().for_each(|&by_limit| to.bool(by_limit));
        self.operator.save(to);
        if let Some(breakers) = &self.breakers {
            breakers.save(to);
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.state = code(from, "guard's state", GuardState::from_code)?;
        let has_seen = from.bool()?;
        self.seen = Some(from.i64()?).filter(|_| has_seen);
        let References { start, peak, hour, day, last } = &mut self.references;
        let Sent { minute, in_minute, day: sent_day, in_day } = &mut self.sent;
        for field in [start, peak, hour, day, last, &mut self.streak, minute, in_minute, sent_day, in_day] {
            *field = from.i64()?;
        }
        for stands in &mut self.stands {
            *stands = from.bool()?;
        }
        for repeats in &mut self.repeats {
            *repeats = Repeats { side: from.i64()?, day: from.i64()?, count: from.i64()? };
        }
        self.volumes.iter_mut().try_for_each(|volume| from.i64().map(|read| *volume = read))?;
        self.by_limit.iter_mut().try_for_each(|by_limit| from.bool().map(|read| *by_limit = read))?;
        self.operator.load(from)?;
        self.breakers.as_mut().map_or(Ok(()), |breakers| breakers.load(from))
    }
}

#[cfg(test)]
mod tests;
