//! Memory: rings, queues and pools that are filled at the start and allocate nothing afterwards, snapshots as little-endian bytes,
//! room that was touched, and hints about what is read next.
pub mod depot;
pub mod pool;
pub mod prefetch;
pub mod queue;
pub mod ring;
pub mod snapshot;
pub mod sync;
pub mod touch;
