//! Signals: a program bound to assets and memory, run block by block.
//!
//! `run` computes the static part of a block; `feedback` computes, one grid row at a time and in order, what depends on the book; `column` shows any
//! wanted output on the block's rows. Blocks may have any length up to the capacity: outputs and state are the same bits. Nothing is allocated after
//! `new`. It does not know orders or money, and reads no clock.

use super::arena::{Arena, Col};
use super::bank;
use super::clock::Resampler;
use super::cs::Cross;
use super::grid::{AssetRows, Grid};
use super::handover::Handed;
use super::link;
use super::op::Column;
use super::pick::Pick;
use super::plan::Plan;
use super::program::Program;
use super::rows::Border;
use super::step::{self, Step};
use super::view::{AccountField, PositionField};
use crate::event::{AccountView, Entry, PositionView};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// First field of a snapshot ("signals1").
const TAG: u64 = 0x7369_676e_616c_7331;

/// Steps of one clock that run one after the other.
pub(crate) struct Segment {
    pub clock: usize,
    pub len: usize,
    pub steps: Vec<Step>,
    /// How many of the steps run as one bank, in order; 1 = alone.
    pub groups: Vec<usize>,
}

impl Segment {
    #[inline(always)]
    pub(super) fn run(&mut self, len: usize) {
        if len == 0 {
            return;
        }
        if self.len != len {
            self.steps.iter_mut().for_each(|step| step.set_len(len));
            self.len = len;
        }
        if len == 1 {
            return step::tick_all(&mut self.steps);
        }
        let mut rest = self.steps.as_mut_slice();
        for &count in &self.groups {
            let (group, after) = rest.split_at_mut(count);
            bank::run(group);
            rest = after;
        }
    }
}

/// The feedback part of one asset.
pub(crate) struct RowPart {
    pub border: Border,
    pub positions: Vec<(PositionField, Col)>,
    pub account: Vec<(AccountField, Col)>,
    pub stages: Vec<Vec<Step>>,
}

/// A slower clock of one asset.
pub(crate) struct SlowClock {
    pub clock: usize,
    pub resampler: Resampler,
}

/// Everything that runs for one asset.
pub(crate) struct Asset {
    pub ts: Col<i64>,
    pub loads: Vec<(Column, Col)>,
    /// Columns of tick data: place among all of them, and where it goes.
    pub features: Vec<(usize, Col)>,
    pub slow: Vec<SlowClock>,
    /// Rows of each clock in this block.
    pub lens: Vec<usize>,
    pub stages: Vec<Vec<Segment>>,
    pub rows: RowPart,
}

impl Asset {
    #[inline(always)]
    pub(super) fn enter(&mut self, rows: &AssetRows<'_>) {
        self.lens[0] = rows.ts.len();
        self.ts.copy_from(rows.ts);
        for &(column, to) in &self.loads {
            to.copy_from(match column {
                Column::Open => rows.open,
                Column::High => rows.high,
                Column::Low => rows.low,
                Column::Close => rows.close,
                Column::Volume => rows.volume,
            });
        }
        for slow in &mut self.slow {
            self.lens[slow.clock] = slow.resampler.run(rows);
        }
    }
}

/// A node across assets.
pub(crate) enum Joint {
    Cross(Cross),
    Pick(Pick),
}

impl Joint {
    fn block(&mut self, grid: &Grid<'_>, lens: &[usize]) {
        match self {
            Self::Cross(cross) => (0..grid.len()).for_each(|row| cross.row(grid.present(row), false)),
            Self::Pick(pick) => pick.block(lens),
        }
    }
}

/// A copy of a block's grid, for the feedback part alone.
pub(crate) struct Kept {
    pub offsets: Vec<u32>,
    pub entries: Vec<Entry>,
}

