//! A journal replayed: the run is made again, and each of its outcomes compared with the control journal, bit for bit.

use super::{open, refuse_run};
use crate::records::hex;
use crate::refuse;
use bot4_host::journal::{Done, Start, Wanted, replay};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// Makes the run again from a folder's journals, up to the last row decided at or before `until` (ms), and compares. `start`: `first` row, `newest`
/// snapshot, or `chosen`: the first row, but a snapshot where a time is given or the tape has rotated.
#[pyfunction]
#[pyo3(signature = (folder, until=None, start="chosen"))]
pub fn journal_replay<'py>(py: Python<'py>, folder: PathBuf, until: Option<i64>, start: &str) -> PyResult<Bound<'py, PyDict>> {
    let start = match start {
        "chosen" => Start::Chosen,
        "first" => Start::First,
        "newest" => Start::Newest,
        other => return Err(refuse(format!("a replay starts at first, newest or chosen, not {other}"))),
    };
    let disk = open(&folder)?;
    let done = py.detach(|| replay(&disk, Wanted { until, start })).map_err(|error| refuse_run(&folder, None, error))?;
    described(py, &done)
}

fn described<'py>(py: Python<'py>, done: &Done) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("rows", done.check.rows)?;
    to.set_item("ts", done.check.ts)?;
    to.set_item("equity", done.check.equity)?;
    to.set_item("state_hash", hex(&done.check.state))?;
    to.set_item("positions", &done.positions)?;
    to.set_item("working", done.working)?;
    to.set_item("tape_records", done.tape_records)?;
    to.set_item("compared", done.compared)?;
    to.set_item("further", done.further)?;
    to.set_item("untaken", done.untaken)?;
    to.set_item("difference", done.difference)?;
    to.set_item("begun", done.begun)?;
    to.set_item("is_whole", done.is_whole)?;
    to.set_item("notes", &done.notes)?;
    Ok(to)
}
