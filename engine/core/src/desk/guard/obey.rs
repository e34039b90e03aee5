//! What commands of people do to the guard's state. They make it graver; only a resume lets go of what latched.
use super::layers::{LAYERS, References};
use super::{Guard, GuardRecord};
use crate::desk::operator::{Action, Command, CommandRecord, Effect};
use crate::desk::reason::{GuardState, Layer};
use crate::desk::records::Outbox;

impl Guard {
    /// Carries out the commands that hold at a decision.
    pub(super) fn obey(&mut self, t: i64, equity: i64, outbox: &mut Outbox) {
        while let Some((number, command)) = self.operator.pop(t) {
            let (from, action) = (self.state, command.action);
            let effect = if action == Action::Reload { self.reload(command) } else { self.carry_out(t, equity, action) };
            let to = self.state;
            outbox.commands.push(CommandRecord { ts: t, number, action, effect, from, to });
            if to != from {
                let value = i64::from(number);
                outbox.guard.push(GuardRecord { ts: t, from, to, layer: Layer::Operator, value, limit: 0, equity });
            }
        }
    }

    /// Gives the breakers tighter settings.
    fn reload(&mut self, command: Command) -> Effect {
        let Some((breakers, settings)) = self.breakers.as_mut().zip(command.breakers) else { return Effect::Refused };
        match breakers.reload(*settings) {
            Ok(true) => Effect::Applied,
            Ok(false) => Effect::NoEffect,
            Err(_) => Effect::Refused,
        }
    }

    fn carry_out(&mut self, t: i64, equity: i64, action: Action) -> Effect {
        match (self.state, action) {
            (GuardState::Emergency, Action::Resume) => Effect::Refused,
            // What cannot be written down is not sent: only a new start lets go of that.
            (_, Action::Resume) if self.operator.is_halted => Effect::Refused,
            (_, Action::Resume) if !self.has_latched() => Effect::NoEffect,
            (_, Action::Resume) => {
                self.resume(t, equity);
                Effect::Applied
            }
            // What is being flattened ends in killed by itself; what was killed may still hold positions.
            (GuardState::Emergency, _) => Effect::NoEffect,
            (GuardState::Killed, _) if action != Action::Flatten => Effect::NoEffect,
            (GuardState::Killed, _) => {
                self.state = GuardState::Emergency;
                Effect::Applied
            }
            _ if action.state() as u8 <= self.operator.asked as u8 => Effect::NoEffect,
            _ => {
                self.operator.asked = action.state();
                self.state = self.gravest();
                Effect::Applied
            }
        }
    }

    /// Lets nothing open any more, because the journal cannot be written; returns whether that is new. What is graver stays.
    pub(super) fn halt(&mut self, t: i64, equity: i64, outbox: &mut Outbox) -> bool {
        if std::mem::replace(&mut self.operator.is_halted, true) {
            return false;
        }
        let from = self.state;
        if !self.is_latched() {
            self.state = self.gravest();
        }
        outbox.guard.push(GuardRecord { ts: t, from, to: self.state, layer: Layer::Journal, value: 0, limit: 0, equity });
        true
    }

    /// Returns whether something stands that only a person lets go.
    fn has_latched(&self) -> bool {
        let is_latched = |(layer, &stands): (&Layer, &bool)| stands && layer.is_latch();
        self.is_latched() || self.operator.asked != GuardState::Normal || LAYERS.iter().zip(&self.stands).any(is_latched)
    }

    /// Lets go of what latched: its references begin anew, and after a kill all of them.
    fn resume(&mut self, t: i64, equity: i64) {
        let is_killed = self.is_latched();
        self.operator.asked = GuardState::Normal;
        (self.references.start, self.references.peak) = (equity, equity);
        self.sent.end_rows();
        for (stands, layer) in self.stands.iter_mut().zip(LAYERS) {
            *stands &= !(is_killed || layer.is_latch());
        }
        if is_killed {
            self.references = References { start: equity, peak: equity, hour: equity, day: equity, last: equity };
            self.seen = Some(t);
            self.streak = 0;
        }
        self.state = self.gravest();
    }
}
