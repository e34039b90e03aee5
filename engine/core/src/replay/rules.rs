//! From the program's targets, entries and legs to the desk's rules, one for each asset.
use super::lanes;
use crate::desk::entry_rule::EntryRule;
use crate::desk::legs::Group;
use crate::desk::rule::{Age, Rule, Unit};
use crate::desk::stops;
use crate::money::{E9, round_half_even};
use crate::signal::entries::Entries;
use crate::signal::program::Program;
use crate::signal::span::Span;
use crate::signal::target::{Rearm, Stop, Target, TargetKind};

/// Nodes that one asset's target (or entries) and protection read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wires {
    /// Node of the target; none where entries address the asset.
    pub target: Option<usize>,
    /// Node of the fixed stop's distance.
    pub fixed: Option<usize>,
    /// Node of the trailing stop's distance.
    pub trailing: Option<usize>,
    /// Node of the take's distance.
    pub take: Option<usize>,
    /// What entries read beside.
    pub entries: Option<EntryWires>,
}

/// Nodes that one asset's entries read beside those of [`Wires`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryWires {
    /// Nodes of the signals to be long, to be short and to leave.
    pub signals: [Option<usize>; 3],
    /// Node of the size.
    pub size: usize,
    /// Node of the loss of one unit.
    pub per_unit: Option<usize>,
    /// Node of the priority.
    pub priority: Option<usize>,
}

/// Rules and wires by asset, and the common budget.
pub struct Plan {
    /// Rules of targets by asset id.
    pub rules: Vec<Option<Rule>>,
    /// Rules of entries by asset id; empty where the program has none.
    pub entries: Vec<Option<EntryRule>>,
    /// Groups of assets whose targets belong together.
    pub legs: Vec<Group>,
    /// Row at which decisions on keyed orders begin, by asset id; 0 where none address it.
    pub of_orders: Vec<u64>,
    /// Wires by asset id.
    pub wires: Vec<Option<Wires>>,
    /// Largest gross weight, billionths.
    pub budget_e9: i64,
}

impl Plan {
    /// Gives every asset its target or its entries.
    ///
    /// # Errors
    /// Returns one sentence where two of them address one asset or a number does not fit.
    pub fn new(program: &Program) -> Result<Self, String> {
        let assets = program.symbols.len();
        let with_entries = if program.entries.is_empty() { 0 } else { assets };
        let mut plan = Self {
            rules: vec![None; assets],
            entries: vec![None; with_entries],
            legs: Vec::new(),
            of_orders: (0..assets).map(|asset| program.settled_orders(asset)).collect(),
            wires: vec![None; assets],
            budget_e9: 0,
        };
        for target in &program.targets {
            plan.budget_e9 = plan.budget_e9.max(billionths("budget", target.budget)?);
            let (rule, wires) = resolve(program, target)?;
            for asset in addressed(program, target.asset) {
                plan.claim(program, asset, wires)?;
                plan.rules[asset] = Some(rule);
            }
        }
        for entries in &program.entries {
            let (rule, wires) = resolve_entries(program, entries)?;
            for asset in addressed(program, entries.asset) {
                plan.claim(program, asset, wires)?;
                plan.entries[asset] = Some(rule);
            }
        }
        for legs in &program.legs {
            let assets = legs.targets.iter().flat_map(|&target| addressed(program, program.targets[target].asset));
            plan.legs.push(Group::new(assets.collect(), legs.broken, legs.tolerance_e9));
        }
        let both = (0..assets).find(|&asset| plan.wires[asset].is_some() && lanes::addresses(program, asset));
        match both {
            None => Ok(plan),
            Some(asset) => Err(format!("{} has a target or entries and keyed orders; address it with one of them", program.symbols[asset])),
        }
    }

    /// Returns the row at which the asset's decisions begin; 0 where nothing addresses it.
    pub fn settled(&self, asset: usize) -> u64 {
        let of_entries = self.entries.get(asset).copied().flatten().map(|rule| rule.settled);
        self.rules[asset].map(|rule| rule.settled).or(of_entries).unwrap_or(self.of_orders[asset])
    }

