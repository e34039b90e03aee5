//! A disk in memory that crashes where it is told, and keeps of the writes since the last sync what a pattern says.
#![allow(dead_code, reason = "each test file uses a part of the disk")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::rc::Rc;

use bot4_io::disk::{Disk, DiskFile};

/// What survives of the writes that no sync covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survives {
    /// Everything: the program died, the machine did not.
    All,
    /// Nothing.
    Nothing,
    /// All but the last write, of which the first bytes came through.
    Prefix(usize),
    /// All but the last write, of which all but the first bytes came through.
    Suffix(usize),
    /// All, and behind the first bytes of the last write stands rubbish.
    Rubbish(usize),
    /// All, and of the last write's sectors of 512 bytes, counted from the given byte on, every second is lost.
    Sectors(usize),
}

/// A fault at a write or a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program stops before the operation of this number, and stays stopped.
    Crash(usize),
    /// The first sync from this operation on fails once; then all goes well again.
    SyncFails(usize),
    /// Files may grow by so many bytes in all.
    Full(u64),
    /// Nothing can be written.
    ReadOnly,
}

#[derive(Clone, Default)]
struct Body {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
    is_new: bool,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Body>,
    removed: BTreeMap<String, Body>,
    operations: usize,
    syncs: usize,
    fault: Option<Fault>,
    allocated: u64,
    is_dead: bool,
}

/// The disk; clones share it.
#[derive(Clone, Default)]
pub struct SimDisk(Rc<RefCell<State>>);

/// A file of it.
pub struct SimFile {
    disk: SimDisk,
    name: String,
}

impl SimDisk {
    pub fn with(fault: Fault) -> Self {
        let disk = Self::default();
        disk.0.borrow_mut().fault = Some(fault);
        disk
    }

    /// Operations that changed something, so far.
    pub fn operations(&self) -> usize {
        self.0.borrow().operations
    }

    /// Syncs that were asked for, so far.
    pub fn syncs(&self) -> usize {
        self.0.borrow().syncs
    }

    /// The disk after the crash.
    pub fn after_crash(&self, survives: Survives) -> Self {
        let state = self.0.borrow();
        let mut files = BTreeMap::new();
        for (name, body) in &state.files {
            // A new name that no sync of the folder covered may be lost with its file.
            if body.is_new && survives == Survives::Nothing {
                continue;
            }
            let bytes = body.after(survives);
            files.insert(name.clone(), Body { durable: bytes.clone(), bytes, pending: Vec::new(), is_new: false });
        }
        Self(Rc::new(RefCell::new(State { files, ..State::default() })))
    }

    /// Bytes of the last write that no sync covered, over all files.
    pub fn last_write(&self) -> usize {
        self.0.borrow().files.values().filter_map(|body| body.pending.last()).map(|(_, bytes)| bytes.len()).max().unwrap_or(0)
    }

    pub fn file(&self, name: &str) -> Vec<u8> {
        self.0.borrow().files[name].bytes.clone()
    }

    pub fn names(&self) -> Vec<String> {
        self.0.borrow().files.keys().cloned().collect()
    }

    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.0.borrow_mut().files.insert(name.to_owned(), Body { durable: bytes.clone(), bytes, ..Body::default() });
    }

    pub fn drop_file(&self, name: &str) {
        self.0.borrow_mut().files.remove(name);
    }

    /// A copy that shares nothing.
    pub fn copy(&self) -> Self {
        let files = self.0.borrow().files.clone();
        Self(Rc::new(RefCell::new(State { files, ..State::default() })))
    }

    fn operate(&self) -> Result<()> {
        let mut state = self.0.borrow_mut();
        if state.is_dead || state.fault == Some(Fault::Crash(state.operations)) {
            state.is_dead = true;
            return Err(Error::other("the program is gone"));
        }
        if state.fault == Some(Fault::ReadOnly) {
            return Err(Error::from(ErrorKind::ReadOnlyFilesystem));
        }
        state.operations += 1;
        Ok(())
    }
}

