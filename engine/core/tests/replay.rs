//! Whole runs on seeded random markets: any cutting, a restart, the order of the clock and the heap change nothing.
use crate::support::counting::allocations;
use bot4_engine::config::Config;
use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::{Replay, settled_rows};
use bot4_engine::signal::program::Program;
use bot4_engine::signal::{AssetRows, Signals};

const HOUR: i64 = 3_600_000;
const SYMBOLS: [&str; 3] = ["AAA/USDT", "BBB/USDT:USDT", "CCC/USDT:USDT"];

struct Columns {
    ts: Vec<i64>,
    values: [Vec<f64>; 5],
}

/// A random walk with gaps, quiet bars and jumps; SplitMix64.
fn columns(seed: u64, rows: usize) -> Columns {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    let mut out = Columns { ts: vec![], values: Default::default() };
    let mut price = 100.0;
    for row in 0..rows {
        if uniform() < 0.03 {
            continue;
        }
        let open = cents(price);
        price = (price * (1.0 + 0.04 * (uniform() - 0.5))).clamp(5.0, 500.0);
        let close = cents(price);
        let reach = 1.0 + 0.01 * uniform();
        out.ts.push(row as i64 * HOUR);
        for (column, value) in out.values.iter_mut().zip([
            open,
            cents(open.max(close) * reach),
            cents(open.min(close) / reach),
            close,
            (uniform() * 400.0).floor() / 10.0,
        ]) {
            column.push(value);
        }
    }
    out
}

fn market(data: &[Columns]) -> Market<'_> {
    let listings = SYMBOLS.iter().take(data.len()).map(|symbol| Listing {
        symbol: (*symbol).to_string(),
        venue: "test".into(),
        kind: if symbol.contains(':') { InstrumentKind::Linear } else { InstrumentKind::Spot },
        base: symbol[..3].into(),
        quote: "USDT".into(),
        tick: (1, 2),
        lot: (1, 1),
        contract: None,
    });
    let rows = data.iter().map(|c| {
        let [open, high, low, close, volume] = &c.values;
        AssetRows { ts: &c.ts, open, high, low, close, volume }
    });
    Market::new(listings.collect(), rows.collect(), HOUR).unwrap()
}

fn config(assets: usize) -> Config {
    let terms = vec![r#"{"taker_e9":1000000,"maker_e9":0,"min_lots":1,"min_notional":0}"#; assets].join(",");
    Config::from_json(&format!(
        r#"{{"cash":1000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":300000000,"collar_e9":30000000,"max_leverage_e9":3000000000,"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

/// Averages, a stop of each kind, a cross-section, a slower clock and a look at the own position.
fn program(assets: usize) -> Program {
    let text = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000,14400000],"rebalance":null,"nodes":[
        {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"gt","in":[1,2]},
        {"op":"col","s":"close","clock":1},{"op":"roll_max","in":[4],"f":[3],"clock":1},{"op":"carry","in":[5]},{"op":"lt","in":[0,6]},
        {"op":"cs_rank","in":[0]},{"op":"const","f":[0.5]},{"op":"sub","in":[8,9]},{"op":"where","in":[3,9,10]},
        {"op":"pos","s":"bars_held"},{"op":"const","f":[15]},{"op":"gt","in":[12,13]},{"op":"const","f":[0]},{"op":"where","in":[14,15,11]},
        {"op":"col","s":"high"},{"op":"col","s":"low"},{"op":"atr","in":[17,18,0],"f":[5]},{"op":"and","in":[3,7]},{"op":"where","in":[20,16,11]}],
        "targets":[{"node":21,"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{"mode":"cooldown","bars":3},
            "stops":[{"kind":"trailing","node":19},{"kind":"fixed","node":19},{"kind":"time","bars":9}]}]}"#;
    Program::parse(text, &SYMBOLS[..assets]).unwrap()
}

fn run<'m>(market: &Market<'m>, program: &Program, block: usize) -> Replay<'m> {
    let mut replay = Replay::new(market, program, &config(market.listings.len()), &[1], block).unwrap();
    assert_eq!(replay.run(|_| true), Ok(true));
    replay
}

