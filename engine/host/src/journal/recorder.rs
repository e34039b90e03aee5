//! A run that appends each row to the tape before it takes it, and what came of it to the control journal.

use super::inputs::Inputs;
use super::outcomes::Outcomes;
use super::sink::{Ended, Pair, Sink};
use super::{CHECK_ROWS, NS_PER_MS, RunError};
use bot4_engine::desk::Desk;
use bot4_engine::desk::operator::Command;
use bot4_engine::desk::records::Records;
use bot4_engine::desk::remote::Report;
use bot4_engine::journal::snapshot::Snapshot;
use bot4_engine::journal::{Check, Entry, control};
use bot4_engine::replay::Replay;
use bot4_engine::replay::ticks::{Post, Venue};
use bot4_io::disk::Disk;
use bot4_io::journal::JournalError;
use bot4_io::journal::format::Kind;
use std::collections::VecDeque;

/// Rows between two commits of a backtest: it sends nothing out that would have to wait for one.
pub const COMMIT_ROWS: u64 = 256;

/// Both journals of a run, and what it has come to.
pub struct Recorder<S> {
    /// Where records go.
    pub sink: S,
    outcomes: Outcomes,
    /// BLAKE3 of the first record.
    setup: [u8; 32],
    /// Grid rows taken.
    pub rows: u64,
    /// Decision time of the last one, ms.
    pub last: i64,
    bytes: Vec<u8>,
    /// Snapshots that were written: after how many rows, and the tape's next record there.
    snapshots: VecDeque<(u64, u64)>,
}

impl<S: Sink> Recorder<S> {
    /// Begins with the run's setup as the first record.
    ///
    /// # Errors
    /// Returns why it cannot be written.
    pub fn begin(mut sink: S, setup_json: &str, outcomes: Outcomes) -> Result<Self, JournalError> {
        sink.append(Kind::Control, control::BEGIN, 0, 0, setup_json.as_bytes())?;
        sink.settle()?;
        let setup = *blake3::hash(setup_json.as_bytes()).as_bytes();
        Ok(Self { sink, outcomes, setup, rows: 0, last: 0, bytes: Vec::new(), snapshots: VecDeque::new() })
    }

    /// Appends the next row, takes it, appends what came of it; false at the end. The run takes one row at a time.
    ///
    /// # Errors
    /// Returns why the journal, or the run, cannot go on.
    pub fn row(&mut self, inputs: &mut Inputs<'_>, replay: &mut Replay<'_>) -> Result<bool, RunError> {
        let Some(ts) = inputs.append(&mut self.sink)? else { return Ok(false) };
        let decision = ts + inputs.interval_ms();
        for command in replay.desk().commands_due(decision) {
            self.command(command, decision)?;
        }
        let taken = replay.advance(1)?;
        self.taken(taken, decision, replay)
    }

    /// Does the same with a row of ticks, whose venue reports: what it told is appended before what came of it.
    ///
    /// # Errors
    /// Returns why the journal, or the run, cannot go on.
    pub fn row_of_ticks(
        &mut self,
        inputs: &mut Inputs<'_>,
        replay: &mut Replay<'_>,
        venue: &mut impl Venue,
        post: &mut Post,
        told: &mut Vec<Report>,
    ) -> Result<bool, RunError> {
        let Some(ts) = inputs.append(&mut self.sink)? else { return Ok(false) };
        let decision = ts + inputs.interval_ms();
        for command in replay.desk().commands_due(decision) {
            self.command(command, decision)?;
        }
        let known = told.len();
        let taken = replay.advance_ticks(1, venue, told, post)?;
        for report in &told[known..] {
            self.bytes.clear();
            report.encode(&mut self.bytes);
            let seen = self.sink.next(Kind::Tape).saturating_sub(1);
            self.sink.append(Kind::Control, control::REPORT, report.local_ns, seen, &self.bytes)?;
        }
        self.taken(taken, decision, replay)
    }

