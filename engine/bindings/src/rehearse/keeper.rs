//! Who stands beside the desk in a rehearsal: hands commands to it, writes the journal, input before effect, and follows its orders.
use super::control::Heard;
use crate::records::Columns;
use bot4_engine::desk::operator::Command;
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_host::desk::Watch;
use bot4_host::journal::{Ended, Fault, Kept, Link};
use bot4_host::wire::{Tally, Wire};
use bot4_io::journal::JournalError;
use std::collections::VecDeque;

/// The journal of a rehearsal, where there is one, and its records.
pub struct Keeper<'m> {
    journal: Kept<'m, Link>,
    heard: Option<Heard>,
    /// Commands that people gave before the run was cut off, not yet handed to the desk.
    recalled: VecDeque<Command>,
    /// Commands handed to the desk.
    given: Vec<Command>,
    wire: Wire,
    /// Decision time of the row at hand, ms.
    now: i64,
    interval_ms: i64,
    rows: u64,
    /// Rows in all, about: how much room the columns need.
    longest: u64,
    columns: Columns,
    stream: Vec<DeskEvent>,
}

impl<'m> Keeper<'m> {
    /// Stands beside the run of a market with bars of `interval_ms` and at most so many rows.
    pub fn new(interval_ms: i64, longest: u64, journal: Kept<'m, Link>, heard: Option<Heard>, recalled: Vec<Command>, wire: Wire) -> Self {
        let (columns, recalled) = (Columns::default(), recalled.into());
        Self { journal, heard, recalled, given: Vec::new(), wire, now: 0, interval_ms, rows: 0, longest, columns, stream: Vec::new() }
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
        &self.given
    }

    /// Returns how the journal's disk failed, where it did.
    pub fn fault(&self) -> Option<&Fault> {
        self.journal.fault()
    }

    /// Ends the journal; returns what was written.
    ///
    /// # Errors
    /// Returns why it cannot be ended.
    pub fn end(&mut self, equity: i64, state: [u8; 32]) -> Result<Option<Ended>, JournalError> {
        self.journal.end(equity, state)
    }

    /// Returns the records taken so far.
    pub fn into_columns(self) -> Columns {
        self.columns
    }
}

impl Watch for Keeper<'_> {
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, side: &mut DeskSide<'_>) -> Result<(), String> {
        self.now = ts + self.interval_ms;
        self.rows += 1;
        while self.recalled.front().is_some_and(|command| command.at <= self.now) {
            let Some(command) = self.recalled.pop_front() else { break };
            side.run().command(command.clone())?;
            self.given.push(command);
        }
        if let Some(heard) = &mut self.heard {
            heard.hand(self.now, side.run(), &mut self.given)?;
        }
        self.journal.before(ts, ticks, side);
        Ok(())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        self.stream.clear();
        std::mem::swap(&mut self.stream, &mut side.run().records.stream);
        // Recorded, then sent: what follows is what a venue would be told.
        self.journal.after(side, &mut self.stream)?;
        if let Some(heard) = &mut self.heard {
            heard.tell(side.desk().state(), self.journal.fault());
        }
        if self.journal.is_written() {
            let part = self.rows as f64 / self.longest.max(self.rows) as f64;
            self.columns.take(&mut side.run().records, part);
        }
        self.wire.row(&self.stream, self.now, side.desk())
    }

    fn faults(&mut self) -> u64 {
        self.journal.new_faults()
    }

    fn is_timed(&self) -> bool {
        true
    }
}
