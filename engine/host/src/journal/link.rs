//! The journal in a thread of its own: the desk hands batches over and goes on; it waits only where an order is to leave, and never longer than
//! a budget. A disk that hangs, hangs the writer and not the desk.
//!
//! Batches go round: filled by the desk, through a ring to the writer, back through another. The writer takes all that has come, then commits once
//! (group commit) and says up to which batch everything is acknowledged. After a fault it takes nothing more.

use super::sink::{Ended, Sink};
use bot4_engine::memory::ring::{Consumer, Producer, spsc};
use bot4_io::journal::JournalError;
use bot4_io::journal::format::Kind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Batches that go round.
const BATCHES: usize = 64;
/// Bytes after which a batch is handed over by itself.
const BATCH_BYTES: usize = 1 << 16;
/// Bytes of a record in a batch before its payload.
const HEAD: usize = 1 + 2 + 8 + 8 + 4;
/// How long the desk gives way before it sleeps, and how long it sleeps.
const YIELDS: u32 = 64;
const NAP: Duration = Duration::from_micros(50);

/// Records on their way, and the number of the batch, from 1.
#[derive(Default)]
struct Batch {
    number: u64,
    bytes: Vec<u8>,
}

/// What both threads see.
#[derive(Default)]
struct Shared {
    /// The batch up to which everything is acknowledged.
    acknowledged: AtomicU64,
    /// Whether the writer has ended, by a fault or at its end.
    is_over: AtomicBool,
    fault: Mutex<Option<JournalError>>,
    ended: Mutex<Option<Ended>>,
}

/// The desk's end.
pub struct Link {
    shared: Arc<Shared>,
    to: Option<Producer<Box<Batch>>>,
    back: Consumer<Box<Batch>>,
    open: Box<Batch>,
    handed: u64,
    /// Since when something was handed over that is not acknowledged.
    since: Option<Instant>,
    budget: Duration,
    /// Numbers of the next records: control, tape.
    next: [u64; 2],
    thread: Option<JoinHandle<()>>,
}

impl Link {
    /// Puts a writer on a thread; `budget` is how long the disk may take to acknowledge.
    ///
    /// # Errors
    /// Returns the system's error where there is no thread to be had.
    pub fn start<S: Sink + Send + 'static>(sink: S, budget: Duration) -> std::io::Result<Self> {
        let (to, from) = spsc(BATCHES);
        let (mut free, back) = spsc(BATCHES);
        for _ in 1..BATCHES {
            let room = free.push(Box::new(Batch { number: 0, bytes: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 4) }));
            debug_assert!(room.is_ok(), "a new ring has room");
        }
        let shared = Arc::new(Shared::default());
        let next = [sink.next(Kind::Control), sink.next(Kind::Tape)];
        let seen = shared.clone();
        let thread = thread::Builder::new().name("bot4-journal".to_owned()).spawn(move || write(sink, from, free, &seen))?;
        let (open, thread) = (Box::default(), Some(thread));
        Ok(Self { shared, to: Some(to), back, open, handed: 0, since: None, budget, next, thread })
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Returns the writer's fault, or that nothing is acknowledged within the budget.
    fn look(&mut self) -> Result<(), JournalError> {
        if self.shared.acknowledged.load(Ordering::Acquire) == self.handed {
            self.since = None;
            return Ok(());
        }
        if self.shared.is_over.load(Ordering::Acquire) {
            return Err(self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(JournalError::Failed));
        }
        let waited = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        if waited <= self.budget {
            return Ok(());
        }
        Err(JournalError::Slow { waited_ms: waited.as_millis() as u64, budget_ms: self.budget.as_millis() as u64 })
    }

    /// Waits until `done` returns something, within the budget.
    fn wait<T>(&mut self, mut done: impl FnMut(&mut Self) -> Option<T>) -> Result<T, JournalError> {
        let mut looks = 0;
        loop {
            if let Some(found) = done(self) {
                return Ok(found);
            }
            self.look()?;
            if let Some(found) = done(self) {
                return Ok(found);
            }
            looks += 1;
            if looks < YIELDS { thread::yield_now() } else { thread::sleep(NAP) }
        }
    }
}

