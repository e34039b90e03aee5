//! Runs that keep a journal, and journals read back: verified, listed, replayed.
//!
//! What a record means stands in `bot4_engine::journal`, how it is kept in `bot4_io::journal`; here is the host that joins them.

mod ledger;
pub(crate) mod recorder;
mod repair;
mod replayed;

use crate::refuse;
use crate::replay::sentence;
use bot4_engine::journal::{TAPE_LAYOUTS, layouts};
use bot4_engine::market::Market;
use bot4_host::journal::RunError;
use bot4_io::disk::Folder;
use bot4_io::journal::format::Kind;
use bot4_io::journal::{JournalError, Records, Report, verify};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use std::path::{Path, PathBuf};

pub use ledger::journal_ledger;
pub use recorder::run_journaled;
pub use repair::journal_repair;
pub use replayed::journal_replay;

/// Raises the journal's sentence, with its folder.
fn refuse_journal(folder: &Path, error: JournalError) -> PyErr {
    refuse(format!("{}: {error}", folder.display()))
}

/// Raises the sentence of a run with a journal, or of one made again.
pub(crate) fn refuse_run(folder: &Path, market: Option<&Market<'_>>, error: RunError) -> PyErr {
    match (error, market) {
        (RunError::Journal(error), _) => refuse_journal(folder, error),
        (RunError::Halt(halt), Some(market)) => sentence(market, halt),
        (RunError::Halt(halt), None) => refuse(format!(
            "{}: a price, quantity or amount does not fit the integer scales at the bar opening at {} ms",
            folder.display(),
            halt.ts
        )),
        (RunError::Said(sentence), _) => refuse(format!("{}: {sentence}", folder.display())),
    }
}

/// Makes the folder of a new journal.
pub(crate) fn kept_in(folder: &Path) -> PyResult<Folder> {
    Folder::make(folder).map_err(|e| refuse(format!("{} cannot be made ({e}); give --journal another place", folder.display())))
}

fn open(folder: &Path) -> PyResult<Folder> {
    Folder::open(folder)
        .map_err(|error| refuse(format!("{} is no folder of a journal ({error}); name the one given to --journal", folder.display())))
}

/// Reads both journals of a folder from the first byte to the last; changes nothing.
#[pyfunction]
pub fn journal_verify<'py>(py: Python<'py>, folder: PathBuf) -> PyResult<Bound<'py, PyDict>> {
    let disk = open(&folder)?;
    let to = PyDict::new(py);
    for kind in [Kind::Control, Kind::Tape] {
        let report = py.detach(|| verify(&disk, kind)).map_err(|e| refuse_journal(&folder, e))?;
        to.set_item(kind.word(), described(py, &report)?)?;
    }
    Ok(to)
}

fn described<'py>(py: Python<'py>, report: &Report) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("segments", report.segments)?;
    to.set_item("blocks", report.blocks)?;
    to.set_item("first", report.first)?;
    to.set_item("next", report.next)?;
    to.set_item("bytes", report.bytes)?;
    to.set_item("chain", crate::records::hex(&report.chain))?;
    to.set_item("notes", &report.notes)?;
    Ok(to)
}

/// Reads up to `count` records from number `first` on: (number, time in ns, kind, version, tape number, payload).
#[pyfunction]
#[pyo3(signature = (folder, kind, first=0, count=None))]
pub fn journal_read<'py>(py: Python<'py>, folder: PathBuf, kind: &str, first: u64, count: Option<u64>) -> PyResult<Bound<'py, PyList>> {
    let kind = match kind {
        "control" => Kind::Control,
        "tape" => Kind::Tape,
        other => return Err(refuse(format!("a journal has the kinds control and tape, not {other}"))),
    };
    let disk = open(&folder)?;
    let end = first.saturating_add(count.unwrap_or(u64::MAX));
    let to = PyList::empty(py);
    let mut records = Records::open(&disk, kind).map_err(|e| refuse_journal(&folder, e))?;
    while let Some(block) = records.next_block().map_err(|e| refuse_journal(&folder, e))? {
        for record in block {
            let head = record.head;
            if head.number >= end {
                return Ok(to);
            }
            if head.number >= first {
                to.append((head.number, head.time, head.kind, head.version, head.tape, PyBytes::new(py, record.payload)))?;
            }
        }
        py.check_signals()?;
    }
    Ok(to)
}

/// Returns the fields of every kind of record, and their version: {"version", "contents", "control" | "tape": [(code, name, [(field, type)])]}.
#[pyfunction]
pub fn journal_layouts(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let plain = |layouts: &[bot4_engine::journal::Layout]| {
        layouts.iter().map(|&(code, name, fields)| (code, name, fields.to_vec())).collect::<Vec<_>>()
    };
    let to = PyDict::new(py);
    to.set_item("version", bot4_engine::journal::VERSION)?;
    to.set_item("contents", bot4_engine::journal::CONTENTS)?;
    to.set_item("control", plain(&layouts()))?;
    to.set_item("tape", plain(&TAPE_LAYOUTS))?;
    Ok(to)
}
