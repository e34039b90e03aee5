//! What a node is: a slice of inputs in, a slice of outputs out, its own state in between.
//!
//! A node never knows how long its slices are: any cutting of the rows gives the same bits. Missing is NaN; a non-finite result becomes missing.

use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use std::marker::PhantomData;

/// The most inputs a node takes.
pub const MAX_INPUTS: usize = 4;

/// The inputs of one call: `len` rows of each input column, and the rows' open times.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    len: usize,
    inputs: [*const f64; MAX_INPUTS],
    ts: *const i64,
    life: PhantomData<&'a [f64]>,
}

impl<'a> Args<'a> {
    /// Builds arguments from columns of at least `len` rows.
    ///
    /// # Safety
    /// Every pointer that the node reads must be valid for `len` values during `'a`, and none may overlap the node's output.
    #[inline(always)]
    pub unsafe fn from_raw(len: usize, inputs: [*const f64; MAX_INPUTS], ts: *const i64) -> Self {
        Self { len, inputs, ts, life: PhantomData }
    }

    /// Builds arguments from slices of equal length, for tests.
    pub fn new(inputs: &[&'a [f64]], ts: &'a [i64]) -> Self {
        let mut raw = [std::ptr::null(); MAX_INPUTS];
        for (slot, column) in raw.iter_mut().zip(inputs) {
            assert_eq!(column.len(), ts.len(), "columns of one call have one length");
            *slot = column.as_ptr();
        }
        Self { len: ts.len(), inputs: raw, ts: ts.as_ptr(), life: PhantomData }
    }

    /// Sets the number of rows; the columns must be valid for as many.
    #[inline(always)]
    pub(crate) fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// Returns the number of rows.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the input column `i`.
    #[inline(always)]
    pub fn input(&self, i: usize) -> &'a [f64] {
        debug_assert!(!self.inputs[i].is_null());
        // SAFETY: the constructors promise `len` valid values for every input the node's kind declares.
        unsafe { std::slice::from_raw_parts(self.inputs[i], self.len) }
    }

    /// Returns the first row of the input column `i`; there must be one.
    #[inline(always)]
    pub fn first(&self, i: usize) -> f64 {
        debug_assert!(!self.inputs[i].is_null() && self.len > 0);
        // SAFETY: as for `input`, of which this is row 0.
        unsafe { *self.inputs[i] }
    }

    /// Returns the first row of the first `K` inputs; there must be one.
    #[inline(always)]
    pub fn firsts<const K: usize>(&self) -> [f64; K] {
        std::array::from_fn(|k| self.first(k))
    }

    /// Returns the open times of the rows, in ms.
    #[inline(always)]
    pub fn ts(&self) -> &'a [i64] {
        // SAFETY: as for `input`.
        unsafe { std::slice::from_raw_parts(self.ts, self.len) }
    }
}

/// The recursion of the averages, y = keep·y + gain·x, over present inputs.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// The last output.
    pub value: f64,
    /// Weight of the last output.
    pub keep: f64,
    /// Weight of the input.
    pub gain: f64,
}

impl Linear {
    /// Moves on by one present input and returns the output.
    #[inline(always)]
    pub fn next(&mut self, x: f64) -> f64 {
        self.value = self.keep * self.value + self.gain * x;
        self.value
    }
}

/// A node with its state, for one asset.
pub trait Node: Send {
    /// Consumes the next rows and writes one output a row.
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]);
    /// Consumes the one next row and returns its output: `run` without the loop, and the same bits.
    fn tick(&mut self, args: &Args<'_>) -> f64 {
        let mut out = [f64::NAN];
        self.run(args, &mut out);
        out[0]
    }
    /// Returns the recursion of a node that is nothing else and has its seed, so that independent ones can run side by side.
    fn linear(&mut self) -> Option<&mut Linear> {
        None
    }
    /// Writes the state (nothing for a stateless node).
    fn save(&self, _to: &mut Writer) {}
    /// Reads the state back into a node built from the same parameters.
    ///
    /// # Errors
    /// Returns an error where the bytes belong to other parameters.
    fn load(&mut self, _from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        Ok(())
    }
}

/// A node's parameters as the program states them.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    /// Numbers, in the catalogue's order.
    pub f: &'a [f64],
    /// The one string parameter (`"ms"` marks a time window).
    pub s: &'a str,
    /// Interval of the node's clock.
    pub interval_ms: i64,
}

/// Rows of the node's own clock before its output exists, and before it has forgotten its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Warmup {
    /// Rows without a value after the input's first value.
    pub valid: u64,
    /// Rows until recursive state no longer remembers its seed.
    pub settled: u64,
}

/// One entry of the node catalogue.
pub struct Kind {
    /// Name in the program.
    pub name: &'static str,
    /// Version of the algorithm: part of the identity and of snapshots.
    pub version: u32,
    /// Number of inputs.
    pub inputs: usize,
    /// Builds the node with fresh state, or says in one sentence what is wrong with the parameters.
    pub build: fn(&Params<'_>) -> Result<Box<dyn Node>, String>,
    /// Computes the warm-up.
    pub warmup: fn(&Params<'_>) -> Warmup,
}
