//! A disk in memory that writes down every operation, so that its state after a crash before any of them can be made.
#![allow(dead_code, reason = "each test file uses a part of it")]

use bot4_io::disk::{Disk, DiskFile};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::rc::Rc;

/// What was done.
#[derive(Clone)]
enum Operation {
    Create(String, usize),
    Write(String, usize, Vec<u8>),
    Sync(String),
    Resize(String, usize),
    Remove(String),
    Names,
}

/// What is left of the writes that no sync covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of them: the program died, the machine did not.
    All,
    /// None of them.
    Nothing,
    /// All but the last; of that the first bytes, and the rest is what an emptied file holds: zeros.
    Zeros(usize),
    /// The same, and the rest is rubbish.
    Garbage(usize),
    /// The same, and the rest is what another run had written there: a file that was allocated over it.
    Stale(usize),
    /// The same, and the file ends there.
    Truncated(usize),
}

/// Files by name; a clone shares their bytes until one of them is written.
pub type Files = BTreeMap<String, Rc<Vec<u8>>>;

#[derive(Default)]
struct State {
    files: Files,
    operations: Vec<Operation>,
}

/// The disk; clones share it.
#[derive(Clone, Default)]
pub struct Traced(Rc<RefCell<State>>);

/// A file of it.
pub struct TracedFile {
    disk: Traced,
    name: String,
}

impl Traced {
    /// Makes a disk of these files.
    pub fn of(files: Files) -> Self {
        Self(Rc::new(RefCell::new(State { files, operations: Vec::new() })))
    }

    /// Operations so far.
    pub fn operations(&self) -> usize {
        self.0.borrow().operations.len()
    }

    /// The files as they are.
    pub fn files(&self) -> Files {
        self.0.borrow().files.clone()
    }

    /// The bytes of the write of this number; none where it was something else.
    pub fn written(&self, operation: usize) -> Option<usize> {
        match &self.0.borrow().operations[operation] {
            Operation::Write(_, _, bytes) => Some(bytes.len()),
            _ => None,
        }
    }

    /// Hands over the disk after a crash before each operation from `first` on, and at the end, in each way in which the last write before it can
    /// be `left`; `stale` holds what stood there before.
    pub fn crashes(&self, first: usize, stale: &Files, left: impl Fn(usize) -> Vec<Left>, mut each: impl FnMut(usize, Left, Self)) {
        let (mut now, mut durable, mut names) = (Files::new(), Files::new(), Vec::new());
        let state = self.0.borrow();
        for point in 0..=state.operations.len() {
            for left in if point >= first { left(point) } else { Vec::new() } {
                let mut files = if left == Left::Nothing { durable.clone() } else { now.clone() };
                if left == Left::Nothing {
                    files.retain(|name, _| names.contains(name));
                }
                if let (Some(Operation::Write(name, to, bytes)), true) =
                    (point.checked_sub(1).map(|at| &state.operations[at]), left != Left::Nothing)
                {
                    let before = now_before(&now, name, *to, bytes.len(), &state.operations[..point - 1]);
                    files.insert(name.clone(), Rc::new(tear(before, *to, bytes, left, stale.get(name))));
                }
                each(point, left, Self::of(files));
            }
            let Some(operation) = state.operations.get(point) else { break };
            match operation {
                Operation::Create(name, size) => {
                    now.insert(name.clone(), Rc::new(vec![0; *size]));
                    durable.insert(name.clone(), Rc::new(vec![0; *size]));
                }
                Operation::Write(name, to, bytes) => write(&mut now, name, *to, bytes),
                Operation::Sync(name) => {
                    durable.insert(name.clone(), now[name].clone());
                }
                Operation::Resize(name, size) => {
                    for files in [&mut now, &mut durable] {
                        Rc::make_mut(files.get_mut(name).expect("it was made")).resize(*size, 0);
                    }
                }
                Operation::Remove(name) => {
                    now.remove(name);
                }
                Operation::Names => names = now.keys().cloned().collect(),
            }
        }
    }

    fn log(&self, operation: Operation) {
        self.0.borrow_mut().operations.push(operation);
    }
}

