//! Bot4's deterministic engine: what must decide in under a microsecond or replay millions of events a second.
//!
//! Pure: no clock, no I/O, no unseeded randomness, no float in money. Hosts feed events and carry out actions.
//! Floors, each using only those below it: `replay` → `shard` → `signal`, `venue`, `desk` → `market`, `book` → `money`, `memory`.

pub mod account;
pub mod book;
pub mod config;
pub mod desk;
pub mod event;
pub mod instrument;
pub mod journal;
pub mod market;
pub mod memory;
pub mod money;
pub mod replay;
pub mod shard;
pub mod signal;
pub mod telemetry;
pub mod venue;
