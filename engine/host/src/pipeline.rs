//! The whole pipeline in one place: feeder → shards → desk on their threads, until the history is over.
//!
//! On n processors there are n − 1 workers beside the desk's thread, at least one. The first worker feeds; the others compute a shard each; a
//! single one does both in turns. Each is pinned to a processor of its own where the system allows it.
use crate::desk::{DeskWork, Failed, Watch};
use crate::feeder::Feeder;
use crate::shards::ShardWork;
use crate::wait::Waiter;
use crate::{Clock, Decided, Poll, Values, cores};
use bot4_engine::market::Market;
use bot4_engine::memory::depot::{BUNDLE, Depot};
use bot4_engine::memory::ring::spsc;
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::{Shard, Tick, owners};
use bot4_engine::signal::program::Program;
use bot4_engine::telemetry::{Collector, Interval, meter};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Bars that may be on their way at once.
pub const TICKS: usize = 1 << 20;
/// Computed rows that may be on their way at once.
pub const SIGNALS: usize = 100_000;
/// Elements of a ring.
const RING: usize = 1 << 13;
/// Time between two looks of the desk's thread at the outside, ns.
const LOOK_NS: u64 = 20_000_000;
/// How often telemetry is collected.
const COLLECT: Duration = Duration::from_millis(100);

/// How to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Workers beside the desk; 0: as many as there are other processors.
    pub workers: usize,
    /// Bars a second; 0: as fast as they are taken.
    pub rate: u64,
    /// Whether threads stay where they are.
    pub pin: bool,
}

/// What can be seen of a run while it lasts.
pub struct Seen<'a> {
    /// What its threads count and measure.
    pub collector: &'a Mutex<Collector>,
    /// Threads that work.
    pub threads: usize,
    /// Processors they can use.
    pub cores: usize,
}

/// How it went.
pub struct Outcome<'m> {
    /// The desk's side, with its records.
    pub side: DeskSide<'m>,
    /// The shards, by number.
    pub shards: Vec<Shard>,
    /// Which shard computed each asset.
    pub owner: Vec<usize>,
    /// What was counted and measured.
    pub seen: Interval,
    /// Wall clock, s.
    pub seconds: f64,
    /// Threads that worked.
    pub threads: usize,
    /// Processors they could use.
    pub cores: usize,
    /// Whether they were pinned.
    pub pinned: bool,
    /// Whether waiting threads were allowed to spin.
    pub spun: bool,
    /// Whether it went to the end, and was not stopped.
    pub whole: bool,
}

impl Outcome<'_> {
    /// Returns the hash of the state: that of the run from columns.
    pub fn hash(&self) -> [u8; 32] {
        self.side.hash(|asset| &self.shards[self.owner[asset]])
    }
}

/// What a worker does in turns.
struct Worker<'d, 'm> {
    feeder: Option<Feeder<'d, 'm>>,
    shard: Option<ShardWork<'d>>,
}

impl Worker<'_, '_> {
    /// Works until there is nothing more, or `stop` is set; returns the shard.
    fn run(mut self, clock: &Clock, mut waiter: Waiter, stop: &AtomicBool) -> Option<Shard> {
        while !stop.load(Ordering::Relaxed) {
            let fed = self.feeder.as_mut().map_or(Poll::Done, |feeder| feeder.poll(clock));
            if fed == Poll::Done {
                // Its rings are finished once it is dropped.
                self.feeder = None;
            }
            let computed = self.shard.as_mut().map_or(Poll::Done, |shard| shard.poll(clock));
            match (fed, computed) {
                (Poll::Done, Poll::Done) => break,
                (Poll::Busy, _) | (_, Poll::Busy) => waiter.reset(),
                _ => waiter.idle(),
            }
        }
        self.shard.map(ShardWork::into_shard)
    }
}

