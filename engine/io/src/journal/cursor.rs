//! The records that a journal held when it was opened, one at a time, while its writer goes on behind them.

use super::error::JournalError;
use super::format::{Kind, read_record};
use super::scan::{Record, Records};
use crate::disk::Disk;

/// A place among the records that were there.
pub struct Cursor<D: Disk> {
    records: Records<D>,
    /// Place in the block at hand, and the block's bytes.
    at: usize,
    length: usize,
    /// Number of the next record, and of the first that is not looked at.
    next: u64,
    end: u64,
}

impl<D: Disk> Cursor<D> {
    /// Opens a journal at its oldest record; records from number `end` on are not looked at.
    ///
    /// # Errors
    /// Returns what is wrong with the first segment.
    pub fn open(disk: D, kind: Kind, end: u64) -> Result<Self, JournalError> {
        let records = Records::open(disk, kind)?;
        let next = records.first();
        Ok(Self { records, at: 0, length: 0, next, end })
    }

    /// Returns the number of the next record.
    pub fn number(&self) -> u64 {
        self.next
    }

    /// Says whether there is none left.
    pub fn is_over(&self) -> bool {
        self.next >= self.end
    }

    /// Returns the next record; none at the end.
    ///
    /// # Errors
    /// Returns the place of the first byte that is wrong.
    pub fn read(&mut self) -> Result<Option<Record<'_>>, JournalError> {
        if self.is_over() {
            return Ok(None);
        }
        while self.at == self.length {
            if self.records.next_block()?.is_none() {
                return Ok(None);
            }
            (self.at, self.length) = (0, self.records.block().len());
        }
        let (head, payload, size) =
            read_record(&self.records.block()[self.at..]).expect("the block's records were checked when it was read");
        self.at += size;
        self.next += 1;
        Ok(Some(Record { head, payload }))
    }
}
