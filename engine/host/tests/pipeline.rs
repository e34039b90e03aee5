//! The pipeline on threads: the bits of a run from columns, whatever the threads do; and ways to end.

#[path = "../../core/tests/support/market.rs"]
mod market;

use bot4_engine::market::Market;
use bot4_engine::memory::depot::{BUNDLE, Depot};
use bot4_engine::memory::ring::spsc;
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::{Shard, Tick};
use bot4_engine::signal::Program;
use bot4_engine::telemetry::{Collector, Counter, Stage, meter};
use bot4_host::desk::{Failed, Watch};
use bot4_host::feeder::Feeder;
use bot4_host::pipeline::{Outcome, Settings, run};
use bot4_host::shards::ShardWork;
use bot4_host::wire::{Faults, Wire};
use bot4_host::{Clock, Decided, Poll, Values};
use market::{Bars, HOUR, Random, SYMBOLS, config, market, random_bars};
use std::time::Instant;

const PROGRAM: &str = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000,14400000],"rebalance":null,"nodes":[
    {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"gt","in":[1,2]},
    {"op":"pos","s":"bars_held"},{"op":"const","f":[15]},{"op":"gt","in":[4,5]},{"op":"const","f":[0]},{"op":"const","f":[0.4]},
    {"op":"where","in":[3,8,7]},{"op":"where","in":[6,7,9]}CROSS],
    "targets":[{"node":TARGET,"kind":"weight","asset":null,"band":0.01,"budget":2.0,"rearm":{"mode":"immediate"},"stops":[]}]}"#;

fn program(is_joined: bool) -> Program {
    let (cross, target) = if is_joined { (r#",{"op":"cs_rank","in":[1]},{"op":"mul","in":[10,11]}"#, "12") } else { ("", "10") };
    Program::parse(&PROGRAM.replace("CROSS", cross).replace("TARGET", target), SYMBOLS).unwrap()
}

fn bars(rows: usize) -> Vec<Bars> {
    let mut random = Random(9);
    SYMBOLS.iter().map(|_| random_bars(&mut random, rows)).collect()
}

/// Counts what it sees; fails at a row where it is told to.
#[derive(Default)]
struct Witness {
    bars: usize,
    rows: usize,
    fails_at: Option<usize>,
}

impl Watch for Witness {
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, _side: &mut DeskSide<'_>) -> Result<(), String> {
        self.bars += ticks.inspect(|tick| assert_eq!(tick.ts, ts)).count();
        Ok(())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        self.rows += 1;
        assert_eq!(side.steps(), self.rows as u64);
        if self.fails_at == Some(self.rows) { Err("the disk is full".into()) } else { Ok(()) }
    }

    fn is_timed(&self) -> bool {
        true
    }
}

fn rehearse<'m>(market: &'m Market<'m>, program: &Program, settings: Settings, witness: &mut Witness) -> Result<Outcome<'m>, Failed> {
    let replay = Replay::new(market, program, &config(), &[], 1).unwrap();
    run(market, program, replay, settings, witness, |_, _, _| true)
}

#[test]
fn any_number_of_workers_gives_the_bits_of_a_run_from_columns() {
    let bars = bars(1_500);
    let market = market(&bars);
    for is_joined in [false, true] {
        let program = program(is_joined);
        let mut whole = Replay::new(&market, &program, &config(), &[], 0).unwrap();
        assert_eq!(whole.run(|_| true), Ok(true));
        assert!(whole.records.fills.len() > 100);
        for workers in [0, 1, 2, 4, 5] {
            let mut witness = Witness::default();
            let outcome = rehearse(&market, &program, Settings { workers, rate: 0, pin: workers == 0 }, &mut witness).unwrap();
            assert!(outcome.whole && outcome.hash() == whole.hash(), "{workers} workers, joined: {is_joined}");
            let side = outcome.side;
            let mut side = side;
            assert_eq!(side.run().records.fills, whole.records.fills);
            assert_eq!(side.run().equity, whole.equity);
            let all: usize = bars.iter().map(|bars| bars.ts.len()).sum();
            assert_eq!((witness.bars, witness.rows), (all, whole.equity.len()));
            let seen = &outcome.seen;
            assert_eq!((seen.counter(Counter::Ticks), seen.stage(Stage::FeedWait).count()), (all as u64, all as u64));
            for stage in [Stage::Desk, Stage::Decision, Stage::RingWait, Stage::Record] {
                assert_eq!(seen.stage(stage).count(), witness.rows as u64, "{stage:?}");
            }
            assert_eq!(outcome.shards.len(), if is_joined { 1 } else { workers.saturating_sub(1).clamp(1, 4) });
        }
    }
}

/// Follows orders on the wire with these faults.
struct Wired(Wire);

impl Watch for Wired {
    fn before<'t>(&mut self, _: i64, _: impl Iterator<Item = &'t Tick>, _: &mut DeskSide<'_>) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        let stream = std::mem::take(&mut side.run().records.stream);
        self.0.row(&stream, side.steps() as i64 * HOUR, side.desk())
    }

    fn is_timed(&self) -> bool {
        false
    }
}

