//! Several programs on one account: shares of the cash, and books that add up on thin, random markets (feature `check` audits every booking).
use crate::support::{Bars, Random};
use bot4_engine::config::Config;
use bot4_engine::desk::reason::Cause;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::money::E9;
use bot4_engine::replay::Replay;
use bot4_engine::replay::sleeves::{Sleeves, idle_program, split};
use bot4_engine::signal::program::Program;
use std::collections::HashMap;

const HOUR: i64 = 3_600_000;
const SYMBOLS: [&str; 2] = ["AAA/USDT", "BBB/USDT:USDT"];

const TARGETS: &str = r#""nodes":[{"op":"col","s":"close"},{"op":"roll_mean","in":[0],"f":[5]},{"op":"gt","in":[0,1]},{"op":"col","s":"high"},
    {"op":"col","s":"low"},{"op":"atr","in":[3,4,0],"f":[3]}],
    "targets":[{"node":2,"kind":"weight","stops":[{"kind":"trailing","node":5}]}]"#;

const ORDERS: &str = r#""nodes":[{"op":"col","s":"close"},{"op":"const","f":[1.001]},{"op":"mul","in":[0,1]},{"op":"const","f":[0.999]},{"op":"mul","in":[0,3]},
    {"op":"const","f":[0.3]}],
    "orders":[{"key":"bid","side":1,"kind":"limit","asset":null,"size":{"unit":"weight","node":5},"price":2},
              {"key":"ask","side":-1,"kind":"limit","asset":null,"size":{"unit":"weight","node":5},"price":4}]"#;

