//! The operator: what people ask of the desk. They may only reduce risk; a resume re-enables what latched, and is somebody's by name.
//!
//! Commands come scripted with the configuration, or from a host while the desk runs; either way they wait until a decision, where the guard
//! obeys them before it looks at anything else. Rules: docs/semantics.md, section 12.
mod codes;

use super::breaker::settings::Settings;
use super::reason::GuardState;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
pub use codes::{Action, Effect};
use serde::{Deserialize, Serialize, Serializer};

/// The most commands that wait.
const ROOM: usize = 4_096;
const LONGEST_NAME: usize = 256;

/// A command: what is asked, by whom, and from which decision on it holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// It is obeyed at the first decision at or after this time, ms.
    pub at: i64,
    /// What is asked.
    #[serde(rename = "do", deserialize_with = "action", serialize_with = "text")]
    pub action: Action,
    /// Who asks.
    pub who: String,
    /// The settings that a reload brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakers: Option<Box<Settings>>,
}

fn action<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Action, D::Error> {
    let text = String::deserialize(from)?;
    Action::from_text(&text).ok_or_else(|| serde::de::Error::custom(format!("there is no command {text}")))
}

fn text<S: Serializer>(action: &Action, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(action.text())
}

impl Action {
    /// Returns the action of a name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.1 == text).and_then(|row| Self::from_code(row.0))
    }

    /// Returns the state that an action asks for; a resume and a reload ask for none.
    pub(super) const fn state(self) -> GuardState {
        match self {
            Self::Reduce => GuardState::Reduced,
            Self::Pause => GuardState::Paused,
            Self::Flatten => GuardState::Emergency,
            Self::Kill => GuardState::Killed,
            Self::Resume | Self::Reload => GuardState::Normal,
        }
    }
}

impl Command {
    /// Returns a command that brings no settings.
    pub fn new(at: i64, action: Action, who: String) -> Self {
        Self { at, action, who, breakers: None }
    }

