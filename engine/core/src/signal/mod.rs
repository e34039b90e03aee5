//! Signals: a traced program run over columns, the same code for long slices and for slices of one row.
//!
//! `program` parses and checks, `plan` orders and assigns memory, `link` binds to assets, `executor` runs.

mod arena;
mod clock;
mod cs;
pub mod executor;
mod graph;
pub mod grid;
mod identity;
mod link;
pub mod node;
pub mod nodes;
pub mod op;
mod pick;
mod plan;
pub mod program;
mod rows;
mod schema;
mod slots;
mod step;
pub mod target;
pub mod view;

pub use executor::Signals;
pub use grid::{AssetRows, Entry, Grid, GridBuilder};
pub use program::Program;
pub use view::{AccountView, PositionView};
