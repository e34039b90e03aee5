//! A desk on hand-written bars: every column that it reads, as a table for each asset.
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::entry_rule::EntryRule;
use bot4_engine::desk::legs::Group;
use bot4_engine::desk::licence::Mode;
use bot4_engine::desk::order::{FillRecord, OrderRecord};
use bot4_engine::desk::reason::{Cause, FillRule, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::{Rule, Unit};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::{Desk, Setup, Source};
use bot4_engine::event::Entry;
use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
use bot4_engine::money::{AMOUNT_SCALE, E9, Scale};

pub const HOUR: i64 = 3_600_000;
pub const NAN: f64 = f64::NAN;

/// One asset's bars (open, high, low, close; NaN open = no bar) and what the desk reads beside. A column shorter than the bars goes on with its last value.
#[derive(Default, Clone)]
pub struct Table {
    pub bars: Vec<[f64; 4]>,
    pub volume: f64,
    pub target: Vec<f64>,
    pub long: Vec<f64>,
    pub short: Vec<f64>,
    pub exit: Vec<f64>,
    pub size: Vec<f64>,
    pub per_unit: f64,
    pub priority: Vec<f64>,
    pub fixed: f64,
    pub trailing: f64,
    pub take: f64,
}

fn at(column: &[f64], row: usize) -> f64 {
    column.get(row).or(column.last()).copied().unwrap_or(NAN)
}

pub struct World(pub Vec<Table>);

impl Source for World {
    fn open(&self, asset: usize, local: usize) -> f64 {
        self.0[asset].bars[local][0]
    }
    fn high(&self, asset: usize, local: usize) -> f64 {
        self.0[asset].bars[local][1]
    }
    fn low(&self, asset: usize, local: usize) -> f64 {
        self.0[asset].bars[local][2]
    }
    fn close(&self, asset: usize, local: usize) -> f64 {
        self.0[asset].bars[local][3]
    }
    fn volume(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].volume
    }
    fn row(&self, _asset: usize, local: usize) -> u64 {
        local as u64
    }
    fn target(&self, asset: usize, local: usize) -> f64 {
        at(&self.0[asset].target, local)
    }
    fn fixed(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].fixed
    }
    fn trailing(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].trailing
    }
    fn take(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].take
    }
    fn signals(&self, asset: usize, local: usize) -> [f64; 3] {
        let table = &self.0[asset];
        [at(&table.long, local), at(&table.short, local), at(&table.exit, local)]
    }
    fn size(&self, asset: usize, local: usize) -> f64 {
        at(&self.0[asset].size, local)
    }
    fn per_unit(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].per_unit
    }
    fn priority(&self, asset: usize, local: usize) -> f64 {
        at(&self.0[asset].priority, local)
    }
    fn targets(&self, _asset: usize) -> &[f64] {
        &[]
    }
    fn closes(&self, _asset: usize) -> &[f64] {
        &[]
    }
}

/// A thousand of cash, no costs, the whole volume.
pub fn config(realism: Realism) -> Config {
    Config {
        cash: 1_000 * AMOUNT_SCALE,
        latency_sigma: 0.0,
        latency_seed: 0,
        realism,
        latency_ms: 0,
        trade_from_ms: None,
        half_spread_e9: 0,
        impact: 0.0,
        volume_share_e9: E9,
        collar_e9: E9,
        max_leverage_e9: 3 * E9,
        max_notional: None,
        mode: Mode::Backtest,
        licence: None,
        policy: None,
        commands: vec![],
        operated: false,
        halt_at: None,
        conditions: vec![],
        observed: Vec::new(),
        wallets: vec![],
        instruments: vec![],
    }
}

/// Half of equity a unit, one unit.
pub const ENTRY: EntryRule = EntryRule {
    unit: SizeUnit::Weight,
    share: 1,
    max_units: 1,
    settled: 0,
    rearm: Rearm::NewSignal,
    cooldown: None,
    max_positions: None,
    fixed: false,
    trailing: false,
    take: false,
    age: None,
};

pub const TARGET: Rule = Rule {
    unit: Unit::Weight,
    band_e9: E9 / 100,
    share: 1,
    settled: 0,
    rearm: Rearm::NewSignal,
    fixed: false,
    trailing: false,
    take: false,
    age: None,
};

/// What addresses the assets.
#[derive(Default)]
pub struct Rules {
    pub targets: Vec<Option<Rule>>,
    pub entries: Vec<Option<EntryRule>>,
    pub legs: Vec<Group>,
}

impl Rules {
    pub fn entries(rule: EntryRule, assets: usize) -> Self {
        Self { targets: vec![None; assets], entries: vec![Some(rule); assets], legs: vec![] }
    }
    pub fn targets(rule: Rule, assets: usize) -> Self {
        Self { targets: vec![Some(rule); assets], ..Self::default() }
    }
}

/// Opens a desk: ticks of 0.01, lots of 0.001, taker fee 0.2 % where `fees`, maker 0.1 %.
pub fn desk(kind: InstrumentKind, rules: Rules, config: &Config, fees: bool) -> Desk {
    let (taker_e9, maker_e9) = if fees { (2_000_000, 1_000_000) } else { (0, 0) };
    let terms = Terms { taker_e9, maker_e9, min_lots: 1, min_notional: 0 };
    let contracts = vec![Contract { kind, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 }; rules.targets.len()];
    Desk::new(Setup {
        contracts,
        rules: rules.targets,
        entries: rules.entries,
        legs: rules.legs,
        interval_ms: HOUR,
        budget_e9: E9,
        track_extremes: false,
        config,
    })
}

/// Takes the bar at `row` of every asset that has one.
pub fn step(desk: &mut Desk, world: &World, row: usize, due: bool, records: &mut Records) {
    let has_bar = |table: &Table| !table.bars[row][0].is_nan();
    let present: Vec<Entry> =
        world.0.iter().enumerate().filter(|(_, t)| has_bar(t)).map(|(a, _)| Entry { asset: a as u32, row: row as u32 }).collect();
    let ts = row as i64 * HOUR;
    desk.market(ts, &present, world).unwrap();
    desk.decide(ts + HOUR, due, &present, world).unwrap();
    records.drain(&mut desk.outbox);
}

/// Takes all bars; orders come by id.
pub fn play(desk: &mut Desk, world: &World) -> Records {
    let mut records = Records::default();
    for row in 0..world.0[0].bars.len() {
        step(desk, world, row, true, &mut records);
    }
    records.sort();
    records
}

pub fn flat_bars(prices: &[f64]) -> Vec<[f64; 4]> {
    prices.iter().map(|&p| [p, p, p, p]).collect()
}

/// Row, lots, ticks and reason of each fill.
pub fn brief(fills: &[FillRecord]) -> Vec<(i64, i64, i64, Reason)> {
    fills.iter().map(|f| (f.ts / HOUR, f.lots, f.ticks, f.reason)).collect()
}

/// Row, lots, ticks and rule of each fill.
pub fn by_rule(fills: &[FillRecord]) -> Vec<(i64, i64, i64, FillRule)> {
    fills.iter().map(|f| (f.ts / HOUR, f.lots, f.ticks, f.rule)).collect()
}

/// Status, cause, lots wanted and filled of each order.
pub fn ends(orders: &[OrderRecord]) -> Vec<(Status, Cause, i64, i64)> {
    orders.iter().map(|o| (o.status, o.order.cause, o.order.wanted, o.order.filled)).collect()
}
