//! Small tables of bars and targets, and a desk that plays them.
pub use bot4_engine::account::{InstrumentTerms, MarginMode, MarginTerms, Tier, WalletMode, WalletTerms};
pub use bot4_engine::config::{Config, Realism};
pub use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
pub use bot4_engine::desk::licence::Mode;
pub use bot4_engine::desk::reason::{Cause, Reason, Status};
pub use bot4_engine::desk::records::Records;
pub use bot4_engine::desk::rule::{Rule, Unit};
pub use bot4_engine::desk::stops::Rearm;
pub use bot4_engine::desk::{Desk, Setup, Source};
pub use bot4_engine::event::Entry;
pub use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
pub use bot4_engine::money::{AMOUNT_SCALE, E9, Scale};

pub const HOUR: i64 = 3_600_000;

/// One instrument: bars (open, high, low, close), targets as quantities, an optional series of funding.
pub struct Table {
    pub contract: Contract,
    pub terms: InstrumentTerms,
    pub bars: Vec<[f64; 4]>,
    pub volume: f64,
    pub target: Vec<f64>,
    pub fixed: f64,
    pub funding: Option<(Vec<i64>, Vec<f64>)>,
}

/// A venue without costs whose bars are flat at these prices.
pub fn table(kind: InstrumentKind, scale: Scale, prices: &[f64], target: &[f64]) -> Table {
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
    Table {
        contract: Contract { kind, scale, terms, leverage_e9: 0 },
        terms: InstrumentTerms { terms, wallet: 0, margin: None, borrow_e9: 0 },
        bars: prices.iter().map(|&p| [p, p, p, p]).collect(),
        volume: 1e9,
        target: target.to_vec(),
        fixed: f64::NAN,
        funding: None,
    }
}

/// Prices in cents, lots of 0.001.
pub fn cents() -> Scale {
    Scale::new((1, 2), (1, 3)).unwrap()
}

pub fn linear(prices: &[f64], target: &[f64]) -> Table {
    table(InstrumentKind::Linear, cents(), prices, target)
}

impl Table {
    pub fn margin(mut self, mode: MarginMode, leverage: i64, tiers: &[(i64, i64, i64)]) -> Self {
        let tiers = tiers.iter().map(|&tier| Tier::from(tier)).collect();
        self.terms.margin = Some(MarginTerms { mode, leverage_e9: leverage * E9, tiers, liquidation_fee_e9: 0 });
        self.contract.leverage_e9 = leverage * E9;
        self
    }
    pub fn fees(mut self, taker_e9: i64, liquidation_fee_e9: i64) -> Self {
        self.contract.terms.taker_e9 = taker_e9;
        if let Some(margin) = &mut self.terms.margin {
            margin.liquidation_fee_e9 = liquidation_fee_e9;
        }
        self
    }
    pub fn wallet(mut self, wallet: usize) -> Self {
        self.terms.wallet = wallet;
        self
    }
    pub fn bar(mut self, at: usize, bar: [f64; 4]) -> Self {
        self.bars[at] = bar;
        self
    }
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
        self.0[asset].target[local]
    }
    fn fixed(&self, asset: usize, _local: usize) -> f64 {
        self.0[asset].fixed
    }
    fn trailing(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    fn targets(&self, asset: usize) -> &[f64] {
        &self.0[asset].target
    }
    fn closes(&self, _asset: usize) -> &[f64] {
        &[]
    }
    fn funding(&self, asset: usize) -> Option<FundingSeries<'_>> {
        self.0[asset].funding.as_ref().map(|(ts, rate)| FundingSeries { ts, rate })
    }
}

pub fn wallet(currency: &str, cash: i64, convert: Option<usize>) -> WalletTerms {
    WalletTerms { currency: currency.into(), cash: cash * AMOUNT_SCALE, convert, mode: WalletMode::Cash, interest_e9: 0 }
}

pub fn config(cash: i64, world: &World) -> Config {
    Config {
        cash: cash * AMOUNT_SCALE,
        latency_ms: 0,
        latency_sigma: 0.0,
        latency_seed: 0,
        realism: Realism::Strict,
        trade_from_ms: None,
        half_spread_e9: 0,
        impact: 0.0,
        volume_share_e9: E9,
        collar_e9: 100 * E9,
        max_leverage_e9: 1_000 * E9,
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
        instruments: world.0.iter().map(|table| table.terms.clone()).collect(),
    }
}

/// Opens a desk whose targets are quantities.
pub fn desk(world: &World, config: &Config) -> Desk {
    desk_of(world, config, Unit::Quantity)
}

/// Opens a desk whose targets are of a unit.
pub fn desk_of(world: &World, config: &Config, unit: Unit) -> Desk {
    let rule = Rule {
        unit,
        band_e9: 0,
        share: 1,
        settled: 0,
        rearm: Rearm::NewSignal,
        fixed: world.0.iter().any(|table| !table.fixed.is_nan()),
        trailing: false,
        take: false,
        age: None,
    };
    Desk::new(Setup {
        contracts: world.0.iter().map(|table| table.contract).collect(),
        rules: vec![Some(rule); world.0.len()],
        entries: vec![],
        legs: vec![],
        interval_ms: HOUR,
        budget_e9: i64::MAX / 4,
        track_extremes: true,
        config,
    })
}

pub fn play(desk: &mut Desk, world: &World) -> Records {
    play_from(desk, world, 0)
}

pub fn play_from(desk: &mut Desk, world: &World, from: usize) -> Records {
    let mut records = Records::default();
    for at in from..world.0[0].bars.len() {
        step(desk, world, at, &mut records);
    }
    records.sort();
    records
}

pub fn step(desk: &mut Desk, world: &World, at: usize, records: &mut Records) {
    let has_bar = |table: &Table| !table.bars[at][0].is_nan();
    let listed = world.0.iter().enumerate().filter(|(_, table)| has_bar(table));
    let present: Vec<Entry> = listed.map(|(asset, _)| Entry { asset: asset as u32, row: at as u32 }).collect();
    let ts = at as i64 * HOUR;
    desk.market(ts, &present, world).unwrap();
    desk.decide(ts + HOUR, true, &present, world).unwrap();
    records.drain(&mut desk.outbox);
}

/// An amount in 1e-8.
pub fn coins(amount: f64) -> i64 {
    (amount * AMOUNT_SCALE as f64).round() as i64
}
