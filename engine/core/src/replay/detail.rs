//! Finer bars inside the coarse ones: which of them the market half reads in a step, and the desk's window on them.
//!
//! The strategy sees coarse bars only; between two decisions the desk steps through the finer bars of those assets that have them, and takes the
//! coarse bar of the others at its open. Rows stay those of the coarse bars. Rules: docs/semantics.md, section 6.
use super::block::{Block, Columns};
use crate::desk::funding::FundingSeries;
use crate::desk::records::Outbox;
use crate::desk::{Desk, Halt, Source};
use crate::event::Entry;
use crate::instrument::Listing;
use crate::market::Market;
use crate::signal::grid::AssetRows;

/// Marks a row of the coarse block among rows of the finer columns.
const COARSE: u32 = 1 << 31;

/// Finer bars of a run.
pub(super) struct Detail<'m> {
    columns: Vec<AssetRows<'m>>,
    interval_ms: i64,
    /// Finer bars in a coarse one.
    per_bar: usize,
    /// Next finer row by asset.
    next: Vec<usize>,
    /// Row within the coarse block of the bar at hand, by asset.
    locals: Vec<u32>,
    present: Vec<Entry>,
}

/// The desk's window on finer bars, and on the coarse ones of assets without.
struct Fine<'a, C: Columns> {
    coarse: &'a Block<'a, C>,
    columns: &'a [AssetRows<'a>],
    locals: &'a [u32],
}

impl<C: Columns> Fine<'_, C> {
    #[inline(always)]
    fn coarse(local: usize) -> Option<usize> {
        (local & COARSE as usize != 0).then_some(local & !(COARSE as usize))
    }

    #[inline(always)]
    fn local(&self, asset: usize) -> usize {
        self.locals[asset] as usize
    }
}

impl<C: Columns> Source for Fine<'_, C> {
    #[inline(always)]
    fn open(&self, asset: usize, local: usize) -> f64 {
        Self::coarse(local).map_or_else(|| self.columns[asset].open[local], |row| self.coarse.open(asset, row))
    }
    #[inline(always)]
    fn high(&self, asset: usize, local: usize) -> f64 {
        Self::coarse(local).map_or_else(|| self.columns[asset].high[local], |row| self.coarse.high(asset, row))
    }
    #[inline(always)]
    fn low(&self, asset: usize, local: usize) -> f64 {
        Self::coarse(local).map_or_else(|| self.columns[asset].low[local], |row| self.coarse.low(asset, row))
    }
    #[inline(always)]
    fn close(&self, asset: usize, local: usize) -> f64 {
        Self::coarse(local).map_or_else(|| self.columns[asset].close[local], |row| self.coarse.close(asset, row))
    }
    #[inline(always)]
    fn volume(&self, asset: usize, local: usize) -> f64 {
        Self::coarse(local).map_or_else(|| self.columns[asset].volume[local], |row| self.coarse.volume(asset, row))
    }
    #[inline(always)]
    fn row(&self, asset: usize, _local: usize) -> u64 {
        self.coarse.row(asset, self.local(asset))
    }
    fn target(&self, asset: usize, _local: usize) -> f64 {
        self.coarse.target(asset, self.local(asset))
    }
    fn targets(&self, asset: usize) -> &[f64] {
        self.coarse.targets(asset)
    }
    fn closes(&self, asset: usize) -> &[f64] {
        self.coarse.closes(asset)
    }
    fn fixed(&self, asset: usize, _local: usize) -> f64 {
        self.coarse.fixed(asset, self.local(asset))
    }
    fn trailing(&self, asset: usize, _local: usize) -> f64 {
        self.coarse.trailing(asset, self.local(asset))
    }
    fn funding(&self, asset: usize) -> Option<FundingSeries<'_>> {
        self.coarse.funding(asset)
    }
}

impl<'m> Detail<'m> {
    /// Takes the finer bars of a market: the same instruments in the same order, and only bars that tile a coarse one.
    ///
    /// # Errors
    /// Returns one sentence naming instrument and time where they do not.
    pub fn new(coarse: &Market<'_>, fine: &Market<'m>) -> Result<Self, String> {
        let same = |(a, b): (&_, &_)| describes_same(a, b);
        if coarse.listings.len() != fine.listings.len() || !coarse.listings.iter().zip(&fine.listings).all(same) {
            return Err("the detail needs the market's instruments in the same order, on the same grids".to_string());
        }
        if coarse.interval_ms % fine.interval_ms != 0 {
            return Err(format!("the detail's bars of {} ms do not divide the market's of {} ms", fine.interval_ms, coarse.interval_ms));
        }
        let per_bar = (coarse.interval_ms / fine.interval_ms) as usize;
        for (asset, columns) in fine.columns.iter().enumerate() {
            if columns.ts.len() >= COARSE as usize {
                return Err(format!("{}: the detail has more than 2^31 bars", fine.listings[asset].symbol));
            }
            if let Some(ts) = untiled(coarse.columns[asset].ts, columns.ts, per_bar, fine.interval_ms) {
                return Err(format!("{}: the detail's bars around {ts} ms do not fill a bar of the market", fine.listings[asset].symbol));
            }
        }
        let assets = fine.listings.len();
        Ok(Self {
            columns: fine.columns.clone(),
            interval_ms: fine.interval_ms,
            per_bar,
            next: vec![0; assets],
            locals: vec![0; assets],
            present: Vec::with_capacity(assets),
        })
    }