/// A program bound to assets and memory.
pub struct Signals {
    pub(crate) assets: Vec<Asset>,
    /// Nodes across assets that end each static stage.
    pub(crate) joints: Vec<Vec<Joint>>,
    /// The same for the feedback part.
    pub(crate) row_joints: Vec<Vec<Joint>>,
    /// Base rows of each asset in this block.
    pub(crate) lens: Vec<usize>,
    /// For each node, its place among the outputs.
    pub(crate) output: Vec<Option<usize>>,
    /// Columns of the outputs: all assets of the first, all of the second, …
    pub(crate) columns: Vec<Option<Col>>,
    pub(crate) has_feedback: bool,
    /// What leaves the static part, by asset; see `handover`.
    pub(crate) handed: Handed,
    /// The block's grid, kept for `feedback`.
    pub(crate) kept: Kept,
    pub(crate) capacity: usize,
    pub(crate) identity: [u8; 32],
    // The memory behind every column: never touched again, only kept.
    pub(crate) _floats: Arena,
    pub(crate) _times: Arena<i64>,
    pub(crate) _counts: Arena<u32>,
}

impl Signals {
    /// Binds a program to its assets, for the wanted output nodes and blocks of at most `capacity` rows.
    ///
    /// # Errors
    /// Returns one sentence if an output does not exist, is on a slower clock, or a node refuses its parameters.
    pub fn new(program: &Program, outputs: &[usize], capacity: usize) -> Result<Self, String> {
        if capacity == 0 || u32::try_from(capacity).is_err() {
            return Err(format!("a block holds from 1 to {} rows, not {capacity}", u32::MAX));
        }
        let plan = Plan::new(program, outputs)?;
        link::build(program, &plan, capacity, None)
    }

    /// Binds a program that reads columns of other signals, where it says [`super::op::Op::Shared`], in place.
    ///
    /// # Safety
    /// `shared` must outlive the result, though it may be moved, and must run each block before it.
    ///
    /// # Errors
    /// As `new`.
    pub(crate) unsafe fn beside(shared: &Self, program: &Program, outputs: &[usize]) -> Result<Self, String> {
        let plan = Plan::new(program, outputs)?;
        link::build(program, &plan, shared.capacity, Some(shared))
    }

    /// Returns the column of an output for one asset.
    pub(crate) fn place_of(&self, node: usize, asset: usize) -> Option<Col> {
        self.columns[self.output[node]? * self.assets.len() + asset]
    }

