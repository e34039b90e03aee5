//! A row looked at is the row of the run: looking changes no state, and shows the target that was acted on.
use crate::support::{Bars, Random};
use bot4_engine::config::Config;
use bot4_engine::desk::rule::MISSING;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::money::E9;
use bot4_engine::replay::Replay;
use bot4_engine::replay::look::{Look, Trace};
use bot4_engine::replay::sleeves::{Sleeves, split};
use bot4_engine::signal::program::Program;

const HOUR: i64 = 3_600_000;
const SYMBOLS: [&str; 2] = ["AAA/USDT:USDT", "BBB/USDT:USDT"];
/// Both assets ask for 0.8 above their mean and for −0.8 below it: twice what the budget allows.
const TARGETS: &str = r#""nodes":[{"op":"col","s":"close"},{"op":"roll_mean","in":[0],"f":[5]},{"op":"gt","in":[0,1]},{"op":"const","f":[0.8]},
    {"op":"neg","in":[3]},{"op":"where","in":[2,3,4]},{"op":"col","s":"high"},{"op":"col","s":"low"},{"op":"atr","in":[6,7,0],"f":[3]}],
    "targets":[{"node":5,"kind":"weight","stops":[{"kind":"trailing","node":8}]}]"#;
const ORDERS: &str = r#""nodes":[{"op":"col","s":"close"},{"op":"const","f":[0.99]},{"op":"mul","in":[0,1]},{"op":"const","f":[0.3]}],
    "orders":[{"key":"bid","side":1,"kind":"limit","asset":null,"size":{"unit":"weight","node":3},"price":2}]"#;

fn program(rest: &str) -> Program {
    let head = format!(r#""version":1,"kind":"portfolio","interval_ms":{HOUR},"clocks":[{HOUR}]"#);
    Program::parse(&format!("{{{head},{rest}}}"), &SYMBOLS).unwrap()
}

fn config() -> Config {
    let terms = [r#"{"taker_e9":1000000,"maker_e9":200000,"min_lots":1,"min_notional":0}"#; 2].join(",");
    Config::from_json(&format!(
        r#"{{"cash":1000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":50000000,"collar_e9":{E9},"max_leverage_e9":2000000000,
            "trade_from_ms":{},"instruments":[{terms}]}}"#,
        20 * HOUR
    ))
    .unwrap()
}

fn market(data: &[Bars]) -> Market<'_> {
    let listing = |symbol: &&str| Listing {
        symbol: (*symbol).to_string(),
        venue: "test".into(),
        kind: InstrumentKind::Linear,
        base: symbol[..3].into(),
        quote: "USDT".into(),
        tick: (1, 2),
        lot: (1, 1),
        contract: None,
    };
    Market::new(SYMBOLS.iter().map(listing).collect(), data.iter().map(Bars::rows).collect(), HOUR).unwrap()
}

fn bars(seed: u64) -> Bars {
    let mut random = Random(seed);
    let (mut made, mut price) = (Bars::default(), 100.0);
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    for row in 0..300 {
        let open = cents(price);
        price = (open * (1.0 + 0.04 * (random.unit() - 0.5))).clamp(20.0, 500.0);
        let close = cents(price);
        if random.below(20) > 0 {
            made.push(row * HOUR, [open, cents(open.max(close) * 1.01), cents(open.min(close) / 1.01), close, 50_000.0]);
        }
    }
    made
}

/// Checks one look against the rules; returns how many targets were acted on.
fn check(look: &Look, first_row: &Option<Look>) -> usize {
    let mut acted = 0;
    for (asset, (before, after)) in look.assets.iter().enumerate() {
        if after.counters.acts > before.counters.acts {
            assert_eq!(look.asked.targets[asset].map(|(_, scaled)| scaled), Some(after.acted));
            assert!(look.is_open && look.rows[asset].is_some());
            acted += 1;
        }
        assert_eq!(before.lots, after.lots, "a decision fills nothing");
        assert!(after.raw == MISSING || after.raw.abs() == E9 * 8 / 10 || after.raw == 0);
        let (before_value, now) = look.values[0][asset];
        assert_eq!(now.is_some(), look.rows[asset].is_some());
        assert_eq!(before_value.is_some(), first_row.is_some());
    }
    assert_eq!(look.asked.budget_e9, E9);
    acted
}

#[test]
fn looking_at_every_row_leaves_the_state_of_the_run() {
    let data = [bars(1), bars(2)];
    let (market, program, config) = (market(&data), program(TARGETS), config());
    // Nodes that are kept are part of the signals' state.
    let mut straight = Replay::new(&market, &program, &config, &[0, 5], 0).unwrap();
    straight.run(|_| true).unwrap();
    let mut looked = Replay::new(&market, &program, &config, &[0, 5], 0).unwrap();
    let (mut acted, mut over, mut first) = (0, 0, None);
    while let Some(look) = looked.look().unwrap() {
        acted += check(&look, &first);
        over += usize::from(look.asked.gross_e9 > E9);
        first = Some(look);
    }
    assert_eq!(looked.hash(), straight.hash());
    assert!(acted > 50 && over > 50, "{acted} acted, {over} over the budget");
}