#[test]
fn any_cutting_gives_the_same_bits() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed, 700)).collect();
    let (market, program) = (market(&data), program(3));
    let whole = run(&market, &program, 1_000);
    assert!(whole.records.fills.len() > 50 && whole.records.trades.len() > 10, "the case trades");
    for block in [1, 7, 64, 0] {
        let cut = run(&market, &program, block);
        assert_eq!(cut.hash(), whole.hash(), "block {block}");
        assert_eq!(cut.equity, whole.equity);
        assert_eq!(cut.records.fills, whole.records.fills);
        let bits = |replay: Replay<'_>| -> Vec<u64> {
            replay.into_captured()[0].columns.iter().flatten().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect()
        };
        assert_eq!(bits(cut), bits(run(&market, &program, 1_000)));
    }
}

#[test]
fn saved_in_the_middle_and_restored_it_ends_the_same() {
    let data: Vec<Columns> = (0..2).map(|seed| columns(seed + 9, 400)).collect();
    let (market, program) = (market(&data), program(2));
    let whole = run(&market, &program, 0);
    let mut first = Replay::new(&market, &program, &config(2), &[1], 0).unwrap();
    let mut taken = 0;
    while taken < 173 {
        taken += first.advance(173 - taken).unwrap();
    }
    let bytes = first.save();
    let mut second = Replay::new(&market, &program, &config(2), &[1], 0).unwrap();
    second.load(&bytes).unwrap();
    assert_eq!(second.hash(), first.hash());
    second.run(|_| true).unwrap();
    assert_eq!(second.hash(), whole.hash());
    let fills = [first.records.fills, second.records.fills].concat();
    assert_eq!(fills, whole.records.fills);
    let mut other = Replay::new(&market, &program, &config(2), &[1], 0).unwrap();
    assert!(other.load(&bytes[..bytes.len() - 1]).is_err());
    assert!(other.load(&[bytes.clone(), vec![0]].concat()).is_err());
}

#[test]
fn nothing_is_allocated_after_the_start() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 4, 3_000)).collect();
    let (market, program) = (market(&data), program(3));
    let mut replay = Replay::new(&market, &program, &config(3), &[], 256).unwrap();
    // The host's own lists grow outside the step; here they get their room beforehand.
    replay.records.orders.reserve(100_000);
    replay.records.fills.reserve(100_000);
    replay.records.trades.reserve(100_000);
    replay.equity.reserve(3_000);
    replay.equity_ts.reserve(3_000);
    replay.advance(1).unwrap();
    let before = allocations();
    while replay.advance(256).unwrap() > 0 {}
    assert_eq!(allocations() - before, 0, "allocations in {} steps", replay.equity.len());
    assert!(replay.records.fills.len() > 100);
}

/// Wallets, margin and funding on the same markets: what the account keeps is cut, saved and stepped like the rest.
fn accounts(seed: u64, rows: usize) -> (Vec<Columns>, Config, Vec<i64>, Vec<f64>) {
    let data = (0..3).map(|at| columns(seed + at, rows)).collect();
    let terms = r#"{"taker_e9":1000000,"maker_e9":0,"min_lots":1,"min_notional":0"#;
    let margin = r#""margin":{"mode":"MODE","leverage_e9":4000000000,"tiers":[[0,100000000,0]],"liquidation_fee_e9":10000000}"#;
    let text = format!(
        r#"{{"cash":1,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":300000000,"collar_e9":30000000,"max_leverage_e9":9000000000,
            "wallets":[{{"currency":"USDT","cash":300000000000}},{{"currency":"USDT","cash":100000000000,"interest_e9":100000000}}],
            "instruments":[{terms}}},{terms},"wallet":1,{}}},{terms},"wallet":1,{}}}]}}"#,
        margin.replace("MODE", "cross"),
        margin.replace("MODE", "isolated")
    );
    let times: Vec<i64> = (0..rows as i64 / 8).map(|at| at * 8 * HOUR + at % 7).collect();
    let rates = times.iter().map(|ts| (*ts as f64 / HOUR as f64).sin() * 0.001).collect();
    (data, Config::from_json(&text).unwrap(), times, rates)
}

fn with_accounts<'m>(market: &Market<'m>, config: &Config, ts: &'m [i64], rate: &'m [f64], block: usize) -> Replay<'m> {
    let replay = Replay::new(market, &program(3), config, &[], block).unwrap();
    let default = DefaultFunding { rate_e9: 100_000, period_ms: HOUR };
    replay.with_funding(market, &[None, Some(FundingSeries { ts, rate }), None], Some(default)).unwrap()
}

