//! The script of faults: a TOML file, checked when it is read.

use crate::Micros;
use crate::profile::filter::Filter;
use serde::{Deserialize, Serialize};

/// Kinds of faults, by their names in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A request is done, its answer lost.
    LostAnswer,
    /// A request is lost.
    LostRequest,
    /// HTTP 5xx: done or not, nobody knows.
    UnknownState,
    /// The whole venue is away.
    Outage,
    /// The whole venue is away, and says so (−1016).
    Maintenance,
    /// One endpoint is away.
    EndpointDown,
    /// An answer waits.
    LateAnswer,
    /// What a request asks has moved to another endpoint.
    Moved,
    /// A message comes twice.
    Duplicate,
    /// A message comes late.
    Late,
    /// A message comes after the next one.
    Reorder,
    /// A message never comes.
    Drop,
    /// A message comes in part.
    Cut,
    /// Several messages in a row never come.
    Gap,
    /// A connection closes.
    Disconnect,
    /// A snapshot is old.
    StaleSnapshot,
    /// The venue's clock is off.
    ClockSkew,
    /// A symbol's filters change.
    Filters,
    /// A symbol's status changes.
    Status,
}

impl Kind {
    /// Tells whether it is about requests.
    #[must_use]
    pub fn is_of_requests(self) -> bool {
        use Kind::{EndpointDown, LateAnswer, LostAnswer, LostRequest, Maintenance, Moved, Outage, UnknownState};
        matches!(self, LostAnswer | LostRequest | UnknownState | Outage | Maintenance | EndpointDown | LateAnswer | Moved)
    }

    /// Tells whether it is about messages on streams.
    #[must_use]
    pub fn is_of_messages(self) -> bool {
        use Kind::{Cut, Disconnect, Drop, Duplicate, Gap, Late, Reorder};
        matches!(self, Duplicate | Late | Reorder | Drop | Cut | Gap | Disconnect)
    }

    /// Returns its name in a script.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LostAnswer => "lost-answer",
            Self::LostRequest => "lost-request",
            Self::UnknownState => "unknown-state",
            Self::Outage => "outage",
            Self::Maintenance => "maintenance",
            Self::EndpointDown => "endpoint-down",
            Self::LateAnswer => "late-answer",
            Self::Moved => "moved",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Reorder => "reorder",
            Self::Drop => "drop",
            Self::Cut => "cut",
            Self::Gap => "gap",
            Self::Disconnect => "disconnect",
            Self::StaleSnapshot => "stale-snapshot",
            Self::ClockSkew => "clock-skew",
            Self::Filters => "filters",
            Self::Status => "status",
        }
    }
}

fn always() -> u32 {
    1_000_000
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Where: the beginning of `METHOD /path` of a request, or of a stream's name; empty for everywhere.
    #[serde(default, rename = "where")]
    pub place: String,
    /// How often, in a million.
    #[serde(default = "always")]
    pub chance_ppm: u32,
    /// From when, seconds after the start.
    #[serde(default)]
    pub from_s: u32,
    /// Until when; none: to the end.
    #[serde(default)]
    pub until_s: Option<u32>,
    /// How often at most.
    #[serde(default)]
    pub most: Option<u32>,
    /// Least delay or age, milliseconds.
    #[serde(default)]
    pub least_ms: Option<u32>,
    /// Most delay or age, milliseconds.
    #[serde(default)]
    pub most_ms: Option<u32>,
    /// HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// Messages of a gap.
    #[serde(default)]
    pub length: Option<u32>,
    /// How far the clock is ahead, milliseconds; below zero behind.
    #[serde(default)]
    pub skew_ms: Option<i64>,
    /// Symbol whose filters or status change.
    #[serde(default)]
    pub symbol: Option<String>,
    /// Its new status.
    #[serde(default)]
    pub to: Option<String>,
    /// Its new filters.
    #[serde(default)]
    pub filters: Vec<Filter>,
}

impl Fault {
    /// Returns from when it is on, microseconds after the start.
    #[must_use]
    pub fn from_us(&self) -> Micros {
        Micros::from(self.from_s) * 1_000_000
    }

    /// Returns until when it is on, microseconds after the start.
    #[must_use]
    pub fn until_us(&self) -> Micros {
        self.until_s.map_or(Micros::MAX, |until| Micros::from(until) * 1_000_000)
    }
}

/// A script.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Seed of all draws.
    #[serde(default)]
    pub seed: u64,
    /// Faults; the first that strikes decides.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
}

impl Script {
    /// Returns the script of a TOML text. Errors: one sentence with the place and the fix.
    pub fn read(text: &str) -> Result<Self, String> {
        let script: Self =
            toml::from_str(text).map_err(|why| format!("the script of faults is not readable: {}", why.to_string().trim()))?;
        for (at, fault) in script.faults.iter().enumerate() {
            let lacks = |what: &str| Err(format!("fault {} ({}) needs {what}", at + 1, fault.kind.name()));
            let delays = matches!(fault.kind, Kind::Late | Kind::LateAnswer | Kind::StaleSnapshot);
            if fault.chance_ppm > 1_000_000 {
                return lacks("a chance_ppm of at most 1,000,000");
            } else if fault.until_s.is_some_and(|until| until <= fault.from_s) {
                return lacks("an until_s after its from_s");
            } else if delays && fault.most_ms.is_none() {
                return lacks("most_ms");
            } else if fault.kind == Kind::ClockSkew && fault.skew_ms.is_none() {
                return lacks("skew_ms");
            } else if fault.kind == Kind::Filters && (fault.symbol.is_none() || fault.filters.is_empty()) {
                return lacks("symbol and filters");
            } else if fault.kind == Kind::Status && (fault.symbol.is_none() || fault.to.is_none()) {
                return lacks("symbol and to");
            } else if fault.status.is_some_and(|status| !(500..600).contains(&status)) {
                return lacks("a status from 500 to 599");
            }
        }
        Ok(script)
    }
}
