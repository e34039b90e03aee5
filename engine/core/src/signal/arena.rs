//! Columns in one block of memory, handed out once when the signals are built and never again.
//!
//! This is the only place where column pointers are formed. A `Col` is a plain pointer with its capacity: reading and writing single values through it
//! is bounds-checked and makes no reference, so two columns may be touched at will; whole slices are formed only where one step runs and where a
//! caller reads a finished column. The planner decides which columns share memory; `Arena` only hands out regions.

/// One column: a place for `cap` values inside an arena that outlives it (both live in `Signals`).
#[derive(Debug)]
pub(crate) struct Col<T = f64> {
    ptr: *mut T,
    cap: usize,
}

impl<T> Clone for Col<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Col<T> {}

// SAFETY: a column is a pointer into an arena that moves between threads together with it; it is used only through `&mut Signals` or, for reading, `&Signals`.
unsafe impl<T: Send> Send for Col<T> {}
// SAFETY: as above; nothing writes through a shared reference.
unsafe impl<T: Sync> Sync for Col<T> {}

impl<T: Copy> Col<T> {
    /// Returns the value at `row`.
    #[inline(always)]
    pub fn get(self, row: usize) -> T {
        assert!(row < self.cap, "row {row} lies beyond the block");
        // SAFETY: in bounds by the assertion; the arena outlives the column and is initialised.
        unsafe { self.ptr.add(row).read() }
    }

    /// Writes the value at `row`.
    #[inline(always)]
    pub fn set(self, row: usize, value: T) {
        assert!(row < self.cap, "row {row} lies beyond the block");
        // SAFETY: as for `get`; no reference to the column exists while values are set.
        unsafe { self.ptr.add(row).write(value) }
    }

    /// Copies `from` to the first rows.
    #[inline(always)]
    pub fn copy_from(self, from: &[T]) {
        if let [one] = from {
            return self.set(0, *one);
        }
        assert!(from.len() <= self.cap, "{} rows do not fit a block of {}", from.len(), self.cap);
        // SAFETY: in bounds by the assertion; `from` belongs to the caller and not to the arena.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.ptr, from.len()) }
    }

    /// Writes `value` to every row.
    pub fn fill(self, value: T) {
        (0..self.cap).for_each(|row| self.set(row, value));
    }

    /// Returns the first `len` rows.
    ///
    /// # Safety
    /// Nothing may write to the column while the slice lives.
    #[inline(always)]
    pub unsafe fn slice<'a>(self, len: usize) -> &'a [T] {
        assert!(len <= self.cap, "{len} rows lie beyond the block");
        // SAFETY: in bounds by the assertion; the caller promises that nobody writes.
        unsafe { std::slice::from_raw_parts(self.ptr, len) }
    }

    /// Returns the address of the first row.
    pub fn ptr(self) -> *mut T {
        self.ptr
    }

    /// Returns whether two columns share memory.
    pub fn overlaps(self, other: Self) -> bool {
        let (a, b) = (self.ptr as usize, other.ptr as usize);
        let size = std::mem::size_of::<T>();
        a < b + other.cap * size && b < a + self.cap * size
    }
}

/// Values per chunk; a larger column gets a chunk of its own.
const CHUNK: usize = 16_384;

/// Memory that hands out columns and never moves them.
pub(crate) struct Arena<T = f64> {
    chunks: Vec<Vec<T>>,
    used: usize,
}

impl<T: Copy + Default> Arena<T> {
    /// Makes an empty arena.
    pub fn new() -> Self {
        Self { chunks: Vec::new(), used: 0 }
    }

    /// Hands out the next column of `cap` values; no two overlap.
    pub fn column(&mut self, cap: usize) -> Col<T> {
        if self.chunks.last().is_none_or(|chunk| self.used + cap > chunk.len()) {
            self.chunks.push(vec![T::default(); cap.max(CHUNK)]);
            self.used = 0;
        }
        let chunk = self.chunks.last_mut().expect("there is a chunk");
        // SAFETY: `used + cap` lies inside the chunk, and a chunk is never resized.
        let ptr = unsafe { chunk.as_mut_ptr().add(self.used) };
        self.used += cap;
        Col { ptr, cap }
    }
}
