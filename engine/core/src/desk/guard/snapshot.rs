//! The guard's state as bytes; weights and what is cut at a decision are taken anew at the next one.
use super::Guard;
use super::layers::References;
use crate::desk::lanes_snapshot::code;
use crate::desk::reason::GuardState;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

impl Guard {
    pub fn save(&self, to: &mut Writer) {
        to.u64(self.state as u64);
        to.bool(self.seen.is_some());
        let References { start, peak, hour, day, last } = self.references;
        [self.seen.unwrap_or(0), start, peak, hour, day, last, self.streak].into_iter().for_each(|x| to.i64(x));
        self.stands.iter().for_each(|&stands| to.bool(stands));
        self.sent.save(to);
        self.tape.save(to);
        self.kelly.save(to);
        if let Some(model) = &self.model {
            model.save(to);
        }
        self.by_limit.iter().for_each(|&by_limit| to.bool(by_limit));
        self.operator.save(to);
        if let Some(breakers) = &self.breakers {
            breakers.save(to);
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.state = code(from, "guard's state", GuardState::from_code)?;
        let has_seen = from.bool()?;
        self.seen = Some(from.i64()?).filter(|_| has_seen);
        let References { start, peak, hour, day, last } = &mut self.references;
        for field in [start, peak, hour, day, last, &mut self.streak] {
            *field = from.i64()?;
        }
        for stands in &mut self.stands {
            *stands = from.bool()?;
        }
        self.sent.load(from)?;
        self.tape.load(from)?;
        self.kelly.load(from)?;
        self.model.as_mut().map_or(Ok(()), |model| model.load(from))?;
        self.by_limit.iter_mut().try_for_each(|by_limit| from.bool().map(|read| *by_limit = read))?;
        self.operator.load(from)?;
        self.breakers.as_mut().map_or(Ok(()), |breakers| breakers.load(from))
    }
}
