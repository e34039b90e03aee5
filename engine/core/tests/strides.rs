//! Strides: what a run takes in strides is what the full step makes of it, one decision and one bar after the other.
//!
//! A run that tells what happens as it happens takes no strides, so the same run told and untold are two ways through the desk.

use crate::support::{Bars, HOUR, Random, random_bars};
use bot4_engine::config::Config;
use bot4_engine::instrument::Listing;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::sweep::{Options, Sweep};
use bot4_engine::signal::Program;

const SYMBOL: &str = "AAA";

/// Nodes that every program has: 0 close, 1 and 2 averages, 3 whether the fast one is above, 4 the last return, 5 volume.
const HEAD: &str = r#"{"op":"col","s":"close"},{"op":"ema","in":[0],"f":[3]},{"op":"ema","in":[0],"f":[9]},{"op":"gt","in":[1,2]},
    {"op":"returns","in":[0],"f":[1]},{"op":"col","s":"volume"}"#;

/// Targets, each the last of its nodes: in and out, long and short, another on every row, with gaps, beyond the budget, too small for a lot.
const TARGETS: [&str; 7] = [
    r#"{"op":"const","f":[0.9]},{"op":"const","f":[0]},{"op":"where","in":[3,6,7]}"#,
    r#"{"op":"const","f":[0.8]},{"op":"const","f":[-0.7]},{"op":"where","in":[3,6,7]}"#,
    r#"{"op":"const","f":[12]},{"op":"mul","in":[4,6]}"#,
    r#"{"op":"const","f":[12]},{"op":"mul","in":[4,6]},{"op":"const","f":[-1]},{"op":"sqrt","in":[8]},{"op":"const","f":[12]},
        {"op":"gt","in":[5,10]},{"op":"where","in":[11,7,9]}"#,
    r#"{"op":"const","f":[90]},{"op":"mul","in":[4,6]}"#,
    r#"{"op":"const","f":[0.0000001]},{"op":"const","f":[0.5]},{"op":"where","in":[3,6,7]}"#,
    r#"{"op":"const","f":[1]},{"op":"gt","in":[4,6]},{"op":"not","in":[7]},{"op":"const","f":[0]},{"op":"gt","in":[4,9]},{"op":"where","in":[10,8,9]}"#,
];

fn program(target: &str, share: &str) -> String {
    let nodes = format!("{HEAD},{target}");
    let last = nodes.matches(r#""op""#).count() - 1;
    format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":{HOUR},"clocks":[{HOUR}],"nodes":[{nodes}],
        "targets":[{{"node":{last},"kind":"weight","band":0.02{share}}}]}}"#
    )
}

fn market<'a>(bars: &'a Bars, kind: &str) -> Market<'a> {
    let text = format!(r#"{{"symbol":"{SYMBOL}","venue":"t","kind":"{kind}","base":"B","quote":"Q","tick":[1,2],"lot":[1,3]}}"#);
    Market::new(vec![serde_json::from_str::<Listing>(&text).unwrap()], vec![bars.rows()], HOUR).unwrap()
}

