//! Wallets: several currencies and accounts in one equity, cash that lends, spot sold short.
use crate::accounts::harness::*;

fn spot(prices: &[f64], target: &[f64]) -> Table {
    table(InstrumentKind::Spot, cents(), prices, target)
}

#[test]
fn equity_is_the_sum_of_wallets_at_the_last_mark() {
    // BTC/USDT spot converts a wallet of 2 BTC in which an inverse contract settles.
    let xbtusd = Scale::inverse((1, 0), (1, 0), (1, 0)).unwrap();
    let inverse = table(InstrumentKind::Inverse, xbtusd, &[100.0, 100.0, 125.0, 125.0], &[100.0, 100.0, 100.0, 0.0]).wallet(1);
    let world = World(vec![spot(&[100.0, 100.0, 125.0, 120.0], &[0.0; 4]), inverse]);
    let mut config = config(1, &world);
    config.wallets = vec![wallet("USDT", 1_000, None), wallet("BTC", 2, Some(0))];
    let mut desk = desk(&world, &config);
    let mut records = Records::default();
    let mut equity = vec![];
    for at in 0..4 {
        step(&mut desk, &world, at, &mut records);
        equity.push(desk.equity());
    }
    // 100 contracts from 100 to 125 earn 0.2 BTC, valued with the rest of the wallet.
    assert_eq!(equity, [1_200.0, 1_200.0, 1_000.0 + 2.2 * 125.0, 1_000.0 + 2.2 * 120.0].map(coins));
    let account = desk.account_view().unwrap();
    assert_eq!((account.cash, account.equity), (1_000.0 + 2.0 * 120.0, 1_264.0));
    let weight = desk.position_view(1).weight;
    assert!((weight - 0.8 * 120.0 / 1_264.0).abs() < 1e-12, "{weight}");
    assert_eq!(desk.ledger().wallets.iter().map(|w| w.flow).collect::<Vec<_>>(), [coins(1_000.0), coins(3.0)]);
}

#[test]
fn weights_are_of_the_whole_equity_and_cash_is_of_the_wallet() {
    let rows = [0.5; 3];
    let world = World(vec![
        spot(&[100.0; 3], &rows),
        spot(&[100.0; 3], &rows).wallet(1),
        table(InstrumentKind::Inverse, Scale::inverse((1, 0), (1, 0), (1, 0)).unwrap(), &[100.0; 3], &rows).wallet(2),
    ]);
    let mut config = config(1, &world);
    config.wallets = vec![wallet("USDT", 1_000, None), wallet("USDT", 300, None), wallet("BTC", 7, Some(0))];
    let mut desk = desk_of(&world, &config, Unit::Weight);
    let orders: Vec<_> =
        play(&mut desk, &world).orders.iter().map(|r| (r.order.asset, r.order.wanted, r.order.lots, r.order.cause)).collect();
    // Half of 2000.00 is 10 coins at 100.00, or 1000 contracts of 1.00.
    assert_eq!(orders, [(0, 10_000, 10_000, Cause::None), (1, 10_000, 3_000, Cause::Balance), (2, 1_000, 1_000, Cause::None)]);
}

#[test]
fn one_wallet_stated_is_the_plain_account() {
    let world = World(vec![
        spot(&[100.0, 101.0, 99.0, 103.0, 90.0], &[5.0, 5.0, 2.0, 9.0, 0.0]),
        linear(&[50.0, 51.0, 49.0, 48.0, 55.0], &[-3.0, 4.0, 4.0, -1.0, 0.0]),
    ]);
    let plain = config(800, &world);
    let stated = Config { cash: 1, wallets: vec![wallet("USDT", 800, None)], ..plain.clone() };
    let (mut a, mut b) = (desk(&world, &plain), desk(&world, &stated));
    let (left, right) = (play(&mut a, &world), play(&mut b, &world));
    assert_eq!((left.fills, left.orders, left.trades), (right.fills, right.orders, right.trades));
    assert_eq!((a.equity(), a.account_view()), (b.equity(), b.account_view()));
}

#[test]
fn a_spot_short_binds_margin_pays_borrow_and_its_proceeds_buy_nothing() {
    let short = spot(&[100.0, 100.0, 90.0, 90.0, 90.0], &[-5.0, -5.0, -5.0, 0.0, 0.0]).margin(MarginMode::Cross, 2, &[(0, 0, 0)]);
    let mut world = World(vec![short, spot(&[100.0; 5], &[0.0, 20.0, 20.0, 0.0, 0.0])]);
    // 87.6 % a year is 1e-4 an hour.
    world.0[0].terms.borrow_e9 = 876_000_000;
    let mut desk = desk(&world, &config(1_000, &world));
    let mut records = Records::default();
    (0..2).for_each(|at| step(&mut desk, &world, at, &mut records));
    assert_eq!(desk.account_view().unwrap().cash, 1_000.0, "what was sold is owed");
    let rest = play_from(&mut desk, &world, 2);
    records.fills.extend(rest.fills);
    records.trades.extend(rest.trades);
    // The spot buy finds 1000 − 250 of margin: the short binds the rest.
    assert_eq!(records.fills.iter().map(|f| (f.ts / HOUR, f.asset, f.lots)).collect::<Vec<_>>()[1], (2, 1, 7_500));
    let trade = records.trades.iter().find(|trade| trade.asset == 0).expect("covered");
    // Hours 2, 3 and 4 on 5 · 90 each: 0.045 an hour.
    assert_eq!((trade.funding, trade.pnl, desk.totals(0).borrow), (coins(-0.135), coins(50.0 - 0.135), coins(-0.135)));
}

#[test]
fn a_lending_wallet_buys_on_credit_and_pays_interest() {
    let bought = spot(&[100.0; 5], &[15.0, 15.0, 15.0, 0.0, 0.0]).margin(MarginMode::Cross, 2, &[(0, 50_000_000, 0)]);
    let world = World(vec![bought]);
    let mut config = config(1_000, &world);
    config.wallets = vec![WalletTerms { mode: WalletMode::Cross, interest_e9: 876_000_000, ..wallet("USDT", 1_000, None) }];
    let mut desk = desk(&world, &config);
    let records = play(&mut desk, &world);
    assert_eq!(records.fills[0].lots, 15_000);
    // 500 borrowed: 0.05 at hours 2 and 3, then 0.05 and a little for the interest unpaid at hour 4, before it is sold.
    let interest = desk.ledger().wallets[0].interest;
    assert_eq!(interest, -(coins(0.05) + coins(0.050005) + 5_001_001));
    assert_eq!(desk.equity(), coins(1_000.0) + interest);
    assert_eq!(records.trades[0].pnl, 0, "a wallet's interest belongs to no trade");
    let cash = Config { wallets: vec![wallet("USDT", 1_000, None)], ..config };
    let mut strict = self::desk(&world, &cash);
    assert_eq!(play(&mut strict, &world).fills[0].lots, 10_000, "a cash wallet buys with cash");
}
