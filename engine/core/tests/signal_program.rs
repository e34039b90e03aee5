//! Programs as text: what is read, what is refused and in which words, identity, warm-up.

use bot4_engine::signal::target::{Rearm, Rebalance, Stop, TargetKind};
use bot4_engine::signal::{Program, catalogue};

const HEAD: &str = r#""version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000,14400000]"#;
const SYMBOLS: [&str; 2] = ["BTC/USDT", "ETH/USDT"];

fn text(nodes: &str, rest: &str) -> String {
    format!("{{{HEAD},\"nodes\":[{nodes}],\"targets\":[{rest}]}}")
}

fn parse(nodes: &str, targets: &str) -> Result<Program, String> {
    Program::parse(&text(nodes, targets), &SYMBOLS)
}

/// Asserts that the nodes are refused with words that contain all of these.
fn refused(nodes: &str, words: &[&str]) {
    let error = parse(nodes, "").err().unwrap_or_else(|| panic!("accepted: {nodes}"));
    words.iter().for_each(|word| assert!(error.contains(word), "`{error}` does not say `{word}`"));
}

const CLOSE: &str = r#"{"op":"col","in":[],"s":"close"}"#;

#[test]
fn every_mistake_in_a_node_is_named() {
    refused(r#"{"op":"emma","in":[]}"#, &["node 0 (`emma`)", "no such node"]);
    refused(r#"{"op":"col","in":[],"s":"last"}"#, &["no `last`", "open, high, low, close, volume"]);
    refused(&format!("{CLOSE},{{\"op\":\"ema\",\"in\":[0,0],\"f\":[3.0]}}"), &["node 1 (`ema`)", "takes 1 inputs, got 2"]);
    refused(&format!("{CLOSE},{{\"op\":\"ema\",\"in\":[0],\"f\":[-3.0]}}"), &["node 1 (`ema`)"]);
    refused(r#"{"op":"neg","in":[1]}"#, &["input 1 is not an earlier node"]);
    refused(r#"{"op":"col","in":[],"s":"close","clock":2}"#, &["clock 2 does not exist", "2 clocks"]);
    refused(r#"{"op":"col","in":[],"s":"close","only":"DOGE"}"#, &["no asset `DOGE`", "BTC/USDT, ETH/USDT"]);
    refused(r#"{"op":"const","in":[]}"#, &["takes one number"]);
    refused(r#"{"op":"const","in":[],"f":[1e999]}"#, &["not in the format"]);
    refused(&format!("{CLOSE},{{\"op\":\"pick\",\"in\":[0],\"s\":\"X\"}}"), &["no asset `X`"]);
    refused(&format!("{CLOSE},{{\"op\":\"carry\",\"in\":[0]}}"), &["on the base clock already"]);
    refused(&format!("{CLOSE},{{\"op\":\"neg\",\"in\":[0],\"clock\":1}}"), &["input 0 is on clock 0, the node on clock 1; carry it"]);
    refused(&format!("{CLOSE},{{\"op\":\"cs_rank\",\"in\":[0],\"only\":\"ETH/USDT\"}}"), &["cannot run for one alone"]);
    refused(&format!("{CLOSE},{{\"op\":\"cs_bucket\",\"in\":[0],\"f\":[2.5]}}"), &["one whole number"]);
    refused(&format!("{CLOSE},{{\"op\":\"cs_scale\",\"in\":[0],\"f\":[-1.0]}}"), &["none negative"]);
    refused(r#"{"op":"pos","in":[],"s":"size"}"#, &["no `size`", "qty, weight"]);
    refused(r#"{"op":"account","in":[],"s":"equity","clock":1}"#, &["base clock only"]);
}

#[test]
fn scopes_do_not_leak() {
    let one = r#"{"op":"col","in":[],"s":"close","only":"BTC/USDT"}"#;
    refused(&format!("{one},{{\"op\":\"neg\",\"in\":[0]}}"), &["belongs to BTC/USDT alone; pick it"]);
    refused(&format!("{one},{{\"op\":\"neg\",\"in\":[0],\"only\":\"ETH/USDT\"}}"), &["belongs to BTC/USDT alone"]);
    refused(&format!("{one},{{\"op\":\"pick\",\"in\":[0],\"s\":\"ETH/USDT\"}}"), &["belongs to BTC/USDT, not to ETH/USDT"]);
    refused(&format!("{one},{{\"op\":\"cs_rank\",\"in\":[0]}}"), &["belongs to BTC/USDT alone"]);
    assert!(
        parse(&format!("{one},{{\"op\":\"neg\",\"in\":[0],\"only\":\"BTC/USDT\"}},{{\"op\":\"pick\",\"in\":[1],\"s\":\"BTC/USDT\"}}"), "")
            .is_ok()
    );
}

#[test]
fn a_state_reads_a_later_node_of_its_own_clock_and_scope() {
    refused(&format!("{CLOSE},{{\"op\":\"state\",\"in\":[0],\"f\":[0.0]}}"), &["not a later node"]);
    refused(r#"{"op":"state","in":[7],"f":[0.0]}"#, &["not a later node"]);
    refused(r#"{"op":"state","in":[1],"f":[0.0]},{"op":"col","in":[],"s":"close","clock":1}"#, &["node 0 (`state`)", "carry it first"]);
    refused(r#"{"op":"state","in":[1],"f":[0.0]},{"op":"col","in":[],"s":"close","only":"ETH/USDT"}"#, &["belongs to ETH/USDT alone"]);
    assert!(parse(r#"{"op":"state","in":[1],"f":[0.0],"clock":1},{"op":"neg","in":[0],"clock":1}"#, "").is_ok());
}

#[test]
fn the_head_is_checked() {
    let check = |json: &str, word: &str| {
        let error = Program::parse(json, &SYMBOLS).err().unwrap_or_else(|| panic!("accepted: {json}"));
        assert!(error.contains(word), "`{error}` does not say `{word}`");
    };
    check("{", "not in the format");
    check(r#"{"version":1,"kind":"strategy","interval_ms":1,"clocks":[1],"nodes":[],"tragets":[]}"#, "tragets");
    check(r#"{"version":2,"kind":"strategy","interval_ms":1,"clocks":[1],"nodes":[]}"#, "format 2");
    check(r#"{"version":1,"kind":"plan","interval_ms":1,"clocks":[1],"nodes":[]}"#, "`plan`");
    check(r#"{"version":1,"kind":"strategy","interval_ms":0,"clocks":[0],"nodes":[]}"#, "above 0");
    check(r#"{"version":1,"kind":"strategy","interval_ms":2,"clocks":[1],"nodes":[]}"#, "first clock");
    check(r#"{"version":1,"kind":"strategy","interval_ms":2,"clocks":[2,5],"nodes":[]}"#, "clock of 5 ms");
    let rebalance = |r: &str| format!("{{{HEAD},\"rebalance\":{r},\"nodes\":[]}}");
    check(&rebalance(r#"{"period_ms":0}"#), "period_ms above 0");
    check(&rebalance(r#"{"months":1,"day":32}"#), "day from 1 to 31");
    check(&rebalance(r#"{"months":1,"period_ms":5}"#), "either period_ms");
    assert!(Program::parse(&rebalance("null"), &SYMBOLS).unwrap().rebalance.is_none());
}

#[test]
fn targets_come_complete() {
    let nodes = format!("{CLOSE},{{\"op\":\"const\",\"in\":[],\"f\":[2.0]}},{{\"op\":\"ema\",\"in\":[0],\"f\":[6.0]}}");
    let targets = r#"{"node":0,"kind":"weight","asset":null,"band":0.05,"budget":2.0,"rearm":{"mode":"cooldown","bars":3},
        "stops":[{"kind":"fixed","node":1},{"kind":"trailing","node":2},{"kind":"time","bars":24},{"kind":"time","ms":1000}]},
        {"node":1,"kind":"qty","asset":"ETH/USDT"},
        {"node":1,"kind":"notional","rearm":{"mode":"cooldown","ms":5}},{"node":1,"kind":"weight","rearm":{"mode":"immediate"}}"#;
    let json = format!("{{{HEAD},\"nodes\":[{nodes}],\"rebalance\":{{\"months\":1,\"day\":2,\"at_ms\":3}},\"targets\":[{targets}]}}");
    let program = Program::parse(&json, &SYMBOLS).unwrap();
    let [first, second, third, fourth] = &program.targets[..] else { panic!("four targets") };
    assert_eq!((first.node, first.kind, first.asset, first.band, first.budget), (0, TargetKind::Weight, None, 0.05, 2.0));
    assert_eq!(first.rearm, Rearm::CooldownBars(3));
    assert_eq!(first.stops, [Stop::Fixed { node: 1 }, Stop::Trailing { node: 2 }, Stop::TimeBars(24), Stop::TimeMs(1000)]);
    assert_eq!((second.kind, second.asset, second.rearm, second.band), (TargetKind::Qty, Some(1), Rearm::NewSignal, 0.01));
    assert_eq!((third.kind, third.rearm, fourth.rearm), (TargetKind::Notional, Rearm::CooldownMs(5), Rearm::Immediate));
    assert_eq!(program.rebalance, Some(Rebalance::Months { months: 1, day: 2, at_ms: 3 }));
    assert_eq!(program.target_nodes(), [0, 1, 2]);
    // The trailing stop's average settles last.
    assert_eq!((program.settled(first.nodes()), program.settled(second.nodes())), (60, 0));
}

#[test]
fn every_mistake_in_a_target_is_named() {
    let nodes = format!(
        "{CLOSE},{{\"op\":\"col\",\"in\":[],\"s\":\"close\",\"clock\":1}},{{\"op\":\"col\",\"in\":[],\"s\":\"close\",\"only\":\"ETH/USDT\"}}"
    );
    let check = |target: &str, word: &str| {
        let error = parse(&nodes, target).err().unwrap_or_else(|| panic!("accepted: {target}"));
        assert!(error.contains(word), "`{error}` does not say `{word}`");
    };
    check(r#"{"node":9,"kind":"weight"}"#, "target 0: node 9 does not exist");
    check(r#"{"node":1,"kind":"weight"}"#, "carry it to the base clock");
    check(r#"{"node":2,"kind":"weight"}"#, "belongs to ETH/USDT alone");
    check(r#"{"node":0,"kind":"weight","asset":"X"}"#, "no asset `X`");
    check(r#"{"node":0,"kind":"share"}"#, "share");
    check(r#"{"node":0,"kind":"weight","band":-1.0}"#, "not negative");
    check(r#"{"node":0,"kind":"weight","rearm":{"mode":"cooldown"}}"#, "either bars or ms");
    check(r#"{"node":0,"kind":"weight","rearm":{"mode":"never"}}"#, "`never`");
    check(r#"{"node":0,"kind":"weight","stops":[{"kind":"fixed"}]}"#, "with a node");
    check(r#"{"node":0,"kind":"weight","stops":[{"kind":"time","bars":0}]}"#, "above 0");
    check(r#"{"node":0,"kind":"weight","stops":[{"kind":"fixed","node":1}]}"#, "node 1 is on clock 1");
    assert!(parse(&nodes, r#"{"node":2,"kind":"weight","asset":"ETH/USDT"}"#).is_ok());
}

#[test]
fn warm_up_adds_along_the_graph_and_a_slower_clock_multiplies_it() {
    let nodes = r#"{"op":"col","in":[],"s":"close"},{"op":"shift","in":[0],"f":[3.0]},{"op":"ema","in":[1],"f":[5.0]},
        {"op":"col","in":[],"s":"close","clock":1},{"op":"roll_mean","in":[3],"f":[6.0],"clock":1},{"op":"carry","in":[4]},
        {"op":"add","in":[2,5]},{"op":"state","in":[8],"f":[0.0]},{"op":"add","in":[7,6]}"#;
    let program = parse(nodes, "").unwrap();
    let warmup = |node: usize| (program.nodes[node].warmup.valid, program.nodes[node].warmup.settled);
    assert_eq!((warmup(2), warmup(5), warmup(6)), ((7, 53), (20, 20), (20, 53)));
    assert_eq!((warmup(7), warmup(8)), ((0, 0), (20, 53)));
}

#[test]
fn identity_is_the_strategy_and_nothing_else() {
    let nodes = format!("{CLOSE},{{\"op\":\"ewm_mean\",\"in\":[0],\"f\":[0.25]}}");
    let target = r#"{"node":1,"kind":"weight","stops":[{"kind":"time","bars":2}]}"#;
    let program = parse(&nodes, target).unwrap();
    let same = |other: Program| assert_eq!(program.identity(), other.identity());
    let other = |nodes: &str, target: &str| assert_ne!(program.identity(), parse(nodes, target).unwrap().identity());
    // Spaces, defaults written out and more assets change nothing.
    same(parse(&nodes.replace("\"in\"", " \"clock\":0, \"in\""), target).unwrap());
    same(Program::parse(&text(&nodes, target), &["AAA", "BTC/USDT", "ETH/USDT"]).unwrap());
    other(&nodes.replace("0.25", "0.25000000000000006"), target);
    other(&nodes.replace("ewm_mean", "ewm_std"), target);
    other(&nodes.replace("close", "open"), target);
    other(&nodes, &target.replace("\"bars\":2", "\"bars\":3"));
    other(&nodes, &target.replace("\"bars\":2", "\"ms\":2"));
    other(&nodes, &target.replace("weight", "qty"));
    other(&nodes, &target.replace("\"kind\":\"weight\"", "\"kind\":\"weight\",\"asset\":\"ETH/USDT\""));
    other(&nodes, r#"{"node":1,"kind":"weight","rearm":{"mode":"immediate"},"stops":[{"kind":"time","bars":2}]}"#);
    let only = |symbol: &str| {
        nodes
            .replace("\"s\":\"close\"", &format!("\"s\":\"close\",\"only\":\"{symbol}\""))
            .replace("\"f\":[0.25]", &format!("\"f\":[0.25],\"only\":\"{symbol}\""))
    };
    assert_ne!(parse(&only("BTC/USDT"), "").unwrap().identity(), parse(&only("ETH/USDT"), "").unwrap().identity());
    let scheduled = |r: &str| {
        let json = format!("{{{HEAD},\"rebalance\":{r},\"nodes\":[],\"targets\":[]}}");
        Program::parse(&json, &SYMBOLS).unwrap().identity()
    };
    let all = [r#"{"period_ms":5}"#, r#"{"period_ms":5,"anchor_ms":1}"#, r#"{"months":1}"#, "null"].map(scheduled);
    (0..4).for_each(|i| (0..i).for_each(|j| assert_ne!(all[i], all[j])));
}

#[test]
fn parameters_keep_every_bit_of_the_text() {
    // The shortest text of this float is read back exactly only by a careful reader.
    let x = 0.123_456_789_012_345_68_f64;
    for step in 0..200 {
        let x = f64::from_bits(x.to_bits() + step * 7919);
        let program = parse(&format!("{{\"op\":\"const\",\"in\":[],\"f\":[{x:?}]}}"), "").unwrap();
        assert_eq!(program.nodes[0].f[0].to_bits(), x.to_bits());
    }
}

#[test]
fn the_catalogue_names_every_operation_once() {
    let mut names: Vec<&str> = catalogue().iter().map(|entry| entry.0).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for name in ["add", "ema", "rsi", "const", "state", "cs_rank", "pick_event", "account"] {
        assert!(names.contains(&name), "{name}");
    }
}
