//! What the concurrent parts of this room are built of: the standard library's, or loom's where its tests explore every interleaving.
//!
//! `engine/loom` compiles the same files with `cfg(loom)`; nothing else may name `std::sync::atomic` here.

#[cfg(loom)]
pub use loom::cell::UnsafeCell;
#[cfg(loom)]
pub use loom::sync::{Arc, atomic};

#[cfg(not(loom))]
pub use cell::UnsafeCell;
#[cfg(not(loom))]
pub use std::sync::{Arc, atomic};

#[cfg(not(loom))]
mod cell {
    /// A cell with loom's way of access: a closure is given the pointer.
    #[derive(Debug)]
    pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        /// Wraps a value.
        pub const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        /// Gives the pointer for reading.
        #[inline(always)]
        pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        /// Gives the pointer for writing.
        #[inline(always)]
        pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
            write(self.0.get())
        }
    }
}

/// A value on cache lines of its own. 128 bytes: processors fetch lines of 64 in pairs, and a neighbour's writes would take ours away.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Line<T>(pub T);
