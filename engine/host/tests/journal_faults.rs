//! A pipeline whose journal's disk fails: nothing opens any more, cancels and reductions go out, it is counted and said, what was acknowledged is there.

mod kept;

use bot4_engine::config::Config;
use bot4_engine::desk::operator::{Action, Command, Effect};
use bot4_engine::desk::order::FillRecord;
use bot4_engine::desk::reason::{Cause, GuardState, Layer, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::Tick;
use bot4_engine::telemetry::Counter;
use bot4_host::desk::Watch;
use bot4_host::journal::{Inputs, Kept, Link, Pair, Recorder, Sink, Start, Terms, Wanted, replay};
use bot4_host::pipeline::{Settings, run};
use bot4_io::disk::Folder;
use bot4_io::faulty::{DiskFault, Faulty, Wrong};
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, JournalError, verify};
use kept::World;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const BUDGET: Duration = Duration::from_millis(400);
const HOUR: i64 = 3_600_000;

/// A folder of its own, gone at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bot4-{}-{name}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        Self(path)
    }
    fn disk(&self) -> Folder {
        Folder::make(&self.0).expect("a folder")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Stands beside the desk as a rehearsal does; keeps what would leave for a venue, row by row.
struct Beside<'m> {
    journal: Kept<'m, Link>,
    disk: Faulty<Folder>,
    now: i64,
    left: Vec<(i64, DeskEvent)>,
    /// Operations of the disk when the fault was met.
    met: Option<u64>,
    commands: Vec<Command>,
    all: Records,
}

impl Watch for Beside<'_> {
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, side: &mut DeskSide<'_>) -> Result<(), String> {
        self.now = ts + HOUR;
        if self.commands.first().is_some_and(|command| command.at <= ts + HOUR) {
            side.run().command(self.commands.remove(0))?;
        }
        self.journal.before(ts, ticks, side);
        Ok(())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        let mut stream = std::mem::take(&mut side.run().records.stream);
        self.journal.after(side, &mut stream)?;
        if self.journal.fault().is_some() {
            assert_eq!(side.desk().state(), GuardState::Paused, "from the row at hand on, whatever people ask");
            self.met.get_or_insert(self.disk.operations());
        }
        let records = &mut side.run().records;
        self.all.fills.append(&mut records.fills);
        self.all.orders.append(&mut records.orders);
        self.all.guard.append(&mut records.guard);
        self.all.commands.append(&mut records.commands);
        records.clear();
        self.left.extend(stream.into_iter().map(|event| (self.now, event)));
        Ok(())
    }

    fn faults(&mut self) -> u64 {
        self.journal.new_faults()
    }

    fn is_timed(&self) -> bool {
        true
    }
}

fn prepared<'m>(world: &World, market: &bot4_engine::market::Market<'m>, config: &Config) -> Replay<'m> {
    Replay::new(market, &world.program(), config, &[], 1).expect("a run").with_stream()
}

/// Fills that make a position larger, by time.
fn openings(fills: &[FillRecord]) -> Vec<i64> {
    let mut held: BTreeMap<u32, i64> = BTreeMap::new();
    let mut found = Vec::new();
    for fill in fills {
        let position = held.entry(fill.asset).or_default();
        let after = *position + fill.lots;
        if after.abs() > position.abs() || after.signum() * position.signum() < 0 {
            found.push(fill.ts);
        }
        *position = after;
    }
    found
}

struct Halted {
    word: &'static str,
    ts: i64,
    rows: u64,
    reductions: usize,
    cancelled: usize,
}

/// Runs the pipeline until its disk has failed, and holds everything to it that must hold.
fn halted(name: &str, fault: DiskFault, durability: Durability) -> Halted {
    let (world, place) = (World::thin(11, 900), Place::new(name));
    let (market, config) = (world.market(), world.config());
    let disk = Faulty::new(place.disk(), Some(fault));
    let terms = Terms { segment_bytes: 64 << 10, ..Terms::new(durability) };
    let link = Link::start(Pair::begin(disk.clone(), terms).expect("the disk is well at first"), BUDGET).expect("a thread");
    let recorder = Recorder::begin(link, world.setup(), world.outcomes()).expect("the disk is well at first");
    let resume = Command { at: 1_000 * HOUR, action: Action::Resume, who: "ada".into(), breakers: None };
    let journal = Kept::new(Inputs::new(&market, None, &[]), Some(recorder));
    let mut beside = Beside {
        journal,
        disk: disk.clone(),
        now: 0,
        left: Vec::new(),
        met: None,
        commands: vec![resume.clone()],
        all: Records::default(),
    };
    let replayed = prepared(&world, &market, &config);
    let outcome = run(&market, &world.program(), replayed, Settings { workers: 1, ..Settings::default() }, &mut beside, |_, _, _| true)
        .expect("it goes on");
    let fault = beside.journal.fault().expect("the disk has failed");
    let (word, ts, rows) = (fault.error.word(), fault.ts, fault.rows);
    assert_eq!(outcome.seen.counter(Counter::JournalFaults), 1, "counted once");
    assert_eq!(beside.met, Some(disk.operations()), "nothing more was asked of the disk, no sync tried again");
    let hash = outcome.hash();
    let records = &beside.all;
    // Nothing opens after the halt, and what was to open then has not left.
    let opened = openings(&records.fills);
    assert!(opened.iter().any(|&at| at < ts) && opened.iter().all(|&at| at < ts), "{name}: halted at {ts}, opened {opened:?}");
    let guard: Vec<_> = records.guard.iter().filter(|record| record.layer == Layer::Journal).collect();
    assert_eq!(guard.iter().map(|r| (r.ts, r.to)).collect::<Vec<_>>(), [(ts, GuardState::Paused)]);
    assert_eq!(records.commands.iter().map(|c| c.effect).collect::<Vec<_>>(), [Effect::Refused], "nobody resumes");
    let cancelled: Vec<u32> =
        records.orders.iter().filter(|r| r.done_ts == ts && r.order.cause == Cause::RiskPaused).map(|r| r.order.id).collect();
    let sent = |(_, event): &&(i64, DeskEvent)| matches!(event, DeskEvent::Sent(sent) if sent.order.ts == ts && cancelled.contains(&sent.order.id));
    assert_eq!(beside.left.iter().filter(sent).count(), 0, "{name}: an order that opens left in the row of the fault");
    let gone =
        |(_, event): &&(i64, DeskEvent)| matches!(event, DeskEvent::Ended(end) if end.status == Status::Cancelled && end.done_ts >= ts);
    let reductions = records.fills.iter().filter(|fill| fill.ts >= ts).count();
    let cancels = beside.left.iter().filter(gone).count();
    // The same run as a backtest that halts there comes to the same bits.
    let config = Config { halt_at: Some(ts), commands: vec![resume], ..config };
    let mut whole = prepared(&world, &market, &config);
    assert_eq!(whole.run(|_| true), Ok(true));
    assert_eq!(hash, whole.hash(), "{name}");
    acknowledged(&world, &place, rows, name);
    Halted { word, ts, rows, reductions, cancelled: cancels }
}

