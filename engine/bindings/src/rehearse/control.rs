//! Commands of people to a rehearsal that runs: from any thread, through a bounded queue, to the desk's next decision.
use crate::refuse;
use bot4_engine::desk::breaker::settings::Settings;
use bot4_engine::desk::operator::{Action, Command};
use bot4_engine::desk::reason::GuardState;
use bot4_engine::memory::queue::{Receiver, SendError, Sender, bounded};
use bot4_engine::replay::Replay;
use bot4_host::journal::Fault;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Commands that may wait between two rows.
const ROOM: usize = 1_024;

/// What is asked, by whom, and the settings that a reload brings.
type Asked = (Action, String, Option<Box<Settings>>);

/// The people's end: hands commands to one rehearsal.
#[pyclass(frozen, name = "Control", module = "bot4._engine")]
pub struct Control {
    to: Sender<Asked>,
    from: Mutex<Option<Receiver<Asked>>>,
    state: Arc<AtomicU8>,
    reason: Arc<Mutex<String>>,
}

/// The desk's end.
pub struct Heard {
    from: Receiver<Asked>,
    state: Arc<AtomicU8>,
    reason: Arc<Mutex<String>>,
    has_told: bool,
}

#[pymethods]
impl Control {
    #[new]
    fn new() -> Self {
        let (to, from) = bounded(ROOM);
        Self { to, from: Mutex::new(Some(from)), state: Arc::new(AtomicU8::new(GuardState::Normal as u8)), reason: Arc::default() }
    }

    /// Hands a command over: reduce, pause, flatten, kill, resume or reload (which brings `breakers`, JSON); it holds from the next decision on.
    #[pyo3(name = "command", signature = (action, who, breakers = None))]
    fn hand(&self, action: &str, who: String, breakers: Option<&str>) -> PyResult<()> {
        let action = Action::from_text(action).ok_or_else(|| refuse(format!("there is no command {action}")))?;
        let breakers =
            breakers.map(serde_json::from_str).transpose().map_err(|error| refuse(format!("the settings cannot be read: {error}")))?;
        let command = Command { breakers, ..Command::new(0, action, who) };
        command.validate().map_err(refuse)?;
        self.to.send((action, command.who, command.breakers)).map_err(|error| match error {
            SendError::Full(_) => refuse(format!("{ROOM} commands wait already; let the desk take them first")),
            SendError::Closed(_) => refuse("the rehearsal is over; nobody takes the command"),
        })
    }

    /// Code of the state in which the guard was after the last row.
    #[getter]
    fn state(&self) -> u8 {
        self.state.load(Ordering::Relaxed)
    }

    /// Why nothing opens any more, in one sentence, where no person and no layer of the policy wants it so; else empty.
    #[getter]
    fn reason(&self) -> String {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Control {
    /// Takes the desk's end; a control serves one rehearsal, and a second one hears nothing.
    pub fn hear(&self) -> Heard {
        let from = self.from.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(|| bounded(ROOM).1);
        Heard { from, state: self.state.clone(), reason: self.reason.clone(), has_told: false }
    }
}

impl Heard {
    /// Hands what has come to the desk, for the decision at `now`, and adds it to `given`.
    ///
    /// # Errors
    /// Returns one sentence where the desk takes no commands.
    pub fn hand(&mut self, now: i64, run: &mut Replay<'_>, given: &mut Vec<Command>) -> Result<(), String> {
        while let Some((action, who, breakers)) = self.from.receive() {
            let command = Command { breakers, ..Command::new(now, action, who) };
            run.command(command.clone())?;
            given.push(command);
        }
        Ok(())
    }

    /// Tells people in which state the guard is, and how the journal's disk has failed.
    pub fn tell(&mut self, state: GuardState, fault: Option<&Fault>) {
        self.state.store(state as u8, Ordering::Relaxed);
        if let Some(fault) = fault.filter(|_| !std::mem::replace(&mut self.has_told, true)) {
            *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = fault.error.to_string();
        }
    }
}
