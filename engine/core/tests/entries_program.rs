//! Entries, takes and legs as text: what is read, what is refused and in which words, identity, warm-up.

use bot4_engine::desk::legs::Broken;
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::replay::settled_rows;
use bot4_engine::signal::Program;

use bot4_engine::signal::span::Span;
use bot4_engine::signal::target::{Rearm, Stop};

const SYMBOLS: [&str; 2] = ["BTC/USDT", "ETH/USDT"];
const NODES: &str = r#"{"op":"col","s":"close"},{"op":"const","f":[2.0]},{"op":"ema","in":[0],"f":[6.0]},{"op":"gt","in":[0,2]},
    {"op":"col","s":"close","clock":1},{"op":"col","s":"close","only":"ETH/USDT"}"#;

fn parse(rest: &str) -> Result<Program, String> {
    let json = format!(r#"{{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000,14400000],"nodes":[{NODES}],{rest}}}"#);
    Program::parse(&json, &SYMBOLS)
}

fn refused(rest: &str, words: &[&str]) {
    let error = parse(rest).err().unwrap_or_else(|| panic!("accepted: {rest}"));
    words.iter().for_each(|word| assert!(error.contains(word), "`{error}` does not say `{word}`"));
}

fn entries(row: &str) -> String {
    format!(r#""entries":[{{{row}}}]"#)
}

const FULL: &str = r#""asset":"BTC/USDT","long":3,"short":null,"exit":3,"size":{"unit":"risk","node":1,"per_unit":2},"max_units":4,
    "stops":[{"kind":"trailing","node":2},{"kind":"time","bars":9}],"take":1,"rearm":{"mode":"immediate"},"cooldown":{"bars":5},
    "max_positions":3,"priority":0"#;

#[test]
fn entries_come_complete() {
    let program = parse(&entries(FULL)).unwrap();
    let [one] = &program.entries[..] else { panic!("one row") };
    assert_eq!((one.asset, one.long, one.short, one.exit), (Some(0), Some(3), None, Some(3)));
    assert_eq!((one.size.unit, one.size.node, one.size.per_unit), (SizeUnit::Risk, 1, Some(2)));
    assert_eq!((one.max_units, one.max_positions, one.priority, one.take), (4, Some(3), Some(0), Some(1)));
    assert_eq!(one.stops, [Stop::Trailing { node: 2 }, Stop::TimeBars(9)]);
    assert_eq!((one.rearm, one.cooldown), (Rearm::Immediate, Some(Span::Bars(5))));
    assert_eq!(program.target_nodes(), [0, 1, 2, 3]);
    assert_eq!(settled_rows(&program), Ok(vec![60, 0]), "the average settles last; nothing addresses ETH");
}

#[test]
fn what_is_absent_takes_its_default() {
    let program = parse(&entries(r#""short":3,"size":{"unit":"weight","node":1}"#)).unwrap();
    let one = &program.entries[0];
    assert_eq!((one.asset, one.long, one.max_units, one.rearm), (None, None, 1, Rearm::NewSignal));
    assert_eq!((one.cooldown, one.max_positions, one.priority, one.take, one.stops.len()), (None, None, None, None, 0));
    assert_eq!(settled_rows(&program), Ok(vec![60, 60]));
}

#[test]
fn every_mistake_in_entries_is_named() {
    let size = r#""size":{"unit":"weight","node":1}"#;
    let check = |row: &str, words: &[&str]| refused(&entries(&format!("{row},{size}")), words);
    check(r#""exit":3"#, &["entries 0:", "neither a `long` nor a `short`"]);
    check(r#""long":9"#, &["entries 0: node 9 does not exist"]);
    check(r#""long":4"#, &["carry it to the base clock"]);
    check(r#""long":5"#, &["belongs to ETH/USDT alone; address the entries to it"]);
    check(r#""long":3,"asset":"X""#, &["no asset `X`"]);
    check(r#""long":3,"max_units":0"#, &["max_units is 0"]);
    check(r#""long":3,"max_positions":0"#, &["max_positions is 0"]);
    check(r#""long":3,"cooldown":{}"#, &["cooldown needs either bars or ms"]);
    check(r#""long":3,"stops":[{"kind":"fixed"}]"#, &["with a node"]);
    check(r#""long":3,"takes":1"#, &["unknown field `takes`"]);
    refused(&entries(r#""long":3,"size":{"unit":"risk","node":1}"#), &["entries 0:", "needs `per_unit`"]);
    refused(&entries(r#""long":3,"size":{"unit":"qty","node":1,"per_unit":2}"#), &["`per_unit` belongs to"]);
    refused(&entries(r#""long":3,"size":{"unit":"lots","node":1}"#), &["lots"]);
    let fixed = r#""long":3,"size":{"unit":"risk","node":1},"stops":[{"kind":"fixed","node":2}]"#;
    assert!(parse(&entries(fixed)).is_ok(), "a risk may lose what the fixed stop lies away");
    assert!(parse(&entries(&format!(r#""long":5,"asset":"ETH/USDT",{size}"#))).is_ok());
}

#[test]
fn an_asset_is_addressed_once() {
    let row = r#"{"long":3,"size":{"unit":"weight","node":1}}"#;
    let twice = parse(&format!(r#""entries":[{row},{row}]"#)).unwrap();
    assert!(settled_rows(&twice).unwrap_err().contains("address BTC/USDT"));
    let both = parse(&format!(r#""targets":[{{"node":1,"kind":"weight"}}],"entries":[{row}]"#)).unwrap();
    assert!(settled_rows(&both).unwrap_err().contains("address BTC/USDT"));
}

#[test]
fn a_take_is_read_beside_the_stops_and_counts_in_the_warm_up() {
    let program = parse(r#""targets":[{"node":1,"kind":"weight","take":2}]"#).unwrap();
    assert_eq!((program.targets[0].take, settled_rows(&program)), (Some(2), Ok(vec![60, 60])));
    refused(r#""targets":[{"node":1,"kind":"weight","take":4}]"#, &["target 0: node 4 is on clock 1"]);
}

#[test]
fn legs_name_targets_and_what_to_do() {
    let legs = |row: &str| {
        let targets = r#"{"node":1,"kind":"weight","asset":"BTC/USDT"},{"node":1,"kind":"weight","asset":"ETH/USDT"}"#;
        format!(r#""targets":[{targets}],"legs":[{row}]"#)
    };
    let program = parse(&legs(r#"{"targets":[0,1],"broken":"complete","tolerance":0.05}"#)).unwrap();
    assert_eq!((program.legs[0].targets.clone(), program.legs[0].broken), (vec![0, 1], Broken::Complete));
    assert_eq!(program.legs[0].tolerance_e9, 50_000_000);
    refused(&legs(r#"{"targets":[0],"broken":"hold","tolerance":0.05}"#), &["legs 0:", "at least 2 targets"]);
    refused(&legs(r#"{"targets":[0,2],"broken":"hold","tolerance":0.05}"#), &["target 2 does not exist"]);
    refused(&legs(r#"{"targets":[0,0],"broken":"hold","tolerance":0.05}"#), &["target 0 is a leg already"]);
    refused(&legs(r#"{"targets":[0,1],"broken":"panic","tolerance":0.05}"#), &["panic"]);
    refused(&legs(r#"{"targets":[0,1],"broken":"hold","tolerance":1.0}"#), &["tolerance is 1"]);
}

#[test]
fn identity_covers_every_key_and_leaves_older_programs_alone() {
    let identity = |rest: &str| parse(rest).unwrap().identity();
    let target = r#""targets":[{"node":1,"kind":"weight","asset":"BTC/USDT"},{"node":1,"kind":"weight","asset":"ETH/USDT"}]"#;
    assert_eq!(identity(target), identity(&format!(r#"{target},"entries":[],"legs":[]"#)));
    let mut all = vec![identity(target), identity(&target.replace(r#""weight","#, r#""weight","take":2,"#)), identity(&entries(FULL))];
    let changes = [
        (r#""BTC/USDT""#, "null"),
        (r#""long":3,"short":null"#, r#""long":null,"short":3"#),
        (r#""exit":3"#, r#""exit":2"#),
        ("risk", "weight"),
        (r#""node":1,"per_unit":2"#, r#""node":1,"per_unit":1"#),
        (r#""max_units":4"#, r#""max_units":5"#),
        ("trailing", "fixed"),
        (r#""take":1"#, r#""take":null"#),
        ("immediate", "new_signal"),
        (r#"{"bars":5}"#, r#"{"ms":5}"#),
        (r#""max_positions":3"#, r#""max_positions":4"#),
        (r#""priority":0"#, r#""priority":null"#),
    ];
    for (from, to) in changes {
        let row = FULL.replace(from, to);
        let row = if from == "risk" { row.replace(r#","per_unit":2"#, "") } else { row };
        all.push(identity(&entries(&row)));
    }
    for (broken, tolerance) in [("flatten", 0.05), ("complete", 0.05), ("hold", 0.05), ("hold", 0.06)] {
        all.push(identity(&format!(r#"{target},"legs":[{{"targets":[0,1],"broken":"{broken}","tolerance":{tolerance}}}]"#)));
    }
    (0..all.len()).for_each(|i| (0..i).for_each(|j| assert_ne!(all[i], all[j], "{i} and {j}")));
}
