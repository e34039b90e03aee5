//! The same files as in `engine/core/src`, built of loom's atomics and cells. Only `tests/` uses this crate.

/// The concurrent files of the engine's memory room.
#[path = "../../core/src/memory"]
pub mod memory {
    pub mod depot;
    pub mod queue;
    pub mod ring;
    pub mod sync;
}

/// The packed word of the circuit breakers.
#[path = "../../core/src/desk/breaker"]
pub mod breaker {
    pub mod word;
}
