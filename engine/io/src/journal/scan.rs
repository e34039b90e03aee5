//! Reading: a whole journal, segment by segment.
//!
//! Used by the reader, by `verify` and by recovery alike, so that all three agree on what is right.

use super::error::JournalError;
use super::format::{Chain, Kind, RecordHead, file_name, index_of, read_record};
use super::segment::{End, Segment, open_segment};
use crate::disk::Disk;

/// One record, borrowed from the block it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Number, time, kind.
    pub head: RecordHead,
    /// The host's bytes.
    pub payload: &'a [u8],
}

/// Returns the indices of a journal's segments, in order, without a gap.
///
/// # Errors
/// Returns [`JournalError::Empty`] and [`JournalError::Missing`].
pub(super) fn indices<D: Disk>(disk: &D, kind: Kind) -> Result<Vec<u64>, JournalError> {
    let names = disk.names().map_err(|e| JournalError::io("list its files", e))?;
    let mut found: Vec<u64> = names.iter().filter_map(|name| index_of(kind, name)).collect();
    found.sort_unstable();
    let Some(&first) = found.first() else {
        return Err(JournalError::Empty { kind: kind.word() });
    };
    // A tape rotates: its oldest segments may be gone.
    let begin = if kind == Kind::Control { 0 } else { first };
    for (expected, &index) in (begin..).zip(&found) {
        if index != expected {
            return Err(JournalError::Missing { file: file_name(kind, expected) });
        }
    }
    Ok(found)
}

/// What `verify` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Segments.
    pub segments: u64,
    /// Blocks.
    pub blocks: u64,
    /// Number of the first record.
    pub first: u64,
    /// Number behind the last record.
    pub next: u64,
    /// Chain over everything.
    pub chain: Chain,
    /// Bytes of all whole blocks and heads.
    pub bytes: u64,
    /// What a start would cut, and what it would repair, in words.
    pub notes: Vec<String>,
}

/// Reads a journal from the first byte to the last and checks everything; changes nothing.
///
/// # Errors
/// Returns [`JournalError`] with the place of the first byte that is wrong.
pub fn verify<D: Disk>(disk: &D, kind: Kind) -> Result<Report, JournalError> {
    let mut records = Records::open(disk, kind)?;
    let mut blocks = 0;
    while records.next_block()?.is_some() {
        blocks += 1;
    }
    Ok(Report {
        segments: records.indices.len() as u64,
        blocks,
        first: records.first,
        next: records.segment.next,
        chain: records.segment.chain,
        bytes: records.bytes + records.segment.at,
        notes: records.notes,
    })
}

/// Reads a journal's records in order.
pub struct Records<D: Disk> {
    disk: D,
    kind: Kind,
    indices: Vec<u64>,
    place: usize,
    segment: Segment<D::File>,
    first: u64,
    bytes: u64,
    /// What is not as it should be and could be told from corruption.
    pub notes: Vec<String>,
}

impl<D: Disk> Records<D> {
    /// Opens a journal at its first record.
    ///
    /// # Errors
    /// Returns what is wrong with the first segment.
    pub fn open(disk: D, kind: Kind) -> Result<Self, JournalError> {
        let indices = indices(&disk, kind)?;
        let segment = open_segment(&disk, kind, indices[0], true)?;
        let first = segment.head.first;
        if kind == Kind::Control && (first, segment.head.chain) != (0, [0; 32]) {
            return Err(JournalError::corrupt(&segment.name, 0, "does not begin with record 0"));
        }
        let mut records = Self { disk, kind, indices, place: 0, segment, first, bytes: 0, notes: Vec::new() };
        records.note_marks();
        Ok(records)
    }

