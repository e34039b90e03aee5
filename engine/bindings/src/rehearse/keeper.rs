//! Who stands beside the desk in a rehearsal: writes the journal, input before effect, and keeps the records.
use crate::journal::recorder::{COMMIT_ROWS, NS_PER_MS, Recorder, Tape};
use crate::records::Columns;
use bot4_engine::desk::funding::FundingSeries;
use bot4_engine::journal::{VERSION, encode_bars};
use bot4_engine::market::Market;
use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_host::desk::Watch;
use pyo3::prelude::*;

/// The journal of a rehearsal, where there is one, and its records.
pub struct Keeper<'m> {
    tape: Tape<'m>,
    recorder: Option<Recorder>,
    interval_ms: i64,
    /// Rows in all, about: how much room the columns need.
    longest: u64,
    columns: Columns,
    bytes: Vec<u8>,
}

impl<'m> Keeper<'m> {
    /// Stands beside a market's run.
    pub fn new(
        market: &'m Market<'m>,
        fine: Option<&'m Market<'m>>,
        funding: &'m [Option<FundingSeries<'m>>],
        recorder: Option<Recorder>,
    ) -> Self {
        let longest = market.columns.iter().map(|columns| columns.ts.len()).max().unwrap_or(0) as u64;
        let tape = Tape::new(market, fine, funding);
        Self { tape, recorder, interval_ms: market.interval_ms, longest, columns: Columns::default(), bytes: Vec::new() }
    }

    /// Ends the journal; returns the numbers of records and the chain's last hash.
    pub fn end(&mut self, equity: i64, state: [u8; 32]) -> PyResult<Option<((u64, u64), [u8; 32])>> {
        self.recorder.take().map(|recorder| recorder.end_at(equity, state)).transpose()
    }

    /// Returns the records taken so far.
    pub fn into_columns(self) -> Columns {
        self.columns
    }
}

impl Watch for Keeper<'_> {
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>) -> Result<(), String> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        let tape = &mut recorder.tape;
        self.tape.append_before(ts, tape).map_err(|error| error.to_string())?;
        self.bytes.clear();
        let mut kind = 0;
        for tick in ticks {
            kind = encode_bars(tick.asset, &tick.rows(), 0, false, &mut self.bytes);
        }
        recorder.last = ts + self.interval_ms;
        recorder.rows += 1;
        tape.append(kind, VERSION, recorder.last * NS_PER_MS, 0, &self.bytes).map(|_| ()).map_err(|error| error.to_string())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        let records = &mut side.run().records;
        recorder.outcomes(records).map_err(|error| error.to_string())?;
        let part = recorder.rows as f64 / self.longest.max(recorder.rows) as f64;
        self.columns.take(records, part);
        if recorder.rows % COMMIT_ROWS == 0 { recorder.commit().map_err(|error| error.to_string()) } else { Ok(()) }
    }

    fn is_journal(&self) -> bool {
        self.recorder.is_some()
    }
}
