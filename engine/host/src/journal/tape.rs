//! The tape read back: bars, finer bars and rates as columns.

use super::{NS_PER_MS, RunError};
use bot4_engine::journal::TapeRow;
use bot4_engine::journal::snapshot::Rates;
use bot4_engine::replay::ticks::Features;
use bot4_engine::signal::grid::AssetRows;
use bot4_engine::signal::op::FEATURES;
use bot4_io::disk::Disk;
use bot4_io::journal::Records;
use bot4_io::journal::format::RecordHead;

/// Columns of one instrument as the tape gave them.
#[derive(Clone, Default)]
pub struct Bars {
    /// Open times, ms.
    pub ts: Vec<i64>,
    columns: [Vec<f64>; 5],
    features: [Vec<f64>; FEATURES.len()],
}

impl Bars {
    fn push(&mut self, ts: i64, values: [f64; 5]) {
        self.ts.push(ts);
        self.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }

    /// Lends the columns of tick data.
    pub fn features(&self) -> Features<'_> {
        Features { columns: self.features.each_ref().map(Vec::as_slice) }
    }

    /// Lends the columns.
    pub fn rows(&self) -> AssetRows<'_> {
        let [open, high, low, close, volume] = &self.columns;
        AssetRows { ts: &self.ts, open, high, low, close, volume }
    }
}

/// What the tape holds from a record on, by instrument.
pub struct Tape {
    /// Bars.
    pub bars: Vec<Bars>,
    /// Finer bars.
    pub fine: Vec<Bars>,
    /// Times and rates of funding.
    pub rates: Vec<(Vec<i64>, Vec<f64>)>,
    /// Records read.
    pub records: u64,
    /// Number behind the last record read.
    pub next: u64,
    /// Whether reading stopped before the tape's end.
    pub is_cut: bool,
}

impl Tape {
    /// Reads what follows, up to the last row decided at or before `until` (ms). `rates` are those before, by instrument: what has been
    /// settled keeps its place by a rate of 0.
    ///
    /// # Errors
    /// Returns what is wrong with the tape.
    pub fn read<D: Disk>(records: Records<D>, assets: usize, rates: &[Rates], until: Option<i64>) -> Result<Self, RunError> {
        let until = until.map_or(i64::MAX, |until| until.saturating_mul(NS_PER_MS));
        let next = records.position().0;
        Self::with(records, next, assets, rates, |head| head.time <= until)
    }

    /// Reads records from number `first` on, before number `end`.
    ///
    /// # Errors
    /// Returns what is wrong with the tape.
    pub fn read_from<D: Disk>(records: Records<D>, first: u64, assets: usize, rates: &[Rates], end: u64) -> Result<Self, RunError> {
        Self::with(records, first, assets, rates, |head| head.number < end)
    }

    fn with<D: Disk>(
        mut records: Records<D>,
        first: u64,
        assets: usize,
        rates: &[Rates],
        wanted: impl Fn(&RecordHead) -> bool,
    ) -> Result<Self, RunError> {
        let empty = || vec![Bars::default(); assets];
        let settled = |asset: usize| {
            let Some(Rates { settled, waiting }) = rates.get(asset) else { return Default::default() };
            let times = (0..*settled as i64).map(|at| i64::MIN / 2 + at).chain(waiting.iter().map(|rate| rate.0));
            let values = (0..*settled).map(|_| 0.0).chain(waiting.iter().map(|rate| f64::from_bits(rate.1)));
            (times.collect::<Vec<i64>>(), values.collect::<Vec<f64>>())
        };
        let rates = (0..assets).map(settled).collect();
        let mut tape = Self { bars: empty(), fine: empty(), rates, records: 0, next: first, is_cut: false };
        while let Some(block) = records.next_block()? {
            for record in block {
                if record.head.number < first {
                    continue;
                }
                if !wanted(&record.head) {
                    tape.is_cut = true;
                    return Ok(tape);
                }
                tape.records += 1;
                tape.next = record.head.number + 1;
                TapeRow::each(record.head.kind, record.payload, |row| tape.take(row)).map_err(RunError::Said)??;
            }
        }
        Ok(tape)
    }

    #[inline]
    fn take(&mut self, row: TapeRow) -> Result<(), RunError> {
        let (TapeRow::Bar(asset, ..) | TapeRow::Rate(asset, ..) | TapeRow::Ticks(asset, ..)) = row;
        let asset = asset as usize;
        if asset >= self.bars.len() {
            return Err(RunError::Said(format!("the tape names instrument {asset} of {}", self.bars.len())));
        }
        match row {
            TapeRow::Bar(_, ts, values, false) => self.bars[asset].push(ts, values),
            TapeRow::Bar(_, ts, values, true) => self.fine[asset].push(ts, values),
            TapeRow::Rate(_, ts, rate) => {
                self.rates[asset].0.push(ts);
                self.rates[asset].1.push(rate);
            }
            TapeRow::Ticks(_, _, values) => {
                self.bars[asset].features.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
        }
        Ok(())
    }

    /// Returns the times of the grid rows: of all bars, each once.
    pub fn grid(&self) -> Vec<i64> {
        if let [only] = self.bars.as_slice() {
            return only.ts.clone();
        }
        let mut times: Vec<i64> = self.bars.iter().flat_map(|bars| bars.ts.iter().copied()).collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}
