//! Writing: records are gathered, a commit makes them one block and acknowledges them.

use super::error::JournalError;
use super::format::{
    BLOCK_HEAD, BlockHead, CHAIN, Chain, DATA_AT, Kind, MARKS_AT, Mark, RecordHead, SegmentHead, file_name, link, push_record, record_size,
};
use super::recover::{Recovered, cut_loss, make, recover};
use super::scan::{indices, verify};
use super::segment::open_segment;
use crate::disk::{Disk, DiskFile};
use std::io::ErrorKind;

/// The most bytes of records gathered before a commit of its own.
const BLOCK_BYTES: usize = 1 << 18;

/// What an acknowledged record survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the machine: every commit waits for the disk.
    Fsync,
    /// The end of the program: a commit hands the bytes to the system.
    PageCache,
}

impl Durability {
    /// Returns the word used in settings and results.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fsync => "fsync",
            Self::PageCache => "page-cache",
        }
    }
}

/// Returns the name of the file that a writer of a journal locks.
fn claim_name(kind: Kind) -> String {
    format!("{}.lock", kind.word())
}

/// Appends to a journal. After any error but [`JournalError::TooLong`] it takes nothing more: a failed sync is never tried again, since
/// the system may have forgotten what it could not write; a new start reads what is there.
pub struct Writer<D: Disk> {
    disk: D,
    kind: Kind,
    durability: Durability,
    segment_bytes: u64,
    file: D::File,
    index: u64,
    at: u64,
    turn: u64,
    /// Number of the next record to append, and of the first one not committed.
    next: u64,
    first: u64,
    chain: Chain,
    /// A block being gathered: head, records.
    block: Vec<u8>,
    failed: bool,
    /// The most bytes of segments that are kept, of a tape.
    budget: Option<u64>,
    /// Number of the oldest record that is kept.
    oldest: u64,
    /// Nobody else writes while this one does.
    _claim: D::Claim,
}

impl<D: Disk> Writer<D> {
    /// Opens a journal for appending, recovers it, or begins one; `segment_bytes` is the size of a segment's file.
    ///
    /// # Errors
    /// Returns [`JournalError::Taken`] where another writer has it, [`JournalError`] where a start would lose something, or the disk refuses.
    pub fn open(disk: D, kind: Kind, durability: Durability, segment_bytes: u64) -> Result<(Self, Recovered), JournalError> {
        let claim = Self::claim(&disk, kind)?;
        Self::recovered(disk, kind, durability, segment_bytes, claim)
    }

    /// Makes a journal right again that nobody writes: cuts its torn tail and writes damaged marks anew, as a start does. With `accept_loss` it also
    /// cuts what the page cache lost when the machine went down. One in which nothing is to be done is not touched.
    ///
    /// # Errors
    /// As [`Writer::open`]; what is corrupt is not touched.
    pub fn repair(disk: D, kind: Kind, accept_loss: bool) -> Result<Recovered, JournalError> {
        let claim = Self::claim(&disk, kind)?;
        if let Ok(right) = verify(&disk, kind)
            && right.notes.is_empty()
        {
            return Ok(Recovered { records: right.next, first: right.first, ..Recovered::default() });
        }
        let lost = if accept_loss { cut_loss(&disk, kind)? } else { None };
        let (_, found) = Self::recovered(disk, kind, Durability::Fsync, 0, claim)?;
        Ok(Recovered { cut: lost.or(found.cut), ..found })
    }

