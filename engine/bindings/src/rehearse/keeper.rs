//! Who stands beside the desk in a rehearsal: hands commands to it, writes the journal, input before effect, and follows its orders.
use super::control::Heard;
use crate::journal::recorder::{COMMIT_ROWS, NS_PER_MS, Recorder, Tape};
use crate::records::Columns;
use bot4_engine::desk::funding::FundingSeries;
use bot4_engine::desk::operator::Command;
use bot4_engine::journal::{VERSION, encode_bars};
use bot4_engine::market::Market;
use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_host::desk::Watch;
use bot4_host::wire::{Tally, Wire};
use pyo3::prelude::*;

/// Numbers of control and tape records, and the chain's last hash.
type Ended = ((u64, u64), [u8; 32]);

/// The journal of a rehearsal, where there is one, and its records.
pub struct Keeper<'m> {
    tape: Tape<'m>,
    recorder: Option<Recorder>,
    heard: Option<Heard>,
    wire: Wire,
    /// Decision time of the row at hand, ms.
    now: i64,
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
        heard: Option<Heard>,
        wire: Wire,
    ) -> Self {
        let longest = market.columns.iter().map(|columns| columns.ts.len()).max().unwrap_or(0) as u64;
        let tape = Tape::new(market, fine, funding);
        let (interval_ms, columns, bytes) = (market.interval_ms, Columns::default(), Vec::new());
        Self { tape, recorder, heard, wire, now: 0, interval_ms, longest, columns, bytes }
    }

    /// Lets every report arrive; positions and books must then be the desk's.
    ///
    /// # Errors
    /// Returns the sentence of the wire.
    pub fn settle(&mut self, side: &DeskSide<'_>) -> Result<Tally, String> {
        self.wire.settle(self.now, side.desk())?;
        Ok(self.wire.tally())
    }

    /// Returns the commands that were given, with the decisions from which on they held.
    pub fn commands(&self) -> &[Command] {
        self.heard.as_ref().map_or(&[], |heard| heard.given.as_slice())
    }

    /// Ends the journal; returns the numbers of records and the chain's last hash.
    pub fn end(&mut self, equity: i64, state: [u8; 32]) -> PyResult<Option<Ended>> {
        self.recorder.take().map(|recorder| recorder.end_at(equity, state)).transpose()
    }

    /// Returns the records taken so far.
    pub fn into_columns(self) -> Columns {
        self.columns
    }
}

impl Watch for Keeper<'_> {
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, side: &mut DeskSide<'_>) -> Result<(), String> {
        self.now = ts + self.interval_ms;
        if let Some(heard) = &mut self.heard {
            heard.hand(self.now, side.run())?;
        }
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        self.tape.append_before(ts, &mut recorder.tape).map_err(|error| error.to_string())?;
        self.bytes.clear();
        let mut kind = 0;
        for tick in ticks {
            kind = encode_bars(tick.asset, &tick.rows(), 0, false, &mut self.bytes);
        }
        recorder.last = self.now;
        recorder.rows += 1;
        recorder.tape.append(kind, VERSION, self.now * NS_PER_MS, 0, &self.bytes).map_err(|error| error.to_string())?;
        side.desk()
            .commands_due(self.now)
            .iter()
            .try_for_each(|command| recorder.command(command, self.now))
            .map_err(|error| error.to_string())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        if let Some(heard) = &self.heard {
            heard.tell(side.desk().state());
        }
        let records = &mut side.run().records;
        if let Some(recorder) = &mut self.recorder {
            // Recorded, then sent: what follows is what a venue would be told.
            recorder.outcomes(records).map_err(|error| error.to_string())?;
        }
        let stream = std::mem::take(&mut records.stream);
        if let Some(recorder) = &mut self.recorder {
            let part = recorder.rows as f64 / self.longest.max(recorder.rows) as f64;
            self.columns.take(records, part);
            if recorder.rows % COMMIT_ROWS == 0 {
                recorder.commit().map_err(|error| error.to_string())?;
            }
        }
        let done = self.wire.row(&stream, self.now, side.desk());
        let records = &mut side.run().records;
        records.stream = stream;
        records.stream.clear();
        done
    }

    fn is_timed(&self) -> bool {
        true
    }
}
