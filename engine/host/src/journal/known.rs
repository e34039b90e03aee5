//! What a folder's journals held when a run went on with them: the run made again must append the same, record by record.

use bot4_io::disk::Disk;
use bot4_io::journal::format::{Kind, RecordHead};
use bot4_io::journal::{Cursor, JournalError, Record};

/// One journal's records that are there, and how many the run has made so far.
struct Side<D: Disk> {
    cursor: Cursor<D>,
    made: u64,
    is_over: bool,
}

/// Both journals' records.
pub struct Known<D: Disk> {
    sides: [Side<D>; 2],
}

impl<D: Disk + Clone> Known<D> {
    /// Opens what a folder holds: so many records of the control journal and of the tape. None where there is nothing.
    pub fn open(disk: &D, records: [u64; 2]) -> Result<Option<Box<Self>>, JournalError> {
        let side = |kind, end| -> Result<Side<D>, JournalError> {
            Ok(Side { cursor: Cursor::open(disk.clone(), kind, end)?, made: 0, is_over: end == 0 })
        };
        let sides = [side(Kind::Control, records[0])?, side(Kind::Tape, records[1])?];
        let known = Self { sides };
        Ok((!known.is_over()).then(|| Box::new(known)))
    }
}

impl<D: Disk> Known<D> {
    /// Says whether a journal holds nothing more that is to be met.
    pub fn is_beyond(&self, of: Kind) -> bool {
        self.sides[place(of)].is_over
    }

    /// Says so of both.
    pub fn is_over(&self) -> bool {
        self.sides.iter().all(|side| side.is_over)
    }

    /// Returns the number of the record that the run makes next.
    pub fn next(&self, of: Kind) -> u64 {
        self.sides[place(of)].made
    }

    /// Compares a record with the journal's; false where the journal has none at its place. What has rotated away is not compared.
    ///
    /// # Errors
    /// Returns [`JournalError::Other`] where they differ.
    pub fn meets(&mut self, of: Kind, (head, payload): (RecordHead, &[u8])) -> Result<bool, JournalError> {
        let side = &mut self.sides[place(of)];
        if side.is_over {
            return Ok(false);
        }
        if head.number >= side.cursor.number() {
            let same = side.cursor.read()?.is_some_and(|found| found == Record { head, payload });
            if !same {
                return Err(JournalError::Other { kind: of.word(), number: head.number });
            }
        }
        side.made += 1;
        side.is_over = side.cursor.is_over() && side.made >= side.cursor.number();
        Ok(true)
    }
}

fn place(of: Kind) -> usize {
    usize::from(of != Kind::Control)
}