fn program(rest: &str) -> Program {
    let head = format!(r#""version":1,"kind":"portfolio","interval_ms":{HOUR},"clocks":[{HOUR}]"#);
    Program::parse(&format!("{{{head},{rest}}}"), &SYMBOLS).unwrap()
}

fn config(cash: i64, wallets: &str) -> Config {
    let terms = [r#"{"taker_e9":1000000,"maker_e9":200000,"min_lots":1,"min_notional":0}"#; 2].join(",");
    Config::from_json(&format!(
        r#"{{"cash":{cash},"half_spread_e9":100000,"impact":1.0,"volume_share_e9":50000000,"collar_e9":{E9},"max_leverage_e9":2000000000,
            "wallets":[{wallets}],"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

fn market(data: &[Bars]) -> Market<'_> {
    let listings = SYMBOLS.iter().map(|symbol| Listing {
        symbol: (*symbol).to_string(),
        venue: "test".into(),
        kind: if symbol.contains(':') { InstrumentKind::Linear } else { InstrumentKind::Spot },
        base: symbol[..3].into(),
        quote: "USDT".into(),
        tick: (1, 2),
        lot: (1, 1),
        contract: None,
    });
    Market::new(listings.collect(), data.iter().map(Bars::rows).collect(), HOUR).unwrap()
}

fn bars(seed: u64, rows: usize) -> Bars {
    let mut random = Random(seed);
    let (mut made, mut price) = (Bars::default(), 100.0);
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    for row in 0..rows {
        if random.below(25) == 0 {
            continue;
        }
        let open = cents(price);
        price = (open * (1.0 + 0.03 * (random.unit() - 0.5))).clamp(20.0, 500.0);
        let (close, reach) = (cents(price), 1.0 + 0.01 * random.unit());
        let volume = (random.unit() * 3_000.0).floor() / 10.0;
        made.push(row as i64 * HOUR, [open, cents(open.max(close) * reach), cents(open.min(close) / reach), close, volume]);
    }
    made
}

#[test]
fn shares_split_every_wallet_and_leave_the_rest() {
    let plain = split(&config(1_000, ""), &[333_333_333, 500_000_000]).unwrap();
    assert_eq!(plain.iter().map(|one| one.cash).collect::<Vec<_>>(), [333, 500, 167]);
    assert_eq!(split(&config(1_000, ""), &[E9]).unwrap().len(), 1, "nothing is left over");
    let wallets = r#"{"currency":"USDT","cash":101},{"currency":"BTC","cash":7,"convert":0}"#;
    let halves = split(&config(1, wallets), &[E9 / 2, E9 / 2]).unwrap();
    let cash: Vec<Vec<i64>> = halves.iter().map(|one| one.wallets.iter().map(|wallet| wallet.cash).collect()).collect();
    assert_eq!(cash, [[50, 3], [50, 3], [1, 1]]);
}

#[test]
fn shares_that_are_none_are_refused() {
    for shares in [&[][..], &[0], &[-1, E9], &[E9 + 1], &[E9, 1], &[i64::MAX, i64::MAX]] {
        let sentence = split(&config(1_000, ""), shares).unwrap_err();
        assert_eq!(sentence, "shares of sleeves must lie above 0 and add up to 1 at most", "{shares:?}");
    }
    let sentence = split(&config(10, ""), &[E9 / 2, 1]).unwrap_err();
    assert!(sentence.starts_with("the share of sleeve 2 is less than one unit of cash"), "{sentence}");
}

#[test]
fn books_add_up_on_thin_bars_where_orders_meet() {
    let mut crosses = 0;
    for seed in 0..8 {
        let data = [bars(seed, 500), bars(seed + 100, 500)];
        let market = market(&data);
        let (targets, orders) = (program(TARGETS), program(ORDERS));
        let idle = Program::parse(&idle_program(HOUR), &SYMBOLS).unwrap();
        let programs = [&orders, &targets, &orders, &targets, &idle];
        let configs = split(&config(1_000_000_000_000, ""), &[E9 / 4, E9 / 4, E9 / 5, E9 / 5]).unwrap();
        let members = programs.iter().zip(&configs).map(|(program, own)| Replay::new(&market, program, own, &[], 0).unwrap());
        let mut sleeves = Sleeves::new(members.collect());
        while sleeves.advance(usize::MAX).unwrap() > 0 {}
        sleeves.close();
        let mut taken: HashMap<(u32, i64), i64> = HashMap::new();
        let mut positions = [[0; 2]; 5];
        for (fill, &owner) in sleeves.records.fills.iter().zip(&sleeves.owners.fills) {
            *taken.entry((fill.asset, fill.ts)).or_default() += fill.lots.abs();
            positions[owner as usize][fill.asset as usize] += fill.lots;
            assert!(fill.lots.abs() <= fill.volume_left);
            assert_eq!(fill.position, positions.iter().map(|own| own[fill.asset as usize]).sum::<i64>());
        }
        for (&(asset, ts), &lots) in &taken {
            let rows = data[asset as usize].rows();
            let row = rows.ts.binary_search(&ts).unwrap();
            assert!(lots <= (rows.volume[row] * 10.0).round() as i64 * 50_000_000 / E9, "seed {seed}: a bar gave more than its share");
        }
        for (owner, member) in sleeves.members().iter().enumerate() {
            let held: Vec<i64> = member.desk().ledger().positions.iter().map(|position| position.lots).collect();
            assert_eq!(held, positions[owner], "seed {seed}, member {owner}");
        }
        assert!(sleeves.records.fills.len() > 500, "{} fills", sleeves.records.fills.len());
        let ids: Vec<u32> = sleeves.records.orders.iter().map(|record| record.order.id).collect();
        assert!(ids.iter().enumerate().all(|(at, &id)| at as u32 == id), "each number is given once");
        // What was held back is due a bar later; its cause may be that of its end.
        let delayed = sleeves.records.orders.iter().filter(|record| record.order.due - record.order.ts == HOUR);
        assert_eq!(delayed.clone().count() as u64, sleeves.own_crosses.iter().sum::<u64>());
        assert_eq!(sleeves.own_crosses[4], 0, "idle cash sends nothing");
        crosses += delayed.filter(|record| record.order.cause == Cause::OwnCross).count();
    }
    assert!(crosses > 20, "{crosses} own crosses");
}
