//! Accounts by hand: small tables of bars and targets with funding, wallets, margin and liquidation, and the figures of venues' own examples.
use bot4_engine::account::{InstrumentTerms, MarginMode, MarginTerms, Tier, WalletMode, WalletTerms};
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
use bot4_engine::desk::reason::{Cause, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::{Rule, Unit};
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::{Desk, Setup, Source};
use bot4_engine::event::Entry;
use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::{AMOUNT_SCALE, E9, Scale};

const HOUR: i64 = 3_600_000;

/// One instrument: bars (open, high, low, close), targets as quantities, an optional series of funding.
struct Table {
    contract: Contract,
    terms: InstrumentTerms,
    bars: Vec<[f64; 4]>,
    volume: f64,
    target: Vec<f64>,
    fixed: f64,
    funding: Option<(Vec<i64>, Vec<f64>)>,
}

/// A venue without costs whose bars are flat at these prices.
fn table(kind: InstrumentKind, scale: Scale, prices: &[f64], target: &[f64]) -> Table {
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
fn cents() -> Scale {
    Scale::new((1, 2), (1, 3)).unwrap()
}

fn linear(prices: &[f64], target: &[f64]) -> Table {
    table(InstrumentKind::Linear, cents(), prices, target)
}

impl Table {
    fn margin(mut self, mode: MarginMode, leverage: i64, tiers: &[(i64, i64, i64)]) -> Self {
        let tiers = tiers.iter().map(|&tier| Tier::from(tier)).collect();
        self.terms.margin = Some(MarginTerms { mode, leverage_e9: leverage * E9, tiers, liquidation_fee_e9: 0 });
        self.contract.leverage_e9 = leverage * E9;
        self
    }
    fn fees(mut self, taker_e9: i64, liquidation_fee_e9: i64) -> Self {
        self.contract.terms.taker_e9 = taker_e9;
        if let Some(margin) = &mut self.terms.margin {
            margin.liquidation_fee_e9 = liquidation_fee_e9;
        }
        self
    }
    fn wallet(mut self, wallet: usize) -> Self {
        self.terms.wallet = wallet;
        self
    }
    fn bar(mut self, at: usize, bar: [f64; 4]) -> Self {
        self.bars[at] = bar;
        self
    }
}

struct World(Vec<Table>);

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

fn wallet(currency: &str, cash: i64, convert: Option<usize>) -> WalletTerms {
    WalletTerms { currency: currency.into(), cash: cash * AMOUNT_SCALE, convert, mode: WalletMode::Cash, interest_e9: 0 }
}

fn config(cash: i64, world: &World) -> Config {
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
        wallets: vec![],
        instruments: world.0.iter().map(|table| table.terms.clone()).collect(),
    }
}

/// Opens a desk whose targets are quantities.
fn desk(world: &World, config: &Config) -> Desk {
    let rule = Rule {
        unit: Unit::Quantity,
        band_e9: 0,
        share: 1,
        settled: 0,
        rearm: Rearm::NewSignal,
        fixed: world.0.iter().any(|table| !table.fixed.is_nan()),
        trailing: false,
        age: None,
    };
    Desk::new(Setup {
        contracts: world.0.iter().map(|table| table.contract).collect(),
        rules: vec![Some(rule); world.0.len()],
        interval_ms: HOUR,
        budget_e9: i64::MAX / 4,
        track_extremes: true,
        config,
    })
}

fn play(desk: &mut Desk, world: &World) -> Records {
    let mut records = Records::default();
    for at in 0..world.0[0].bars.len() {
        step(desk, world, at, &mut records);
    }
    records.sort();
    records
}

fn step(desk: &mut Desk, world: &World, at: usize, records: &mut Records) {
    let has_bar = |table: &Table| !table.bars[at][0].is_nan();
    let listed = world.0.iter().enumerate().filter(|(_, table)| has_bar(table));
    let present: Vec<Entry> = listed.map(|(asset, _)| Entry { asset: asset as u32, row: at as u32 }).collect();
    let ts = at as i64 * HOUR;
    desk.market(ts, &present, world).unwrap();
    desk.decide(ts + HOUR, true, &present, world).unwrap();
    records.drain(&mut desk.outbox);
}

fn coins(amount: f64) -> i64 {
    (amount * AMOUNT_SCALE as f64).round() as i64
}

/// BitMEX, Inverse Perpetuals Guide (bitmex.com/app/inversePerpetualsGuide): PnL = contracts · multiplier · (1/entry − 1/exit); its example
/// buys 50,000 contracts of 1 USD at 1,000 and sells at 1,250: 10 XBT.
#[test]
fn an_inverse_contract_earns_as_the_venue_computes() {
    let xbtusd = Scale::inverse((5, 1), (1, 0), (1, 0)).unwrap();
    let run = |lots: f64| {
        let prices = [1_000.0, 1_000.0, 1_250.0, 1_250.0];
        let world = World(vec![table(InstrumentKind::Inverse, xbtusd, &prices, &[lots, lots, 0.0, 0.0])]);
        let (mut desk, mut records) = (desk(&world, &config(100, &world)), Records::default());
        (0..2).for_each(|at| step(&mut desk, &world, at, &mut records));
        let (view, account) = (desk.position_view(0), desk.account_view().unwrap());
        assert_eq!((view.qty, view.avg_price, view.weight), (lots, 1_000.0, lots / 100_000.0), "50 coins of 100; long is positive");
        assert_eq!((account.cash, account.equity, account.gross), (100.0, 100.0, 0.5), "what the contracts brought is owed");
        step(&mut desk, &world, 2, &mut records);
        let pnl = desk.position_view(0).pnl;
        step(&mut desk, &world, 3, &mut records);
        (records.trades[0].pnl, desk.equity(), pnl)
    };
    let (pnl, equity, fraction) = run(50_000.0);
    assert_eq!((pnl, equity), (coins(10.0), coins(110.0)));
    assert!((fraction - 0.2).abs() < 1e-12, "10 coins of 50");
    assert_eq!(run(-50_000.0).0, coins(-10.0));
}

/// BitMEX, Perpetual Contracts Guide Examples (bitmex.com/app/perpetualContractsGuideExamples): long 15,000 XBTUSD at 750 is 20 XBT; a rate of
/// 0.25 % pays 0.05 XBT; sold at 800 it earns 1.25, so 1.20 in all.
#[test]
fn inverse_funding_is_the_rate_of_the_mark_value() {
    let xbtusd = Scale::inverse((5, 1), (1, 0), (1, 0)).unwrap();
    let mut held = table(InstrumentKind::Inverse, xbtusd, &[750.0, 750.0, 750.0, 800.0], &[15_000.0, 15_000.0, 0.0, 0.0]);
    held.funding = Some((vec![2 * HOUR], vec![0.0025]));
    let world = World(vec![held]);
    let mut desk = desk(&world, &config(100, &world));
    desk.expect_funding(None, 1);
    let records = play(&mut desk, &world);
    let trade = &records.trades[0];
    assert_eq!(records.funding[0].amount, coins(-0.05));
    assert_eq!((trade.pnl - trade.funding, trade.funding, trade.pnl), (coins(1.25), coins(-0.05), coins(1.2)));
    assert_eq!(desk.equity(), coins(101.2));
}

/// Binance, Introduction to Funding Rates: funding amount = nominal value of positions · funding rate; a positive rate is paid by longs.
#[test]
fn linear_funding_is_notional_times_rate_and_jitter_does_not_move_it() {
    let play_side = |lots: f64, times: Vec<i64>, rates: Vec<f64>| {
        let mut held = linear(&[100.0; 12], &[lots; 12]);
        held.funding = Some((times, rates));
        let world = World(vec![held]);
        let mut desk = desk(&world, &config(1_000, &world));
        desk.expect_funding(None, 8);
        (play(&mut desk, &world), desk.equity(), desk.totals(0).funding)
    };
    // 2 coins at 100.00 at 1 bp: 0.02.
    let (long, equity, total) = play_side(2.0, vec![0, 8 * HOUR + 3], vec![0.5, 0.0001]);
    assert_eq!(
        long.funding.iter().map(|f| (f.ts, f.rate_e9, f.amount, f.position)).collect::<Vec<_>>(),
        [(8 * HOUR + 3, 100_000, coins(-0.02), 2_000)]
    );
    assert_eq!((equity, total), (coins(1_000.0 - 0.02), coins(-0.02)));
    let (short, equity, _) = play_side(-2.0, vec![8 * HOUR + 3], vec![0.0001]);
    assert_eq!((short.funding[0].amount, equity), (coins(0.02), coins(1_000.02)));
    let (negative, ..) = play_side(2.0, vec![8 * HOUR - 5], vec![-0.0001]);
    assert_eq!(negative.funding[0].amount, coins(0.02), "a negative rate is paid to longs");
    let (odd, ..) = play_side(0.333, vec![8 * HOUR, 8 * HOUR + 1], vec![0.000_000_333, 0.0]);
    assert_eq!(odd.funding.iter().map(|f| f.amount).collect::<Vec<_>>(), [-1_109, 0], "33.30 · 333e-9 = 11.0889e-6, paid rounded up");
    let (got, ..) = play_side(-0.333, vec![8 * HOUR], vec![0.000_000_333]);
    assert_eq!(got.funding[0].amount, 1_108, "and received rounded down");
}

#[test]
fn the_default_rate_falls_on_multiples_of_its_period_and_only_on_perpetuals() {
    let spot = table(InstrumentKind::Spot, cents(), &[100.0; 20], &[1.0; 20]);
    let mut gap = linear(&[100.0; 20], &[1.0; 20]);
    for at in 7..17 {
        gap.bars[at][0] = f64::NAN;
    }
    let world = World(vec![spot, gap]);
    let mut desk = desk(&world, &config(1_000, &world));
    desk.expect_funding(Some(DefaultFunding { rate_e9: 100_000, period_ms: 8 * HOUR }), 8);
    let records = play(&mut desk, &world);
    let booked: Vec<_> = records.funding.iter().map(|f| (f.asset, f.ts / HOUR, f.amount)).collect();
    assert_eq!(booked, [(1, 8, coins(-0.01)), (1, 16, coins(-0.01))], "both after the gap, one by one");
}

/// Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" (faq b3c689c1f50a44cabb3a84e663b81d93): wallet 1,535,443.01; long
/// 3,683.979 ETHUSDT from 1,456.84 marked 1,335.18 (10 %, 135,365), long 109.488 BTCUSDT from 32,481.98 marked 31,967.27 (2.5 %, 16,300). Figures
/// as in freqtrade's test_liquidation_price: cross 1,153.26 and 26,316.89, isolated on the whole wallet 1,114.78 and 18,778.73.
#[test]
fn liquidation_prices_are_the_venues() {
    let scale = Scale::new((1, 2), (1, 3)).unwrap();
    let held = |mode, prices: &[f64], lots: f64, leverage, tier| {
        table(InstrumentKind::Linear, scale, prices, &[lots; 3]).margin(mode, leverage, &[(0, 0, 0), tier])
    };
    let eth = |mode, leverage| held(mode, &[1_456.84, 1_456.84, 1_335.18], 3_683.979, leverage, (coins(2e6), E9 / 10, coins(135_365.0)));
    let btc = |mode, leverage| held(mode, &[32_481.98, 32_481.98, 31_967.27], 109.488, leverage, (coins(1e6), E9 / 40, coins(16_300.0)));
    let world = World(vec![eth(MarginMode::Cross, 100), btc(MarginMode::Cross, 100)]);
    let mut config = config(1, &world);
    config.cash = coins(1_535_443.01);
    let mut both = desk(&world, &config);
    play(&mut both, &world);
    let near = |ticks: Option<i64>, price: f64| assert!((ticks.unwrap() as f64 / 100.0 - price).abs() <= 0.011, "{ticks:?} is not {price}");
    near(both.liquidation_price(0).unwrap(), 1_153.26);
    near(both.liquidation_price(1).unwrap(), 26_316.89);
    for (table, price) in [(eth(MarginMode::Cross, 100), 1_114.78), (btc(MarginMode::Cross, 100), 18_778.73)] {
        let world = World(vec![table]);
        let mut alone = desk(&world, &Config { instruments: vec![world.0[0].terms.clone()], ..config.clone() });
        play(&mut alone, &world);
        near(alone.liquidation_price(0).unwrap(), price);
    }
}