/// What was acknowledged is on the disk below, and a start on it comes to the state of the run there.
fn acknowledged(world: &World, place: &Place, rows: u64, name: &str) {
    let disk = place.disk();
    for kind in [Kind::Control, Kind::Tape] {
        verify(&disk, kind).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let done = replay(&disk, Wanted { start: Start::Newest, until: None }).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(done.difference, None, "{name}");
    assert!(!done.is_whole && done.check.rows <= rows + 1, "{name}: {} rows, {rows}", done.check.rows);
    let market = world.market();
    let mut run = prepared(world, &market, &world.config());
    (0..done.check.rows).for_each(|_| assert_eq!(run.advance(1), Ok(1)));
    assert_eq!(run.hash(), done.check.state, "{name}");
}

#[test]
fn whatever_the_disk_does_the_desk_is_halted_and_nothing_acknowledged_is_lost() {
    let slow = Wrong::Slow(Duration::from_millis(1_500));
    let all = [(Wrong::Full, "full"), (Wrong::Sync, "sync"), (Wrong::ReadOnly, "read_only"), (slow, "slow")];
    let (mut reductions, mut cancelled, mut moments) = (0, 0, Vec::new());
    for (wrong, word) in all {
        for after in [60, 241, 500] {
            let found = halted(&format!("{word}-{after}"), DiskFault { wrong, after }, Durability::Fsync);
            assert_eq!(found.word, word);
            assert!(found.rows > 0 && found.ts > 0);
            (reductions, cancelled) = (reductions + found.reductions, cancelled + found.cancelled);
            moments.push(found.ts);
        }
    }
    assert!(reductions > 0, "positions may still be reduced");
    assert!(cancelled > 0, "cancels still go out");
    moments.sort_unstable();
    moments.dedup();
    assert!(moments.len() > 2, "the fault comes at different moments: {moments:?}");
}

#[test]
fn a_disk_that_is_well_halts_nothing_and_page_cache_meets_a_full_one_too() {
    let found = halted("page-cache", DiskFault { wrong: Wrong::Full, after: 300 }, Durability::PageCache);
    assert_eq!(found.word, "full");
    let (world, place) = (World::thin(11, 300), Place::new("well"));
    let (market, config) = (world.market(), world.config());
    let disk = Faulty::new(place.disk(), None);
    let link = Link::start(Pair::begin(disk.clone(), Terms::new(Durability::PageCache)).expect("well"), BUDGET).expect("a thread");
    let recorder = Recorder::begin(link, world.setup(), world.outcomes()).expect("well");
    let journal = Kept::new(Inputs::new(&market, None, &[]), Some(recorder));
    let mut beside = Beside { journal, disk, now: 0, left: Vec::new(), met: None, commands: Vec::new(), all: Records::default() };
    let run =
        run(&market, &world.program(), prepared(&world, &market, &config), Settings::default(), &mut beside, |_, _, _| true).expect("well");
    assert_eq!(run.seen.counter(Counter::JournalFaults), 0);
    let (equity, state) = (run.side.desk().equity(), run.hash());
    let ended = beside.journal.end(equity, state).expect("well").expect("a journal");
    let report = verify(&place.disk(), Kind::Control).expect("right");
    assert_eq!((report.next, report.chain), (ended.control, ended.chain));
    assert!(ended.tape > 300 && beside.journal.end(equity, state).expect("ended").is_none());
}

#[test]
fn a_disk_that_hangs_holds_up_the_writer_and_never_the_desk() {
    let place = Place::new("hangs");
    let fault = DiskFault { wrong: Wrong::Slow(Duration::from_secs(5)), after: 8 };
    let pair = Pair::begin(Faulty::new(place.disk(), Some(fault)), Terms::new(Durability::PageCache)).expect("well at first");
    let mut link = Link::start(pair, Duration::from_millis(50)).expect("a thread");
    link.append(Kind::Tape, 1, 5, 0, b"bars").expect("in memory");
    let begun = Instant::now();
    let error = link.settle().expect_err("too slow");
    assert!(matches!(error, JournalError::Slow { waited_ms: 50.., budget_ms: 50 }), "{error}");
    assert!(error.to_string().contains("may take 50 ms, so no new order may go out"));
    drop(link);
    assert!(begun.elapsed() < Duration::from_secs(2), "neither waiting nor leaving it takes longer than the budget, about");
}