    fn claim(disk: &D, kind: Kind) -> Result<D::Claim, JournalError> {
        disk.claim(&claim_name(kind)).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => JournalError::Taken { by: error.to_string() },
            _ => JournalError::io("claim its folder", error),
        })
    }

    fn recovered(
        disk: D,
        kind: Kind,
        durability: Durability,
        segment_bytes: u64,
        claim: D::Claim,
    ) -> Result<(Self, Recovered), JournalError> {
        let segment_bytes = segment_bytes.max(DATA_AT + 1024).next_multiple_of(DATA_AT);
        let (segment, recovered) = recover(&disk, kind, segment_bytes)?;
        let mut block = Vec::with_capacity(BLOCK_BYTES + BLOCK_HEAD + CHAIN + 4096);
        block.resize(BLOCK_HEAD, 0);
        let mut writer = Self {
            disk,
            kind,
            durability,
            segment_bytes,
            index: segment.head.index,
            at: segment.at,
            turn: segment.mark.map_or(0, |mark| mark.turn),
            next: segment.next,
            first: segment.next,
            chain: segment.chain,
            file: segment.file,
            block,
            failed: false,
            budget: None,
            oldest: recovered.first,
            _claim: claim,
        };
        // What the crash left without a mark is acknowledged from here on, and a damaged mark is written anew.
        if segment.at > DATA_AT || segment.damaged_mark.is_some() {
            writer.file.sync().map_err(|e| JournalError::io("sync", e))?;
            writer.acknowledge(false)?;
            writer.acknowledge(false)?;
        }
        Ok((writer, recovered))
    }

    /// Keeps a tape within so many bytes: whenever a segment is begun, the oldest closed ones are removed until what is left fits. The segment
    /// being written stays, whatever the budget. A control journal is kept for good and takes no budget.
    pub fn keep_within(&mut self, bytes: u64) {
        if self.kind == Kind::Tape {
            self.budget = Some(bytes);
        }
    }

    /// Returns the number of the oldest record that is kept.
    pub fn oldest(&self) -> u64 {
        self.oldest
    }

    /// Returns the number of the next record.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Returns the chain over all that is committed.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Returns the segment being written.
    pub fn segment(&self) -> u64 {
        self.index
    }

    /// Gathers a record and returns its number; it is acknowledged by the next commit. Commits by itself where a block is full.
    ///
    /// # Errors
    /// Returns [`JournalError::TooLong`] for a record that no segment holds, else why the disk refused.
    #[inline]
    pub fn append(&mut self, kind: u16, version: u16, time: i64, tape: u64, payload: &[u8]) -> Result<u64, JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        let size = record_size(payload.len());
        if (BLOCK_HEAD + size + CHAIN) as u64 > self.segment_bytes - DATA_AT || u32::try_from(size).is_err() {
            return Err(JournalError::TooLong { bytes: payload.len() });
        }
        let fits_segment = (self.block.len() + size + CHAIN) as u64 <= self.segment_bytes - DATA_AT;
        if self.block.len() > BLOCK_HEAD && (self.block.len() + size > BLOCK_BYTES || !fits_segment) {
            self.commit()?;
        }
        let number = self.next;
        push_record(&mut self.block, &RecordHead { kind, version, number, time, tape }, payload);
        self.next += 1;
        Ok(number)
    }

    /// Makes what was gathered durable, as far as the durability promises, and returns the number of the next record.
    ///
    /// # Errors
    /// Returns why the disk refused: nothing since the last commit is then acknowledged, and the writer takes nothing more.
    pub fn commit(&mut self) -> Result<u64, JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        if self.block.len() > BLOCK_HEAD {
            self.failed = true;
            self.write_block()?;
            self.acknowledge(false)?;
            self.failed = false;
        }
        Ok(self.next)
    }

    /// Commits, and gives back what was allocated of the segment and not written: for a journal to which nothing more is to come. One that goes on
    /// allocates again.
    ///
    /// # Errors
    /// Returns why the disk refused; the writer takes nothing more.
    pub fn trim(&mut self) -> Result<(), JournalError> {
        self.commit()?;
        self.failed = true;
        self.file.resize(self.at).map_err(|e| JournalError::io("trim a segment", e))?;
        Ok(())
    }

    /// Waits until all that is committed is on the disk, whatever the durability.
    ///
    /// # Errors
    /// Returns why the disk refused; the writer takes nothing more.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.commit()?;
        self.failed = true;
        self.file.sync().map_err(|e| JournalError::io("sync", e))?;
        self.failed = false;
        Ok(())
    }

    fn write_block(&mut self) -> Result<(), JournalError> {
        let whole = (self.block.len() + CHAIN) as u64;
        if self.at + whole > self.segment_bytes {
            self.roll()?;
        }
        let bytes = (self.block.len() - BLOCK_HEAD) as u32;
        let head = BlockHead { bytes, records: (self.next - self.first) as u32, first: self.first, offset: self.at };
        self.block[..BLOCK_HEAD].copy_from_slice(&head.encode());
        let (before, records) = self.block.split_at(BLOCK_HEAD);
        let chain = link(&self.chain, before, records);
        self.block.extend_from_slice(&chain);
        self.file.write_at(&self.block, self.at).map_err(|e| JournalError::io("write", e))?;
        if self.durability == Durability::Fsync {
            self.file.sync().map_err(|e| JournalError::io("sync", e))?;
        }
        self.at += whole;
        self.chain = chain;
        self.first = self.next;
        self.block.truncate(BLOCK_HEAD);
        Ok(())
    }

    /// Writes the next mark: everything up to `at` is acknowledged.
    fn acknowledge(&mut self, is_sealed: bool) -> Result<(), JournalError> {
        self.turn += 1;
        let is_synced = self.durability == Durability::Fsync || is_sealed;
        let mark = Mark { end: self.at, next: self.first, turn: self.turn, chain: self.chain, is_sealed, is_synced };
        let place = MARKS_AT[(self.turn % 2) as usize];
        self.file.write_at(&mark.encode(), place).map_err(|e| JournalError::io("write a mark", e))
    }

    /// Goes on in a new segment, then seals the old one: in this order a missing file is always found.
    fn roll(&mut self) -> Result<(), JournalError> {
        self.file.sync().map_err(|e| JournalError::io("sync", e))?;
        let head = SegmentHead { kind: self.kind, index: self.index + 1, first: self.first, chain: self.chain };
        let next = make(&self.disk, &head, self.segment_bytes)?;
        self.acknowledge(true)?;
        self.file.resize(self.at).map_err(|e| JournalError::io("trim a segment", e))?;
        self.file.sync().map_err(|e| JournalError::io("sync", e))?;
        self.file = next.file;
        self.index += 1;
        self.at = DATA_AT;
        self.turn = 0;
        self.budget.map_or(Ok(()), |budget| self.rotate(budget))
    }

    /// Removes the oldest closed segments, oldest first, so that a crash between two leaves no gap.
    fn rotate(&mut self, budget: u64) -> Result<(), JournalError> {
        let closed = indices(&self.disk, self.kind)?.into_iter().filter(|&index| index < self.index);
        let closed = closed.map(|index| {
            let name = file_name(self.kind, index);
            let file = self.disk.open(&name, true).map_err(|e| JournalError::io("open a segment", e))?;
            Ok((file.size().map_err(|e| JournalError::io("read", e))?, name))
        });
        let closed = closed.collect::<Result<Vec<_>, JournalError>>()?;
        let mut kept = self.segment_bytes + closed.iter().map(|(bytes, _)| bytes).sum::<u64>();
        let mut removed = 0;
        for (bytes, name) in closed {
            if kept <= budget {
                break;
            }
            self.disk.remove(&name).map_err(|e| JournalError::io("remove a rotated segment", e))?;
            // Each before the next: a crash must not bring one back whose successor is gone.
            self.disk.sync_names().map_err(|e| JournalError::io("sync its folder", e))?;
            (kept, removed) = (kept - bytes, removed + 1);
        }
        if removed == 0 {
            return Ok(());
        }
        let first = indices(&self.disk, self.kind)?[0];
        self.oldest = open_segment(&self.disk, self.kind, first, true)?.head.first;
        Ok(())
    }
}