#[test]
fn accounts_are_cut_and_restored_like_the_rest() {
    let (data, config, ts, rate) = accounts(70, 900);
    let market = market(&data);
    let mut whole = with_accounts(&market, &config, &ts, &rate, 0);
    whole.run(|_| true).unwrap();
    assert!(whole.records.funding.len() > 100 && whole.desk().ledger().wallets.len() == 2, "the case settles funding");
    let mut cut = with_accounts(&market, &config, &ts, &rate, 7);
    while cut.equity.len() < 400 {
        cut.advance(usize::MAX).unwrap();
    }
    let bytes = cut.save();
    let mut other = with_accounts(&market, &config, &ts, &rate, 64);
    other.load(&bytes).unwrap();
    other.run(|_| true).unwrap();
    assert_eq!(other.hash(), whole.hash());
    assert_eq!([cut.records.funding, other.records.funding].concat(), whole.records.funding);
    let pnl: i64 = whole.records.trades.iter().copied().chain(whole.desk().open_trades()).map(|trade| trade.pnl).sum();
    let interest: i64 = whole.desk().ledger().wallets.iter().map(|wallet| wallet.interest).sum();
    assert_eq!(whole.desk().equity(), 400_000_000_000 + pnl + interest);
}

#[test]
fn accounts_allocate_nothing_after_the_start() {
    let (data, config, ts, rate) = accounts(80, 3_000);
    let market = market(&data);
    let mut replay = with_accounts(&market, &config, &ts, &rate, 256);
    replay.records.orders.reserve(100_000);
    replay.records.fills.reserve(100_000);
    replay.records.trades.reserve(100_000);
    replay.records.funding.reserve(100_000);
    replay.equity.reserve(3_000);
    replay.equity_ts.reserve(3_000);
    replay.advance(1).unwrap();
    let before = allocations();
    while replay.advance(256).unwrap() > 0 {}
    assert_eq!(allocations() - before, 0, "allocations in {} steps", replay.equity.len());
    let (settled, filled) = (replay.records.funding.len(), replay.records.fills.len());
    assert!(settled > 200 && filled > 100, "{settled} settlements and {filled} fills");
}

#[test]
fn funding_that_belongs_to_nothing_is_refused() {
    let (data, config, ts, rate) = accounts(70, 50);
    let market = market(&data);
    let refused = |series: &[Option<FundingSeries<'_>>], default| {
        // The series live as long as this call; so does the run that refuses them.
        let market = Market::new(market.listings.clone(), market.columns.clone(), HOUR).unwrap();
        Replay::new(&market, &program(3), &config, &[], 0).unwrap().with_funding(&market, series, default).err().expect("refused")
    };
    let series = FundingSeries { ts: &ts, rate: &rate };
    assert!(refused(&[None], None).contains("1 instruments, the market has 3"));
    assert!(refused(&[Some(series), None, None], None).contains("AAA/USDT is spot and pays no funding"));
    assert!(refused(&[None, Some(FundingSeries { ts: &[5, 5], rate: &[0.0, 0.0] }), None], None).contains("row 1"));
    assert!(refused(&[None, None, None], Some(DefaultFunding { rate_e9: 1, period_ms: 0 })).contains("period"));
}

/// Orders of every kind that come and go, with brackets, groups and followers.
fn orders_program(assets: usize) -> Program {
    let text = r#"{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000],"nodes":[
        {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"gt","in":[0,1]},{"op":"const","f":[0.3]},{"op":"const","f":[1.5]},
        {"op":"roll_min","in":[0],"f":[4]},{"op":"roll_max","in":[0],"f":[4]},{"op":"pos","s":"qty"},{"op":"lt","in":[0,1]}],
        "orders":[
        {"key":"dip","side":1,"kind":"limit","size":{"unit":"weight","node":3},"price":5,"exits":{"stop":4,"take":4}},
        {"key":"break","side":1,"kind":"stop","size":{"unit":"risk","node":3,"per_unit":4},"trigger":6,"oco":"g","exits":{"trail":4}},
        {"key":"fade","side":-1,"kind":"stop_limit","size":{"unit":"qty","node":4},"trigger":5,"price":5,"oco":"g","tif":"gtd","expires":{"bars":3}},
        {"key":"out","side":-1,"kind":"trailing","size":{"unit":"qty","node":4},"distance":4,"reduce_only":true,"after":"dip"},
        {"key":"now","side":1,"kind":"market","size":{"unit":"qty","node":4},"when":2,"until":8,"tif":"ioc"}]}"#;
    Program::parse(text, &SYMBOLS[..assets]).unwrap()
}