    /// Checks that somebody is named, and that a reload and no other command brings settings.
    ///
    /// # Errors
    /// Returns one sentence about what is wrong.
    pub fn validate(&self) -> Result<(), String> {
        if (self.action == Action::Reload) != self.breakers.is_some() {
            return Err("the command reload brings the settings of breakers, and no other command does".to_owned());
        }
        if let Some(settings) = &self.breakers {
            settings.validate(settings.venue_of.len())?;
        }
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

/// Commands of a run, and how grave a state people ask for. Commands are inputs: those that wait are not part of the state, and a host that
/// continues from a snapshot gives those again that it had given.
pub(super) struct Operator {
    /// Commands that wait, in the order in which they will be obeyed.
    waiting: Vec<Command>,
    /// How many were obeyed.
    obeyed: u32,
    /// Time of the last decision; scripted commands up to it were obeyed.
    until: i64,
    /// The gravest state that was asked for and not resumed from.
    pub asked: GuardState,
    /// The host cannot write its journal any more: nothing opens until a new start, and nobody resumes.
    pub is_halted: bool,
    /// The decision at whose end the host halted, where the script says so: of a run that is made again.
    pub halt_at: Option<i64>,
}

/// Where the flag of a halt stands beside the state that was asked for.
const HALTED: u64 = 1 << 8;

impl Operator {
    /// Takes the commands of a run's script.
    pub fn new(script: &[Command]) -> Self {
        let mut waiting = Vec::with_capacity(ROOM.max(script.len()));
        waiting.extend_from_slice(script);
        waiting.sort_by_key(|command| command.at);
        Self { waiting, obeyed: 0, until: i64::MIN, asked: GuardState::Normal, is_halted: false, halt_at: None }
    }

    /// Takes the script of a run that is made again: `halt_at` is the decision at whose end its host halted.
    pub fn of_run(script: &[Command], halt_at: Option<i64>) -> Self {
        Self { halt_at, ..Self::new(script) }
    }

    /// Takes a command while the desk runs: behind those that hold from the same time.
    ///
    /// # Errors
    /// Returns one sentence where nobody is named or too many wait.
    pub fn take(&mut self, command: Command) -> Result<(), String> {
        command.validate()?;
        if self.waiting.len() >= ROOM {
            return Err(format!("{ROOM} commands wait already; let the run go on before more are given"));
        }
        let place = self.waiting.partition_point(|waiting| waiting.at <= command.at);
        self.waiting.insert(place, command);
        Ok(())
    }

    /// Returns the commands that wait and hold at decision time `t`.
    pub fn due(&self, t: i64) -> &[Command] {
        &self.waiting[..self.waiting.partition_point(|command| command.at <= t)]
    }

    /// Takes the next command that holds at `t`, with its number.
    pub fn pop(&mut self, t: i64) -> Option<(u32, Command)> {
        self.until = t;
        if self.due(t).is_empty() {
            return None;
        }
        let (number, command) = (self.obeyed, self.waiting.remove(0));
        self.obeyed += 1;
        Some((number, command))
    }

    pub fn save(&self, to: &mut Writer) {
        to.u64(self.asked as u64 | if self.is_halted { HALTED } else { 0 });
        to.u64(u64::from(self.obeyed));
        to.i64(self.until);
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let found = from.u64()?;
        self.is_halted = found & HALTED != 0;
        let asked = u8::try_from(found & !HALTED).ok().and_then(GuardState::from_code);
        self.asked = asked.ok_or(SnapshotError::Mismatch { what: "operator's state", expected: 0, found })?;
        self.obeyed = from.u64()? as u32;
        self.until = from.i64()?;
        let until = self.until;
        self.waiting.retain(|scripted| scripted.at > until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(at: i64, action: Action) -> Command {
        Command::new(at, action, "ada".to_owned())
    }

    #[test]
    fn commands_are_obeyed_by_time_and_those_of_one_time_in_the_order_given() {
        let mut operator = Operator::new(&[command(9, Action::Flatten), command(5, Action::Pause)]);
        assert_eq!(operator.due(4).len(), 0);
        operator.take(command(5, Action::Reduce)).unwrap();
        let mut pop = |t| operator.pop(t).map(|(number, command)| (number, command.action));
        assert_eq!((pop(5), pop(5), pop(5)), (Some((0, Action::Pause)), Some((1, Action::Reduce)), None));
        operator.take(command(0, Action::Kill)).unwrap();
        assert_eq!(operator.pop(6), Some((2, command(0, Action::Kill))), "late, and yet before what waits");
        assert_eq!(operator.due(9).len(), 1);
    }

    #[test]
    fn a_command_names_somebody() {
        let nobody = Command { who: "  ".to_owned(), ..command(0, Action::Resume) };
        assert_eq!(nobody.validate(), Err("the command resume names nobody; say who gives it, in at most 256 bytes".to_owned()));
        assert!(serde_json::from_str::<Command>(r#"{"at":1,"do":"pause","who":"ada"}"#).is_ok());
        let reload = Command { breakers: Some(Box::default()), ..command(0, Action::Reload) };
        assert_eq!(reload.validate(), Ok(()));
        for wrong in [command(0, Action::Reload), Command { action: Action::Pause, ..reload.clone() }] {
            assert!(wrong.validate().unwrap_err().starts_with("the command reload brings the settings"), "{wrong:?}");
        }
        let text = serde_json::to_string(&reload).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), reload, "what a journal holds is what was given");
        assert!(!serde_json::to_string(&command(0, Action::Kill)).unwrap().contains("breakers"));
        let unknown = serde_json::from_str::<Command>(r#"{"at":1,"do":"double","who":"ada"}"#).unwrap_err();
        assert!(unknown.to_string().starts_with("there is no command double"));
    }

    #[test]
    fn a_saved_halt_stands_beside_what_people_asked_for() {
        for (asked, is_halted) in [(GuardState::Paused, true), (GuardState::Killed, false), (GuardState::Normal, true)] {
            let mut first = Operator::new(&[]);
            (first.asked, first.is_halted) = (asked, is_halted);
            let mut to = Writer::default();
            first.save(&mut to);
            let mut second = Operator::new(&[]);
            second.load(&mut Reader::new(&to.finish())).unwrap();
            assert_eq!((second.asked, second.is_halted), (asked, is_halted));
        }
    }
}
