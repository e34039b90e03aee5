//! What nodes are built from: loops over rows, windows, recursion and the reading of parameters. No formula of any node is here.
//!
//! Every loop has a path for a slice of one row, made from the same inlined formula as the path for long slices.

pub(super) mod fixed;
pub(super) mod map;
pub(super) mod params;
pub(super) mod previous;
pub(super) mod recursive;
pub(super) mod ring;
pub(super) mod row_window;
pub(super) mod span;
pub(super) mod time_window;
pub(in crate::signal) mod value;
pub(super) mod window;
