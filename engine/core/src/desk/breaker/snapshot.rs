//! The breakers' state as bytes: every component, what each feed and price was last, the global breaker, and settings that a command brought.
//! The word is packed anew.
use super::Breakers;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const VERSION: u64 = 2;

impl Breakers {
    pub(in crate::desk) fn save(&self, to: &mut Writer) {
        to.u64(VERSION);
        to.u64(self.components.len() as u64);
        to.bool(self.is_global_open);
        to.bool(self.is_reloaded);
        if self.is_reloaded {
            to.text(&serde_json::to_string(&self.settings).expect("settings are plain numbers"));
        }
        self.components.iter().for_each(|component| component.save(to));
        self.seen.iter().for_each(|seen| seen.save(to));
    }

    pub(in crate::desk) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("breakers' version", VERSION)?;
        from.expect("number of breakers", self.components.len() as u64)?;
        self.is_global_open = from.bool()?;
        self.is_reloaded = from.bool()?;
        if self.is_reloaded {
            let settings = serde_json::from_str(&from.text()?);
            self.settings = settings.map_err(|_| SnapshotError::Mismatch { what: "breakers' settings", expected: 1, found: 0 })?;
        }
        self.components.iter_mut().try_for_each(|component| component.load(from))?;
        self.seen.iter_mut().try_for_each(|seen| seen.load(from))?;
        self.word.set(self.packed());
        Ok(())
    }
}
