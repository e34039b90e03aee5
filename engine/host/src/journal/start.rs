//! Where a run is made again from: the first row, or the newest snapshot that is right and has its place in both journals.

use super::RunError;
use super::replayed::{Start, Wanted};
use super::setup::Setup;
use bot4_engine::journal::snapshot::{Mark, Snapshot};
use bot4_io::disk::Disk;
use bot4_io::journal::aside::{read_aside, snapshot_name, snapshots};
use bot4_io::journal::format::Kind;
use bot4_io::journal::{JournalError, Records};

/// Both journals, open at the place where the run is made again from.
pub struct Begin<'d, D: Disk> {
    /// What was run.
    pub setup: Setup,
    /// The state there; none at the first row.
    pub snapshot: Option<Snapshot>,
    /// The control journal.
    pub control: Records<&'d D>,
    /// The tape.
    pub tape: Records<&'d D>,
    /// Snapshots that were passed over, and why.
    pub notes: Vec<String>,
}

/// Opens a folder's journals where a replay begins.
///
/// # Errors
/// Returns what is wrong with a journal, and [`JournalError::Rotated`] where the tape's beginning is gone and no snapshot stands in for it.
pub fn begin<D: Disk>(disk: &D, wanted: Wanted) -> Result<Begin<'_, D>, RunError> {
    let (setup, hash) = Setup::read(disk)?;
    let tape = Records::open(disk, Kind::Tape)?;
    let oldest = tape.first();
    let mut notes = Vec::new();
    let may = match wanted.start {
        Start::First => false,
        Start::Newest => true,
        Start::Chosen => wanted.until.is_some() || oldest > 0,
    };
    for rows in snapshots(disk)?.into_iter().rev().filter(|_| may) {
        let name = snapshot_name(rows);
        let found = read_aside(disk, &name).map_err(|e| e.to_string()).and_then(|bytes| Snapshot::decode(&bytes));
        let snapshot = match found {
            Ok(snapshot) if snapshot.setup == hash => snapshot,
            Ok(_) => {
                notes.push(format!("{name} belongs to another run: passed over"));
                continue;
            }
            Err(what) => {
                notes.push(format!("{name} cannot be used: {what}; passed over"));
                continue;
            }
        };
        if wanted.until.is_some_and(|until| snapshot.ts > until) || snapshot.tape.next < oldest {
            continue;
        }
        match (place(disk, Kind::Control, &snapshot.control)?, place(disk, Kind::Tape, &snapshot.tape)?) {
            (Some(control), Some(tape)) => return Ok(Begin { setup, snapshot: Some(snapshot), control, tape, notes }),
            _ => notes.push(format!("{name} has no place in the journals: passed over")),
        }
    }
    if oldest > 0 {
        return Err(JournalError::Rotated { wanted: 0, first: oldest }.into());
    }
    Ok(Begin { setup, snapshot: None, control: Records::open(disk, Kind::Control)?, tape, notes })
}

/// Opens a journal at a mark; none where the journal ends before it, or has another chain there.
fn place<'d, D: Disk>(disk: &'d D, kind: Kind, mark: &Mark) -> Result<Option<Records<&'d D>>, JournalError> {
    let mut records = Records::open_at(disk, kind, mark.next)?;
    loop {
        let (next, chain) = records.position();
        if next >= mark.next {
            return Ok((next == mark.next && chain == mark.chain).then_some(records));
        }
        if records.next_block()?.is_none() {
            return Ok(None);
        }
    }
}
