//! Objects that cross threads: made at the start, lent, handed on from thread to thread, and brought back by whoever has them last.
//!
//! A [`Loan`] is the only way to its object, as a `Box` is, so that reading and writing need no lock. Free objects lie in bundles of
//! [`BUNDLE`]; each thread's [`Counter`] keeps up to two of its own and goes to the shared stack for a whole bundle at a time. A thread
//! that only lends, and one that only takes back, thus meet once for [`BUNDLE`] objects.
//!
//! Orderings. The shared stack (R. K. Treiber, 1986) has one word: the first bundle's first object, and a tag that every change moves on, so
//! that a bundle which left and came back is not taken for the old one. Putting is a Release, taking an Acquire, on that word: links
//! inside a bundle, and the object itself, are seen by whoever takes it. Links are atomics only since a thread that comes too late may still look
//! at one; the tag makes it throw away what it saw.
use super::sync::Line;
use super::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// Objects of a full bundle.
pub const BUNDLE: u32 = 32;
/// No object.
const NONE: u32 = u32::MAX;

struct Slot<T> {
    /// Next object of the bundle.
    next: AtomicU32,
    /// Of a bundle's first object: the first object of the next bundle.
    next_bundle: AtomicU32,
    /// Of a bundle's first object: how many the bundle has.
    length: AtomicU32,
    object: UnsafeCell<T>,
}

/// A fixed number of objects of `T`.
pub struct Depot<T> {
    slots: Box<[Slot<T>]>,
    /// Low half: first object of the first bundle; high half: the tag.
    top: Line<AtomicU64>,
}

// SAFETY: an object is reached through its one `Loan` alone, and moves between threads with it.
unsafe impl<T: Send> Sync for Depot<T> {}

/// An object in somebody's hands. One that is dropped instead of brought back stays out for ever.
#[must_use]
pub struct Loan<'d, T> {
    object: &'d mut T,
    index: u32,
}

impl<T> Deref for Loan<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.object
    }
}

impl<T> DerefMut for Loan<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.object
    }
}

/// One thread's counter, with bundles of its own.
pub struct Counter<'d, T> {
    depot: &'d Depot<T>,
    open: Bundle,
    /// Full, or empty.
    spare: Bundle,
}

#[derive(Clone, Copy)]
struct Bundle {
    first: u32,
    length: u32,
}

const EMPTY: Bundle = Bundle { first: NONE, length: 0 };

impl<T: Send> Depot<T> {
    /// Makes `capacity` objects. Each thread may hold up to 2 × [`BUNDLE`] free ones at its counter: add those for each thread.
    ///
    /// # Panics
    /// Where `capacity` does not fit into 31 bits.
    pub fn new(capacity: usize, mut make: impl FnMut() -> T) -> Self {
        assert!(capacity < 1 << 31, "a depot has fewer than 2^31 objects");
        let slots = (0..capacity)
            .map(|_| Slot {
                next: AtomicU32::new(NONE),
                next_bundle: AtomicU32::new(NONE),
                length: AtomicU32::new(0),
                object: UnsafeCell::new(make()),
            })
            .collect();
        let depot = Self { slots, top: Line(AtomicU64::new(u64::from(NONE))) };
        let mut filling = EMPTY;
        for index in (0..capacity as u32).rev() {
            depot.add(&mut filling, index);
            if filling.length == BUNDLE {
                depot.put(std::mem::replace(&mut filling, EMPTY));
            }
        }
        depot.put(filling);
        depot
    }

    /// Opens a counter for a thread.
    pub fn counter(&self) -> Counter<'_, T> {
        Counter { depot: self, open: EMPTY, spare: EMPTY }
    }

    /// Returns how many objects there are.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }
}

impl<T> Depot<T> {
    fn slot(&self, index: u32) -> &Slot<T> {
        &self.slots[index as usize]
    }

    /// Puts an object before the others of a bundle that is ours.
    #[inline(always)]
    fn add(&self, bundle: &mut Bundle, index: u32) {
        self.slot(index).next.store(bundle.first, Ordering::Relaxed);
        *bundle = Bundle { first: index, length: bundle.length + 1 };
    }

    /// Puts a bundle on the shared stack.
    #[cold]
    fn put(&self, bundle: Bundle) {
        if bundle.length == 0 {
            return;
        }
        let first = self.slot(bundle.first);
        first.length.store(bundle.length, Ordering::Relaxed);
        let mut top = self.top.0.load(Ordering::Relaxed);
        loop {
            first.next_bundle.store(top as u32, Ordering::Relaxed);
            match self.top.0.compare_exchange_weak(top, tagged(top, bundle.first), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(moved) => top = moved,
            }
        }
    }

    /// Takes a bundle off the shared stack; an empty one where there is none.
    #[cold]
    fn take(&self) -> Bundle {
        let mut top = self.top.0.load(Ordering::Acquire);
        loop {
            let first = top as u32;
            if first == NONE {
                return EMPTY;
            }
            let below = self.slot(first).next_bundle.load(Ordering::Relaxed);
            match self.top.0.compare_exchange_weak(top, tagged(top, below), Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Bundle { first, length: self.slot(first).length.load(Ordering::Relaxed) },
                Err(moved) => top = moved,
            }
        }
    }
}

/// Returns the word with another first object and the next tag.
fn tagged(top: u64, first: u32) -> u64 {
    ((top >> 32).wrapping_add(1) << 32) | u64::from(first)
}

impl<'d, T: Send> Counter<'d, T> {
    /// Lends an object; it holds whatever was left in it. None where no object is free.
    #[inline]
    pub fn acquire(&mut self) -> Option<Loan<'d, T>> {
        if self.open.length == 0 {
            self.open = match self.spare.length {
                0 => self.depot.take(),
                _ => std::mem::replace(&mut self.spare, EMPTY),
            };
            if self.open.length == 0 {
                return None;
            }
        }
        let index = self.open.first;
        let slot = self.depot.slot(index);
        self.open = Bundle { first: slot.next.load(Ordering::Relaxed), length: self.open.length - 1 };
        // SAFETY: the index left its bundle, so that nobody else has it until this loan is brought back.
        Some(Loan { object: unsafe { &mut *slot.object.get() }, index })
    }

    /// Takes an object back, lent by any counter of the same depot.
    ///
    /// # Panics
    /// Where the object is another depot's.
    #[inline]
    pub fn release(&mut self, loan: Loan<'d, T>) {
        let own = self.depot.slot(loan.index).object.get();
        assert!(std::ptr::eq(own, loan.object), "an object is brought back to its own depot");
        if self.open.length == BUNDLE {
            let full = std::mem::replace(&mut self.spare, self.open);
            self.open = EMPTY;
            self.depot.put(full);
        }
        self.depot.add(&mut self.open, loan.index);
    }
}

impl<T> Drop for Counter<'_, T> {
    fn drop(&mut self) {
        self.depot.put(self.open);
        self.depot.put(self.spare);
    }
}