    fn taken(&mut self, taken: usize, decision: i64, replay: &mut Replay<'_>) -> Result<bool, RunError> {
        assert_eq!(taken, 1, "the tape and the run take the same rows");
        self.rows += 1;
        self.last = decision;
        self.outcomes(&replay.records)?;
        replay.records.stream.clear();
        if self.rows % CHECK_ROWS == 0 {
            self.check(control::CHECK, replay.desk().equity(), replay.hash())?;
        }
        Ok(true)
    }

    /// Appends what the last row came to.
    ///
    /// # Errors
    /// Returns why the journal takes nothing, and where there are more orders than it follows.
    pub fn outcomes(&mut self, records: &Records) -> Result<(), RunError> {
        let Self { sink, outcomes, .. } = self;
        let seen = sink.next(Kind::Tape).saturating_sub(1);
        outcomes.each(records, &mut |kind, ms, payload| {
            sink.append(Kind::Control, kind, ms * NS_PER_MS, seen, payload).map_err(RunError::Journal)
        })
    }

    /// Appends a command that the decision at `ms` will obey: an input, so it stands before what comes of it.
    ///
    /// # Errors
    /// Returns why the journal takes nothing.
    pub fn command(&mut self, command: &Command, ms: i64) -> Result<(), JournalError> {
        self.bytes.clear();
        // From the decision on at which it is obeyed: one that came late must not be obeyed early by a replay.
        serde_json::to_writer(&mut self.bytes, &Command { at: ms, ..command.clone() }).expect("a command is plain numbers and text");
        let seen = self.sink.next(Kind::Tape).saturating_sub(1);
        self.sink.append(Kind::Control, control::COMMAND, ms * NS_PER_MS, seen, &self.bytes)
    }

    fn check(&mut self, kind: u16, equity: i64, state: [u8; 32]) -> Result<(), JournalError> {
        let check = Check { rows: self.rows, ts: self.last, equity, state };
        self.bytes.clear();
        check.encode(&mut self.bytes);
        let seen = self.sink.next(Kind::Tape).saturating_sub(1);
        self.sink.append(Kind::Control, kind, self.last * NS_PER_MS, seen, &self.bytes)
    }

    /// Refuses where the orders that the journal has followed came to other positions than the desk.
    ///
    /// # Errors
    /// Returns one sentence with both.
    pub fn agree(&self, desk: &Desk) -> Result<(), RunError> {
        self.outcomes.agree(desk)
    }

    /// Writes the last record, and ends both journals.
    ///
    /// # Errors
    /// Returns why they cannot be ended.
    pub fn end(mut self, equity: i64, state: [u8; 32]) -> Result<Ended, JournalError> {
        self.check(control::END, equity, state)?;
        self.sink.finish()
    }
}

impl<D: Disk + Clone> Recorder<Pair<D>> {
    /// Commits, and writes the whole state beside the journals: a recovery begins there and not at the first row.
    ///
    /// # Errors
    /// Returns why the disk refused.
    pub fn snapshot(&mut self, inputs: &Inputs<'_>, replay: &Replay<'_>) -> Result<(), JournalError> {
        self.sink.settle()?;
        if !self.sink.is_beyond() {
            // Made again: the snapshot is there, where it was not lost with the crash and its tape has not rotated away.
            if self.sink.has_snapshot(self.rows)? {
                self.snapshots.push_back((self.rows, self.sink.next(Kind::Tape)));
            }
            return Ok(());
        }
        let [control, tape] = self.sink.marks();
        let state = replay.save();
        let whole = Snapshot {
            setup: self.setup,
            rows: self.rows,
            ts: self.last,
            equity: replay.desk().equity(),
            control,
            tape,
            rates: inputs.rates(),
            hash: *blake3::hash(&state).as_bytes(),
            state,
            orders: self.outcomes.save(),
        };
        self.sink.write_snapshot(self.rows, &whole.encode())?;
        self.snapshots.push_back((self.rows, tape.next));
        // What the tape no longer leads on from serves nobody.
        while let Some(&(rows, next)) = self.snapshots.front()
            && next < self.sink.oldest()
        {
            self.sink.remove_snapshot(rows)?;
            self.snapshots.pop_front();
        }
        Ok(())
    }
}
