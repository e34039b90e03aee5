//! What a program says with `b4.entries`: signals that open, add to, turn and leave a position, and how much a unit is.
//!
//! Plain data, its form in the program's JSON and its checks; the rules that use it live on the desk (`desk/entries.rs`).

use super::program::Program;
use super::schema::{RawRearm, RawStop};
use super::size::{RawSize, Size};
use super::span::{RawSpan, Span};
use super::target::{Rearm, Stop};
use serde::Deserialize;

/// Entries of one asset, or of every asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries {
    /// The addressed asset; none = every asset.
    pub asset: Option<usize>,
    /// Node of the signal to be long.
    pub long: Option<usize>,
    /// Node of the signal to be short.
    pub short: Option<usize>,
    /// Node of the signal to leave.
    pub exit: Option<usize>,
    /// How much one unit is.
    pub size: Size,
    /// The most units of a position.
    pub max_units: i64,
    /// Stops, in the program's order.
    pub stops: Vec<Stop>,
    /// Node of the take's distance.
    pub take: Option<usize>,
    /// When it may enter again after a stop or take.
    pub rearm: Rearm,
    /// How long it stays out after any exit.
    pub cooldown: Option<Span>,
    /// The most positions of all assets with entries.
    pub max_positions: Option<i64>,
    /// Node that says which new position comes first, the largest.
    pub priority: Option<usize>,
}

impl Entries {
    /// Returns every node it reads.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        let signals = [self.long, self.short, self.exit, self.take, self.priority];
        signals.into_iter().flatten().chain(self.size.nodes()).chain(self.stops.iter().filter_map(|stop| stop.node()))
    }
}

/// Entries as they stand in the program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntries {
    #[serde(default)]
    pub asset: Option<String>,
    #[serde(default)]
    long: Option<usize>,
    #[serde(default)]
    short: Option<usize>,
    #[serde(default)]
    exit: Option<usize>,
    size: RawSize,
    #[serde(default = "one")]
    max_units: i64,
    #[serde(default)]
    stops: Vec<RawStop>,
    #[serde(default)]
    take: Option<usize>,
    #[serde(default)]
    rearm: Option<RawRearm>,
    #[serde(default)]
    cooldown: Option<RawSpan>,
    #[serde(default)]
    max_positions: Option<i64>,
    #[serde(default)]
    priority: Option<usize>,
}

fn one() -> i64 {
    1
}

impl RawEntries {
    /// Checks and converts; `asset` is the addressed one.
    pub fn resolve(&self, program: &Program, asset: Option<usize>) -> Result<Entries, String> {
        if self.long.is_none() && self.short.is_none() {
            return Err("there is neither a `long` nor a `short` signal; give at least one".to_string());
        }
        if self.max_units < 1 {
            return Err(format!("max_units is {}; a position has at least 1 unit", self.max_units));
        }
        if let Some(most) = self.max_positions.filter(|&most| most < 1) {
            return Err(format!("max_positions is {most}; it must be at least 1, or absent for no limit"));
        }
        let stops = self.stops.iter().map(RawStop::resolve).collect::<Result<Vec<_>, _>>()?;
        // A risk may lose what the fixed stop lies away.
        let has_fixed = stops.iter().any(|stop| matches!(stop, Stop::Fixed { .. }));
        let entries = Entries {
            asset,
            long: self.long,
            short: self.short,
            exit: self.exit,
            size: self.size.resolve(!has_fixed)?,
            max_units: self.max_units,
            stops,
            take: self.take,
            rearm: self.rearm.as_ref().map_or(Ok(Rearm::NewSignal), RawRearm::resolve)?,
            cooldown: self.cooldown.map(|span| span.resolve("cooldown")).transpose()?,
            max_positions: self.max_positions,
            priority: self.priority,
        };
        entries.nodes().try_for_each(|node| program.check_read(node, asset, "entries"))?;
        Ok(entries)
    }
}
