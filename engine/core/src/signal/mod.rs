//! Signals: a traced program run over columns, the same code for long slices and for slices of one row.
pub mod node;
pub mod nodes;
