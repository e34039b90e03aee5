//! What runs row by row: the nodes of a state loop, and the feedback part. The same nodes over slices of one, on cells instead of columns: what comes from
//! outside is copied into cells before a row and what is wanted outside is copied out after it, so every pointer stays fixed.

use super::arena::Col;
use super::node::{Args, Node};
use super::step::{self, Step};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// A `state` node: it shows `held` during a row and takes the value of its next node after it.
pub(crate) struct State {
    pub cell: Col,
    pub next: Col,
    pub held: f64,
}

/// The border between columns and cells for one asset, and the states that live from row to row.
pub(crate) struct Border {
    /// Open times of the rows, and the cell that holds the current one.
    pub ts: (Col<i64>, Col<i64>),
    /// From column to cell.
    pub imports: Vec<(Col, Col)>,
    /// From cell to column.
    pub exports: Vec<(Col, Col)>,
    pub states: Vec<State>,
}

impl Border {
    /// Fills the cells for a row.
    #[inline(always)]
    pub fn enter(&self, row: usize) {
        self.ts.1.set(0, self.ts.0.get(row));
        self.imports.iter().for_each(|&(column, cell)| cell.set(0, column.get(row)));
        self.states.iter().for_each(|state| state.cell.set(0, state.held));
    }

    /// Hands out the results of a row and advances the states; a missing next value keeps the old one.
    #[inline(always)]
    pub fn leave(&mut self, row: usize) {
        self.exports.iter().for_each(|&(cell, column)| column.set(row, cell.get(0)));
        for state in &mut self.states {
            let next = state.next.get(0);
            if !next.is_nan() {
                state.held = next;
            }
        }
    }

    pub fn save(&self, to: &mut Writer) {
        self.states.iter().for_each(|state| to.f64(state.held));
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.states.iter_mut().try_for_each(|state| {
            state.held = from.f64()?;
            Ok(())
        })
    }
}

/// The nodes of one state loop of one asset, as one node of the static part; it reads and writes through its border alone.
pub(crate) struct Loop {
    pub border: Border,
    pub steps: Vec<Step>,
}

impl Node for Loop {
    fn run(&mut self, args: &Args<'_>, _out: &mut [f64]) {
        for row in 0..args.len() {
            self.border.enter(row);
            step::tick_all(&mut self.steps);
            self.border.leave(row);
        }
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.run(args, &mut []);
        f64::NAN
    }

    fn save(&self, to: &mut Writer) {
        self.border.save(to);
        self.steps.iter().for_each(|step| step.save(to));
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.border.load(from)?;
        self.steps.iter_mut().try_for_each(|step| step.load(from))
    }
}

/// A `state` outside any loop: its next node is complete before it, so it is a delay by one row.
pub(crate) struct Delay {
    pub held: f64,
}

impl Node for Delay {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for (y, &x) in out.iter_mut().zip(args.input(0)) {
            *y = self.held;
            if !x.is_nan() {
                self.held = x;
            }
        }
    }

    fn save(&self, to: &mut Writer) {
        to.f64(self.held);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.held = from.f64()?;
        Ok(())
    }
}
