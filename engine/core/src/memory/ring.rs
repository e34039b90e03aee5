//! A bounded ring between one producer and one consumer, each on its own thread: no lock, no allocation after the start.
//!
//! Each side owns its counter and keeps a copy of the other's. It reads the other's line only where the copy says that the ring is full
//! (empty), so that in steady flow a line crosses between the cores once for many elements.
//!
//! Orderings. The producer writes the slot, then stores `tail` with Release; the consumer loads `tail` with Acquire, then reads the slot:
//! what was written is there. The consumer reads the slot, then stores `head` with Release; the producer loads `head` with Acquire, then
//! writes the slot anew: nobody reads it any more. A side reads its own counter from its own memory and needs no ordering.
use super::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use super::sync::{Arc, Line, UnsafeCell};
use std::mem::MaybeUninit;

/// Both ends see this. Counters run on for ever; a slot's place is the counter's low bits.
struct Shared<T> {
    /// Elements written since the start: the producer's.
    tail: Line<AtomicUsize>,
    /// Elements taken since the start: the consumer's.
    head: Line<AtomicUsize>,
    /// An end was dropped; written once, read when there is nothing to do.
    gone: Line<AtomicBool>,
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
}

// SAFETY: a slot is touched by one end at a time, as the orderings above hold; elements move between threads, so they must be `Send`.
unsafe impl<T: Send> Sync for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Shared<T> {}

impl<T> Shared<T> {
    fn slot(&self, counter: usize) -> &UnsafeCell<MaybeUninit<T>> {
        &self.slots[counter & (self.slots.len() - 1)]
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Both ends are gone, and dropping the last `Arc` has ordered their last stores before this.
        let tail = self.tail.0.load(Ordering::Relaxed);
        let mut head = self.head.0.load(Ordering::Relaxed);
        while head != tail {
            // SAFETY: slots from head to tail hold elements that nobody took.
            self.slot(head).with_mut(|slot| unsafe { (*slot).assume_init_drop() });
            head = head.wrapping_add(1);
        }
    }
}

/// The writing end.
pub struct Producer<T> {
    shared: Arc<Shared<T>>,
    tail: usize,
    /// What `head` was when last looked at; never ahead of it.
    head: usize,
}

/// The reading end.
pub struct Consumer<T> {
    shared: Arc<Shared<T>>,
    head: usize,
    /// What `tail` was when last looked at; never ahead of it.
    tail: usize,
}

/// Makes a ring of at least `capacity` elements (the next power of two); its two ends go to two threads.
///
/// # Panics
/// Where `capacity` is 0.
pub fn spsc<T: Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(capacity > 0, "a ring holds at least one element");
    let slots = (0..capacity.next_power_of_two()).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect();
    let shared =
        Arc::new(Shared { tail: Line(AtomicUsize::new(0)), head: Line(AtomicUsize::new(0)), gone: Line(AtomicBool::new(false)), slots });
    (Producer { shared: shared.clone(), tail: 0, head: 0 }, Consumer { shared, head: 0, tail: 0 })
}

impl<T: Send> Producer<T> {
    /// Appends one element.
    ///
    /// # Errors
    /// Gives the element back where the ring is full.
    #[inline]
    pub fn push(&mut self, element: T) -> Result<(), T> {
        if self.is_full() {
            return Err(element);
        }
        self.shared.slot(self.tail).with_mut(|slot| {
            // SAFETY: the consumer is past this slot (Acquire in `is_full`) and will not look before the Release below.
            unsafe { (*slot).write(element) };
        });
        self.tail = self.tail.wrapping_add(1);
        self.shared.tail.0.store(self.tail, Ordering::Release);
        Ok(())
    }

    /// Says whether nothing fits now.
    #[inline]
    pub fn is_full(&mut self) -> bool {
        if self.tail.wrapping_sub(self.head) < self.shared.slots.len() {
            return false;
        }
        self.head = self.shared.head.0.load(Ordering::Acquire);
        self.tail.wrapping_sub(self.head) == self.shared.slots.len()
    }

    /// Returns how many elements fit at most.
    pub fn capacity(&self) -> usize {
        self.shared.slots.len()
    }

    /// Returns how many elements wait at this moment.
    pub fn len(&self) -> usize {
        self.tail.wrapping_sub(self.shared.head.0.load(Ordering::Relaxed))
    }

    /// Says whether none waits at this moment.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether the consumer was dropped: nobody will read what is pushed.
    pub fn is_closed(&self) -> bool {
        self.shared.gone.0.load(Ordering::Relaxed)
    }
}

impl<T: Send> Consumer<T> {
    /// Takes the oldest element, if there is one.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let element = self.read();
        self.shared.head.0.store(self.head, Ordering::Release);
        Some(element)
    }

    /// Takes up to `limit` elements that are there, in order, and frees their slots together at the end; returns how many.
    #[inline]
    pub fn drain(&mut self, limit: usize, mut take: impl FnMut(T)) -> usize {
        let mut taken = 0;
        while taken < limit && !self.is_empty() {
            let element = self.read();
            take(element);
            taken += 1;
        }
        self.shared.head.0.store(self.head, Ordering::Release);
        taken
    }

    /// Says whether nothing is there now.
    #[inline]
    pub fn is_empty(&mut self) -> bool {
        if self.head != self.tail {
            return false;
        }
        self.tail = self.shared.tail.0.load(Ordering::Acquire);
        self.head == self.tail
    }

    /// Says whether the producer was dropped and everything it wrote is taken.
    pub fn is_finished(&mut self) -> bool {
        // Acquire: what was pushed before the end was dropped is seen by the look that follows.
        self.shared.gone.0.load(Ordering::Acquire) && self.is_empty()
    }

    /// Moves the element at `head` out; there is one.
    #[inline(always)]
    fn read(&mut self) -> T {
        let element = self.shared.slot(self.head).with(|slot| {
            // SAFETY: head ≠ tail, so the producer wrote this slot (Acquire in `is_empty`) and waits for our Release to do so again.
            unsafe { (*slot).assume_init_read() }
        });
        self.head = self.head.wrapping_add(1);
        element
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        self.shared.gone.0.store(true, Ordering::Release);
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        // A `drain` that was interrupted has taken elements whose slots are not freed yet.
        self.shared.head.0.store(self.head, Ordering::Release);
        self.shared.gone.0.store(true, Ordering::Release);
    }
}
