//! The journal of a run: inputs to the tape before they are taken, what came of them to the control journal; and the run made again from both.
//!
//! Order of one row: rates and bars to the tape → commands to the control journal → the desk acts → its outcomes to the control journal → handed over
//! to the disk → acknowledged, where an order is to leave → orders leave. A backtest writes in its own thread ([`Pair`]), a pipeline in another
//! ([`Link`]), so that a disk that hangs does not hang the desk. Where the disk fails, the desk is halted ([`Kept`]).

mod asked;
mod inputs;
mod kept;
mod known;
mod link;
mod outcomes;
mod recorder;
mod replayed;
mod setup;
mod sink;
mod start;
mod tape;

use bot4_engine::desk::Halt;
use bot4_io::journal::JournalError;

pub use asked::asked_before;
pub use inputs::Inputs;
pub use kept::{Fault, Kept};
pub use link::Link;
pub use outcomes::Outcomes;
pub use recorder::{COMMIT_ROWS, Recorder};
pub use replayed::{Done, Start, Wanted, replay};
pub use sink::{Ended, Pair, Sink, Terms};
pub use start::{Begin, begin};

/// Nanoseconds of a millisecond.
const NS_PER_MS: i64 = 1_000_000;
/// Rows between two checks of the state.
pub const CHECK_ROWS: u64 = 4_096;

/// Why a run with a journal, or one made again from it, cannot go on.
#[derive(Debug)]
pub enum RunError {
    /// The journal's sentence.
    Journal(JournalError),
    /// A number did not fit.
    Halt(Halt),
    /// One sentence.
    Said(String),
}

impl From<JournalError> for RunError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<Halt> for RunError {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