fn write(files: &mut Files, name: &str, to: usize, bytes: &[u8]) {
    let file = Rc::make_mut(files.get_mut(name).expect("it was made"));
    file[to..to + bytes.len()].copy_from_slice(bytes);
}

/// Returns a file as it was before its last write: what stood in that place then.
fn now_before(now: &Files, name: &str, to: usize, length: usize, operations: &[Operation]) -> Vec<u8> {
    let mut file = now[name].as_ref().clone();
    let mut place = vec![0; length];
    for operation in operations {
        match operation {
            Operation::Create(other, _) if other == name => place.fill(0),
            Operation::Write(other, at, bytes) if other == name && *at < to + length && to < at + bytes.len() => {
                for (offset, byte) in bytes.iter().enumerate() {
                    if (to..to + length).contains(&(at + offset)) {
                        place[at + offset - to] = *byte;
                    }
                }
            }
            _ => {}
        }
    }
    file[to..to + length].copy_from_slice(&place);
    file
}

/// Returns a file whose last write was torn.
fn tear(mut file: Vec<u8>, to: usize, bytes: &[u8], left: Left, stale: Option<&Rc<Vec<u8>>>) -> Vec<u8> {
    let place = to..to + bytes.len();
    let count = match left {
        Left::All => bytes.len(),
        Left::Nothing => 0,
        Left::Zeros(count) | Left::Truncated(count) => count,
        Left::Garbage(count) => {
            file[place.clone()].iter_mut().zip(bytes).for_each(|(byte, written)| *byte = !written);
            count
        }
        Left::Stale(count) => {
            place.clone().for_each(|at| file[at] = stale.and_then(|stale| stale.get(at)).copied().unwrap_or(0));
            count
        }
    };
    let count = count.min(bytes.len());
    file[to..to + count].copy_from_slice(&bytes[..count]);
    // A mark stands before the blocks: what is behind it stays.
    if matches!(left, Left::Truncated(_)) && to >= 4096 {
        file.truncate(to + count);
    }
    file
}

impl Disk for Traced {
    type File = TracedFile;
    type Claim = ();

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.0.borrow().files.keys().cloned().collect())
    }

    fn open(&self, name: &str, _is_read_only: bool) -> Result<TracedFile> {
        if !self.0.borrow().files.contains_key(name) {
            return Err(Error::from(ErrorKind::NotFound));
        }
        Ok(TracedFile { disk: self.clone(), name: name.to_owned() })
    }

    fn create(&self, name: &str, size: u64) -> Result<TracedFile> {
        self.log(Operation::Create(name.to_owned(), size as usize));
        self.0.borrow_mut().files.insert(name.to_owned(), Rc::new(vec![0; size as usize]));
        self.open(name, false)
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.log(Operation::Remove(name.to_owned()));
        self.0.borrow_mut().files.remove(name).map(|_| ()).ok_or(Error::from(ErrorKind::NotFound))
    }

    fn sync_names(&self) -> Result<()> {
        self.log(Operation::Names);
        Ok(())
    }

    fn claim(&self, _: &str) -> Result<()> {
        Ok(())
    }
}

impl DiskFile for TracedFile {
    fn size(&self) -> Result<u64> {
        Ok(self.disk.0.borrow().files[&self.name].len() as u64)
    }

    fn read_at(&self, out: &mut [u8], offset: u64) -> Result<()> {
        let state = self.disk.0.borrow();
        let at = offset as usize;
        out.copy_from_slice(state.files[&self.name].get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        self.disk.log(Operation::Write(self.name.clone(), offset as usize, bytes.to_vec()));
        let mut state = self.disk.0.borrow_mut();
        write(&mut state.files, &self.name, offset as usize, bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.disk.log(Operation::Sync(self.name.clone()));
        Ok(())
    }

    fn resize(&mut self, size: u64) -> Result<()> {
        self.disk.log(Operation::Resize(self.name.clone(), size as usize));
        let mut state = self.disk.0.borrow_mut();
        Rc::make_mut(state.files.get_mut(&self.name).ok_or(ErrorKind::NotFound)?).resize(size as usize, 0);
        Ok(())
    }
}
