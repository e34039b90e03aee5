//! A bounded queue from many producers to one consumer, for control: commands, reports. Market data goes through [`super::ring`].
//!
//! D. Vyukov's bounded queue ("Bounded MPMC queue", 1024cores.net), with one consumer. Each slot carries the counter at which it may be
//! used next: a producer takes a place by moving `tail`, writes, and hands the slot to the consumer by its counter.
//!
//! Orderings. A producer loads a slot's counter with Acquire (the consumer is done with it), writes, and stores the counter with Release;
//! the consumer loads it with Acquire, reads, and stores it with Release. Moving `tail` orders nothing but itself: Relaxed.
use super::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use super::sync::{Arc, Line, UnsafeCell};
use std::mem::MaybeUninit;

struct Slot<T> {
    /// The counter at which a producer may write here; one more: the consumer may read.
    turn: AtomicUsize,
    element: UnsafeCell<MaybeUninit<T>>,
}

struct Shared<T> {
    tail: Line<AtomicUsize>,
    closed: Line<AtomicBool>,
    slots: Box<[Slot<T>]>,
}

// SAFETY: a slot is touched by one side at a time, as its `turn` says; elements move between threads, so they must be `Send`.
unsafe impl<T: Send> Sync for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Shared<T> {}

impl<T> Shared<T> {
    fn slot(&self, counter: usize) -> &Slot<T> {
        &self.slots[counter & (self.slots.len() - 1)]
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let mask = self.slots.len() - 1;
        for (place, slot) in self.slots.iter().enumerate() {
            if slot.turn.load(Ordering::Relaxed) & mask == (place + 1) & mask {
                // SAFETY: the turn says that the slot is written and not read, and every end is gone.
                slot.element.with_mut(|cell| unsafe { (*cell).assume_init_drop() });
            }
        }
    }
}

/// A writing end; clone it for each producer.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// The reading end.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    head: usize,
}

/// Why an element was not taken; it is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError<T> {
    /// No slot is free now.
    Full(T),
    /// The receiver was dropped.
    Closed(T),
}

/// Makes a queue of at least `capacity` elements (the next power of two, at least 2).
pub fn bounded<T: Send>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let slots = (0..capacity.max(2).next_power_of_two())
        .map(|counter| Slot { turn: AtomicUsize::new(counter), element: UnsafeCell::new(MaybeUninit::uninit()) })
        .collect();
    let shared = Arc::new(Shared { tail: Line(AtomicUsize::new(0)), closed: Line(AtomicBool::new(false)), slots });
    (Sender { shared: shared.clone() }, Receiver { shared, head: 0 })
}

impl<T: Send> Sender<T> {
    /// Appends one element.
    ///
    /// # Errors
    /// Gives the element back where the queue is full or nobody reads it any more.
    pub fn send(&self, element: T) -> Result<(), SendError<T>> {
        if self.shared.closed.0.load(Ordering::Relaxed) {
            return Err(SendError::Closed(element));
        }
        let mut counter = self.shared.tail.0.load(Ordering::Relaxed);
        loop {
            let slot = self.shared.slot(counter);
            let turn = slot.turn.load(Ordering::Acquire);
            if turn == counter {
                let next = counter.wrapping_add(1);
                match self.shared.tail.0.compare_exchange_weak(counter, next, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => {
                        slot.element.with_mut(|cell| {
                            // SAFETY: we alone hold this counter, and the consumer is done with the slot (Acquire above).
                            unsafe { (*cell).write(element) };
                        });
                        slot.turn.store(next, Ordering::Release);
                        return Ok(());
                    }
                    Err(moved) => counter = moved,
                }
            } else if (turn.wrapping_sub(counter) as isize) < 0 {
                // The slot still holds what was written one round ago.
                return Err(SendError::Full(element));
            } else {
                counter = self.shared.tail.0.load(Ordering::Relaxed);
            }
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> Receiver<T> {
    /// Takes the oldest element, if it is there whole.
    pub fn receive(&mut self) -> Option<T> {
        let slot = self.shared.slot(self.head);
        let next = self.head.wrapping_add(1);
        if slot.turn.load(Ordering::Acquire) != next {
            return None;
        }
        let element = slot.element.with(|cell| {
            // SAFETY: its producer wrote it before the Release that our Acquire saw.
            unsafe { (*cell).assume_init_read() }
        });
        slot.turn.store(self.head.wrapping_add(self.shared.slots.len()), Ordering::Release);
        self.head = next;
        Some(element)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.closed.0.store(true, Ordering::Relaxed);
    }
}
