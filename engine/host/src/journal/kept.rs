//! The journal of a running pipeline, and what happens when its disk fails: the desk is halted, at once and until a new start.
//!
//! Nothing opens any more, and what was to open in the row at hand does not leave; cancels, reductions and stops go out, unrecorded. A failed
//! sync is not tried again, and nothing more is written: the system may have dropped what it could not write, so the files are not trusted until
//! a start has read them.

use super::inputs::Inputs;
use super::recorder::{COMMIT_ROWS, Recorder};
use super::sink::{Ended, Sink};
use super::{NS_PER_MS, RunError};
use bot4_engine::desk::reason::Cause;
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::journal::encode_bars;
use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_io::journal::JournalError;
use bot4_io::journal::format::Kind;

/// Why and when the desk was halted.
#[derive(Debug)]
pub struct Fault {
    /// What the disk did.
    pub error: JournalError,
    /// The decision at whose end the desk was halted, ms.
    pub ts: i64,
    /// Rows taken before the one at whose end that was.
    pub rows: u64,
}

/// A journal beside a desk.
pub struct Kept<'m, S> {
    inputs: Inputs<'m>,
    recorder: Option<Recorder<S>>,
    fault: Option<Fault>,
    /// A fault met before the desk acted on the row at hand.
    met: Option<JournalError>,
    /// Faults not counted yet.
    new: u64,
    rows: u64,
    bytes: Vec<u8>,
    withheld: Vec<u32>,
}

impl<'m, S: Sink> Kept<'m, S> {
    /// Stands beside a desk; without a recorder nothing is written.
    pub fn new(inputs: Inputs<'m>, recorder: Option<Recorder<S>>) -> Self {
        Self { inputs, recorder, fault: None, met: None, new: 0, rows: 0, bytes: Vec::new(), withheld: Vec::new() }
    }

    /// Appends a row's inputs before the desk acts on them.
    pub fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, side: &DeskSide<'_>) {
        self.rows += 1;
        let now = ts + self.inputs.interval_ms();
        let Self { inputs, recorder: Some(recorder), bytes, .. } = self else { return };
        let append = || -> Result<(), JournalError> {
            inputs.append_before(ts, &mut recorder.sink)?;
            bytes.clear();
            let mut kind = 0;
            for tick in ticks {
                kind = encode_bars(tick.asset, &tick.rows(), 0, false, bytes);
            }
            recorder.last = now;
            recorder.rows += 1;
            recorder.sink.append(Kind::Tape, kind, now * NS_PER_MS, 0, bytes)?;
            side.desk().commands_due(now).iter().try_for_each(|command| recorder.command(command, now))
        };
        self.met = append().err();
    }

    /// Appends what came of the row, and waits until it is acknowledged where an order is to leave. Where the disk fails, the desk is halted, and
    /// what it was to open in this row is taken out of `stream`: it has not left.
    ///
    /// # Errors
    /// Returns one sentence where there are more orders than the journal follows.
    pub fn after(&mut self, side: &mut DeskSide<'_>, stream: &mut Vec<DeskEvent>) -> Result<(), String> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        let met = self.met.take();
        let is_sent = |event: &DeskEvent| matches!(event, DeskEvent::Sent(_));
        let write = || -> Result<(), RunError> {
            met.map_or(Ok(()), |error| Err(RunError::Journal(error)))?;
            let records = &mut side.run().records;
            std::mem::swap(&mut records.stream, stream);
            let told = recorder.outcomes(records);
            std::mem::swap(&mut records.stream, stream);
            told?;
            if stream.iter().any(is_sent) {
                recorder.sink.settle()?;
            } else if self.rows % COMMIT_ROWS == 0 {
                recorder.sink.hand_over()?;
            }
            Ok(())
        };
        match write() {
            Ok(()) => Ok(()),
            Err(RunError::Journal(error @ JournalError::Other { .. })) => Err(error.to_string()),
            Err(RunError::Journal(error)) => {
                self.halt(error, side, stream);
                Ok(())
            }
            Err(RunError::Said(sentence)) => Err(sentence),
            Err(RunError::Halt(halt)) => Err(format!("a number did not fit at the bar opening at {} ms", halt.ts)),
        }
    }

    fn halt(&mut self, error: JournalError, side: &mut DeskSide<'_>, stream: &mut Vec<DeskEvent>) {
        let Some(recorder) = self.recorder.take() else { return };
        let ts = recorder.last;
        self.new += 1;
        self.fault = Some(Fault { error, ts, rows: self.rows - 1 });
        let run = side.run();
        run.halt(ts);
        stream.append(&mut run.records.stream);
        self.take_back(ts, stream);
    }

    /// Takes out of a row's events what was sent and ended, or cut, within it: that much has never left.
    fn take_back(&mut self, ts: i64, stream: &mut Vec<DeskEvent>) {
        self.withheld.clear();
        for at in 0..stream.len() {
            match stream[at] {
                DeskEvent::Ended(end) if end.order.ts == ts && end.order.cause == Cause::RiskPaused => self.withheld.push(end.order.id),
                DeskEvent::Cut { order, .. } if order.ts == ts => {
                    for event in stream.iter_mut() {
                        if let DeskEvent::Sent(sent) = event
                            && sent.order.id == order.id
                        {
                            sent.order.lots = order.lots;
                        }
                    }
                }
                _ => {}
            }
        }
        let withheld = &self.withheld;
        stream.retain(|event| match event {
            DeskEvent::Sent(sent) => !withheld.contains(&sent.order.id),
            DeskEvent::Cut { order, .. } => order.ts != ts && !withheld.contains(&order.id),
            DeskEvent::Ended(end) => !withheld.contains(&end.order.id),
            DeskEvent::Filled(_) | DeskEvent::Cash(_) => true,
        });
    }

    /// Says whether there is, or was, a journal.
    pub fn is_written(&self) -> bool {
        self.recorder.is_some() || self.fault.is_some()
    }

    /// Returns how the disk failed, where it did.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Returns faults since the last look.
    pub fn new_faults(&mut self) -> u64 {
        std::mem::take(&mut self.new)
    }

    /// Ends the journal; none where there is none, or its disk failed before. One that fails now has nothing left to halt.
    ///
    /// # Errors
    /// Returns why it cannot be ended.
    pub fn end(&mut self, equity: i64, state: [u8; 32]) -> Result<Option<Ended>, JournalError> {
        self.recorder.take().map(|recorder| recorder.end(equity, state)).transpose()
    }
}