    /// Opens a journal at the segment that holds record `number`, or would hold it next: nothing before that segment is read.
    ///
    /// # Errors
    /// Returns [`JournalError::Rotated`] where that record is not kept any more, else what is wrong with the segment.
    pub fn open_at(disk: D, kind: Kind, number: u64) -> Result<Self, JournalError> {
        let indices = indices(&disk, kind)?;
        let mut place = indices.len() - 1;
        loop {
            let found = open_segment(&disk, kind, indices[place], true);
            let segment = match found {
                Ok(segment) if segment.head.first <= number || place == 0 => segment,
                // The last one may be unfinished; the one before says so when it is left.
                Err(error) if place == 0 || place + 1 < indices.len() => return Err(error),
                _ => {
                    place -= 1;
                    continue;
                }
            };
            let first = segment.head.first;
            if first > number {
                return Err(JournalError::Rotated { wanted: number, first });
            }
            let mut records = Self { disk, kind, indices, place, segment, first, bytes: 0, notes: Vec::new() };
            records.note_marks();
            return Ok(records);
        }
    }

    /// Returns number and chain behind the block read last.
    pub fn position(&self) -> (u64, Chain) {
        (self.segment.next, self.segment.chain)
    }

    /// Returns the number of the first record of the segment at which reading began.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Reads the next block: its records' bytes, to be taken apart by [`Block`]; none at the end.
    ///
    /// # Errors
    /// Returns the place of the first byte that is wrong.
    pub fn next_block(&mut self) -> Result<Option<Block<'_>>, JournalError> {
        loop {
            match self.segment.step()? {
                Ok(_) => break,
                Err(end) if self.place + 1 == self.indices.len() => {
                    if self.segment.mark.is_some_and(|mark| mark.is_sealed) {
                        return Err(JournalError::Missing { file: file_name(self.kind, self.segment.head.index + 1) });
                    }
                    if let End::Torn(what) = end {
                        let note = format!(
                            "{} {what}, from byte {} on: never acknowledged, cut at the next start",
                            self.segment.name, self.segment.at
                        );
                        self.notes.push(note);
                    }
                    return Ok(None);
                }
                Err(end) => self.enter_next(end)?,
            }
        }
        Ok(Some(Block { bytes: self.segment.records() }))
    }

    /// Returns the bytes of the records of the block read last.
    pub(super) fn block(&self) -> &[u8] {
        self.segment.records()
    }

    /// Returns the segment being read; behind the last block, the last one.
    pub(super) fn into_segment(self) -> Segment<D::File> {
        self.segment
    }

    fn enter_next(&mut self, end: End) -> Result<(), JournalError> {
        let old = &self.segment;
        let next = match open_segment(&self.disk, self.kind, self.indices[self.place + 1], true) {
            Ok(next) => next,
            // A crash while it was made: the one before was not sealed yet.
            Err(JournalError::Corrupt { place, .. }) if !old.mark.is_some_and(|m| m.is_sealed) && self.place + 2 == self.indices.len() => {
                self.notes.push(format!("{} was not finished when a crash came: made anew at the next start", place.file));
                self.indices.pop();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if !old.mark.is_some_and(|m| m.is_sealed) {
            // Sealing follows the making of the next segment, and records follow the sealing.
            if next.mark.is_some() || self.place + 2 < self.indices.len() {
                return Err(old.wrong("is not sealed, and a further segment holds records"));
            }
            self.notes.push(format!("{} was made and not begun when a crash came: made anew at the next start", next.name));
            self.indices.pop();
            return Ok(());
        }
        if let End::Torn(what) = end {
            return Err(old.wrong(what));
        }
        if (next.head.first, next.head.chain) != (old.next, old.chain) {
            return Err(JournalError::corrupt(&next.name, 0, "does not continue the segment before it"));
        }
        self.bytes += old.at;
        self.place += 1;
        self.segment = next;
        self.note_marks();
        Ok(())
    }

    fn note_marks(&mut self) {
        if let Some(at) = self.segment.damaged_mark {
            self.notes.push(format!(
                "{}, byte {at}: a mark cannot be read; the other one and the blocks are right, it is written anew",
                self.segment.name
            ));
        }
    }
}

/// The records of one block, all checked.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Block<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.bytes.is_empty() {
            return None;
        }
        let (head, payload, size) = read_record(self.bytes).expect("the block's records were checked when it was read");
        self.bytes = &self.bytes[size..];
        Some(Record { head, payload })
    }
}