#[test]
fn whatever_the_wire_does_the_execution_comes_to_the_books_of_the_desk() {
    let bars = bars(1_500);
    let market = market(&bars);
    let program = program(false);
    let mut whole = Replay::new(&market, &program, &config(), &[], 0).unwrap();
    assert_eq!(whole.run(|_| true), Ok(true));
    let none = Faults::default();
    let all = Faults { duplicate: 200, late: 300, rows: 5, reordered: 300, lost: 200, ..none };
    let cases = [none, Faults { lost: 1_000, ..none }, Faults { late: 1_000, rows: 9, ..none }];
    for faults in cases.into_iter().chain((0..12).map(|seed| Faults { seed, ..all })) {
        let mut wired = Wired(Wire::new(&market, &config(), 7, faults).unwrap());
        let replay = Replay::new(&market, &program, &config(), &[], 1).unwrap().with_stream();
        let outcome = run(&market, &program, replay, Settings::default(), &mut wired, |_, _, _| true).unwrap();
        assert_eq!(outcome.hash(), whole.hash(), "{faults:?}: what is reported changes nothing of what happened");
        wired.0.settle(i64::from(u32::MAX), outcome.side.desk()).unwrap();
        let tally = wired.0.tally();
        assert!(tally.orders > 500 && tally.quiet > 40 && tally.reports > 2 * tally.orders, "{tally:?}");
        assert_eq!(tally.lost > 0, faults.lost > 0);
        assert!(tally.lost == 0 || tally.questions > tally.lost / 2, "what is lost and has not ended is asked for: {tally:?}");
        assert_eq!(
            (tally.duplicates > 0, tally.late > 0, tally.reordered > 0),
            (faults.duplicate > 0, faults.late > 0, faults.reordered > 0)
        );
    }
}

#[test]
fn a_rate_is_kept_and_what_waits_is_counted_from_when_it_was_due() {
    let bars = bars(100);
    let market = market(&bars);
    let outcome = rehearse(&market, &program(false), Settings { workers: 1, rate: 4_000, pin: false }, &mut Witness::default()).unwrap();
    let bars: usize = bars.iter().map(|bars| bars.ts.len()).sum();
    let wanted = bars as f64 / 4_000.0;
    assert!(outcome.seconds >= wanted * 0.99, "{} bars took {} s", bars, outcome.seconds);
    assert!(outcome.seen.stage(Stage::Decision).most_ns() < (outcome.seconds * 1e9) as u64);
}

#[test]
fn it_ends_soon_where_somebody_says_so() {
    let bars = bars(5_000);
    let market = market(&bars);
    let program = program(false);
    let replay = Replay::new(&market, &program, &config(), &[], 1).unwrap();
    let begun = Instant::now();
    let settings = Settings { workers: 2, rate: 100, pin: false };
    let outcome = run(&market, &program, replay, settings, &mut Witness::default(), |_, _, _| begun.elapsed().as_millis() < 60).unwrap();
    assert!(!outcome.whole && outcome.seconds < 2.0, "200 s of history, stopped after {} s", outcome.seconds);
    let mut witness = Witness { fails_at: Some(17), ..Witness::default() };
    let failed = rehearse(&market, &program, Settings::default(), &mut witness).err();
    assert_eq!(failed, Some(Failed::Said("the disk is full".into())));
    assert_eq!(witness.rows, 17);
}

#[test]
fn a_depot_without_an_object_is_counted_where_one_was_to_be_lent_and_nothing_is_lost() {
    let bars = bars(400);
    let market = market(&bars);
    let all: u64 = bars.iter().map(|bars| bars.ts.len() as u64).sum();
    let collector = &mut Collector::default();
    // Fewer objects than bars, and rings that hold them all: what runs out are the objects. Who brings back keeps up to two bundles.
    let ticks = Depot::new(5 * BUNDLE as usize, Tick::default);
    let shard = Shard::new(&program(false)).expect("a shard");
    let values: Depot<Values> = Depot::new(4 * BUNDLE as usize, || vec![f64::NAN; shard.values()].into());
    let ((to_shard, from_feeder), (to_desk, mut from_shard)) = (spsc(1 << 12), spsc(1 << 12));
    let mut feeder = Feeder::new(&market, vec![0; SYMBOLS.len()], None, ticks.counter(), vec![to_shard], meter(collector));
    let shard = Shard::new(&program(false)).expect("a shard");
    let mut work = ShardWork::new(shard, SYMBOLS.len(), values.counter(), from_feeder, to_desk, meter(collector));
    let (clock, mut back, mut lent, mut seen) = (Clock::start(), ticks.counter(), values.counter(), 0);
    let begun = Instant::now();
    while seen < all {
        assert!(begun.elapsed().as_secs() < 30, "{seen} of {all} bars: objects are lost");
        // Both go on until neither can, then somebody brings the objects back.
        while [feeder.poll(&clock), work.poll(&clock)].contains(&Poll::Busy) {}
        while let Some(Decided { tick, values }) = from_shard.pop() {
            back.release(tick);
            lent.release(values);
            seen += 1;
        }
    }
    drop((feeder, work));
    collector.collect();
    assert_eq!((seen, collector.total.counter(Counter::Ticks)), (all, all));
    assert!(collector.total.counter(Counter::DepotEmpty) >= 10, "{}", collector.total.counter(Counter::DepotEmpty));
    assert_eq!(collector.total.counter(Counter::RingFull), 0);
}
