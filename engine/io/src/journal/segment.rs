//! One segment, read block by block, with every check on the way.

use super::error::JournalError;
use super::format::{
    BLOCK_HEAD, BlockHead, CHAIN, Chain, DATA_AT, Kind, MARK, MARKS_AT, Mark, SEGMENT_HEAD, SegmentHead, file_name, link, read_record,
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

    /// Promises what was read so far and no more: writes the next mark, and waits for the disk.
    pub(super) fn mark_here(&mut self) -> std::io::Result<()> {
        let turn = self.mark.map_or(0, |mark| mark.turn) + 1;
        let mark = Mark { end: self.at, next: self.next, turn, chain: self.chain, is_sealed: false, is_synced: true };
        self.file.write_at(&mark.encode(), MARKS_AT[(turn % 2) as usize])?;
        self.mark = Some(mark);
        self.file.sync()
    }

    /// Returns the records of the block read last.
    pub fn records(&self) -> &[u8] {
        &self.block[BLOCK_HEAD..self.block.len() - CHAIN]
    }

    pub(super) fn wrong(&self, what: &'static str) -> JournalError {
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

/// Opens a segment's file and reads its head and marks.
pub(super) fn open_segment<D: Disk>(disk: &D, kind: Kind, index: u64, is_read_only: bool) -> Result<Segment<D::File>, JournalError> {
    let name = file_name(kind, index);
    let file = disk.open(&name, is_read_only).map_err(|e| JournalError::io("open a segment", e))?;
    Segment::open(file, name, kind, index)
}
