//! The breakers' state as bytes: every component, what each feed and price was last, the global breaker. The word is packed anew.
use super::Breakers;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const VERSION: u64 = 1;

impl Breakers {
    pub(in crate::desk) fn save(&self, to: &mut Writer) {
        to.u64(VERSION);
        to.u64(self.components.len() as u64);
        to.bool(self.is_global_open);
        self.components.iter().for_each(|component| component.save(to));
        self.seen.iter().for_each(|seen| seen.save(to));
    }

    pub(in crate::desk) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("breakers' version", VERSION)?;
        from.expect("number of breakers", self.components.len() as u64)?;
        self.is_global_open = from.bool()?;
        self.components.iter_mut().try_for_each(|component| component.load(from))?;
        self.seen.iter_mut().try_for_each(|seen| seen.load(from))?;
        self.word.set(self.packed());
        Ok(())
    }
}
