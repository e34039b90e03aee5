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

    /// Takes a value that a host measures of a component, until the next decision.
    pub fn measure(&mut self, kind: BreakerKind, index: u32, trip: Trip, value: i64) {
        if let Some(breakers) = self.desk.breakers_mut() {
            breakers.measure(kind, index, trip, value);
        }
    }
}