impl Sink for Link {
    fn append(&mut self, to: Kind, kind: u16, time: i64, seen: u64, payload: &[u8]) -> Result<(), JournalError> {
        let is_control = to == Kind::Control;
        let bytes = &mut self.open.bytes;
        bytes.push(u8::from(is_control));
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&time.to_le_bytes());
        bytes.extend_from_slice(&seen.to_le_bytes());
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(payload);
        self.next[usize::from(!is_control)] += 1;
        if bytes.len() >= BATCH_BYTES { self.hand_over() } else { Ok(()) }
    }

    fn next(&self, of: Kind) -> u64 {
        self.next[usize::from(of != Kind::Control)]
    }

    fn hand_over(&mut self) -> Result<(), JournalError> {
        self.look()?;
        if self.open.bytes.is_empty() {
            return Ok(());
        }
        let empty = self.wait(|link| link.back.pop())?;
        let mut full = std::mem::replace(&mut self.open, empty);
        self.handed += 1;
        full.number = self.handed;
        self.since.get_or_insert_with(Instant::now);
        let room = self.to.as_mut().is_some_and(|to| to.push(full).is_ok());
        debug_assert!(room, "there are fewer batches than slots");
        self.wake();
        Ok(())
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        self.hand_over()?;
        let handed = self.handed;
        self.wait(|link| (link.shared.acknowledged.load(Ordering::Acquire) == handed).then_some(()))?;
        self.since = None;
        Ok(())
    }

    fn finish(mut self) -> Result<Ended, JournalError> {
        self.settle()?;
        self.since = Some(Instant::now());
        // The writer ends when the ring is closed.
        self.to = None;
        self.wake();
        self.handed += 1; // so that waiting looks at the budget
        self.wait(|link| link.shared.ended.lock().unwrap_or_else(PoisonError::into_inner).take())
    }
}

impl Drop for Link {
    /// Lets the writer end. One that hangs is left behind: nobody can end it, and the desk goes on.
    fn drop(&mut self) {
        self.to = None;
        self.wake();
        if let Some(thread) = self.thread.take().filter(|_| self.shared.is_over.load(Ordering::Acquire)) {
            drop(thread.join());
        }
    }
}

/// Writes until the ring is closed and empty, or the disk fails.
fn write<S: Sink>(mut sink: S, mut from: Consumer<Box<Batch>>, mut free: Producer<Box<Batch>>, shared: &Shared) {
    let mut acknowledged = 0;
    let done = loop {
        let mut taken = acknowledged;
        while let Some(mut batch) = from.pop() {
            if let Err(error) = append(&mut sink, &batch.bytes) {
                return fail(shared, error);
            }
            taken = batch.number;
            batch.bytes.clear();
            let room = free.push(batch).is_ok();
            debug_assert!(room, "there are fewer batches than slots");
        }
        if taken > acknowledged {
            if let Err(error) = sink.settle() {
                return fail(shared, error);
            }
            acknowledged = taken;
            shared.acknowledged.store(taken, Ordering::Release);
        } else if from.is_finished() {
            break sink.finish();
        } else {
            thread::park();
        }
    };
    match done {
        Ok(ended) => {
            shared.ended.lock().unwrap_or_else(PoisonError::into_inner).replace(ended);
            shared.is_over.store(true, Ordering::Release);
        }
        Err(error) => fail(shared, error),
    }
}

fn fail(shared: &Shared, error: JournalError) {
    shared.fault.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
    shared.is_over.store(true, Ordering::Release);
}

fn append(sink: &mut impl Sink, mut bytes: &[u8]) -> Result<(), JournalError> {
    while let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() {
        let word = |at: usize| <[u8; 8]>::try_from(&head[at..at + 8]).expect("the head holds it");
        let kind = u16::from_le_bytes([head[1], head[2]]);
        let length = u32::from_le_bytes([head[19], head[20], head[21], head[22]]) as usize;
        let to = if head[0] == 1 { Kind::Control } else { Kind::Tape };
        sink.append(to, kind, i64::from_le_bytes(word(3)), u64::from_le_bytes(word(11)), &rest[..length])?;
        bytes = &rest[length..];
    }
    Ok(())
}
