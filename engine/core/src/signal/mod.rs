//! Signals: a traced program run over columns, the same code for long slices and for slices of one row.
//!
//! `program` parses and checks, `plan` orders and assigns memory, `link` binds to assets, `executor` runs.

mod arena;
mod bank;
mod clock;
mod cs;
pub mod entries;
pub mod executor;
mod graph;
pub mod grid;
mod handover;
mod identity;
pub mod legs;
mod link;
pub mod merge;
pub mod node;
pub mod nodes;
pub mod op;
pub mod orders;
mod pick;
mod plan;
pub mod program;
mod rows;
mod schema;
pub mod size;
mod slots;
pub mod span;
mod step;
pub mod target;
pub mod view;

pub use executor::Signals;
pub use grid::{AssetRows, Grid, GridBuilder};
pub use program::Program;

/// Returns every operation of a program: name, version, number of inputs; the catalogue first, then the executor's own.
pub fn catalogue() -> Vec<(&'static str, u32, usize)> {
    let kinds = nodes::KINDS.iter().flat_map(|family| family.iter());
    let local = kinds.filter(|kind| !op::OWN.iter().any(|(name, _)| *name == kind.name)).map(|kind| (kind.name, kind.version, kind.inputs));
    local.chain(op::OWN.iter().map(|&(name, inputs)| (name, op::OWN_VERSION, inputs))).collect()
}
