//! The figures of venues' own documents.
use crate::accounts::harness::*;
use bot4_engine::desk::margin::{initial, maintenance, tier};

/// BitMEX, Inverse Futures Guide (bitmex.com/app/inverseFuturesGuide), its worked example: 100,000 contracts bought at 10,000 and sold at 10,500
/// earn 100,000 · (1/10,000 − 1/10,500) = 0.476190… XBT, the last 1e-8 rounded against us.
#[test]
fn the_venue_s_worked_example_of_an_inverse_contract() {
    let contract = Scale::inverse((5, 1), (1, 0), (1, 0)).unwrap();
    let prices = [10_000.0, 10_000.0, 10_500.0, 10_500.0];
    let world = World(vec![table(InstrumentKind::Inverse, contract, &prices, &[100_000.0, 100_000.0, 0.0, 0.0])]);
    let (mut desk, mut records) = (desk(&world, &config(100, &world)), Records::default());
    (0..4).for_each(|at| step(&mut desk, &world, at, &mut records));
    assert_eq!(records.trades[0].pnl, coins(0.476_190_47));
    assert_eq!(desk.equity(), coins(100.476_190_47));
}

/// The formula is that of BitMEX's Inverse Perpetuals Guide (bitmex.com/app/inversePerpetualsGuide), PnL = contracts · multiplier · (1/entry −
/// 1/exit); the figures are ours: 50,000 contracts of 1 USD bought at 1,000 and sold at 1,250 earn 10 XBT, and a short loses them.
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

/// Binance, "How to Calculate Liquidation Price of COIN-M Futures Contracts" (faq ceccfcfb4e3a45e3b48b0b1bb1a8ae46): 100 contracts of 100 USD at
/// 25,000 are 0.4 BTC and must keep 0.4 % of it, 0.0016 BTC; the price solves q·V·(side + mmr) / (WB + cum + side·q·V/entry), as ccxt's binance
/// parser has it too: contracts·size·(±1 − mmp) / (±1/entry·contracts·size − wallet).
#[test]
fn coin_margined_liquidation_prices_are_the_venues() {
    assert_eq!(maintenance(&[Tier::from((0, 4_000_000, 0))], coins(0.4)), Ok(coins(0.0016)));
    let scale = Scale::inverse((1, 1), (1, 0), (100, 0)).unwrap();
    for (lots, wallet, mode) in [
        (100.0, 0.1, MarginMode::Cross),
        (-100.0, 0.1, MarginMode::Cross),
        (250.0, 9.0, MarginMode::Isolated),
        (-250.0, 9.0, MarginMode::Isolated),
    ] {
        let held = table(InstrumentKind::Inverse, scale, &[25_000.0; 3], &[lots; 3]).margin(mode, 10, &[(0, 4_000_000, 0)]);
        let world = World(vec![held]);
        let mut desk = desk(&world, &Config { cash: coins(wallet), ..config(1, &world) });
        play(&mut desk, &world);
        let (side, worth) = (lots.signum(), lots.abs() * 100.0 / 25_000.0);
        let balance = if mode == MarginMode::Isolated { worth / 10.0 } else { wallet };
        let price = lots.abs() * 100.0 * (side + 0.004) / (balance + side * worth);
        let ticks = desk.liquidation_price(0).unwrap().unwrap();
        assert!((ticks as f64 / 10.0 - price).abs() <= 0.1, "{ticks} is not {price}");
    }
    let short = table(InstrumentKind::Inverse, scale, &[25_000.0; 3], &[-100.0; 3]).margin(MarginMode::Cross, 10, &[(0, 4_000_000, 0)]);
    let world = World(vec![short]);
    let mut covered = desk(&world, &Config { cash: coins(0.5), ..config(1, &world) });
    play(&mut covered, &world);
    assert_eq!(covered.liquidation_price(0), Ok(None), "a short of coins that the wallet holds stands at any price");
}

/// Binance, Leverage and Margin of USDⓈ-M Futures: maintenance amount of level n = floor of n · (rate n − rate n−1) + amount of level n−1, so that
/// maintenance does not jump between brackets.
#[test]
fn maintenance_does_not_jump_between_brackets() {
    let tiers =
        [(0, 4_000_000, 0), (coins(50_000.0), 5_000_000, coins(50.0)), (coins(250_000.0), 10_000_000, coins(1_300.0))].map(Tier::from);
    for edge in [50_000.0, 250_000.0] {
        let (below, at) = (maintenance(&tiers, coins(edge) - 1).unwrap(), maintenance(&tiers, coins(edge)).unwrap());
        assert!((0..=1).contains(&(at - below)), "{below} then {at}");
    }
    assert_eq!(maintenance(&tiers, coins(300_000.0)), Ok(coins(1_700.0)));
    assert_eq!(tier(&tiers, 0), tiers[0]);
    assert_eq!(initial(coins(1_000.0) + 1, 10 * E9), Ok(coins(100.0) + 1), "rounded up");
}
