//! What comes to a run from outside of the market: commands of people, and what a host measures.
use super::Replay;
use crate::desk::breaker::{BreakerKind, Trip};
use crate::desk::operator::Command;

impl Replay<'_> {
    /// Takes a command of a person; it is obeyed at the first decision at or after its time.
    ///
    /// # Errors
    /// Returns one sentence where the run takes no commands.
    pub fn command(&mut self, command: Command) -> Result<(), String> {
        self.desk.command(command)
    }

    /// Lets nothing open any more: the host cannot write its journal. To be called between the decision at `t` and the next row.
    pub fn halt(&mut self, t: i64) {
        self.desk.halt(t);
        self.records.drain(&mut self.desk.outbox);
    }

    /// Takes a value that a host measures of a component, until the next decision.
    pub fn measure(&mut self, kind: BreakerKind, index: u32, trip: Trip, value: i64) {
        if let Some(breakers) = self.desk.breakers_mut() {
            breakers.measure(kind, index, trip, value);
        }
    }
}
