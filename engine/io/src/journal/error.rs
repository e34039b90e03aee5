//! What can be wrong with a journal, each in one sentence with place and fix.

use std::fmt;
use std::io;

/// A byte of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File within the journal's folder.
    pub file: String,
    /// Byte from its beginning.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}", self.file, self.offset)
    }
}

/// Why a journal cannot be read or written.
#[derive(Debug)]
pub enum JournalError {
    /// Acknowledged bytes are not what was written.
    Corrupt {
        /// Where.
        place: Place,
        /// What is wrong there.
        what: &'static str,
    },
    /// Blocks that were given to the page cache alone are not all there: the machine went down, not only the program.
    Lost {
        /// Where the whole blocks end.
        place: Place,
        /// Where they should end.
        end: u64,
    },
    /// A segment is not there.
    Missing {
        /// Its file.
        file: String,
    },
    /// There is no journal of this kind.
    Empty {
        /// The kind's word.
        kind: &'static str,
    },
    /// The disk has no room for a further segment.
    Full,
    /// The system refused; after this the writer takes nothing more.
    Io {
        /// What was tried.
        action: &'static str,
        /// The system's own error.
        error: io::Error,
    },
    /// A record is longer than a segment can hold.
    TooLong {
        /// Bytes of its payload.
        bytes: usize,
    },
    /// The writer failed before.
    Failed,
    /// A new journal was wanted, and the folder holds one.
    Held {
        /// Records of it.
        records: u64,
    },
    /// Somebody else writes into the folder.
    Taken {
        /// Who, in that one's own words.
        by: String,
    },
    /// A run that goes on makes another record than the journal holds.
    Other {
        /// The kind's word.
        kind: &'static str,
        /// Number of the record.
        number: u64,
    },
    /// The disk did not answer in time.
    Slow {
        /// How long it was waited for, ms.
        waited_ms: u64,
        /// How long it may take, ms.
        budget_ms: u64,
    },
    /// A tape has rotated: its oldest segments are gone.
    Rotated {
        /// Number of the record that is wanted.
        wanted: u64,
        /// Number of the oldest one that is kept.
        first: u64,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { place, what } => {
                write!(f, "the journal is corrupt at {place}: it {what}; restore the file from a copy, nothing was changed")
            }
            Self::Lost { place, end } => write!(
                f,
                "the journal ends at {place} and should end at byte {end}: the machine went down before the page cache was written; \
                 bot4 journal repair --accept-loss cuts it there; durability fsync loses nothing"
            ),
            Self::Missing { file } => write!(f, "the journal's segment {file} is missing; restore it from a copy"),
            Self::Empty { kind } => write!(f, "there is no {kind} journal in the folder; name the folder that a run wrote with --journal"),
            Self::Full => write!(f, "the disk is full: the journal cannot go on, so no new order may; free some space and start again"),
            Self::Io { action, error } => {
                write!(f, "the journal could not {action} ({error}); no new order may go out, start again to recover")
            }
            Self::TooLong { bytes } => write!(f, "a record of {bytes} bytes does not fit a segment; make segments larger"),
            Self::Failed => write!(f, "the journal failed before and takes nothing more; start again to recover"),
            Self::Held { records } => write!(
                f,
                "it holds a journal of {records} records already; give --journal a new folder, or go on with that run with --resume"
            ),
            Self::Taken { by } => write!(f, "{by} writes into this journal; wait for it to end, or give --journal a new folder"),
            Self::Other { kind, number } => write!(
                f,
                "record {number} of the {kind} journal is not what this run makes: the journal is of another strategy, data or settings, or of another \
                 Bot4; go on with what it was begun with, or give --journal a new folder"
            ),
            Self::Slow { waited_ms, budget_ms } => write!(
                f,
                "the disk has not answered the journal for {waited_ms} ms and may take {budget_ms} ms, so no new order may go out; find what \
                 slows the disk, or allow more with --journal-budget, and start again"
            ),
            Self::Rotated { wanted, first } => write!(
                f,
                "record {wanted} of the tape has rotated away, the oldest kept is {first}, and no snapshot stands between; replay up to a \
                 later time, or give the tape a larger --tape-budget"
            ),
        }
    }
}

impl std::error::Error for JournalError {}

impl JournalError {
    /// Wraps the system's error; a full disk is one of its own.
    pub(super) fn io(action: &'static str, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull { Self::Full } else { Self::Io { action, error } }
    }

    /// Returns the stable word of a fault for records and metrics: `full`, `sync`, `read_only`, `slow`, or `write` for any other.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Slow { .. } => "slow",
            Self::Io { error, .. } if error.kind() == io::ErrorKind::ReadOnlyFilesystem => "read_only",
            Self::Io { action, .. } if action.starts_with("sync") => "sync",
            _ => "write",
        }
    }

    pub(super) fn corrupt(file: &str, offset: u64, what: &'static str) -> Self {
        Self::Corrupt { place: Place { file: file.to_owned(), offset }, what }
    }
}
