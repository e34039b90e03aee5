//! Ticks: real market data, event by event. Recordings become columns of integers, columns a book and a replay with our orders in it.
//!
//! Pure: no files, no clock, no Python, nothing random that has no seed. Prices are integer ticks, quantities integer lots, times
//! nanoseconds of UTC. What the columns mean stands in `docs/ticks.md`.

pub mod book;
pub mod columns;
pub mod features;
pub mod import;
pub mod latency;
pub mod orders;
pub mod queue;
pub mod random;
pub mod replay;
