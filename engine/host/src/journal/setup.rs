//! The first record of a run's control journal, as far as a replay needs it.

use super::RunError;
use bot4_engine::instrument::Listing;
use bot4_engine::journal::{CONTENTS, control};
use bot4_io::disk::Disk;
use bot4_io::journal::Records;
use bot4_io::journal::format::Kind;

/// What was run.
#[derive(serde::Deserialize)]
pub struct Setup {
    /// Instruments, by id.
    pub instruments: Vec<Listing>,
    /// Interval of the bars, ms.
    pub interval_ms: i64,
    /// The program's JSON.
    pub program: String,
    /// The configuration's JSON.
    pub config: String,
    /// Whether each instrument has a series of its own.
    pub funding: Vec<bool>,
    /// Rate in billionths and period in ms of those without.
    pub funding_default: Option<(i64, i64)>,
    /// Interval of the finer bars, ms.
    pub detail_interval_ms: Option<i64>,
    /// Whether the state's hash stands after every so many rows, and not at the end alone.
    #[serde(default = "yes")]
    pub checks: bool,
    /// Whether its rows are of ticks and its venue's reports stand in the control journal.
    #[serde(default)]
    pub ticks: bool,
    /// What the journal holds (`bot4_engine::journal::CONTENTS`).
    #[serde(default = "first")]
    pub contents: u32,
}

fn yes() -> bool {
    true
}

fn first() -> u32 {
    1
}

impl Setup {
    /// Reads the first record; returns its hash too.
    ///
    /// # Errors
    /// Returns what is wrong with the journal, or that it is none of a run.
    pub fn read<D: Disk>(disk: &D) -> Result<(Self, [u8; 32]), RunError> {
        let mut records = Records::open(disk, Kind::Control)?;
        let first = records.next_block()?.and_then(|mut block| block.next()).filter(|first| first.head.kind == control::BEGIN);
        let Some(first) = first else { return Err(RunError::Said("the journal does not begin with a run's setup".to_owned())) };
        let setup: Self =
            serde_json::from_slice(first.payload).map_err(|e| RunError::Said(format!("the first record cannot be read ({e})")))?;
        if setup.contents > CONTENTS {
            return Err(RunError::Said(format!(
                "the journal is of contents {}, this Bot4 reads up to {CONTENTS}; use the Bot4 that wrote it",
                setup.contents
            )));
        }
        Ok((setup, *blake3::hash(first.payload).as_bytes()))
    }
}
