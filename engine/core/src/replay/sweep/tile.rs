//! A tile: some runs that go through the market together, block by block. What they read is made once for all of them.
use super::chunks::Chunks;
use super::run::{Common, Run};
use super::{Row, Sweep, Trouble};
use crate::desk::records::Outbox;
use crate::signal::grid::{AssetRows, GridBuilder};
use crate::signal::merge::Merged;
use crate::signal::{Program, Signals};
use std::sync::atomic::{AtomicBool, Ordering};

/// Values of all wanted columns of a block that stay in the second-level cache.
const COLUMN_VALUES: usize = 96 * 1_024;

/// Runs that go together.
pub struct Tile<'s, 'm> {
    // Runs read the columns of the common signals: dropped first.
    runs: Vec<Run<'m>>,
    signals: Signals,
    sweep: &'s Sweep<'m>,
    times: Vec<&'m [i64]>,
    grid: GridBuilder,
    rows: Vec<AssetRows<'m>>,
    first_rows: Vec<u64>,
    chunks: Chunks,
    outbox: Outbox,
    block: usize,
}

impl<'s, 'm> Tile<'s, 'm> {
    /// Prepares the runs of these programs; `block` is the length of a block (0 = chosen).
    ///
    /// # Errors
    /// Returns the number of the program, within the tile, that does not fit, and why.
    pub fn new(sweep: &'s Sweep<'m>, programs: &[impl AsRef<str>], block: usize) -> Result<Self, (usize, Trouble)> {
        let market = sweep.market;
        let symbols = market.symbols();
        let mut merged = Merged::new(symbols.iter().map(ToString::to_string).collect(), market.interval_ms);
        let mut parts = Vec::with_capacity(programs.len());
        for (at, json) in programs.iter().enumerate() {
            let program = Program::parse(json.as_ref(), &symbols).map_err(|sentence| (at, Trouble::Sentence(sentence)))?;
            if program.interval_ms != market.interval_ms {
                let (traced, has) = (program.interval_ms, market.interval_ms);
                return Err((at, Trouble::Sentence(format!("the program was traced for bars of {traced} ms, the market has {has} ms"))));
            }
            let part = merged.add(&program);
            parts.push((program, part));
        }
        let (whole, outputs) = merged.finish();
        let assets = market.listings.len();
        let chosen = (COLUMN_VALUES / (outputs.len().max(8) * assets)).clamp(64, 1_024);
        let block = if block == 0 { chosen } else { block };
        let sentence = |at: usize| move |sentence: String| (at, Trouble::Sentence(sentence));
        let signals = Signals::new(&whole, &outputs, block).map_err(sentence(0))?;
        let runs = parts.into_iter().enumerate().map(|(at, (program, part))| {
            // SAFETY: the signals move into the tile beside the runs, are dropped after them, and run first in `advance`.
            unsafe { Run::new(sweep, &program, part, &signals, block) }.map_err(sentence(at))
        });
        let (mut outbox, mut ready) = (Outbox::none(), Vec::with_capacity(programs.len()));
        for run in runs {
            let mut run = run?;
            outbox.widen(run.give_room());
            ready.push(run);
        }
        Ok(Self {
            runs: ready,
            signals,
            sweep,
            times: market.columns.iter().map(|columns| columns.ts).collect(),
            grid: GridBuilder::new(assets, block),
            rows: vec![AssetRows::default(); assets],
            first_rows: vec![0; assets],
            chunks: Chunks::with_room(block),
            outbox,
            block,
        })
    }

    /// Takes the next block; returns its grid rows, 0 at the end or once `stop` is set.
    ///
    /// # Errors
    /// Returns the run that cannot go on, and why.
    pub fn advance(&mut self, stop: &AtomicBool) -> Result<usize, (usize, Trouble)> {
        let steps = self.grid.advance(&self.times, self.block).len();
        if steps == 0 {
            return Ok(0);
        }
        for (asset, columns) in self.sweep.market.columns.iter().enumerate() {
            let range = self.grid.range(asset);
            self.first_rows[asset] = range.start as u64;
            self.rows[asset] = columns.slice(range);
        }
        self.signals.run(&self.rows, &self.grid.grid());
        if let [only] = self.rows.as_slice() {
            self.chunks.take(&self.sweep.scale, only.close);
        }
        let common = Common {
            rows: &self.rows,
            first_rows: &self.first_rows,
            funding: &self.sweep.funding,
            grid: self.grid.grid(),
            signals: &self.signals,
            chunks: &self.chunks,
        };
        for (at, run) in self.runs.iter_mut().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            run.take(self.sweep, &common, &mut self.outbox).map_err(|halt| (at, Trouble::Halt(halt)))?;
        }
        Ok(steps)
    }

    /// Ends every run.
    pub fn finish(self) -> Vec<Row> {
        self.runs.into_iter().map(Run::finish).collect()
    }
}
