//! A journal after a crash, made right again without a run.

use super::{open, refuse_journal};
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Recovered, Writer};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// Cuts the torn tails of both journals of a folder and writes damaged marks anew; with `accept_loss` what the page cache lost is cut too. A journal in
/// which nothing is to be done is not touched. Returns {"control" | "tape": {"records", "first", "cut": (file, offset) | None, "notes"}}.
#[pyfunction]
#[pyo3(signature = (folder, accept_loss=false))]
pub fn journal_repair<'py>(py: Python<'py>, folder: PathBuf, accept_loss: bool) -> PyResult<Bound<'py, PyDict>> {
    let disk = open(&folder)?;
    let repaired = |kind| Writer::repair(&disk, kind, accept_loss);
    let found = py.detach(|| Ok([repaired(Kind::Control)?, repaired(Kind::Tape)?])).map_err(|error| refuse_journal(&folder, error))?;
    both(py, &found)
}

/// Says what was found of the control journal and of the tape.
pub(super) fn both<'py>(py: Python<'py>, found: &[Recovered; 2]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    for (kind, found) in [Kind::Control, Kind::Tape].into_iter().zip(found) {
        let one = PyDict::new(py);
        one.set_item("records", found.records)?;
        one.set_item("first", found.first)?;
        one.set_item("cut", found.cut.as_ref().map(|cut| (&cut.file, cut.offset)))?;
        one.set_item("notes", &found.notes)?;
        to.set_item(kind.word(), one)?;
    }
    Ok(to)
}
