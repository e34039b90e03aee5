//! The program's JSON as it stands in `docs/design.md`, before anything is checked. Unknown keys are errors: a misspelt one would change the strategy silently.

use super::entries::RawEntries;
use super::legs::RawLegs;
use super::orders::RawOrder;
use super::target::{Rearm, Rebalance, Stop, TargetKind};
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProgram {
    pub version: u32,
    pub kind: String,
    pub interval_ms: i64,
    pub clocks: Vec<i64>,
    #[serde(default)]
    pub rebalance: Option<RawRebalance>,
    /// What a row is made of, where that is not a bar: `book` or `trade`.
    #[serde(default)]
    pub rows: Option<Rows>,
    pub nodes: Vec<RawNode>,
    #[serde(default)]
    pub targets: Vec<RawTarget>,
    #[serde(default)]
    pub orders: Vec<RawOrder>,
    #[serde(default)]
    pub entries: Vec<RawEntries>,
    #[serde(default)]
    pub legs: Vec<RawLegs>,
}

/// What makes a row of tick data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// A moment of the book.
    Book,
    /// A moment by which a trade has arrived.
    Trade,
}

/// One node.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNode {
    pub op: String,
    #[serde(default, rename = "in")]
    pub inputs: Vec<usize>,
    #[serde(default)]
    pub f: Vec<f64>,
    #[serde(default)]
    pub s: String,
    #[serde(default)]
    pub clock: usize,
    #[serde(default)]
    pub only: Option<String>,
}

/// One target.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTarget {
    pub node: usize,
    pub kind: TargetKind,
    #[serde(default)]
    pub asset: Option<String>,
    #[serde(default = "default_band")]
    pub band: f64,
    #[serde(default = "default_budget")]
    pub budget: f64,
    #[serde(default)]
    pub rearm: Option<RawRearm>,
    #[serde(default)]
    pub stops: Vec<RawStop>,
    #[serde(default)]
    pub take: Option<usize>,
}

fn default_band() -> f64 {
    0.01
}

fn default_budget() -> f64 {
    1.0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRearm {
    mode: String,
    #[serde(default)]
    bars: Option<u64>,
    #[serde(default)]
    ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStop {
    kind: String,
    #[serde(default)]
    node: Option<usize>,
    #[serde(default)]
    bars: Option<u64>,
    #[serde(default)]
    ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRebalance {
    #[serde(default)]
    period_ms: Option<i64>,
    #[serde(default)]
    anchor_ms: Option<i64>,
    #[serde(default)]
    months: Option<i64>,
    #[serde(default)]
    day: Option<i64>,
    #[serde(default)]
    at_ms: Option<i64>,
}

impl RawRearm {
    /// Checks and converts.
    pub fn resolve(&self) -> Result<Rearm, String> {
        match (self.mode.as_str(), self.bars, self.ms) {
            ("new_signal", None, None) => Ok(Rearm::NewSignal),
            ("immediate", None, None) => Ok(Rearm::Immediate),
            ("cooldown", Some(bars), None) => Ok(Rearm::CooldownBars(bars)),
            ("cooldown", None, Some(ms)) if ms >= 0 => Ok(Rearm::CooldownMs(ms)),
            (mode, ..) => Err(format!("rearm `{mode}` is not `new_signal`, `immediate` or `cooldown` with either bars or ms")),
        }
    }
}

impl RawStop {
    /// Checks and converts.
    pub fn resolve(&self) -> Result<Stop, String> {
        match (self.kind.as_str(), self.node, self.bars, self.ms) {
            ("fixed", Some(node), None, None) => Ok(Stop::Fixed { node }),
            ("trailing", Some(node), None, None) => Ok(Stop::Trailing { node }),
            ("time", None, Some(bars), None) if bars > 0 => Ok(Stop::TimeBars(bars)),
            ("time", None, None, Some(ms)) if ms > 0 => Ok(Stop::TimeMs(ms)),
            (kind, ..) => Err(format!("stop `{kind}` is not `fixed` or `trailing` with a node, or `time` with either bars or ms above 0")),
        }
    }
}

impl RawRebalance {
    /// Checks and converts.
    pub fn resolve(&self) -> Result<Rebalance, String> {
        match (self.period_ms, self.months) {
            (Some(period_ms), None) if period_ms > 0 && self.day.is_none() && self.at_ms.is_none() => {
                Ok(Rebalance::Period { period_ms, anchor_ms: self.anchor_ms.unwrap_or(0) })
            }
            (None, Some(months)) if months > 0 && self.anchor_ms.is_none() => {
                let (day, at_ms) = (self.day.unwrap_or(1), self.at_ms.unwrap_or(0));
                if !(1..=31).contains(&day) || !(0..86_400_000).contains(&at_ms) {
                    return Err("rebalance needs a day from 1 to 31 and a time within the day".to_string());
                }
                Ok(Rebalance::Months { months, day, at_ms })
            }
            _ => Err("rebalance needs either period_ms above 0 (and anchor_ms), or months above 0 (and day, at_ms)".to_string()),
        }
    }
}
