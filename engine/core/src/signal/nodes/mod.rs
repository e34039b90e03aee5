//! The node catalogue: one small file a node (or a family of one formula), one line here.
//!
//! To add a node: a file with its `KINDS` and its tests, a line in each list here, a line in `contract.rs` with parameters to test it under
//! (that test fails for a kind it does not know), a line in the catalogue of `docs/design.md`.

// Loops run over an index: with overflow checks on, a counting iterator is checked on every row and is not vectorised.
#![allow(clippy::needless_range_loop)]

use super::node::Kind;

mod arithmetic;
mod atr;
mod average;
mod bars_since;
mod choice;
mod clock;
mod compare;
mod constant;
#[cfg(test)]
mod contract;
mod cross;
mod elementary;
mod ewm;
mod history;
mod hold_when;
pub(super) mod kernel;
mod latch;
mod logic;
mod roll_comoments;
mod roll_extreme;
mod roll_moments;
mod roll_rank;
mod roll_sum;
mod rsi;
pub(super) mod switch;
#[cfg(test)]
mod testing;
mod true_range;

/// Every node that works on one asset's own rows, in the order of the documentation.
pub static KINDS: &[&[Kind]] = &[
    constant::KINDS,
    arithmetic::KINDS,
    elementary::KINDS,
    compare::KINDS,
    logic::KINDS,
    choice::KINDS,
    history::KINDS,
    roll_sum::KINDS,
    roll_extreme::KINDS,
    roll_rank::KINDS,
    roll_moments::KINDS,
    roll_comoments::KINDS,
    average::KINDS,
    ewm::KINDS,
    clock::KINDS,
    true_range::KINDS,
    atr::KINDS,
    rsi::KINDS,
    cross::KINDS,
    bars_since::KINDS,
    latch::KINDS,
    hold_when::KINDS,
];

/// Returns the catalogue entry of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().flat_map(|family| family.iter()).find(|kind| kind.name == name)
}