    /// Continues at the given rows of the coarse columns, for a restored run.
    pub fn seek(&mut self, rows: &[usize], coarse: &[&[i64]]) {
        for (asset, next) in self.next.iter_mut().enumerate() {
            let from = coarse[asset].get(rows[asset]).copied().unwrap_or(i64::MAX);
            *next = self.columns[asset].ts.partition_point(|ts| *ts < from);
        }
    }

    /// Takes one coarse step through the desk's market half; what it records is drained before it could fill the outbox.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn market<C: Columns>(
        &mut self,
        desk: &mut Desk,
        ts: i64,
        present: &[Entry],
        coarse: &Block<'_, C>,
        mut drain: impl FnMut(&mut Outbox),
    ) -> Result<(), Halt> {
        self.begin(desk, ts, present);
        for at in 0..self.per_bar {
            if !self.step(desk, ts, present, at, coarse)? {
                break;
            }
            if desk.outbox.is_full() {
                drain(&mut desk.outbox);
            }
        }
        self.end(desk, ts, present);
        Ok(())
    }

    /// Returns how many finer bars a coarse one has.
    pub fn per_bar(&self) -> usize {
        self.per_bar
    }

    /// Returns the interval of the finer bars, ms.
    pub fn interval_ms(&self) -> i64 {
        self.interval_ms
    }

    /// Begins the coarse bar that opens at `ts`.
    pub fn begin(&mut self, desk: &mut Desk, ts: i64, present: &[Entry]) {
        desk.begin_detail(ts);
        for entry in present {
            self.locals[entry.asset as usize] = entry.row;
        }
    }

    /// Takes the finer bar `at` of the coarse one; returns whether any asset had it.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    #[inline(always)]
    pub fn step<C: Columns>(
        &mut self,
        desk: &mut Desk,
        ts: i64,
        present: &[Entry],
        at: usize,
        coarse: &Block<'_, C>,
    ) -> Result<bool, Halt> {
        self.find_present(ts, present, at);
        if self.present.is_empty() {
            return Ok(false);
        }
        let fine = Fine { coarse, columns: &self.columns, locals: &self.locals };
        desk.market(ts + at as i64 * self.interval_ms, &self.present, &fine)?;
        Ok(true)
    }

    /// Ends the coarse bar.
    pub fn end(&mut self, desk: &mut Desk, ts: i64, present: &[Entry]) {
        for entry in present {
            let asset = entry.asset as usize;
            self.next[asset] += if self.covers(asset, ts) { self.per_bar } else { 0 };
        }
        desk.end_detail(present);
    }

    fn covers(&self, asset: usize, ts: i64) -> bool {
        self.columns[asset].ts.get(self.next[asset]) == Some(&ts)
    }

    /// Lists the assets of the finer step `at` of a coarse bar: those with finer bars, and at first the others with their coarse bar.
    fn find_present(&mut self, ts: i64, present: &[Entry], at: usize) {
        let mut found = std::mem::take(&mut self.present);
        found.clear();
        for entry in present {
            let asset = entry.asset as usize;
            if self.covers(asset, ts) {
                found.push(Entry { asset: entry.asset, row: (self.next[asset] + at) as u32 });
            } else if at == 0 {
                found.push(Entry { asset: entry.asset, row: entry.row | COARSE });
            }
        }
        self.present = found;
    }
}

fn describes_same(a: &Listing, b: &Listing) -> bool {
    (&a.venue, &a.symbol, a.tick, a.lot) == (&b.venue, &b.symbol, b.tick, b.lot)
}

/// Returns the time of the first finer bar that is not part of a whole group inside a coarse bar.
fn untiled(coarse: &[i64], fine: &[i64], per_bar: usize, interval_ms: i64) -> Option<i64> {
    let mut at = 0;
    for group in fine.chunks(per_bar) {
        let start = group[0];
        at += coarse[at..].partition_point(|ts| *ts < start);
        let tiles = group.iter().enumerate().all(|(nth, ts)| *ts == start + nth as i64 * interval_ms);
        if group.len() != per_bar || !tiles || coarse.get(at) != Some(&start) {
            return Some(start);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::untiled;

    #[test]
    fn only_whole_groups_inside_a_coarse_bar_tile() {
        let coarse = [0, 60, 120, 240];
        assert_eq!(untiled(&coarse, &[], 3, 20), None);
        assert_eq!(untiled(&coarse, &[0, 20, 40, 240, 260, 280], 3, 20), None);
        assert_eq!(untiled(&coarse, &[0, 20, 40, 60, 80], 3, 20), Some(60), "the last group is not whole");
        assert_eq!(untiled(&coarse, &[0, 20, 60], 3, 20), Some(0), "a finer bar is missing");
        assert_eq!(untiled(&coarse, &[180, 200, 220], 3, 20), Some(180), "no coarse bar is there");
        assert_eq!(untiled(&coarse, &[20, 40, 60], 3, 20), Some(20), "the group straddles two coarse bars");
    }
}
