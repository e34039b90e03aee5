//! The configuration of one run: account, venue model, risk limits. Plain data from the host.
use crate::account::{InstrumentTerms, WalletTerms};
use crate::desk::guard::policy::Policy;
use crate::desk::licence::{Licence, Mode};
use crate::desk::operator::Command;
use crate::money::E9;
use crate::venue::conditions::Condition;
use crate::venue::observed::Observed;
use serde::Deserialize;

/// Share of the volume that limits nothing.
pub const UNLIMITED: i64 = i64::MAX;

/// How strictly the venue reads a bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Realism {
    /// Whatever a bar leaves open goes against us.
    #[default]
    Strict,
    /// The likely path: open, nearer extreme, other extreme, close.
    Neutral,
    /// What most backtests assume.
    Naive,
}

/// Everything about a run that is neither data nor program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Starting cash, 1e-8 quote.
    pub cash: i64,
    /// Delay between a decision and the earliest bar open its order can fill at.
    #[serde(default)]
    pub latency_ms: i64,
    /// Spread of a log-normal latency (standard deviation of its logarithm); 0 = constant.
    #[serde(default)]
    pub latency_sigma: f64,
    /// Seed of the latencies.
    #[serde(default)]
    pub latency_seed: u64,
    /// How strictly bars are read (docs/semantics.md, section 6).
    #[serde(default)]
    pub realism: Realism,
    /// No decision before this time (earlier bars only warm up).
    #[serde(default)]
    pub trade_from_ms: Option<i64>,
    /// Half of the bid-ask spread, billionths of the price.
    pub half_spread_e9: i64,
    /// Coefficient of the square-root impact, in units of the bar's volatility.
    pub impact: f64,
    /// Largest share of a bar's volume that all own fills may take.
    pub volume_share_e9: i64,
    /// Largest gap between decision close and fill open for an increase.
    pub collar_e9: i64,
    /// Largest gross exposure as a multiple of equity.
    pub max_leverage_e9: i64,
    /// Largest notional of one order's increase, 1e-8 quote.
    #[serde(default)]
    pub max_notional: Option<i64>,
    /// Where orders go: what opens in `live` and `paper` needs a licence.
    #[serde(default)]
    pub mode: Mode,
    /// Terms of the licence.
    #[serde(default)]
    pub licence: Option<Licence>,
    /// Limits that stand above the strategy (docs/semantics.md, section 11).
    #[serde(default)]
    pub policy: Option<Policy>,
    /// What people will ask of the desk, and when (docs/semantics.md, section 12).
    #[serde(default)]
    pub commands: Vec<Command>,
    /// Whether people may also ask while it runs.
    #[serde(default)]
    pub operated: bool,
    /// The decision, ms, at whose end the host could not write its journal any more: of a run that is made again.
    #[serde(default)]
    pub halt_at: Option<i64>,
    /// Times at which the venue refuses orders.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// What breakers see of clocks, latencies and spreads, and when.
    #[serde(default)]
    pub observed: Vec<Observed>,
    /// Wallets; without any there is one that holds `cash`, with some `cash` is not read.
    #[serde(default)]
    pub wallets: Vec<WalletTerms>,
    /// Terms per instrument, in id order.
    pub instruments: Vec<InstrumentTerms>,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Returns one sentence naming the field and its allowed range.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let config: Self = serde_json::from_str(text).map_err(|e| format!("the run's configuration cannot be read: {e}"))?;
        config.validate()?;
        Ok(config)
    }

    /// Returns the configuration with what the realism waives taken out: costs, latency and the limit on volume, never fees.
    pub fn waived(&self) -> Self {
        let mut kept = self.clone();
        match self.realism {
            Realism::Strict => {}
            Realism::Neutral => (kept.impact, kept.volume_share_e9) = (0.0, E9),
            Realism::Naive => (kept.half_spread_e9, kept.impact, kept.volume_share_e9, kept.latency_ms) = (0, 0.0, UNLIMITED, 0),
        }
        kept
    }

    /// Returns whether anything is ever bought.
    pub fn trades(&self) -> bool {
        self.trade_from_ms != Some(i64::MAX)
    }

    fn validate(&self) -> Result<(), String> {
        let within = |name: &str, value: i64, low: i64, high: i64| {
            if (low..=high).contains(&value) { Ok(()) } else { Err(format!("{name} is {value}; it must lie between {low} and {high}")) }
        };
        within("cash", self.cash, 1, i64::MAX / 4)?;
        within("latency_ms", self.latency_ms, 0, 366 * 86_400_000)?;
        if !(0.0..=10.0).contains(&self.latency_sigma) {
            return Err(format!("latency_sigma is {}; it must lie between 0 and 10", self.latency_sigma));
        }
        within("half_spread_e9", self.half_spread_e9, 0, E9 / 2)?;
        within("volume_share_e9", self.volume_share_e9, 1, E9)?;
        within("collar_e9", self.collar_e9, 0, 1_000 * E9)?;
        within("max_leverage_e9", self.max_leverage_e9, 1, 1_000 * E9)?;
        within("max_notional", self.max_notional.unwrap_or(1), 1, i64::MAX)?;
        if let Some(licence) = &self.licence {
            licence.validate(self.instruments.len())?;
        }
        if let Some(policy) = &self.policy {
            policy.validate(self.instruments.len())?;
        }
        self.commands.iter().try_for_each(Command::validate)?;
        self.conditions.iter().try_for_each(Condition::validate)?;
        self.observed.iter().try_for_each(Observed::validate)?;
        if !(0.0..=1_000.0).contains(&self.impact) {
            return Err(format!("impact is {}; it must lie between 0 and 1000", self.impact));
        }
        Ok(())
    }
}