    /// Lends an asset's columns of tick data for the block that `run` takes next: `column` gives them by their place in
    /// [`super::op::FEATURES`], as long as the block.
    pub fn lend<'a>(&mut self, asset: usize, column: impl Fn(usize) -> &'a [f64]) {
        for &(place, to) in &self.assets[asset].features {
            to.copy_from(column(place));
        }
    }

    /// Returns whether a program reads tick data.
    pub fn reads_ticks(&self) -> bool {
        self.assets.iter().any(|asset| !asset.features.is_empty())
    }

    /// Runs the static part over a block: each asset's own rows, and the grid that joins them.
    ///
    /// # Panics
    /// Panics if there are more or fewer assets than the program was built for, or if a block exceeds the capacity; in debug builds also if an asset's
    /// columns differ in length.
    pub fn run(&mut self, rows: &[AssetRows<'_>], grid: &Grid<'_>) {
        assert_eq!(rows.len(), self.assets.len(), "one block of rows for each asset");
        for (stage, joints) in self.joints.iter_mut().enumerate() {
            for ((asset, rows), len) in self.assets.iter_mut().zip(rows).zip(&mut self.lens) {
                if stage == 0 {
                    assert!(rows.ts.len() <= self.capacity, "a block of {} rows exceeds the capacity of {}", rows.ts.len(), self.capacity);
                    debug_assert!(
                        [rows.open, rows.high, rows.low, rows.close, rows.volume].iter().all(|column| column.len() == rows.ts.len())
                    );
                    *len = rows.ts.len();
                    asset.enter(rows);
                }
                for segment in &mut asset.stages[stage] {
                    segment.run(asset.lens[segment.clock]);
                }
            }
            joints.iter_mut().for_each(|joint| joint.block(grid, &self.lens));
        }
        if self.has_feedback {
            grid.copy_to(&mut self.kept.offsets, &mut self.kept.entries);
        }
    }

    /// Returns whether some output depends on the book (or joins assets inside a state loop) and `feedback` must be called.
    pub fn has_feedback(&self) -> bool {
        self.has_feedback
    }

    /// Runs the feedback part for one grid row of the block that `run` took last; every row once and in order. Views stand in id order.
    ///
    /// # Panics
    /// Panics if there are fewer views than assets or the row lies outside the block.
    pub fn feedback(&mut self, row: usize, positions: &[PositionView], account: &AccountView) {
        if !self.has_feedback {
            return;
        }
        let Kept { offsets, entries } = &self.kept;
        let present = &entries[offsets[row] as usize..offsets[row + 1] as usize];
        for entry in present {
            let part = &self.assets[entry.asset as usize].rows;
            part.border.enter(entry.row as usize);
            let position = &positions[entry.asset as usize];
            part.positions.iter().for_each(|(field, cell)| cell.set(0, field.of(position)));
            part.account.iter().for_each(|(field, cell)| cell.set(0, field.of(account)));
        }
        for (stage, joints) in self.row_joints.iter_mut().enumerate() {
            for entry in present {
                step::tick_all(&mut self.assets[entry.asset as usize].rows.stages[stage]);
            }
            for joint in joints {
                match joint {
                    Joint::Cross(cross) => cross.row(present, true),
                    Joint::Pick(pick) => pick.row(present),
                }
            }
        }
        for entry in present {
            self.assets[entry.asset as usize].rows.border.leave(entry.row as usize);
        }
    }

    /// Returns an output on the block's rows of one asset; empty if the node belongs to another asset alone. Rows of the feedback part are there once
    /// `feedback` has run for them.
    ///
    /// # Panics
    /// Panics if the node is not among the wanted outputs.
    #[inline]
    pub fn column(&self, node: usize, asset: usize) -> &[f64] {
        let output = self.output[node].expect("the node is one of the wanted outputs");
        match self.columns[output * self.assets.len() + asset] {
            // SAFETY: columns are written by `run` and `feedback` alone, which need `&mut self`.
            Some(column) => unsafe { column.slice(self.lens[asset]) },
            None => &[],
        }
    }

    /// Writes the state of every node, after a block whose feedback rows have all run.
    pub fn save(&self, to: &mut Writer) {
        self.save_parts(|_| self, to);
    }

    /// Writes the state: of the static part of each asset that of `static_of`, of everything else this one's.
    pub(super) fn save_parts<'a>(&'a self, static_of: impl Fn(usize) -> &'a Self, to: &mut Writer) {
        to.u64(TAG);
        identity_words(&self.identity).for_each(|word| to.u64(word));
        to.u64(self.assets.len() as u64);
        for (number, asset) in self.assets.iter().enumerate() {
            let computed = &static_of(number).assets[number];
            computed.slow.iter().for_each(|slow| slow.resampler.save(to));
            computed.stages.iter().flatten().flat_map(|segment| &segment.steps).for_each(|step| step.save(to));
            asset.rows.border.save(to);
            asset.rows.stages.iter().flatten().for_each(|step| step.save(to));
        }
        // Where assets are joined, one place computes all of them.
        for joint in static_of(0).joints.iter().chain(&self.row_joints).flatten() {
            if let Joint::Pick(pick) = joint {
                pick.save(to);
            }
        }
    }

    /// Reads the state back; the next block continues with the same bits.
    ///
    /// # Errors
    /// Returns an error if the snapshot belongs to another program, other outputs or other assets.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("tag of the signals", TAG)?;
        identity_words(&self.identity).try_for_each(|word| from.expect("identity", word))?;
        from.expect("number of assets", self.assets.len() as u64)?;
        for asset in &mut self.assets {
            asset.slow.iter_mut().try_for_each(|slow| slow.resampler.load(from))?;
            asset.stages.iter_mut().flatten().flat_map(|segment| &mut segment.steps).try_for_each(|step| step.load(from))?;
            asset.rows.border.load(from)?;
            asset.rows.stages.iter_mut().flatten().try_for_each(|step| step.load(from))?;
        }
        for joint in self.joints.iter_mut().chain(&mut self.row_joints).flatten() {
            if let Joint::Pick(pick) = joint {
                pick.load(from)?;
            }
        }
        Ok(())
    }
}

fn identity_words(identity: &[u8; 32]) -> impl Iterator<Item = u64> + '_ {
    identity.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("8 bytes")))
}
