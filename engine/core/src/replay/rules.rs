//! From the program's targets to the desk's rules, one for each asset.
use super::lanes;
use crate::desk::rule::{Age, Rule, Unit};
use crate::desk::stops;
use crate::money::{E9, round_half_even};
use crate::signal::program::Program;
use crate::signal::target::{Rearm, Stop, Target, TargetKind};

/// Nodes that one asset's target and stops read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wires {
    /// Node of the target.
    pub target: usize,
    /// Node of the fixed stop's distance.
    pub fixed: Option<usize>,
    /// Node of the trailing stop's distance.
    pub trailing: Option<usize>,
}

/// Rules and wires by asset, and the common budget.
pub struct Plan {
    /// Rules by asset id.
    pub rules: Vec<Option<Rule>>,
    /// Wires by asset id.
    pub wires: Vec<Option<Wires>>,
    /// Largest gross weight, billionths.
    pub budget_e9: i64,
}

impl Plan {
    /// Gives every asset its target.
    ///
    /// # Errors
    /// Returns one sentence where two targets address one asset or a number does not fit.
    pub fn new(program: &Program) -> Result<Self, String> {
        let assets = program.symbols.len();
        let mut plan = Self { rules: vec![None; assets], wires: vec![None; assets], budget_e9: 0 };
        for target in &program.targets {
            let budget = billionths("budget", target.budget)?;
            plan.budget_e9 = plan.budget_e9.max(budget);
            let share = if program.kind == "strategy" && target.asset.is_none() { assets as i64 } else { 1 };
            let (rule, wires) = resolve(program, target, share)?;
            let addressed = target.asset.map_or(0..assets, |asset| asset..asset + 1);
            for asset in addressed {
                if plan.rules[asset].is_some() {
                    return Err(format!("two targets address {}; return one target for each asset", program.symbols[asset]));
                }
                plan.rules[asset] = Some(rule);
                plan.wires[asset] = Some(wires);
            }
        }
        let both = (0..assets).find(|&asset| plan.rules[asset].is_some() && lanes::addresses(program, asset));
        match both {
            None => Ok(plan),
            Some(asset) => Err(format!("{} has a target and keyed orders; address it with one of them", program.symbols[asset])),
        }
    }
}

fn resolve(program: &Program, target: &Target, share: i64) -> Result<(Rule, Wires), String> {
    let mut wires = Wires { target: target.node, fixed: None, trailing: None };
    let mut age = None;
    for stop in &target.stops {
        let taken = match *stop {
            Stop::Fixed { node } => wires.fixed.replace(node).is_some(),
            Stop::Trailing { node } => wires.trailing.replace(node).is_some(),
            Stop::TimeBars(bars) => age.replace(Age::Bars(bars as i64)).is_some(),
            Stop::TimeMs(ms) => age.replace(Age::Ms(ms)).is_some(),
        };
        if taken {
            return Err("a target takes one stop of each kind (fixed, trailing, time); combine distances with b4.minimum".to_string());
        }
    }
    let rule = Rule {
        unit: match target.kind {
            TargetKind::Weight => Unit::Weight,
            TargetKind::Notional => Unit::Notional,
            TargetKind::Qty => Unit::Quantity,
        },
        band_e9: billionths("band", target.band)?,
        share,
        settled: program.settled(target),
        rearm: match target.rearm {
            Rearm::NewSignal => stops::Rearm::NewSignal,
            Rearm::Immediate => stops::Rearm::Immediate,
            Rearm::CooldownBars(bars) => stops::Rearm::Bars(bars as i64),
            Rearm::CooldownMs(ms) => stops::Rearm::Ms(ms),
        },
        fixed: wires.fixed.is_some(),
        trailing: wires.trailing.is_some(),
        age,
    };
    Ok((rule, wires))
}

/// A thousand times equity is more than any venue lends.
fn billionths(name: &str, x: f64) -> Result<i64, String> {
    match round_half_even(x * E9 as f64) {
        Some(e9) if (0..=1_000 * E9).contains(&e9) => Ok(e9),
        _ => Err(format!("{name} is {x}; it must lie between 0 and 1000")),
    }
}
