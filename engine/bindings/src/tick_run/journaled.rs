//! A run over ticks that keeps a journal: rows and their columns on the tape, what the venue told among the control records.
use super::venue::TickVenue;
use super::{LentRows, open};
use crate::journal::recorder::{How, about, opened, terms};
use crate::journal::{kept_in, refuse_run};
use crate::market::PyMarket;
use crate::records::Columns;
use bot4_engine::desk::remote::Report;
use bot4_engine::journal::CONTENTS;
use bot4_engine::replay::Replay;
use bot4_engine::replay::ticks::Post;
use bot4_engine::signal::program::Program;
use bot4_host::journal::{COMMIT_ROWS, Inputs, Outcomes, Pair, Recorder, RunError, Sink};
use bot4_io::disk::Disk;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// Where a journal goes, its first record, how it is kept.
pub type Kept = (PathBuf, String, How);

/// Runs to the end; returns the run, its records and what is said of the journal.
#[allow(clippy::too_many_arguments)]
pub fn run<'py>(
    py: Python<'py>,
    market: &PyMarket,
    rows: &LentRows,
    (program_json, config_json): (&str, &str),
    venue: &mut TickVenue<'_>,
    told: &mut Vec<Report>,
    (folder, setup_json, how): Kept,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Replay<'static>, Columns, Bound<'py, PyDict>)> {
    let terms = terms(&how)?;
    let mut replay = open(market, rows, program_json, config_json, &[])?.with_stream();
    let market = market.market();
    let program = Program::parse(program_json, &market.symbols()).map_err(crate::refuse)?;
    let mut inputs = Inputs::new(market, None, &[]).with_features(vec![rows.features]);
    let wrong = |error: RunError| refuse_run(&folder, Some(market), error);
    let outcomes = Outcomes::new(&program.identity(), market.listings.len(), CONTENTS);
    let (pair, found) = opened(kept_in(&folder)?, terms, how.4).map_err(|error| wrong(error.into()))?;
    let mut recorder = Recorder::begin(pair, &setup_json, outcomes).map_err(|error| wrong(error.into()))?;
    let (mut columns, mut post) = (Columns::default(), Post::default());
    loop {
        let mut taken = || stretch(&mut recorder, &mut inputs, &mut replay, venue, told, &mut columns, &mut post);
        let done = py.detach(&mut taken).map_err(wrong)?;
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1((recorder.rows,))?;
        }
        if done {
            break;
        }
    }
    recorder.agree(replay.desk()).map_err(wrong)?;
    let ended = recorder.end(replay.desk().equity(), replay.hash()).map_err(|error| wrong(error.into()))?;
    Ok((replay, columns, about(py, ended, terms.durability, found)?))
}

/// Takes rows up to the next commit; says whether there are no more.
fn stretch<D: Disk + Clone>(
    recorder: &mut Recorder<Pair<D>>,
    inputs: &mut Inputs<'_>,
    replay: &mut Replay<'_>,
    venue: &mut TickVenue<'_>,
    told: &mut Vec<Report>,
    columns: &mut Columns,
    post: &mut Post,
) -> Result<bool, RunError> {
    for _ in 0..COMMIT_ROWS {
        if !recorder.row_of_ticks(inputs, replay, venue, post, told)? {
            return Ok(true);
        }
        columns.take(&mut replay.records, 1.0);
    }
    recorder.sink.hand_over()?;
    Ok(false)
}
