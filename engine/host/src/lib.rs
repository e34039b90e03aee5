//! The host of the live pipeline: puts feeder, shards and desk on threads, joins them by rings, waits, measures.
//!
//! Feeder → shards → desk, as in `docs/rehearse.md`. The engine below knows no thread and no clock; everything of both is here.

pub mod cores;
pub mod desk;
pub mod feeder;
pub mod journal;
pub mod pipeline;
pub mod shards;
pub mod wait;
pub mod wire;

use bot4_engine::memory::depot::Loan;
use bot4_engine::shard::Tick;
use std::time::Instant;

/// The values that a shard makes of a bar: as many as its program hands over.
pub type Values = Box<[f64]>;

/// What a shard sends to the desk: the bar, and what the program makes of it.
pub struct Decided<'d> {
    /// The bar.
    pub tick: Loan<'d, Tick>,
    /// The values of its row.
    pub values: Loan<'d, Values>,
}

/// A clock that begins at 0.
#[derive(Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns nanoseconds since the start.
    #[inline(always)]
    pub fn now(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

/// What a look at one's work found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// Something was done.
    Busy,
    /// There was nothing to do.
    Idle,
    /// There will be nothing any more.
    Done,
}
