//! Many programs over one market: a parameter sweep.
//!
//! The programs are cut into tiles; a worker takes a tile through the market block by block. Static signals of a tile are one graph without
//! repeats (`signal::merge`), run once a block; each run has its own desk and keeps a digest, no records. Neither the tiles nor the number of
//! workers change a bit of any row. A run's memory is its row; the workers' is that of a tile each.

pub mod calendar;
mod chunks;
pub mod digest;
pub mod fall;
mod run;
mod tile;

use super::{contracts, funding_burst};
use crate::config::Config;
use crate::desk::Halt;
use crate::desk::funding::{DefaultFunding, FundingSeries};
use crate::market::Market;
use crate::money::Scale;
use calendar::Calendar;
use digest::Digest;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;
pub use tile::Tile;

/// Runs of a tile over one asset.
const TILE_RUNS: usize = 128;
/// The least and the most often that the caller is told how far it is.
const WATCH_EVERY: Duration = Duration::from_millis(20);

/// Said of a tile whose worker fell.
const DEFECT: &str = "the engine has a defect that this combination, or one that ran beside it, meets; please report the message above";

/// What is left of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Marks, days and sums.
    pub digest: Digest,
    /// Borrow interest, negative, 1e-8 of the currency of settlement.
    pub borrow: i64,
    /// Interest on negative cash, negative.
    pub interest: i64,
    /// Positions liquidated.
    pub liquidations: i64,
    /// Hash of the desk's last state: equal states have equal hashes on every build.
    pub desk_hash: [u8; 32],
}

/// The rows of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Rows in the order of the programs; their days have moved to `days`.
    pub rows: Vec<Row>,
    /// Equity at the close of each day of the calendar: all days of the first run, all of the second, …
    pub days: Vec<i64>,
}

/// Why a run has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Program, market and configuration do not fit each other.
    Sentence(String),
    /// A number does not fit.
    Halt(Halt),
}

/// The first run that has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its number among the programs.
    pub run: usize,
    /// Why.
    pub trouble: Trouble,
}

/// How a sweep is carried out; changes only its speed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Threads; 0 = one for each core.
    pub workers: usize,
    /// Whether runs share what they compute alike; else each goes through the market alone.
    pub share: bool,
    /// Runs of a tile; 0 = chosen.
    pub tile: usize,
    /// Rows of a block; 0 = chosen.
    pub block: usize,
}

/// A market and a configuration for many programs.
pub struct Sweep<'m> {
    market: &'m Market<'m>,
    config: Config,
    funding: Vec<Option<FundingSeries<'m>>>,
    default: Option<DefaultFunding>,
    /// The most settlements of one step; none where nothing is settled.
    burst: Option<usize>,
    detail: Option<&'m Market<'m>>,
    calendar: Calendar,
    /// Scale of the first instrument.
    scale: Scale,
}

