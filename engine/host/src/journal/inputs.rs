//! The inputs of a run in the order of their arrival, on their way to the tape.

use super::NS_PER_MS;
use super::sink::Sink;
use bot4_engine::desk::funding::FundingSeries;
use bot4_engine::journal::snapshot::Rates;
use bot4_engine::journal::{encode_bars, encode_rate, encode_ticks};
use bot4_engine::market::Market;
use bot4_engine::replay::ticks::Features;
use bot4_io::journal::JournalError;
use bot4_io::journal::format::Kind;

/// Bars, finer bars and rates of a market, and how many of each are on the tape.
pub struct Inputs<'m> {
    market: &'m Market<'m>,
    fine: Option<&'m Market<'m>>,
    funding: &'m [Option<FundingSeries<'m>>],
    rows: Vec<usize>,
    fine_rows: Vec<usize>,
    rates: Vec<usize>,
    /// Columns of tick data by instrument; empty on bars.
    features: Vec<Features<'m>>,
    bytes: Vec<u8>,
}

impl<'m> Inputs<'m> {
    /// Begins at a market's first row.
    pub fn new(market: &'m Market<'m>, fine: Option<&'m Market<'m>>, funding: &'m [Option<FundingSeries<'m>>]) -> Self {
        let assets = market.listings.len();
        let features = Vec::new();
        Self {
            market,
            fine,
            funding,
            rows: vec![0; assets],
            fine_rows: vec![0; assets],
            rates: vec![0; assets],
            features,
            bytes: Vec::new(),
        }
    }

    /// Puts columns of tick data on the tape beside each row.
    pub fn with_features(mut self, features: Vec<Features<'m>>) -> Self {
        self.features = features;
        self
    }

    /// Returns the interval of the bars, ms.
    pub fn interval_ms(&self) -> i64 {
        self.market.interval_ms
    }

    /// Returns the rates on the tape so far, by instrument: what its last bar has not gone beyond may still wait.
    pub fn rates(&self) -> Vec<Rates> {
        let of = |asset: usize| {
            let Some(Some(series)) = self.funding.get(asset) else { return Rates::default() };
            let ts = &self.market.columns[asset].ts[..self.rows[asset]];
            let settled = ts.last().map_or(0, |last| series.ts[..self.rates[asset]].partition_point(|ts| ts <= last));
            let waiting = settled..self.rates[asset];
            let waiting = waiting.map(|at| (series.ts[at], series.rate[at].to_bits())).collect();
            Rates { settled: settled as u64, waiting }
        };
        (0..self.rows.len()).map(of).collect()
    }

    /// Appends the next row: rates and finer bars known by its end, then its bars. Returns its open time, none at the end.
    ///
    /// # Errors
    /// Returns why the journal takes nothing.
    pub fn append(&mut self, to: &mut impl Sink) -> Result<Option<i64>, JournalError> {
        let next = |c: &[i64], row: usize| c.get(row).copied();
        let Some(ts) = self.market.columns.iter().zip(&self.rows).filter_map(|(c, &row)| next(c.ts, row)).min() else {
            return Ok(None);
        };
        self.append_before(ts, to)?;
        self.bytes.clear();
        let mut kind = 0;
        for (asset, columns) in self.market.columns.iter().enumerate() {
            if next(columns.ts, self.rows[asset]) == Some(ts) {
                kind = encode_bars(asset as u32, columns, self.rows[asset], false, &mut self.bytes);
                self.rows[asset] += 1;
            }
        }
        let known = (ts + self.market.interval_ms) * NS_PER_MS;
        to.append(Kind::Tape, kind, known, 0, &self.bytes)?;
        for (asset, features) in self.features.iter().enumerate() {
            if let Some(row) = self.rows[asset].checked_sub(1).filter(|&row| self.market.columns[asset].ts[row] == ts) {
                self.bytes.clear();
                let kind = encode_ticks(asset as u32, ts, features.columns.map(|column| column[row]), &mut self.bytes);
                to.append(Kind::Tape, kind, known, 0, &self.bytes)?;
            }
        }
        Ok(Some(ts))
    }

    /// Appends rates and finer bars known by the end of the row that opens at `ts`.
    ///
    /// # Errors
    /// Returns why the journal takes nothing.
    pub fn append_before(&mut self, ts: i64, to: &mut impl Sink) -> Result<(), JournalError> {
        let next = |c: &[i64], row: usize| c.get(row).copied();
        let end = ts + self.market.interval_ms;
        for (asset, series) in self.funding.iter().enumerate() {
            let Some(series) = series else { continue };
            while let Some(at) = next(series.ts, self.rates[asset]).filter(|&at| at <= end) {
                self.bytes.clear();
                let kind = encode_rate(asset as u32, at, series.rate[self.rates[asset]], &mut self.bytes);
                to.append(Kind::Tape, kind, at * NS_PER_MS, 0, &self.bytes)?;
                self.rates[asset] += 1;
            }
        }
        let Some(fine) = self.fine else { return Ok(()) };
        self.bytes.clear();
        let mut kind = 0;
        for (asset, columns) in fine.columns.iter().enumerate() {
            while next(columns.ts, self.fine_rows[asset]).is_some_and(|at| at < end) {
                kind = encode_bars(asset as u32, columns, self.fine_rows[asset], true, &mut self.bytes);
                self.fine_rows[asset] += 1;
            }
        }
        if self.bytes.is_empty() { Ok(()) } else { to.append(Kind::Tape, kind, end * NS_PER_MS, 0, &self.bytes) }
    }
}
