//! A disk that fails where it is told to: what a rehearsal and the tests put under the journal.
//!
//! Operations that change something are counted over all files of the disk; from the given one on the fault stands. It fails as the system
//! does, by its error codes, so that everything above meets what it would meet on a real disk.

use crate::disk::{Disk, DiskFile};
use std::io::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Whatever needs room finds none.
    Full,
    /// One sync fails, and those after it say that all is well: as a system does that has dropped what it could not write.
    Sync,
    /// Nothing can be written.
    ReadOnly,
    /// Each operation takes so long.
    Slow(Duration),
}

/// When it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskFault {
    /// What.
    pub wrong: Wrong,
    /// Operations that go well before.
    pub after: u64,
}

#[derive(Default)]
struct State {
    operations: AtomicU64,
    has_failed: AtomicBool,
}

/// A disk with a fault; without one it is the disk below. Clones share the count.
#[derive(Clone)]
pub struct Faulty<D> {
    below: D,
    fault: Option<DiskFault>,
    state: Arc<State>,
}

/// A file of it.
pub struct FaultyFile<F> {
    below: F,
    fault: Option<DiskFault>,
    state: Arc<State>,
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Write,
    Sync,
    Free,
}

impl State {
    fn meet(&self, fault: Option<DiskFault>, doing: Doing) -> Result<()> {
        let Some(DiskFault { wrong, after }) = fault else { return Ok(()) };
        if self.operations.fetch_add(1, Ordering::Relaxed) < after {
            return Ok(());
        }
        match (wrong, doing) {
            (Wrong::Full, Doing::Write) => Err(Error::from_raw_os_error(ENOSPC)),
            (Wrong::ReadOnly, _) => Err(Error::from_raw_os_error(EROFS)),
            (Wrong::Sync, Doing::Sync) if !self.has_failed.swap(true, Ordering::Relaxed) => Err(Error::from_raw_os_error(EIO)),
            (Wrong::Slow(time), _) => {
                std::thread::sleep(time);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl<D> Faulty<D> {
    /// Puts a fault over a disk.
    pub fn new(below: D, fault: Option<DiskFault>) -> Self {
        Self { below, fault, state: Arc::default() }
    }

    /// Returns operations so far, while there is a fault to count for.
    pub fn operations(&self) -> u64 {
        self.state.operations.load(Ordering::Relaxed)
    }
}

impl<D: Disk> Disk for Faulty<D> {
    type File = FaultyFile<D::File>;
    type Claim = D::Claim;

    fn names(&self) -> Result<Vec<String>> {
        self.below.names()
    }

    fn open(&self, name: &str, is_read_only: bool) -> Result<Self::File> {
        let below = self.below.open(name, is_read_only)?;
        Ok(FaultyFile { below, fault: self.fault, state: self.state.clone() })
    }

    fn create(&self, name: &str, size: u64) -> Result<Self::File> {
        self.state.meet(self.fault, Doing::Write)?;
        let below = self.below.create(name, size)?;
        Ok(FaultyFile { below, fault: self.fault, state: self.state.clone() })
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.state.meet(self.fault, Doing::Free)?;
        self.below.remove(name)
    }

    fn sync_names(&self) -> Result<()> {
        self.state.meet(self.fault, Doing::Sync)?;
        self.below.sync_names()
    }

    fn claim(&self, name: &str) -> Result<D::Claim> {
        self.below.claim(name)
    }
}

impl<F: DiskFile> DiskFile for FaultyFile<F> {
    fn size(&self) -> Result<u64> {
        self.below.size()
    }

    fn read_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        self.below.read_at(out, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        self.state.meet(self.fault, Doing::Write)?;
        self.below.write_at(bytes, offset)
    }

    fn sync(&mut self) -> Result<()> {
        self.state.meet(self.fault, Doing::Sync)?;
        self.below.sync()
    }

    fn resize(&mut self, size: u64) -> Result<()> {
        // A file that becomes smaller needs no room.
        let is_growing = size > self.below.size()?;
        self.state.meet(self.fault, if is_growing { Doing::Write } else { Doing::Free })?;
        self.below.resize(size)
    }
}
