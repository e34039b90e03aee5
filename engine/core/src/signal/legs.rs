//! What a program says with `b4.legs`: targets that belong together, and what to do where only some of them could be had.
//!
//! Plain data, its form in the program's JSON and its checks; the rule that uses it lives on the desk (`desk/legs.rs`).

use crate::desk::legs::Broken;
use crate::money::{E9, round_half_even};
use serde::Deserialize;

/// Targets that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legs {
    /// Indices into the program's targets.
    pub targets: Vec<usize>,
    /// What is done where the group is broken.
    pub broken: Broken,
    /// Largest difference of the filled fractions, billionths.
    pub tolerance_e9: i64,
}

/// Legs as they stand in the program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLegs {
    targets: Vec<usize>,
    broken: Broken,
    tolerance: f64,
}

impl RawLegs {
    /// Checks and converts, given the number of the program's targets and those in earlier groups.
    pub fn resolve(self, targets: usize, taken: &mut Vec<usize>) -> Result<Legs, String> {
        if self.targets.len() < 2 {
            return Err(format!("a group has at least 2 targets, this one has {}", self.targets.len()));
        }
        for &target in &self.targets {
            if target >= targets {
                return Err(format!("target {target} does not exist; the program has {targets} targets"));
            }
            if taken.contains(&target) {
                return Err(format!("target {target} is a leg already; a target belongs to one group, once"));
            }
            taken.push(target);
        }
        match round_half_even(self.tolerance * E9 as f64) {
            Some(tolerance_e9) if (0..E9).contains(&tolerance_e9) => Ok(Legs { targets: self.targets, broken: self.broken, tolerance_e9 }),
            _ => Err(format!("tolerance is {}; it must lie between 0 and 1, 1 excluded", self.tolerance)),
        }
    }
}
