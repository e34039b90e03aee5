//! What holds of every account: on random bars, targets, wallets, funding and margin.
use crate::accounts::harness::*;
use bot4_engine::memory::snapshot::{Reader, Writer};
use proptest::prelude::*;

const ROWS: usize = 60;

/// SplitMix64: one seed makes a whole case, so that a failing one is a number.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
    fn unit(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1u64 << 53) as f64
    }
}

/// Bars in cents that wander fast enough to liquidate, some missing.
fn wander(random: &mut Random) -> Vec<[f64; 4]> {
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    let mut price = 100.0;
    let mut bar = || {
        let open = cents(price * (1.0 + 0.03 * (random.unit() - 0.5)));
        price = (open * (1.0 + 0.12 * (random.unit() - 0.5))).clamp(20.0, 500.0);
        let close = cents(price);
        let reach = 1.0 + 0.03 * random.unit();
        let missing = random.below(12) == 0;
        [if missing { f64::NAN } else { open }, cents(open.max(close) * reach), cents(open.min(close) / reach), close]
    };
    (0..ROWS).map(|_| bar()).collect()
}

fn any_table(random: &mut Random) -> Table {
    let (kind, scale, size) = match random.below(3) {
        0 => (InstrumentKind::Spot, cents(), 20.0),
        1 => (InstrumentKind::Linear, cents(), 60.0),
        _ => (InstrumentKind::Inverse, Scale::inverse((1, 2), (1, 0), (10, 0)).unwrap(), 800.0),
    };
    let mut level = 0.0;
    let mut target = || {
        if random.below(4) == 0 {
            level = (size * (random.unit() - 0.4)).round();
        }
        level
    };
    let targets: Vec<f64> = (0..ROWS).map(|_| target()).collect();
    let mut table =
        Table { bars: wander(random), volume: 40.0, ..table(kind, scale, &[], &targets) }.fees(random.below(3) as i64 * 400_000, 0);
    table.volume = if kind == InstrumentKind::Inverse { 2_000.0 } else { 60.0 };
    if random.below(4) != 0 {
        let mode = if random.below(2) == 0 { MarginMode::Cross } else { MarginMode::Isolated };
        let tiers = [(0, 10_000_000, 0), (coins(500.0), 20_000_000, coins(5.0)), (coins(3_000.0), 50_000_000, coins(95.0))];
        table = table.margin(mode, 2 + random.below(14) as i64, &tiers);
        table.terms.margin.as_mut().expect("set above").liquidation_fee_e9 = random.below(2) as i64 * 10_000_000;
        table.terms.borrow_e9 = if kind == InstrumentKind::Spot { E9 } else { 0 };
    }
    if random.below(3) == 0 {
        table.fixed = 1.0 + 20.0 * random.unit();
    }
    if kind != InstrumentKind::Spot && random.below(2) == 0 {
        let ts: Vec<i64> = (0..ROWS as i64 / 3).map(|at| at * 3 * HOUR + random.below(2_000) as i64).collect();
        let rate = ts.iter().map(|_| 0.02 * (random.unit() - 0.5)).collect();
        table.funding = Some((ts, rate));
    }
    table.wallet(if kind == InstrumentKind::Inverse { 2 } else { random.below(2) as usize })
}

/// Two wallets of the account currency and one of coins, valued by the first instrument.
pub fn any_case(seed: u64) -> (World, Config) {
    let random = &mut Random(seed);
    let mut tables = vec![table(InstrumentKind::Spot, cents(), &[], &[0.0; ROWS])];
    tables[0].bars = wander(random);
    tables.extend((0..1 + random.below(4)).map(|_| any_table(random)));
    let world = World(tables);
    let mut config = config(1, &world);
    let lending = WalletTerms { mode: WalletMode::Cross, interest_e9: E9, ..wallet("USDT", 700, None) };
    config.wallets = vec![wallet("USDT", 2_000, None), lending, wallet("BTC", 30, Some(0))];
    config.realism = [Realism::Strict, Realism::Strict, Realism::Neutral, Realism::Naive][random.below(4) as usize];
    config.half_spread_e9 = random.below(2) as i64 * 500_000;
    config.volume_share_e9 = E9 / 2;
    config.latency_ms = random.below(2) as i64 * HOUR;
    (world, config)
}

pub fn open(world: &World, config: &Config) -> Desk {
    let mut desk = desk(world, config);
    desk.expect_funding(Some(DefaultFunding { rate_e9: 200_000, period_ms: 2 * HOUR }), 64);
    desk
}