impl<'m> Sweep<'m> {
    /// Prepares the sweep; funding and finer bars as in [`super::Replay`].
    ///
    /// # Errors
    /// Returns one sentence where market and configuration do not fit each other.
    pub fn new(
        market: &'m Market<'m>,
        config: Config,
        funding: Option<(&[Option<FundingSeries<'m>>], Option<DefaultFunding>)>,
        detail: Option<&'m Market<'m>>,
    ) -> Result<Self, String> {
        let scale = contracts(market, &config)?[0].scale;
        let none = vec![None; market.listings.len()];
        let (series, default) = funding.map_or((none, None), |(series, default)| (series.to_vec(), default));
        let burst = funding.map(|_| funding_burst(market, &series, default.as_ref())).transpose()?;
        if let Some(fine) = detail {
            super::detail::Detail::new(market, fine)?;
        }
        Ok(Self { market, config, funding: series, default, burst, detail, calendar: Calendar::new(market), scale })
    }

    /// Returns the days of the market.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Runs every program; `watch` is told the runs done every few milliseconds and may stop the sweep by returning false (then there is no
    /// result). Rows stand in the order of the programs.
    ///
    /// # Errors
    /// Returns the run that has no row, and why.
    pub fn run<P: AsRef<str> + Sync>(
        &self,
        programs: &[P],
        options: Options,
        watch: impl FnMut(usize) -> bool,
    ) -> Result<Option<Table>, Failure> {
        let mut rows: Vec<Option<Row>> = Vec::new();
        rows.resize_with(programs.len(), || None);
        let mut days = vec![0; programs.len() * self.calendar.len()];
        let is_whole = self.run_to(programs, options, watch, |at, mut row| {
            let closes = std::mem::take(&mut row.digest.marks.days);
            days[at * closes.len()..(at + 1) * closes.len()].copy_from_slice(&closes);
            rows[at] = Some(row);
        })?;
        let rows = is_whole.then(|| rows.into_iter().collect::<Option<_>>()).flatten();
        Ok(rows.map(|rows| Table { rows, days }))
    }

    /// As [`Self::run`], but hands each row over with its number as soon as its tile is done, in no order, and keeps none: the caller decides
    /// what a run costs in memory. Returns whether the sweep was carried out to its end.
    ///
    /// # Errors
    /// Returns the run that has no row, and why.
    pub fn run_to<P: AsRef<str> + Sync>(
        &self,
        programs: &[P],
        options: Options,
        mut watch: impl FnMut(usize) -> bool,
        mut take: impl FnMut(usize, Row),
    ) -> Result<bool, Failure> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let workers = if options.workers == 0 { cores() } else { options.workers };
        let size = self.tile_size(programs.len(), workers, options);
        let tiles: Vec<&[P]> = programs.chunks(size).collect();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        let (mut done, mut failure, mut is_unwanted) = (0, None::<Failure>, false);
        std::thread::scope(|scope| {
            for _ in 0..workers.min(tiles.len()) {
                let tell = tell.clone();
                let (tiles, next, stop) = (&tiles, &next, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(programs) = tiles.get(at) else { break };
                        // A defect in one tile must not take the host down with it.
                        let tile = catch_unwind(AssertUnwindSafe(|| self.tile(programs, options.block, stop)));
                        // The other side is gone only after a stop.
                        let _ = tell.send((at * size, tile.unwrap_or_else(|_| Err((0, Trouble::Sentence(DEFECT.to_string()))))));
                    }
                });
            }
            drop(tell);
            loop {
                match told.recv_timeout(WATCH_EVERY) {
                    Ok((_, Ok(None))) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Ok((first, Ok(Some(tile)))) => {
                        done += tile.len();
                        (first..).zip(tile).for_each(|(at, row)| take(at, row));
                    }
                    Ok((first, Err((at, trouble)))) => {
                        stop.store(true, Ordering::Relaxed);
                        if failure.as_ref().is_none_or(|failure| first + at < failure.run) {
                            failure = Some(Failure { run: first + at, trouble });
                        }
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
                if !stop.load(Ordering::Relaxed) && !watch(done) {
                    is_unwanted = true;
                    stop.store(true, Ordering::Relaxed);
                }
            }
        });
        match failure {
            Some(failure) => Err(failure),
            None => Ok(!is_unwanted && done == programs.len()),
        }
    }

    /// Returns how many runs go together: all workers are to end at about the same time.
    fn tile_size(&self, runs: usize, workers: usize, options: Options) -> usize {
        if !options.share {
            return 1;
        }
        let most = if options.tile > 0 { return options.tile } else { (TILE_RUNS / self.market.listings.len()).max(8) };
        let tiles = runs.div_ceil(most).next_multiple_of(workers);
        runs.div_ceil(tiles.max(1)).max(1)
    }

    /// Takes some programs through the market; no rows where it was stopped.
    fn tile(&self, programs: &[impl AsRef<str>], block: usize, stop: &AtomicBool) -> Result<Option<Vec<Row>>, (usize, Trouble)> {
        let mut tile = Tile::new(self, programs, block)?;
        while tile.advance(stop)? > 0 {}
        Ok((!stop.load(Ordering::Relaxed)).then(|| tile.finish()))
    }
}
