//! A shard: the static signals of some instruments, a row at a time, apart from the desk.
//!
//! Bars come in as [`Tick`]s, what the program makes of them goes out as the values of a row. A shard knows no orders, no money, no other
//! shard and no thread; the host puts it on one and joins it to the desk ([`crate::replay::DeskSide`]) by rings. A program whose static part joins
//! instruments (cross-sections, picks) stays in one shard.
use crate::event::Entry;
use crate::signal::program::Program;
use crate::signal::{AssetRows, Signals};

/// A bar on its way to a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tick {
    /// Number of the grid row, from 0.
    pub step: u64,
    /// Open time, ms.
    pub ts: i64,
    /// Instrument.
    pub asset: u32,
    /// Bars of this grid row that go to the same shard.
    pub of_shard: u32,
    /// Bars of this grid row.
    pub of_step: u32,
    /// Number of the bar among its instrument's own, from 0.
    pub row: u64,
    /// Open, high, low, close, volume.
    pub bar: [f64; 5],
    /// When it was to enter the pipeline, ns of the host's clock: where the host is late, it has waited since then.
    pub due_ns: u64,
    /// When the shard had done with it, ns of the host's clock.
    pub decided_ns: u64,
}

impl Tick {
    /// Returns the bar as columns of one row.
    pub fn rows(&self) -> AssetRows<'_> {
        let one = std::slice::from_ref::<f64>;
        let [open, high, low, close, volume] = &self.bar;
        AssetRows {
            ts: std::slice::from_ref(&self.ts),
            open: one(open),
            high: one(high),
            low: one(low),
            close: one(close),
            volume: one(volume),
        }
    }
}

/// Says which shard of `shards` computes each asset: in turns where the program lets assets stand alone, else the first computes all.
///
/// # Errors
/// Returns one sentence where the program cannot run.
pub fn owners(program: &Program, shards: usize) -> Result<Vec<usize>, String> {
    let signals = bind(program)?;
    let shards = if signals.is_separable() { shards.max(1) } else { 1 };
    Ok((0..program.symbols.len()).map(|asset| asset % shards).collect())
}

/// Binds a program for blocks of one row, with the outputs that [`crate::replay::Replay`] wants.
fn bind(program: &Program) -> Result<Signals, String> {
    let mut outputs = program.target_nodes();
    outputs.sort_unstable();
    outputs.dedup();
    Signals::new(program, &outputs, 1)
}

/// The static signals of some instruments.
pub struct Shard {
    signals: Signals,
    is_separable: bool,
    /// Room for the rows of one step, empty between steps.
    rows: Vec<AssetRows<'static>>,
    present: Vec<Entry>,
}

impl Shard {
    /// Binds a program.
    ///
    /// # Errors
    /// Returns one sentence where the program cannot run.
    pub fn new(program: &Program) -> Result<Self, String> {
        let signals = bind(program)?;
        let assets = program.symbols.len();
        Ok(Self { is_separable: signals.is_separable(), signals, rows: Vec::with_capacity(assets), present: Vec::with_capacity(assets) })
    }

    /// Returns how many values a row hands to the desk at most.
    pub fn values(&self) -> usize {
        self.signals.handed_values()
    }

    /// Computes one grid row: the ticks of this shard, in id order.
    pub fn step<'t>(&mut self, ticks: impl Iterator<Item = &'t Tick> + Clone) {
        if self.is_separable {
            return ticks.for_each(|tick| self.signals.run_alone(tick.asset as usize, &tick.rows()));
        }
        let mut rows: Vec<AssetRows<'t>> = std::mem::take(&mut self.rows);
        rows.resize(self.signals.assets(), AssetRows::default());
        self.present.clear();
        let mut ts = 0;
        for tick in ticks {
            ts = tick.ts;
            rows[tick.asset as usize] = tick.rows();
            self.present.push(Entry { asset: tick.asset, row: 0 });
        }
        self.signals.run_joined(ts, &rows, &self.present);
        self.rows = emptied(rows);
    }

    /// Copies out what the row just computed hands to the desk; returns how many values.
    #[inline]
    pub fn hand_out(&self, asset: usize, to: &mut [f64]) -> usize {
        self.signals.hand_out(asset, to)
    }

    /// Returns the signals, for the state they are part of.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }
}

/// Empties a list of borrowed rows and keeps its memory for others.
pub(crate) fn emptied(mut rows: Vec<AssetRows<'_>>) -> Vec<AssetRows<'static>> {
    rows.clear();
    let mut rows = std::mem::ManuallyDrop::new(rows);
    // SAFETY: the memory is this list's own and holds no element; types that differ in a lifetime alone are laid out alike.
    unsafe { Vec::from_raw_parts(rows.as_mut_ptr().cast(), 0, rows.capacity()) }
}