/// Settings that cut orders, hold them back, end them and leave them unfilled, each in its own way.
fn configs() -> Vec<(&'static str, Config)> {
    let make = |cash: i64, rest: &str, terms: &str| {
        let text = format!(
            r#"{{"cash":{cash},"half_spread_e9":100000,"max_leverage_e9":3000000000,{rest},"instruments":[{{"taker_e9":1000000,"maker_e9":0,{terms}}}]}}"#
        );
        Config::from_json(&text).unwrap()
    };
    let (wide, any) = (r#""impact":0.7,"volume_share_e9":1000000000,"collar_e9":900000000"#, r#""min_lots":1,"min_notional":0"#);
    vec![
        ("whole fills", make(10_000_000_000, wide, any)),
        ("fills in parts", make(1_000_000_000_000, r#""impact":1.0,"volume_share_e9":300000000,"collar_e9":900000000"#, any)),
        ("hardly any volume", make(100_000_000_000_000, r#""impact":0.1,"volume_share_e9":50000000,"collar_e9":900000000"#, any)),
        ("a tight collar", make(10_000_000_000, r#""impact":0.0,"volume_share_e9":1000000000,"collar_e9":1000000"#, any)),
        ("a late order", make(10_000_000_000, &format!(r#"{wide},"latency_ms":{}"#, 2 * HOUR), any)),
        ("latency that varies", make(10_000_000_000, &format!(r#"{wide},"latency_ms":3000000,"latency_sigma":0.8"#), any)),
        ("large lots", make(10_000_000_000, wide, r#""min_lots":400,"min_notional":3000000000"#)),
        ("a small order at most", make(10_000_000_000, &format!(r#"{wide},"max_notional":2000000000"#), any)),
        ("decisions from a day on", make(10_000_000_000, &format!(r#"{wide},"trade_from_ms":{}"#, 200 * HOUR), any)),
        ("neutral", make(10_000_000_000, &format!(r#"{wide},"realism":"neutral""#), any)),
        ("naive", make(10_000_000_000, &format!(r#"{wide},"realism":"naive""#), any)),
    ]
}

#[test]
fn a_run_in_strides_is_the_run_step_by_step() {
    let (mut fills, mut parts, mut trades) = (0, 0, 0);
    for seed in 0..3 {
        let bars = random_bars(&mut Random(seed + 40), 700);
        for kind in ["linear", "spot"] {
            let market = market(&bars, kind);
            for (setting, config) in configs() {
                for (number, target) in TARGETS.iter().enumerate() {
                    let what = format!("seed {seed}, {kind}, {setting}, target {number}");
                    let program = Program::parse(&program(target, if number == 0 { r#","budget":0.5"# } else { "" }), &[SYMBOL]).unwrap();
                    let run = |block: usize, told: bool| {
                        let replay = Replay::new(&market, &program, &config, &[], block).unwrap();
                        let mut replay = if told { replay.with_stream() } else { replay };
                        assert_eq!(replay.desk().strides(), !told, "{what}");
                        assert!(replay.run(|_| true).unwrap(), "{what}");
                        replay.records.sort();
                        replay
                    };
                    let (slow, quick, cut) = (run(0, true), run(0, false), run(7, false));
                    for other in [&quick, &cut] {
                        assert_eq!(slow.records.orders, other.records.orders, "{what}");
                        assert_eq!(slow.records.fills, other.records.fills, "{what}");
                        assert_eq!(slow.records.trades, other.records.trades, "{what}");
                        assert_eq!((&slow.equity_ts, &slow.equity), (&other.equity_ts, &other.equity), "{what}");
                        assert_eq!(slow.desk().hash(), other.desk().hash(), "{what}");
                    }
                    fills += slow.records.fills.len();
                    trades += slow.records.trades.len();
                    parts += slow.records.fills.len().saturating_sub(slow.records.orders.len());
                }
            }
        }
    }
    assert!(fills > 50_000 && trades > 10_000 && parts > 1_000, "{fills} fills, {trades} trades, {parts} in parts");
}

#[test]
fn what_must_be_watched_takes_no_strides() {
    let bars = random_bars(&mut Random(3), 120);
    let market = market(&bars, "linear");
    let (_, config) = configs().remove(0);
    let stops = [
        r#","stops":[{"kind":"time","bars":3}]"#,
        r#","stops":[{"kind":"fixed","node":6}]"#,
        r#","stops":[{"kind":"trailing","node":6}]"#,
        r#","take":6"#,
    ];
    let plain = program(TARGETS[0], "");
    let strides = |json: &str, config: &Config| {
        let program = Program::parse(json, &[SYMBOL]).unwrap();
        Replay::new(&market, &program, config, &[], 0).unwrap().desk().strides()
    };
    assert!(strides(&plain, &config));
    for stop in stops {
        assert!(!strides(&program(TARGETS[0], stop), &config), "{stop}");
    }
    assert!(!strides(&plain.replace("weight", "notional"), &config), "what is no weight moves with prices");
    let guarded = Config { policy: Some(serde_json::from_str(r#"{"losing_streak":3}"#).unwrap()), ..config.clone() };
    assert!(!strides(&plain, &guarded), "a guard looks at every decision");
}

#[test]
fn a_switch_in_a_sweep_is_the_comparison_and_the_choice_of_the_single_run() {
    let bars = random_bars(&mut Random(9), 900);
    let market = market(&bars, "linear");
    let (_, config) = configs().remove(1);
    let compared =
        ["lt", "le", "gt", "ge", "eq", "ne"].map(|name| program(TARGETS[1], "").replacen(r#""op":"gt""#, &format!(r#""op":"{name}""#), 1));
    // A comparison that something else reads as well stays a column of its own.
    let read_twice =
        program(r#"{"op":"const","f":[0.8]},{"op":"const","f":[-0.7]},{"op":"where","in":[3,6,7]},{"op":"mul","in":[3,8]}"#, "");
    let programs: Vec<String> = compared.into_iter().chain([read_twice]).collect();
    let sweep = Sweep::new(&market, config.clone(), None, None).unwrap();
    for share in [true, false] {
        let options = Options { workers: 1, share, tile: 0, block: 0 };
        let table = sweep.run(&programs, options, |_| true).unwrap().unwrap();
        for (row, json) in table.rows.iter().zip(&programs) {
            let program = Program::parse(json, &[SYMBOL]).unwrap();
            let mut replay = Replay::new(&market, &program, &config, &[], 0).unwrap();
            assert!(replay.run(|_| true).unwrap());
            assert_eq!(row.desk_hash, replay.desk().hash(), "{json}");
            assert_eq!(row.digest.sums.fills, replay.records.fills.len() as i64);
        }
    }
}
