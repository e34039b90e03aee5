//! A node in its place: the node, its input columns and its output column for one asset, ready to run without another decision.

use super::arena::Col;
use super::node::{Args, Linear, MAX_INPUTS, Node};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// One node of one asset, bound to its columns.
pub(crate) struct Step {
    node: Box<dyn Node>,
    args: Args<'static>,
    out: *mut f64,
}

// SAFETY: the pointers lead into arenas that belong to the same `Signals` as the step and move with it; nodes are `Send`.
unsafe impl Send for Step {}
// SAFETY: a shared step is only saved, which touches the node alone, through `&self`, and never the columns.
unsafe impl Sync for Step {}

impl Step {
    /// Binds a node to its columns; it runs over no rows until `set_len`.
    pub fn new(node: Box<dyn Node>, inputs: &[Col], ts: Col<i64>, out: Col) -> Self {
        debug_assert!(inputs.iter().all(|input| !input.overlaps(out)), "a step may not write over its inputs");
        let mut raw = [std::ptr::null(); MAX_INPUTS];
        raw.iter_mut().zip(inputs).for_each(|(slot, input)| *slot = input.ptr().cast_const());
        // SAFETY: with no rows nothing is read; `set_len` bounds the rows by the columns' capacity.
        let args = unsafe { Args::from_raw(0, raw, ts.ptr().cast_const()) };
        Self { node, args, out: out.ptr() }
    }

    /// Sets the number of rows of the next runs; the caller keeps it within the capacity of the step's columns.
    #[inline(always)]
    pub fn set_len(&mut self, len: usize) {
        self.args.set_len(len);
    }

    /// Runs the node over its rows.
    #[inline(always)]
    pub fn run(&mut self) {
        // SAFETY: the column has place for the rows, nobody else refers to it while the step runs, and it overlaps no input (checked in `new`).
        let out = unsafe { std::slice::from_raw_parts_mut(self.out, self.args.len()) };
        self.node.run(&self.args, out);
    }

    /// Returns the node's recursion if it is a plain one with its seed.
    #[inline(always)]
    pub fn linear(&mut self) -> Option<&mut Linear> {
        self.node.linear()
    }

    /// Returns the rows of the first input and of the output.
    ///
    /// # Safety
    /// Nothing else may read or write the output while it is borrowed, and nothing write the input.
    #[inline(always)]
    pub unsafe fn columns<'a>(&mut self) -> (&'a [f64], &'a mut [f64]) {
        // SAFETY: the column has place for the rows; the caller promises the rest.
        (self.args.input(0), unsafe { std::slice::from_raw_parts_mut(self.out, self.args.len()) })
    }

    /// Runs the node over its only row.
    #[inline(always)]
    pub fn tick(&mut self) {
        debug_assert_eq!(self.args.len(), 1);
        // SAFETY: the column has place for a row and nobody refers to it.
        unsafe { *self.out = self.node.tick(&self.args) }
    }

    /// Writes the node's state.
    pub fn save(&self, to: &mut Writer) {
        self.node.save(to);
    }

    /// Reads the node's state.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.node.load(from)
    }
}

/// Runs every step over its only row. Eight places to call from, not one: the processor predicts where a call goes by where it stands, which takes a
/// tenth off a decision.
#[inline(always)]
pub(crate) fn tick_all(steps: &mut [Step]) {
    let mut eights = steps.chunks_exact_mut(8);
    for steps in &mut eights {
        let [a, b, c, d, e, f, g, h] = steps else { unreachable!("chunks of eight") };
        a.tick();
        b.tick();
        c.tick();
        d.tick();
        e.tick();
        f.tick();
        g.tick();
        h.tick();
    }
    eights.into_remainder().iter_mut().for_each(Step::tick);
}