    fn claim(&mut self, program: &Program, asset: usize, wires: Wires) -> Result<(), String> {
        if self.wires[asset].replace(wires).is_some() {
            let symbol = &program.symbols[asset];
            return Err(format!("two targets address {symbol}; return one target, or entries, for each asset"));
        }
        Ok(())
    }
}

fn addressed(program: &Program, asset: Option<usize>) -> std::ops::Range<usize> {
    asset.map_or(0..program.symbols.len(), |asset| asset..asset + 1)
}

/// Returns among how many assets what addresses `asset` shares the equity.
fn share(program: &Program, asset: Option<usize>) -> i64 {
    if program.kind == "strategy" && asset.is_none() { program.symbols.len() as i64 } else { 1 }
}

/// Wires the stops; returns the time stop.
fn wire_stops(stops: &[Stop], what: &str, wires: &mut Wires) -> Result<Option<Age>, String> {
    let mut age = None;
    for stop in stops {
        let taken = match *stop {
            Stop::Fixed { node } => wires.fixed.replace(node).is_some(),
            Stop::Trailing { node } => wires.trailing.replace(node).is_some(),
            Stop::TimeBars(bars) => age.replace(Age::Bars(bars as i64)).is_some(),
            Stop::TimeMs(ms) => age.replace(Age::Ms(ms)).is_some(),
        };
        if taken {
            return Err(format!("{what} one stop of each kind (fixed, trailing, time); combine distances with b4.minimum"));
        }
    }
    Ok(age)
}

fn rearm(rearm: Rearm) -> stops::Rearm {
    match rearm {
        Rearm::NewSignal => stops::Rearm::NewSignal,
        Rearm::Immediate => stops::Rearm::Immediate,
        Rearm::CooldownBars(bars) => stops::Rearm::Bars(bars as i64),
        Rearm::CooldownMs(ms) => stops::Rearm::Ms(ms),
    }
}

fn resolve(program: &Program, target: &Target) -> Result<(Rule, Wires), String> {
    let mut wires = Wires { target: Some(target.node), take: target.take, ..Wires::default() };
    let age = wire_stops(&target.stops, "a target takes", &mut wires)?;
    let rule = Rule {
        unit: match target.kind {
            TargetKind::Weight => Unit::Weight,
            TargetKind::Notional => Unit::Notional,
            TargetKind::Qty => Unit::Quantity,
        },
        band_e9: billionths("band", target.band)?,
        share: share(program, target.asset),
        settled: program.settled(target.nodes()),
        rearm: rearm(target.rearm),
        fixed: wires.fixed.is_some(),
        trailing: wires.trailing.is_some(),
        take: wires.take.is_some(),
        age,
    };
    Ok((rule, wires))
}

fn resolve_entries(program: &Program, entries: &Entries) -> Result<(EntryRule, Wires), String> {
    let mut wires = Wires { take: entries.take, ..Wires::default() };
    let age = wire_stops(&entries.stops, "entries take", &mut wires)?;
    let rule = EntryRule {
        unit: entries.size.unit,
        // With a limit on positions the equity is shared by those that are open, which the size says itself.
        share: if entries.max_positions.is_some() { 1 } else { share(program, entries.asset) },
        max_units: entries.max_units,
        settled: program.settled(entries.nodes()),
        rearm: rearm(entries.rearm),
        cooldown: entries.cooldown.map(|span| match span {
            Span::Bars(bars) => Age::Bars(bars),
            Span::Ms(ms) => Age::Ms(ms),
        }),
        max_positions: entries.max_positions,
        fixed: wires.fixed.is_some(),
        trailing: wires.trailing.is_some(),
        take: wires.take.is_some(),
        age,
    };
    wires.entries = Some(EntryWires {
        signals: [entries.long, entries.short, entries.exit],
        size: entries.size.node,
        per_unit: entries.size.per_unit.or(wires.fixed),
        priority: entries.priority,
    });
    Ok((rule, wires))
}

/// A thousand times equity is more than any venue lends.
fn billionths(name: &str, x: f64) -> Result<i64, String> {
    match round_half_even(x * E9 as f64) {
        Some(e9) if (0..=1_000 * E9).contains(&e9) => Ok(e9),
        _ => Err(format!("{name} is {x}; it must lie between 0 and 1000")),
    }
}
