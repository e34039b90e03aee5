//! Reading: a segment block by block, and a whole journal segment by segment, with every check on the way.
//!
//! Used by the reader, by `verify` and by recovery alike, so that all three agree on what is right.

use super::error::JournalError;
use super::format::{
    BLOCK_HEAD, BlockHead, CHAIN, Chain, DATA_AT, Kind, MARK, MARKS_AT, Mark, RecordHead, SEGMENT_HEAD, SegmentHead, file_name, index_of,
    link, read_record,
};
use crate::disk::{Disk, DiskFile};

/// What stands at the end of the whole blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: the rest is zero.
    Clean,
    /// Bytes that were never acknowledged.
    Torn(&'static str),
}

/// One record, borrowed from the block it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Number, time, kind.
    pub head: RecordHead,
    /// The host's bytes.
    pub payload: &'a [u8],
}

/// An open segment, read from its first block on.
pub struct Segment<F> {
    /// The file's name.
    pub name: String,
    /// The file.
    pub file: F,
    /// Its head.
    pub head: SegmentHead,
    /// Its newest mark that can be read.
    pub mark: Option<Mark>,
    /// Offset of a mark that cannot be read: a crash tore it, or it is damaged.
    pub damaged_mark: Option<u64>,
    /// Offset behind the blocks read so far.
    pub at: u64,
    /// Number of the next record.
    pub next: u64,
    /// Chain so far.
    pub chain: Chain,
    /// Blocks read so far.
    pub blocks: u64,
    size: u64,
    block: Vec<u8>,
}

impl<F: DiskFile> Segment<F> {
    /// Opens a segment and reads its head and marks.
    ///
    /// # Errors
    /// Returns [`JournalError::Corrupt`] where neither can be trusted.
    pub fn open(file: F, name: String, kind: Kind, index: u64) -> Result<Self, JournalError> {
        let size = file.size().map_err(|e| JournalError::io("read", e))?;
        if size < DATA_AT {
            return Err(JournalError::corrupt(&name, size, "ends inside its head"));
        }
        let mut page = vec![0; DATA_AT as usize];
        file.read_at(&mut page, 0).map_err(|e| JournalError::io("read", e))?;
        let bytes: &[u8; SEGMENT_HEAD] = page[..SEGMENT_HEAD].try_into().expect("a page is longer than a head");
        let head = SegmentHead::decode(bytes).map_err(|what| JournalError::corrupt(&name, 0, what))?;
        if head.kind != kind || head.index != index {
            return Err(JournalError::corrupt(&name, 0, "belongs to another place than its name says"));
        }
        let (mark, damaged_mark) = marks(&page).map_err(|what| JournalError::corrupt(&name, MARKS_AT[0], what))?;
        if let Some(at) = stray_byte(&page) {
            return Err(JournalError::corrupt(&name, at, "has a byte where none was written"));
        }
        let (next, chain) = (head.first, head.chain);
        Ok(Self { name, file, head, mark, damaged_mark, at: DATA_AT, next, chain, blocks: 0, size, block: Vec::new() })
    }

    /// Reads the next block; `Ok(Err(end))` behind the last one.
    ///
    /// # Errors
    /// Returns [`JournalError::Corrupt`] or [`JournalError::Lost`] where acknowledged bytes are wrong.
    pub fn step(&mut self) -> Result<Result<BlockHead, End>, JournalError> {
        if let Some(mark) = self.mark
            && mark.end == self.at
            && (mark.next != self.next || mark.chain != self.chain)
        {
            return Err(self.wrong("is not what its mark says"));
        }
        let promised = self.mark.map_or(DATA_AT, |mark| mark.end);
        match self.read_block() {
            Ok(Some(head)) if self.at < promised && self.block_end(&head) > promised => {
                Err(self.wrong("has a block that goes beyond its mark"))
            }
            Ok(Some(head)) => {
                self.at = self.block_end(&head);
                self.next = head.first + u64::from(head.records);
                self.chain = self.block[self.block.len() - CHAIN..].try_into().expect("a block ends with its chain");
                self.blocks += 1;
                Ok(Ok(head))
            }
            Ok(None) if self.at < promised => Err(self.ends_early(promised)),
            Ok(None) => Ok(Err(self.rest()?)),
            Err(Flaw::Io(error)) => Err(JournalError::io("read", error)),
            Err(Flaw::Wrong(what)) if self.at < promised => Err(self.wrong(what)),
            Err(Flaw::Wrong(what)) => Ok(Err(End::Torn(what))),
        }
    }

    /// Returns the records of the block read last.
    pub fn records(&self) -> &[u8] {
        &self.block[BLOCK_HEAD..self.block.len() - CHAIN]
    }

    fn wrong(&self, what: &'static str) -> JournalError {
        JournalError::corrupt(&self.name, self.at, what)
    }

    /// Tells a loss of the page cache from corruption.
    fn ends_early(&self, promised: u64) -> JournalError {
        if self.mark.is_some_and(|mark| !mark.is_synced) {
            let place = super::Place { file: self.name.clone(), offset: self.at };
            return JournalError::Lost { place, end: promised };
        }
        self.wrong("ends before its mark")
    }

    fn block_end(&self, head: &BlockHead) -> u64 {
        head.offset + (BLOCK_HEAD + CHAIN) as u64 + u64::from(head.bytes)
    }

