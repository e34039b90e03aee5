//! Where a run's records go: both journals of a folder, written in the thread at hand.

use super::known::Known;
use bot4_engine::journal::VERSION;
use bot4_engine::journal::snapshot::Mark;
use bot4_io::disk::Disk;
use bot4_io::journal::aside::{remove_aside, snapshot_name, snapshots, write_aside};
use bot4_io::journal::format::{Kind, RecordHead};
use bot4_io::journal::{Durability, JournalError, Recovered, Writer};

/// Bytes of a segment's file where nobody says otherwise.
const SEGMENT_BYTES: u64 = 64 << 20;

/// How a journal is kept.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What an acknowledged record survives.
    pub durability: Durability,
    /// Bytes of a segment's file.
    pub segment_bytes: u64,
    /// The most bytes of the tape's segments; none keeps all.
    pub tape_bytes: Option<u64>,
}

impl Terms {
    /// Keeps everything, in segments of the usual size.
    pub fn new(durability: Durability) -> Self {
        Self { durability, segment_bytes: SEGMENT_BYTES, tape_bytes: None }
    }
}

/// What was written in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Records of the control journal.
    pub control: u64,
    /// Records of the tape.
    pub tape: u64,
    /// The control journal's chain over all of them.
    pub chain: [u8; 32],
}

/// What takes records.
pub trait Sink {
    /// Appends a record to one of the journals; `time` is in ns, `seen` the number of the tape's record that was the last one before.
    ///
    /// # Errors
    /// Returns why the journal takes nothing more.
    fn append(&mut self, to: Kind, kind: u16, time: i64, seen: u64, payload: &[u8]) -> Result<(), JournalError>;

    /// Returns the number of a journal's next record.
    fn next(&self, of: Kind) -> u64;

    /// Hands over what was appended; it will be acknowledged, the tape before the control journal.
    ///
    /// # Errors
    /// Returns why the journal takes nothing more.
    fn hand_over(&mut self) -> Result<(), JournalError>;

    /// Returns when all that was handed over is acknowledged.
    ///
    /// # Errors
    /// Returns why it never will be.
    fn settle(&mut self) -> Result<(), JournalError>;

    /// Acknowledges everything and ends.
    ///
    /// # Errors
    /// Returns why that cannot be.
    fn finish(self) -> Result<Ended, JournalError>;
}

/// Both journals of one folder.
pub struct Pair<D: Disk> {
    disk: D,
    durability: Durability,
    control: Writer<D>,
    tape: Writer<D>,
    /// What was there before; none once the run has gone beyond it.
    known: Option<Box<Known<D>>>,
}

impl<D: Disk + Clone> Pair<D> {
    /// Begins both journals in a folder that holds none.
    ///
    /// # Errors
    /// Returns [`JournalError::Held`] where it does, else why the disk refused.
    pub fn begin(disk: D, terms: Terms) -> Result<Self, JournalError> {
        let (pair, [control, tape]) = Self::open(disk, terms)?;
        let records = if control.records > 0 { control.records } else { tape.records };
        if records > 0 { Err(JournalError::Held { records }) } else { Ok(pair) }
    }

    /// Goes on with the journals of a folder, recovered: a run made again from its first row appends what is there already once more, which is
    /// compared and not written, and after it what is new. Returns what was found of the control journal and of the tape.
    ///
    /// # Errors
    /// Returns why a start would lose something, or the disk refuses.
    pub fn resume(disk: D, terms: Terms) -> Result<(Self, [Recovered; 2]), JournalError> {
        let (mut pair, found) = Self::open(disk, terms)?;
        pair.known = Known::open(&pair.disk, [pair.control.next(), pair.tape.next()])?;
        Ok((pair, found))
    }

    fn open(disk: D, terms: Terms) -> Result<(Self, [Recovered; 2]), JournalError> {
        let open = |kind| Writer::open(disk.clone(), kind, terms.durability, terms.segment_bytes);
        let ((control, of_control), (mut tape, of_tape)) = (open(Kind::Control)?, open(Kind::Tape)?);
        if let Some(bytes) = terms.tape_bytes {
            tape.keep_within(bytes);
        }
        Ok((Self { disk, durability: terms.durability, control, tape, known: None }, [of_control, of_tape]))
    }

    /// Says whether everything that was there before has been made again: from here on what is appended is new.
    pub fn is_beyond(&self) -> bool {
        self.known.is_none()
    }

    /// Returns how far both journals are committed: control, tape.
    pub fn marks(&self) -> [Mark; 2] {
        [&self.control, &self.tape].map(|writer| Mark { next: writer.next(), chain: *writer.chain() })
    }

    /// Returns the number of the tape's oldest record that is kept.
    pub fn oldest(&self) -> u64 {
        self.tape.oldest()
    }

    /// Writes the snapshot after so many rows; to be called right after everything was handed over.
    ///
    /// # Errors
    /// Returns why the disk refused.
    pub fn write_snapshot(&self, rows: u64, bytes: &[u8]) -> Result<(), JournalError> {
        write_aside(&self.disk, self.durability, &snapshot_name(rows), bytes)
    }

    /// Says whether there is a snapshot after so many rows.
    ///
    /// # Errors
    /// Returns why the folder cannot be listed.
    pub fn has_snapshot(&self, rows: u64) -> Result<bool, JournalError> {
        Ok(snapshots(&self.disk)?.contains(&rows))
    }

    /// Removes the snapshot after so many rows.
    ///
    /// # Errors
    /// Returns why the disk refused.
    pub fn remove_snapshot(&self, rows: u64) -> Result<(), JournalError> {
        remove_aside(&self.disk, &snapshot_name(rows))
    }

    fn of(&mut self, kind: Kind) -> &mut Writer<D> {
        if kind == Kind::Control { &mut self.control } else { &mut self.tape }
    }
}

impl<D: Disk + Clone> Sink for Pair<D> {
    #[inline]
    fn append(&mut self, to: Kind, kind: u16, time: i64, seen: u64, payload: &[u8]) -> Result<(), JournalError> {
        if let Some(known) = &mut self.known {
            let record = (RecordHead { kind, version: VERSION, number: known.next(to), time, tape: seen }, payload);
            if known.meets(to, record)? {
                self.known = self.known.take().filter(|known| !known.is_over());
                return Ok(());
            }
        }
        self.of(to).append(kind, VERSION, time, seen, payload).map(|_| ())
    }

    #[inline]
    fn next(&self, of: Kind) -> u64 {
        match &self.known {
            Some(known) if !known.is_beyond(of) => known.next(of),
            _ if of == Kind::Control => self.control.next(),
            _ => self.tape.next(),
        }
    }

    /// The tape first: a control record names what it has seen.
    fn hand_over(&mut self) -> Result<(), JournalError> {
        self.tape.commit()?;
        self.control.commit().map(|_| ())
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        self.hand_over()
    }

    fn finish(mut self) -> Result<Ended, JournalError> {
        self.hand_over()?;
        // Nothing more will come: what was allocated ahead goes back. All is acknowledged, so a disk that refuses costs room and nothing else.
        self.tape.trim().and_then(|()| self.control.trim()).ok();
        Ok(Ended { control: self.control.next(), tape: self.tape.next(), chain: *self.control.chain() })
    }
}