#[test]
fn a_row_after_a_skip_shows_what_it_showed_in_a_walk() {
    let data = [bars(3), bars(4)];
    let (market, targets, orders, config) = (market(&data), program(TARGETS), program(ORDERS), config());
    for program in [&targets, &orders] {
        let mut walk = Replay::new(&market, program, &config, &[0], 0).unwrap();
        let looks: Vec<Look> = std::iter::from_fn(|| walk.look().unwrap()).collect();
        for row in [1, 77, 250] {
            let mut skipped = Replay::new(&market, program, &config, &[0], 0).unwrap();
            assert_eq!(skipped.skip(row).unwrap(), row);
            assert_eq!(format!("{:?}", skipped.look().unwrap().unwrap()), format!("{:?}", looks[row]));
            assert_eq!(skipped.skip(usize::MAX).unwrap(), looks.len() - row - 1);
            assert_eq!(skipped.hash(), walk.hash());
        }
    }
}

#[test]
fn each_sleeve_is_looked_at_where_all_are_stepped() {
    let data = [bars(5), bars(6)];
    let (market, targets, orders, config) = (market(&data), program(TARGETS), program(ORDERS), config());
    let parts = split(&config, &[E9 / 2, E9 / 2]).unwrap();
    let made = || {
        let members =
            [&targets, &orders].into_iter().zip(&parts).map(|(program, own)| Replay::new(&market, program, own, &[0], 0).unwrap());
        Sleeves::new(members.collect())
    };
    let mut straight = made();
    while straight.advance(usize::MAX).unwrap() > 0 {}
    let mut looked = made();
    assert_eq!(looked.skip(100).unwrap(), 100);
    let mut rows = 0;
    while let Some(looks) = looked.look().unwrap() {
        assert_eq!(looks.len(), 2);
        assert_eq!(looks[0].t, looks[1].t);
        assert!(looks[0].assets.iter().all(|(before, _)| before.lanes.is_empty()));
        assert!(looks[1].assets.iter().all(|(before, _)| before.lanes.len() == 1));
        rows += 1;
    }
    assert!(rows > 150);
    assert_eq!(looked.hash(), straight.hash());
}

/// Returns (lots, wanted, budgeted, acted before, acted, due, held, acts) of an asset in a look; nothing where it has no bar.
fn noted(look: &Look, asset: usize) -> Option<[i64; 8]> {
    look.rows[asset]?;
    let (before, after) = &look.assets[asset];
    let (wanted, budgeted) = look.asked.targets[asset].unwrap_or((MISSING, MISSING));
    let acts = i64::from(after.counters.acts > before.counters.acts);
    Some([before.lots, wanted, budgeted, before.acted, after.acted, i64::from(look.is_due), i64::from(after.hold.is_some()), acts])
}

fn rows_of(trace: &Trace) -> Vec<[i64; 8]> {
    let bit = |row: usize, bit: u8| i64::from(trace.flags[row] & bit != 0);
    let row = |r: usize| {
        let Trace { lots, wanted, budgeted, acted_before, acted, .. } = trace;
        [lots[r], wanted[r], budgeted[r], acted_before[r], acted[r], bit(r, Trace::DUE), bit(r, Trace::HELD), bit(r, Trace::ACTS)]
    };
    (0..trace.flags.len()).map(row).collect()
}

#[test]
fn a_trace_notes_what_looks_show() {
    let data = [bars(7), bars(8)];
    let (market, targets, config) = (market(&data), program(TARGETS), config());
    let mut walk = Replay::new(&market, &targets, &config, &[], 0).unwrap();
    let looks: Vec<Look> = std::iter::from_fn(|| walk.look().unwrap()).collect();
    let mut traced = Replay::new(&market, &targets, &config, &[], 0).unwrap();
    let mut traces = vec![Trace::default(); 2];
    while traced.trace(&mut traces).unwrap() > 0 {}
    let held: usize = traces.iter().flat_map(|trace| &trace.flags).filter(|&&flags| flags & Trace::HELD != 0).count();
    assert!(held > 10, "{held} rows held after a stop");
    for (asset, trace) in traces.iter().enumerate() {
        assert_eq!(rows_of(trace), looks.iter().filter_map(|look| noted(look, asset)).collect::<Vec<_>>());
        // The trace tells the levels of what is held; only trailing stops are asked for here.
        let held = looks.iter().filter(|look| look.rows[asset].is_some()).map(|look| &look.assets[asset].1);
        let levels: Vec<i64> = held.map(|after| if after.lots == 0 { 0 } else { after.stops.trailing }).collect();
        assert_eq!(trace.stop, levels);
        assert!(levels.iter().any(|&level| level > 0) && trace.take.iter().all(|&level| level == 0));
    }
    let parts = split(&config, &[E9 / 2, E9 / 2]).unwrap();
    let made = || Sleeves::new(parts.iter().map(|own| Replay::new(&market, &targets, own, &[], 0).unwrap()).collect());
    let (mut walk, mut traced) = (made(), made());
    let looks: Vec<Vec<Look>> = std::iter::from_fn(|| walk.look().unwrap()).collect();
    let mut traces = vec![vec![Trace::default(); 2]; 2];
    while traced.trace(&mut traces).unwrap() > 0 {}
    assert_eq!(traced.hash(), walk.hash());
    for (who, member) in traces.iter().enumerate() {
        for (asset, trace) in member.iter().enumerate() {
            assert_eq!(rows_of(trace), looks.iter().filter_map(|look| noted(&look[who], asset)).collect::<Vec<_>>());
        }
    }
}