/// Runs a market through its program's shards and its desk, which the calling thread is.
///
/// `look(rows, seconds, seen)` is called about every 20 ms and stops the run by returning false.
///
/// # Errors
/// Says why the run could not go to its end.
pub fn run<'m>(
    market: &'m Market<'m>,
    program: &Program,
    desk: Replay<'m>,
    settings: Settings,
    watch: &mut impl Watch,
    mut look: impl FnMut(u64, f64, &Seen<'_>) -> bool,
) -> Result<Outcome<'m>, Failed> {
    let allowed = cores::allowed();
    let workers = if settings.workers == 0 { allowed.len().saturating_sub(1).max(1) } else { settings.workers };
    let owner = owners(program, workers.saturating_sub(1).max(1)).map_err(Failed::Said)?;
    let count = owner.iter().max().map_or(1, |most| most + 1);
    let shards: Vec<Shard> = (0..count).map(|_| Shard::new(program)).collect::<Result<_, _>>().map_err(Failed::Said)?;
    let threads = 1 + if workers == 1 { 1 } else { 1 + count };
    let assets = market.columns.len();
    let bars: usize = market.columns.iter().map(|columns| columns.ts.len()).sum();
    let kept = (threads + 1) * 2 * BUNDLE as usize + 2 * assets;
    let ticks = Depot::new(bars.min(TICKS) + kept, Tick::default);
    let width = shards[0].values();
    let values: Depot<Values> = Depot::new(bars.min(SIGNALS) + kept, || vec![f64::NAN; width].into());
    let collector = Mutex::new(Collector::default());
    let meter = || meter(&mut collector.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    let (mut to_shards, mut from_feeder, mut to_desk, mut from_shards) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let (to, from) = spsc(RING);
        to_shards.push(to);
        from_feeder.push(from);
        let (to, from) = spsc::<Decided<'_>>(RING);
        to_desk.push(to);
        from_shards.push(from);
    }
    let rate = (settings.rate > 0).then_some(settings.rate);
    let feeder = Feeder::new(market, owner.clone(), rate, ticks.counter(), to_shards, meter());
    let works = shards.into_iter().zip(from_feeder).zip(to_desk);
    let mut works = works.map(|((shard, from), to)| ShardWork::new(shard, assets, values.counter(), from, to, meter()));
    let mut crew = vec![Worker { feeder: Some(feeder), shard: if workers == 1 { works.next() } else { None } }];
    crew.extend(works.map(|work| Worker { feeder: None, shard: Some(work) }));
    let mut desk = DeskWork::new(DeskSide::new(desk), assets, from_shards, ticks.counter(), values.counter(), meter());
    let pin = settings.pin && allowed.len() >= threads;
    let stop = AtomicBool::new(false);
    let ended = AtomicBool::new(false);
    let clock = Clock::start();
    let done = thread::scope(|scope| {
        let crew: Vec<_> = crew
            .into_iter()
            .enumerate()
            .map(|(number, worker)| {
                let (allowed, stop) = (&allowed, &stop);
                scope.spawn(move || {
                    let _pinned = pin.then(|| cores::Pinned::to(allowed[number + 1]));
                    worker.run(&clock, Waiter::new(threads, allowed.len()), stop)
                })
            })
            .collect();
        let telemetry = scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                thread::park_timeout(COLLECT);
                collector.lock().unwrap_or_else(std::sync::PoisonError::into_inner).collect();
            }
        });
        let seen = Seen { collector: &collector, threads, cores: allowed.len() };
        let whole = {
            let _pinned = pin.then(|| cores::Pinned::to(allowed[0]));
            drive(&mut desk, &clock, Waiter::new(threads, allowed.len()), watch, |rows, now| look(rows, now as f64 / 1e9, &seen))
        };
        stop.store(!matches!(whole, Ok(true)), Ordering::Relaxed);
        let shards: Vec<_> = crew.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended.store(true, Ordering::Release);
        telemetry.thread().unpark();
        let shards: Result<Vec<_>, _> = shards.into_iter().collect();
        let shards = shards.map_err(|_| Failed::Lost)?;
        whole.map(|whole| (whole, shards.into_iter().flatten().collect::<Vec<Shard>>()))
    });
    let seconds = clock.now() as f64 / 1e9;
    let (whole, shards) = done?;
    let side = desk.into_side();
    let mut collector = collector.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    collector.collect();
    let spun = Waiter::new(threads, allowed.len()).may_spin();
    Ok(Outcome { side, shards, owner, seen: collector.total, seconds, threads, cores: allowed.len(), pinned: pin, spun, whole })
}

/// Runs the desk until the history is over; false where `look` said stop.
fn drive(
    desk: &mut DeskWork<'_, '_>,
    clock: &Clock,
    mut waiter: Waiter,
    watch: &mut impl Watch,
    mut look: impl FnMut(u64, u64) -> bool,
) -> Result<bool, Failed> {
    let mut next_look = LOOK_NS;
    loop {
        let now = match desk.poll(clock, watch)? {
            Poll::Done => return Ok(true),
            Poll::Busy => {
                waiter.reset();
                desk.done_ns()
            }
            Poll::Idle => {
                waiter.idle();
                clock.now()
            }
        };
        if now >= next_look {
            next_look = now + LOOK_NS;
            if !look(desk.steps(), now) {
                return Ok(false);
            }
        }
    }
}
