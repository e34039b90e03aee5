//! Where a tail comes from: service times by what a row did, the system's own counters, and a control that does the same fixed work each time.

use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_engine::telemetry::Histogram;
use bot4_host::cores;
use bot4_host::desk::Watch;
use serde_json::{Value, json};
use std::hint::{black_box, spin_loop};
use std::time::Instant;

/// Measures the desk's rows, and what waiting they would cause at the rate.
pub struct Service {
    begun: Instant,
    /// All rows.
    pub all: Histogram,
    /// Rows in which no order was sent, filled or ended.
    pub quiet: Histogram,
    /// The others.
    pub acting: Histogram,
    /// Waiting by Lindley's recursion.
    pub waiting: Histogram,
    wait_ns: u64,
    period_ns: u64,
    kept: (usize, usize, u64),
    /// What the system counted for this thread before the first row.
    before: Option<System>,
    /// What it counted from the first row to the last, over all runs.
    pub system: System,
}

/// What the system counts of a thread: page faults, and how often the processor was taken from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct System {
    faults: u64,
    taken: u64,
}

impl System {
    /// Reads the counters of the calling thread; zeros where the system has none.
    pub fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        // Fields behind the name in brackets: state is the first, minor faults the eighth.
        let faults = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(7)).and_then(|n| n.parse().ok());
        let taken = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:")).and_then(|n| n.trim().parse().ok());
        Self { faults: faults.unwrap_or(0), taken: taken.unwrap_or(0) }
    }

    fn since(self, before: Self) -> Self {
        Self { faults: self.faults - before.faults, taken: self.taken - before.taken }
    }

    /// Returns both as JSON.
    pub fn told(self) -> Value {
        json!({"page_faults": self.faults, "taken_away": self.taken})
    }
}

impl Service {
    /// Measures rows at `rate` a second.
    pub fn new(rate: u64) -> Self {
        Self {
            begun: Instant::now(),
            all: Histogram::default(),
            quiet: Histogram::default(),
            acting: Histogram::default(),
            waiting: Histogram::default(),
            wait_ns: 0,
            period_ns: 1_000_000_000 / rate,
            kept: (0, 0, 0),
            before: None,
            system: System::default(),
        }
    }

    /// Ends a run: adds what the system counted since its first row.
    pub fn ended(&mut self) {
        if let Some(before) = self.before.take() {
            let spent = System::now().since(before);
            self.system = System { faults: self.system.faults + spent.faults, taken: self.system.taken + spent.taken };
        }
    }
}

impl Watch for Service {
    fn before<'t>(&mut self, _: i64, _: impl Iterator<Item = &'t Tick>, side: &mut DeskSide<'_>) -> Result<(), String> {
        if self.before.is_none() {
            self.before = Some(System::now());
            self.kept = lengths(side);
        }
        self.begun = Instant::now();
        Ok(())
    }

    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String> {
        let ns = self.begun.elapsed().as_nanos() as u64;
        self.all.record(ns);
        self.waiting.record(self.wait_ns);
        self.wait_ns = (self.wait_ns + ns).saturating_sub(self.period_ns);
        let now = lengths(side);
        if now == self.kept {
            self.quiet.record(ns)
        } else {
            self.acting.record(ns)
        }
        self.kept = now;
        Ok(())
    }

    fn is_timed(&self) -> bool {
        false
    }
}

/// Returns what changes where a row acts: orders that ended, fills, orders that work.
fn lengths(side: &mut DeskSide<'_>) -> (usize, usize, u64) {
    let working = side.desk().working().count() as u64;
    let records = &side.run().records;
    (records.orders.len(), records.fills.len(), working)
}

/// Does the same arithmetic `rows` times at `rate` a second, a clock read at each end, on the first processor that the process may use: what its
/// tail shows is the machine's, since every row is the same and touches no memory. `steps` is how much a row does.
pub fn control(rows: u64, rate: u64, steps: u32, times: &mut Histogram) {
    let _pinned = cores::Pinned::to(cores::allowed()[0]);
    let start = Instant::now();
    for row in 0..rows {
        let due = row * 1_000_000_000 / rate;
        while (start.elapsed().as_nanos() as u64) < due {
            spin_loop();
        }
        let begun = Instant::now();
        work(row, steps);
        times.record(begun.elapsed().as_nanos() as u64);
    }
}

/// Returns how many steps of the control take about `ns`.
pub fn steps_of(ns: u64) -> u32 {
    let mut times = Histogram::default();
    control(20_000, 1_000_000_000, 64, &mut times);
    let overhead = {
        let mut empty = Histogram::default();
        control(20_000, 1_000_000_000, 0, &mut empty);
        empty.quantile(0.5)
    };
    let each = times.quantile(0.5).saturating_sub(overhead).max(1);
    (ns.saturating_sub(overhead) * 64 / each) as u32
}

fn work(row: u64, steps: u32) {
    let mut word = row | 1;
    for _ in 0..steps {
        word = black_box(word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    }
    black_box(word);
}