#[test]
fn keyed_orders_allocate_nothing_after_the_start() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 4, 3_000)).collect();
    let (market, program) = (market(&data), orders_program(3));
    let mut replay = Replay::new(&market, &program, &config(3), &[], 256).unwrap();
    replay.records.orders.reserve(100_000);
    replay.records.keyed.reserve(100_000);
    replay.records.fills.reserve(100_000);
    replay.records.trades.reserve(100_000);
    replay.equity.reserve(3_000);
    replay.equity_ts.reserve(3_000);
    replay.advance(1).unwrap();
    let before = allocations();
    while replay.advance(256).unwrap() > 0 {}
    assert_eq!(allocations() - before, 0, "allocations in {} steps", replay.equity.len());
    assert!(replay.records.fills.len() > 300, "{} fills", replay.records.fills.len());
}

#[test]
fn value_is_where_the_books_say() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 20, 2_000)).collect();
    let (market, program) = (market(&data), program(3));
    let replay = run(&market, &program, 0);
    let closed: i64 = replay.records.trades.iter().map(|t| t.pnl).sum();
    let open: i64 = replay.desk().open_trades().map(|t| t.pnl).sum();
    assert_eq!(replay.desk().equity() - 1_000_000_000_000, closed + open, "every unit gained or lost belongs to a trade");
    let fees: i64 = replay.records.fills.iter().map(|f| f.fee).sum();
    assert_eq!(fees, replay.desk().ledger().fees);
    assert!(replay.desk().account_view().unwrap().equity > 0.0);
}

/// `tests/engine/test_invariants.py` asserts the same hash of the release build through the bindings.
#[test]
fn debug_and_release_reach_the_same_state() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed, 700)).collect();
    let (market, program) = (market(&data), program(3));
    let mut replay = Replay::new(&market, &program, &config(3), &[], 0).unwrap();
    replay.run(|_| true).unwrap();
    let hash: String = replay.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, include_str!("../../../tests/engine/state_hash.txt").trim());
}

#[test]
fn a_host_may_stop_a_run() {
    let data = [columns(1, 500)];
    let (market, program) = (market(&data), program(1));
    let mut replay = Replay::new(&market, &program, &config(1), &[], 100).unwrap();
    assert_eq!(replay.run(|taken| taken < 200), Ok(false));
    assert_eq!(replay.equity.len(), 200);
}

#[test]
fn what_does_not_fit_together_is_refused_in_a_sentence() {
    let data = [columns(1, 50)];
    let market = market(&data);
    let refused = |program: &Program, config: &Config| Replay::new(&market, program, config, &[], 0).err().expect("refused");
    let parse = |from: &str, to: &str| {
        let text = r#"{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000],"nodes":[{"op":"col","s":"close"}],
            "targets":[{"node":0,"kind":"weight","asset":null,"band":0.01,"budget":1.0,"stops":[]}]}"#;
        Program::parse(&text.replace(from, to), &["AAA/USDT"]).unwrap()
    };
    assert!(refused(&parse("3600000", "60000"), &config(1)).contains("60000 ms"));
    assert!(refused(&parse(r#""band":0.01"#, r#""band":2000"#), &config(1)).contains("band"));
    assert!(refused(&parse("", ""), &config(2)).contains("terms for 2"));
    let twice = r#"{"node":0,"kind":"weight","asset":null,"band":0.01,"budget":1.0,"stops":[]}]"#;
    let two = parse("\"stops\":[]}]", &format!("\"stops\":[]}},{twice}"));
    assert!(refused(&two, &config(1)).contains("two targets address AAA/USDT"));
    assert!(settled_rows(&two).is_err());
    let stops = parse(r#""stops":[]"#, r#""stops":[{"kind":"fixed","node":0},{"kind":"fixed","node":0}]"#);
    assert!(refused(&stops, &config(1)).contains("one stop of each kind"));
    assert_eq!(settled_rows(&program(1)), Ok(vec![50]));
    assert!(Signals::new(&program(1), &[4], 8).is_err(), "a slower clock must be carried first");
}