    /// Reads and checks the block at `at` into `block`; none where only zeros stand.
    fn read_block(&mut self) -> Result<Option<BlockHead>, Flaw> {
        if self.size < self.at + BLOCK_HEAD as u64 {
            return Ok(None);
        }
        let mut bytes = [0; BLOCK_HEAD];
        self.file.read_at(&mut bytes, self.at)?;
        if bytes == [0; BLOCK_HEAD] {
            return Ok(None);
        }
        let head = BlockHead::decode(&bytes).map_err(Flaw::Wrong)?;
        if head.offset != self.at || head.first != self.next {
            return Err(Flaw::Wrong("has a block that belongs to another place"));
        }
        if self.block_end(&head) > self.size {
            return Err(Flaw::Wrong("ends inside a block"));
        }
        self.block.clear();
        self.block.extend_from_slice(&bytes);
        self.block.resize(BLOCK_HEAD + head.bytes as usize + CHAIN, 0);
        self.file.read_at(&mut self.block[BLOCK_HEAD..], self.at + BLOCK_HEAD as u64)?;
        let records = &self.block[BLOCK_HEAD..BLOCK_HEAD + head.bytes as usize];
        check_records(records, &head).map_err(Flaw::Wrong)?;
        if link(&self.chain, &bytes, records) != self.block[BLOCK_HEAD + head.bytes as usize..] {
            return Err(Flaw::Wrong("has a block whose chain is broken"));
        }
        Ok(Some(head))
    }

    /// Looks whether all behind the last block is zero.
    fn rest(&self) -> Result<End, JournalError> {
        let (mut at, mut page) = (self.at, vec![0_u8; 1 << 16]);
        while at < self.size {
            let length = (self.size - at).min(page.len() as u64) as usize;
            self.file.read_at(&mut page[..length], at).map_err(|e| JournalError::io("read", e))?;
            if page[..length].iter().any(|&b| b != 0) {
                return Ok(End::Torn("has bytes behind its last block"));
            }
            at += length as u64;
        }
        Ok(End::Clean)
    }
}

enum Flaw {
    Io(std::io::Error),
    Wrong(&'static str),
}

impl From<std::io::Error> for Flaw {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

fn check_records(mut bytes: &[u8], head: &BlockHead) -> Result<(), &'static str> {
    for number in head.first..head.first + u64::from(head.records) {
        let (record, _, size) = read_record(bytes)?;
        if record.number != number {
            return Err("has a record out of its order");
        }
        bytes = &bytes[size..];
    }
    if bytes.is_empty() { Ok(()) } else { Err("has bytes between its records") }
}

/// Returns the newest mark that can be read, and the offset of one that cannot.
fn marks(page: &[u8]) -> Result<(Option<Mark>, Option<u64>), &'static str> {
    let (mut newest, mut damaged): (Option<Mark>, Option<u64>) = (None, None);
    for at in MARKS_AT {
        let bytes: &[u8; MARK] = page[at as usize..at as usize + MARK].try_into().expect("a page holds both marks");
        match Mark::decode(bytes) {
            Ok(Some(mark)) if newest.is_none_or(|known| known.turn < mark.turn) => newest = Some(mark),
            Ok(_) => {}
            Err(_) if damaged.is_some() => return Err("has two marks that cannot be read"),
            Err(_) => damaged = Some(at),
        }
    }
    Ok((newest, damaged))
}

/// Returns the offset of a byte of the first page that belongs to nothing and is not zero.
fn stray_byte(page: &[u8]) -> Option<u64> {
    let used = [(0, SEGMENT_HEAD), (MARKS_AT[0] as usize, MARK), (MARKS_AT[1] as usize, MARK)];
    let is_used = |at: usize| used.iter().any(|&(from, length)| (from..from + length).contains(&at));
    page.iter().enumerate().find(|&(at, &b)| b != 0 && !is_used(at)).map(|(at, _)| at as u64)
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
pub struct Records<'d, D: Disk> {
    disk: &'d D,
    kind: Kind,
    indices: Vec<u64>,
    place: usize,
    segment: Segment<D::File>,
    first: u64,
    bytes: u64,
    /// What is not as it should be and could be told from corruption.
    pub notes: Vec<String>,
}

impl<'d, D: Disk> Records<'d, D> {
    /// Opens a journal at its first record.
    ///
    /// # Errors
    /// Returns what is wrong with the first segment.
    pub fn open(disk: &'d D, kind: Kind) -> Result<Self, JournalError> {
        let indices = indices(disk, kind)?;
        let segment = open_segment(disk, kind, indices[0], true)?;
        let first = segment.head.first;
        if kind == Kind::Control && (first, segment.head.chain) != (0, [0; 32]) {
            return Err(JournalError::corrupt(&segment.name, 0, "does not begin with record 0"));
        }
        let mut records = Self { disk, kind, indices, place: 0, segment, first, bytes: 0, notes: Vec::new() };
        records.note_marks();
        Ok(records)
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

    /// Returns the segment being read; behind the last block, the last one.
    pub(super) fn into_segment(self) -> Segment<D::File> {
        self.segment
    }

    fn enter_next(&mut self, end: End) -> Result<(), JournalError> {
        let old = &self.segment;
        let next = match open_segment(self.disk, self.kind, self.indices[self.place + 1], true) {
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

pub(super) fn open_segment<D: Disk>(disk: &D, kind: Kind, index: u64, is_read_only: bool) -> Result<Segment<D::File>, JournalError> {
    let name = file_name(kind, index);
    let file = disk.open(&name, is_read_only).map_err(|e| JournalError::io("open a segment", e))?;
    Segment::open(file, name, kind, index)
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
