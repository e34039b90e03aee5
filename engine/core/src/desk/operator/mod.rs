//! The operator: what people ask of the desk. They may only reduce risk; a resume re-enables what latched, and is somebody's by name.
//!
//! Commands come scripted with the configuration, or from a host while the desk runs; either way they wait until a decision, where the guard
//! obeys them before it looks at anything else. Rules: docs/semantics.md, section 12.
use super::lanes_snapshot::code;
use super::reason::{Action, Effect, GuardState};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use serde::Deserialize;

/// The most commands that wait or have been obeyed in one run.
const ROOM: usize = 4_096;
const LONGEST_NAME: usize = 256;

/// A command: what is asked, by whom, and from which decision on it holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// It is obeyed at the first decision at or after this time, ms.
    pub at: i64,
    /// What is asked.
    #[serde(rename = "do", deserialize_with = "action")]
    pub action: Action,
    /// Who asks.
    pub who: String,
}

fn action<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Action, D::Error> {
    let text = String::deserialize(from)?;
    Action::from_text(&text).ok_or_else(|| serde::de::Error::custom(format!("there is no command {text}")))
}

impl Action {
    /// Returns the action of a name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.1 == text).and_then(|row| Self::from_code(row.0))
    }

    /// Returns the state that an action asks for; a resume asks for none.
    pub(super) const fn state(self) -> GuardState {
        match self {
            Self::Reduce => GuardState::Reduced,
            Self::Pause => GuardState::Paused,
            Self::Flatten => GuardState::Emergency,
            Self::Kill => GuardState::Killed,
            Self::Resume => GuardState::Normal,
        }
    }
}

impl Command {
    /// Checks that somebody is named.
    ///
    /// # Errors
    /// Returns one sentence about the name.
    pub fn validate(&self) -> Result<(), String> {
        match self.who.len() {
            1..=LONGEST_NAME if !self.who.trim().is_empty() => Ok(()),
            _ => Err(format!("the command {} names nobody; say who gives it, in at most {LONGEST_NAME} bytes", self.action.text())),
        }
    }
}

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandRecord {
    /// Decision time at which it was obeyed, ms.
    pub ts: i64,
    /// Number of the command in the run, from 0.
    pub number: u32,
    /// What was asked.
    pub action: Action,
    /// What came of it.
    pub effect: Effect,
    /// The guard's state before.
    pub from: GuardState,
    /// And after.
    pub to: GuardState,
}

/// Commands of a run, and how grave a state people ask for.
pub(super) struct Operator {
    /// All commands in the order in which they are obeyed; those from `next` on wait.
    commands: Vec<Command>,
    next: usize,
    /// The gravest state that was asked for and not resumed from.
    pub asked: GuardState,
}

impl Operator {
    /// Takes the commands of a run's script.
    pub fn new(script: &[Command]) -> Self {
        let mut commands = Vec::with_capacity(ROOM.max(script.len()));
        commands.extend_from_slice(script);
        commands.sort_by_key(|command| command.at);
        Self { commands, next: 0, asked: GuardState::Normal }
    }

    /// Takes a command while the desk runs: behind those that hold from the same time.
    ///
    /// # Errors
    /// Returns one sentence where nobody is named or too many wait.
    pub fn take(&mut self, command: Command) -> Result<(), String> {
        command.validate()?;
        if self.commands.len() >= ROOM {
            return Err(format!("{ROOM} commands were given in this run; start a new one"));
        }
        let place = self.next + self.commands[self.next..].partition_point(|waiting| waiting.at <= command.at);
        self.commands.insert(place, command);
        Ok(())
    }

    /// Returns the commands that wait and hold at decision time `t`.
    pub fn due(&self, t: i64) -> &[Command] {
        let waiting = &self.commands[self.next..];
        &waiting[..waiting.partition_point(|command| command.at <= t)]
    }

    /// Takes the next command that holds at `t`, with its number.
    pub fn pop(&mut self, t: i64) -> Option<(u32, Action)> {
        let found = self.due(t).first().map(|command| (self.next as u32, command.action));
        self.next += usize::from(found.is_some());
        found
    }

    pub fn save(&self, to: &mut Writer) {
        to.u64(self.asked as u64);
        to.u64(self.next as u64);
        to.u64(self.commands.len() as u64);
        for command in &self.commands {
            to.i64(command.at);
            to.u64(command.action as u64);
            to.text(&command.who);
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.asked = code(from, "operator's state", GuardState::from_code)?;
        self.next = from.u64()? as usize;
        let count = from.u64()?;
        self.commands.clear();
        for _ in 0..count {
            self.commands.push(Command { at: from.i64()?, action: code(from, "command", Action::from_code)?, who: from.text()? });
        }
        if self.next > self.commands.len() {
            return Err(SnapshotError::Mismatch { what: "next command", expected: count, found: self.next as u64 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(at: i64, action: Action) -> Command {
        Command { at, action, who: "ada".to_owned() }
    }

    #[test]
    fn commands_are_obeyed_by_time_and_those_of_one_time_in_the_order_given() {
        let mut operator = Operator::new(&[command(9, Action::Flatten), command(5, Action::Pause)]);
        assert_eq!(operator.due(4).len(), 0);
        operator.take(command(5, Action::Reduce)).unwrap();
        assert_eq!((operator.pop(5), operator.pop(5), operator.pop(5)), (Some((0, Action::Pause)), Some((1, Action::Reduce)), None));
        operator.take(command(0, Action::Kill)).unwrap();
        assert_eq!((operator.pop(6), operator.due(9).len()), (Some((2, Action::Kill)), 1), "late, and yet before what waits");
    }

    #[test]
    fn a_command_names_somebody() {
        let nobody = Command { who: "  ".to_owned(), ..command(0, Action::Resume) };
        assert_eq!(nobody.validate(), Err("the command resume names nobody; say who gives it, in at most 256 bytes".to_owned()));
        assert!(serde_json::from_str::<Command>(r#"{"at":1,"do":"pause","who":"ada"}"#).is_ok());
        let unknown = serde_json::from_str::<Command>(r#"{"at":1,"do":"double","who":"ada"}"#).unwrap_err();
        assert!(unknown.to_string().starts_with("there is no command double"));
    }
}