impl Body {
    fn after(&self, survives: Survives) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let Some(((at, last), before)) = self.pending.split_last() else {
            return bytes;
        };
        if survives == Survives::Nothing {
            return bytes;
        }
        let mut put = |at: usize, part: &[u8]| {
            if bytes.len() < at + part.len() {
                bytes.resize(at + part.len(), 0);
            }
            bytes[at..at + part.len()].copy_from_slice(part);
        };
        before.iter().for_each(|(at, part)| put(*at, part));
        match survives {
            Survives::All => put(*at, last),
            Survives::Prefix(n) => put(*at, &last[..n.min(last.len())]),
            Survives::Suffix(n) => put(at + n.min(last.len()), &last[n.min(last.len())..]),
            Survives::Rubbish(n) => {
                let mut wrong = last.clone();
                wrong.iter_mut().skip(n).for_each(|b| *b = !*b);
                put(*at, &wrong);
            }
            Survives::Sectors(n) => {
                for (i, sector) in last[n.min(last.len())..].chunks(512).enumerate() {
                    if i % 2 == 1 {
                        put(at + n + i * 512, sector);
                    }
                }
                put(*at, &last[..n.min(last.len())]);
            }
            Survives::Nothing => unreachable!("answered above"),
        }
        bytes
    }
}

impl Disk for SimDisk {
    type File = SimFile;
    type Claim = ();

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.names())
    }

    fn open(&self, name: &str, _is_read_only: bool) -> Result<SimFile> {
        if !self.0.borrow().files.contains_key(name) {
            return Err(Error::from(ErrorKind::NotFound));
        }
        Ok(SimFile { disk: self.clone(), name: name.to_owned() })
    }

    fn create(&self, name: &str, size: u64) -> Result<SimFile> {
        self.operate()?;
        let mut state = self.0.borrow_mut();
        if let Some(Fault::Full(room)) = state.fault
            && state.allocated + size > room
        {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        state.allocated += size;
        assert!(!state.files.contains_key(name), "{name} exists");
        let zeros = vec![0; size as usize];
        state.files.insert(name.to_owned(), Body { bytes: zeros.clone(), durable: zeros, is_new: true, ..Body::default() });
        drop(state);
        self.open(name, false)
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.operate()?;
        let mut state = self.0.borrow_mut();
        let body = state.files.remove(name).ok_or(ErrorKind::NotFound)?;
        state.removed.insert(name.to_owned(), body);
        Ok(())
    }

    fn sync_names(&self) -> Result<()> {
        self.operate()?;
        let mut state = self.0.borrow_mut();
        state.removed.clear();
        state.files.values_mut().for_each(|body| body.is_new = false);
        Ok(())
    }

    fn claim(&self, _: &str) -> Result<()> {
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn size(&self) -> Result<u64> {
        Ok(self.disk.0.borrow().files[&self.name].bytes.len() as u64)
    }

    fn read_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        let state = self.disk.0.borrow();
        let bytes = &state.files[&self.name].bytes;
        let at = offset as usize;
        out.copy_from_slice(bytes.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        self.disk.operate()?;
        let mut state = self.disk.0.borrow_mut();
        let body = state.files.get_mut(&self.name).ok_or(ErrorKind::NotFound)?;
        let at = offset as usize;
        assert!(at + bytes.len() <= body.bytes.len(), "a write goes beyond what was allocated");
        body.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        body.pending.push((at, bytes.to_vec()));
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.disk.operate()?;
        let mut state = self.disk.0.borrow_mut();
        state.syncs += 1;
        if let Some(Fault::SyncFails(from)) = state.fault
            && state.operations > from
        {
            state.fault = None;
            return Err(Error::other("the disk did not answer"));
        }
        let body = state.files.get_mut(&self.name).ok_or(ErrorKind::NotFound)?;
        body.durable = body.bytes.clone();
        body.pending.clear();
        Ok(())
    }

    fn resize(&mut self, size: u64) -> Result<()> {
        self.disk.operate()?;
        let mut state = self.disk.0.borrow_mut();
        let body = state.files.get_mut(&self.name).ok_or(ErrorKind::NotFound)?;
        body.bytes.resize(size as usize, 0);
        body.durable.resize(size as usize, 0);
        body.pending.retain(|(at, part)| at + part.len() <= size as usize);
        Ok(())
    }
}
