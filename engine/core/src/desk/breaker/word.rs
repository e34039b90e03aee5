//! The word: one bit for each place of components that is not closed, on a cache line of its own.
//!
//! One writer (the desk), any number of readers. Read before every opening, written only when a component changes: the line stays
//! shared in the caches of those that read it. Two lines are kept, because the processor fetches lines in pairs.

use std::sync::Arc;

#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering};

/// The packed states. 0 = everything is closed.
#[repr(align(128))]
pub struct Word(AtomicU64);

impl Word {
    /// Makes a word in which everything is closed.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(0)))
    }

    /// Returns whether none of the places in `mask` is set.
    #[inline(always)]
    pub fn is_clear(&self, mask: u64) -> bool {
        // Acquire: who sees a place set also sees what was written before it was.
        self.0.load(Ordering::Acquire) & mask == 0
    }

    /// Returns all places.
    pub fn bits(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Writes all places, where they differ from what stands there. Only the owner of the breakers calls it.
    pub fn set(&self, bits: u64) {
        // The only writer reads what it wrote itself.
        if self.0.load(Ordering::Relaxed) != bits {
            self.0.store(bits, Ordering::Release);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_word_has_a_pair_of_cache_lines_to_itself() {
        assert_eq!((size_of::<Word>(), align_of::<Word>()), (128, 128));
    }

    #[test]
    fn a_mask_sees_its_own_places_only() {
        let word = Word::new();
        assert!(word.is_clear(u64::MAX));
        word.set(0b100);
        assert_eq!((word.is_clear(0b011), word.is_clear(0b110), word.bits()), (true, false, 4));
        word.set(0);
        assert!(word.is_clear(u64::MAX));
    }
}
