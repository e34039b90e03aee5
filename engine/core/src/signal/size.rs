//! The size of an order or entry as the program states it: a unit and its nodes.

use crate::desk::size::SizeUnit;
use serde::Deserialize;

/// A size in the program's JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSize {
    unit: SizeUnit,
    node: usize,
    #[serde(default)]
    per_unit: Option<usize>,
}

/// A size: what its number means and which nodes give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// What the number means.
    pub unit: SizeUnit,
    /// Node of the number.
    pub node: usize,
    /// Node of the price distance that `risk` loses.
    pub per_unit: Option<usize>,
}

impl Size {
    /// Returns the nodes that the size reads.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        [Some(self.node), self.per_unit].into_iter().flatten()
    }

    /// Returns the numbers of the canonical form: unit, node, node of the distance or −1.
    pub(crate) fn form(&self) -> [i64; 3] {
        [self.unit as i64, self.node as i64, self.per_unit.map_or(-1, |node| node as i64)]
    }
}

impl RawSize {
    /// Checks and converts; `needs_distance` says whether risk must bring its own `per_unit`.
    ///
    /// # Errors
    /// Returns one sentence where `per_unit` and the unit do not fit each other.
    pub fn resolve(&self, needs_distance: bool) -> Result<Size, String> {
        match (self.unit, self.per_unit) {
            (SizeUnit::Risk, None) if needs_distance => {
                Err("a size of unit `risk` needs `per_unit`, the loss of one unit at the stop".to_string())
            }
            (SizeUnit::Risk, _) | (_, None) => Ok(Size { unit: self.unit, node: self.node, per_unit: self.per_unit }),
            (_, Some(_)) => Err("`per_unit` belongs to a size of unit `risk` alone; remove it".to_string()),
        }
    }
}