/// Every unit that a wallet gained or lost belongs to a trade or is its interest.
fn assert_conserved(world: &World, config: &Config, desk: &Desk, records: &Records) {
    let open: Vec<_> = desk.open_trades().collect();
    for (number, wallet) in desk.ledger().wallets.iter().enumerate() {
        let of = |asset: u32| world.0[asset as usize].terms.wallet == number;
        let earned: i64 = records.trades.iter().chain(&open).filter(|trade| of(trade.asset)).map(|trade| trade.pnl).sum();
        let scale = |asset: usize| &world.0[asset].contract.scale;
        let held = desk.ledger().positions.iter().enumerate().filter(|(asset, position)| of(*asset as u32) && position.lots != 0);
        let value: i64 = held.map(|(asset, position)| scale(asset).value(position.lots, desk.mark_of(asset)).unwrap()).sum();
        assert_eq!(wallet.flow + value, config.wallets[number].cash + earned + wallet.interest, "wallet {number}");
        let fees: i64 = records.fills.iter().filter(|fill| of(fill.asset)).map(|fill| fill.fee).sum();
        assert_eq!(wallet.fees, fees);
    }
    for asset in 0..world.0.len() {
        let paid: i64 = records.funding.iter().filter(|f| f.asset as usize == asset).map(|f| f.amount).sum();
        let carried = records.trades.iter().chain(&open).filter(|trade| trade.asset as usize == asset).map(|trade| trade.funding);
        let totals = desk.totals(asset);
        assert_eq!((totals.funding, totals.funding + totals.borrow), (paid, carried.sum()), "funding of {asset}");
    }
}

/// At the liquidation price the margin balance is the maintenance margin within one tick: a tick short of it covers, at it does not cover more than a
/// tick's worth.
fn assert_level_is_where_margin_ends(world: &World, desk: &mut Desk) {
    for asset in 0..world.0.len() {
        let Some(level) = desk.liquidation_price(asset).unwrap() else { continue };
        let position = desk.ledger().positions[asset];
        if !(2..1_000_000).contains(&level) {
            continue;
        }
        let side = position.lots.signum();
        let spare = |ticks: i64| desk.margin_spare(asset, ticks).unwrap();
        assert!(spare(level + side) >= -2, "a tick before {level} of {asset} it is covered: {}", spare(level + side));
        assert!(spare(level - side) <= 2, "a tick beyond {level} of {asset} it is not: {}", spare(level - side));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn value_is_conserved_in_every_wallet(seed in any::<u64>()) {
        let (world, config) = any_case(seed);
        let mut desk = open(&world, &config);
        let mut records = Records::default();
        for at in 0..ROWS {
            step(&mut desk, &world, at, &mut records);
            assert_conserved(&world, &config, &desk, &records);
            assert_level_is_where_margin_ends(&world, &mut desk);
        }
        for (asset, table) in world.0.iter().enumerate() {
            let bound = table.terms.margin.as_ref().is_some_and(|margin| margin.mode == MarginMode::Isolated);
            prop_assert!(bound || desk.set_aside(asset) == 0);
            prop_assert!(desk.set_aside(asset) >= 0 && (desk.ledger().positions[asset].lots != 0 || desk.set_aside(asset) == 0));
        }
    }

    #[test]
    fn saved_and_restored_it_goes_on_the_same(seed in any::<u64>(), cut in 1..ROWS) {
        let (world, config) = any_case(seed);
        let mut whole = open(&world, &config);
        let all = play(&mut whole, &world);
        let mut first = open(&world, &config);
        let mut records = Records::default();
        (0..cut).for_each(|at| step(&mut first, &world, at, &mut records));
        let mut second = open(&world, &config);
        let bytes = state(&first);
        let mut reader = Reader::new(&bytes);
        second.load(&mut reader).unwrap();
        reader.finish().unwrap();
        prop_assert_eq!(&state(&second), &bytes);
        let rest = play_from(&mut second, &world, cut);
        records.fills.extend(rest.fills);
        records.funding.extend(rest.funding);
        prop_assert_eq!(records.fills, all.fills);
        prop_assert_eq!(records.funding, all.funding);
        prop_assert_eq!(state(&second), state(&whole));
    }
}

fn state(desk: &Desk) -> Vec<u8> {
    let mut to = Writer::default();
    desk.save(&mut to);
    to.finish()
}

#[test]
fn the_random_cases_liquidate_fund_and_cut() {
    let (mut liquidated, mut rescued, mut cut, mut interest, mut isolated) = (0, 0, 0, 0, 0);
    for seed in 0..120 {
        let (world, config) = any_case(seed);
        let mut desk = open(&world, &config);
        let records = play(&mut desk, &world);
        for asset in 0..world.0.len() {
            liquidated += desk.totals(asset).liquidations;
            rescued += u64::from(desk.totals(asset).fund > 0);
        }
        cut += records.orders.iter().filter(|record| record.order.cause == Cause::Margin).count();
        interest += usize::from(desk.ledger().wallets[1].interest < 0);
        isolated += usize::from((0..world.0.len()).any(|asset| desk.set_aside(asset) > 0));
    }
    assert!(
        liquidated > 60 && rescued > 10 && cut > 60 && interest > 10 && isolated > 10,
        "{liquidated} {rescued} {cut} {interest} {isolated}"
    );
}
