//! The world of these tests: tables of bars and targets, the desk's setup, one step.
use bot4_engine::config::Config;
use bot4_engine::desk::licence::Mode;
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::{Rule, Unit};
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::{Desk, Halt, Setup, Source};
use bot4_engine::event::Entry;
use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
use bot4_engine::money::{AMOUNT_SCALE, E9, Scale};

pub const HOUR: i64 = 3_600_000;

/// One asset's bars and signals: (open, high, low, close, target); NaN open = no bar.
#[derive(Default, Clone)]
pub struct Table {
    pub bars: Vec<[f64; 4]>,
    pub volume: f64,
    pub target: Vec<f64>,
    pub fixed: f64,
    pub trailing: f64,
}

pub struct World {
    pub tables: Vec<Table>,
}

impl Source for World {
    fn open(&self, asset: usize, local: usize) -> f64 {
        self.tables[asset].bars[local][0]
    }
    fn high(&self, asset: usize, local: usize) -> f64 {
        self.tables[asset].bars[local][1]
    }
    fn low(&self, asset: usize, local: usize) -> f64 {
        self.tables[asset].bars[local][2]
    }
    fn close(&self, asset: usize, local: usize) -> f64 {
        self.tables[asset].bars[local][3]
    }
    fn volume(&self, asset: usize, _local: usize) -> f64 {
        self.tables[asset].volume
    }
    fn row(&self, _asset: usize, local: usize) -> u64 {
        local as u64
    }
    fn target(&self, asset: usize, local: usize) -> f64 {
        self.tables[asset].target[local]
    }
    fn fixed(&self, asset: usize, _local: usize) -> f64 {
        self.tables[asset].fixed
    }
    fn trailing(&self, asset: usize, _local: usize) -> f64 {
        self.tables[asset].trailing
    }
    fn targets(&self, asset: usize) -> &[f64] {
        &self.tables[asset].target
    }
    fn closes(&self, _asset: usize) -> &[f64] {
        &[]
    }
}

pub fn config() -> Config {
    Config {
        cash: 1_000 * AMOUNT_SCALE,
        latency_sigma: 0.0,
        latency_seed: 0,
        realism: Default::default(),
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

pub fn rule() -> Rule {
    Rule {
        unit: Unit::Weight,
        band_e9: E9 / 100,
        share: 1,
        settled: 0,
        rearm: Rearm::NewSignal,
        fixed: false,
        trailing: false,
        take: false,
        age: None,
    }
}

pub fn desk(kinds: &[InstrumentKind], rule: Rule, config: &Config) -> Desk {
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
    let contracts =
        kinds.iter().map(|&kind| Contract { kind, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 }).collect();
    Desk::new(Setup {
        contracts,
        rules: vec![Some(rule); kinds.len()],
        entries: vec![],
        legs: vec![],
        interval_ms: HOUR,
        budget_e9: E9,
        track_extremes: true,
        config,
    })
}

pub fn step(desk: &mut Desk, world: &World, at: usize, due: bool, records: &mut Records) -> Result<(), Halt> {
    let has_bar = |table: &Table| !table.bars[at][0].is_nan();
    let present: Vec<Entry> =
        world.tables.iter().enumerate().filter(|(_, t)| has_bar(t)).map(|(a, _)| Entry { asset: a as u32, row: at as u32 }).collect();
    let ts = at as i64 * HOUR;
    desk.market(ts, &present, world)?;
    desk.decide(ts + HOUR, due, &present, world)?;
    records.drain(&mut desk.outbox);
    Ok(())
}
