//! What whole programs mean, against values worked out by hand: clocks, scopes, state loops, feedback, cross-sections, banks.

use crate::support::{Bars, HOUR, outcome};
use bot4_engine::signal::{Program, Signals};

const NAN: f64 = f64::NAN;

/// Parses a program of these nodes, on clocks of 1 h and 4 h.
fn program(nodes: &[&str], symbols: &[&str]) -> Program {
    let json = format!(
        "{{\"version\":1,\"kind\":\"portfolio\",\"interval_ms\":{HOUR},\"clocks\":[{HOUR},{}],\"nodes\":[{}],\"targets\":[]}}",
        4 * HOUR,
        nodes.join(",")
    );
    Program::parse(&json, symbols).unwrap()
}

/// Evaluates one output for every asset, in blocks of several lengths that must agree.
fn evaluate(program: &Program, market: &[Bars], outputs: &[usize]) -> Vec<Vec<f64>> {
    let whole = outcome(program, market, outputs, 1000);
    for limit in [1, 2, 3] {
        assert!(outcome(program, market, outputs, limit).columns == whole.columns, "blocks of {limit}");
    }
    whole.columns.iter().map(|column| column.iter().map(|&bits| f64::from_bits(bits)).collect()).collect()
}

fn assert_same(found: &[f64], expected: &[f64]) {
    let bits = |xs: &[f64]| xs.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected), "{found:?} is not {expected:?}");
}

fn at_hours(hours: &[i64], closes: &[f64]) -> Bars {
    let mut bars = Bars::default();
    hours.iter().zip(closes).for_each(|(&hour, &x)| bars.push(hour * HOUR, [x, x, x, x, 1.0]));
    bars
}

const CLOSE: &str = r#"{"op":"col","in":[],"s":"close"}"#;

#[test]
fn a_slower_close_is_carried_and_its_event_is_true_once() {
    let nodes = [
        r#"{"op":"col","in":[],"s":"close","clock":1}"#,
        r#"{"op":"const","in":[],"f":[3.5],"clock":1}"#,
        r#"{"op":"gt","in":[0,1],"clock":1}"#,
        r#"{"op":"carry","in":[0]}"#,
        r#"{"op":"carry_event","in":[2]}"#,
    ];
    // Hour 7 is missing: the bucket of 4 to 7 is complete when hour 8 arrives.
    let market = [at_hours(&[0, 1, 2, 3, 4, 5, 6, 8, 9], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0])];
    let found = evaluate(&program(&nodes, &["A"]), &market, &[3, 4]);
    assert_same(&found[0], &[NAN, NAN, NAN, 3.0, 3.0, 3.0, 3.0, 6.0, 6.0]);
    assert_same(&found[1], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn another_assets_value_is_its_last_and_its_event_only_at_its_time() {
    let nodes = [
        r#"{"op":"col","in":[],"s":"close","only":"B"}"#,
        r#"{"op":"pick","in":[0],"s":"B"}"#,
        r#"{"op":"const","in":[],"f":[15.0]}"#,
        r#"{"op":"gt","in":[0,2],"only":"B"}"#,
        r#"{"op":"pick_event","in":[3],"s":"B"}"#,
    ];
    let market = [at_hours(&[0, 1, 2, 3, 5], &[1.0; 5]), at_hours(&[1, 2, 4], &[10.0, 20.0, 30.0])];
    let found = evaluate(&program(&nodes, &["A", "B"]), &market, &[1, 4, 0]);
    assert_same(&found[0], &[NAN, 10.0, 20.0, 20.0, 30.0]);
    assert_same(&found[1], &[10.0, 20.0, 30.0]);
    assert_same(&found[2], &[0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_same(&found[3], &[0.0, 1.0, 1.0]);
    // The node of B alone has no column for A.
    assert_same(&found[4], &[]);
    assert_same(&found[5], &[10.0, 20.0, 30.0]);
}

#[test]
fn a_state_loop_counts_and_a_state_outside_a_loop_delays() {
    let nodes = [
        CLOSE,
        r#"{"op":"state","in":[3],"f":[100.0]}"#,
        r#"{"op":"const","in":[],"f":[1.0]}"#,
        r#"{"op":"add","in":[1,0]}"#,
        r#"{"op":"state","in":[5],"f":[-1.0]}"#,
        r#"{"op":"mul","in":[0,0]}"#,
        r#"{"op":"sub","in":[3,2]}"#,
    ];
    let market = [Bars::closes(&[1.0, 2.0, NAN, 4.0])];
    let found = evaluate(&program(&nodes, &["A"]), &market, &[1, 3, 4, 6]);
    // A missing next value keeps the old one.
    assert_same(&found[0], &[100.0, 101.0, 103.0, 103.0]);
    assert_same(&found[1], &[101.0, 103.0, NAN, 107.0]);
    assert_same(&found[2], &[-1.0, 1.0, 4.0, 4.0]);
    assert_same(&found[3], &[100.0, 102.0, NAN, 106.0]);
}

#[test]
fn states_of_one_loop_advance_together() {
    // Two states that swap their values on every row.
    let nodes = [
        r#"{"op":"state","in":[2],"f":[1.0]}"#,
        r#"{"op":"state","in":[3],"f":[2.0]}"#,
        r#"{"op":"neg","in":[1]}"#,
        r#"{"op":"neg","in":[0]}"#,
    ];
    let found = evaluate(&program(&nodes, &["A"]), &[Bars::closes(&[0.0; 4])], &[0, 1]);
    assert_same(&found[0], &[1.0, -2.0, 1.0, -2.0]);
    assert_same(&found[1], &[2.0, -1.0, 2.0, -1.0]);
}

#[test]
fn a_state_loop_may_cross_assets() {
    // Each asset's state is its last rank plus its last state: the loop runs row by row on the grid.
    let nodes = [
        CLOSE,
        r#"{"op":"state","in":[3],"f":[0.0]}"#,
        r#"{"op":"add","in":[0,1]}"#,
        r#"{"op":"cs_rank","in":[2]}"#,
        r#"{"op":"pick","in":[3],"s":"B"}"#,
    ];
    let program = program(&nodes, &["A", "B"]);
    assert!(Signals::new(&program, &[3], 4).unwrap().has_feedback());
    assert!(program.feedback().iter().all(|&feedback| !feedback), "no node reads the book");
    let market = [at_hours(&[0, 1, 2], &[1.0, 2.0, 2.5]), at_hours(&[0, 2], &[1.5, 2.0])];
    let found = evaluate(&program, &market, &[3, 4]);
    // Hour 1: A alone ranks 0.5. Hour 2: A has 2.5 + 0.5, B has 2 + 1: equal, ties by id.
    assert_same(&found[0], &[0.0, 0.5, 0.0]);
    assert_same(&found[1], &[1.0, 1.0]);
    assert_same(&found[2], &[1.0, 1.0, 1.0]);
}

#[test]
fn feedback_sees_the_book_before_each_decision() {
    // Buy when flat, sell when held for two bars: the toy desk counts them.
    let nodes = [
        r#"{"op":"pos","in":[],"s":"bars_held"}"#,
        r#"{"op":"const","in":[],"f":[2.0]}"#,
        r#"{"op":"lt","in":[0,1]}"#,
        r#"{"op":"pos","in":[],"s":"flat"}"#,
        r#"{"op":"account","in":[],"s":"equity"}"#,
        CLOSE,
        r#"{"op":"mul","in":[5,3]}"#,
    ];
    let program = program(&nodes, &["A"]);
    assert_eq!(program.feedback(), [true, false, true, true, true, false, true]);
    let found = evaluate(&program, &[Bars::closes(&[10.0, 11.0, 12.0, 13.0, 14.0, 15.0])], &[2, 3, 6, 4]);
    assert_same(&found[0], &[1.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    assert_same(&found[1], &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_same(&found[2], &[10.0, 0.0, 0.0, 0.0, 14.0, 0.0]);
    assert_eq!(found[3][0], 1000.0);
}

#[test]
fn a_rank_of_a_rank_and_a_stage_between_are_in_order() {
    let nodes =
        [CLOSE, r#"{"op":"cs_rank","in":[0]}"#, r#"{"op":"neg","in":[1]}"#, r#"{"op":"cs_demean","in":[2]}"#, r#"{"op":"sub","in":[3,0]}"#];
    let market = [Bars::closes(&[1.0, 5.0]), Bars::closes(&[2.0, 4.0]), Bars::closes(&[3.0, 6.0])];
    let found = evaluate(&program(&nodes, &["A", "B", "C"]), &market, &[3, 4]);
    assert_same(&found[0], &[0.5, 0.0]);
    assert_same(&found[1], &[0.0, 0.5]);
    assert_same(&found[2], &[-0.5, -0.5]);
    assert_same(&found[5], &[-3.5, -6.5]);
}

#[test]
fn a_bank_is_its_averages_one_by_one() {
    let averages = [("ema", 3.0), ("rma", 4.0), ("ewm_mean", 0.3), ("ema", 9.0), ("ema", 2.0), ("ewm_mean", 0.7), ("rma", 5.0)];
    let mut nodes = vec![CLOSE.to_string(), r#"{"op":"col","in":[],"s":"volume"}"#.to_string()];
    for (i, (op, f)) in averages.iter().enumerate() {
        nodes.push(format!("{{\"op\":\"{op}\",\"in\":[{}],\"f\":[{f:?}]}}", i % 2));
    }
    // An average of an average cannot stand in one bank with it.
    nodes.push(r#"{"op":"ema","in":[2],"f":[3.0]}"#.to_string());
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let program = program(&nodes, &["A"]);
    let mut random = crate::support::Random(5);
    let mut market = vec![crate::support::random_bars(&mut random, 500)];
    for _ in 0..4 {
        let row = random.below(500);
        market[0].columns[3][row] = NAN;
    }
    let outputs: Vec<usize> = (2..nodes.len()).collect();
    let together = outcome(&program, &market, &outputs, 64);
    for (place, &output) in outputs.iter().enumerate() {
        let alone = outcome(&program, &market, &[output], 64);
        assert!(alone.columns[0] == together.columns[place], "node {output}");
    }
}

#[test]
fn registration_decides_nothing_but_the_order_of_the_assets() {
    let nodes =
        [CLOSE, r#"{"op":"cs_rank","in":[0]}"#, r#"{"op":"col","in":[],"s":"close","only":"B"}"#, r#"{"op":"pick","in":[2],"s":"B"}"#];
    let (a, b) = (Bars::closes(&[1.0, 5.0]), Bars::closes(&[2.0, 4.0]));
    let sorted = evaluate(&program(&nodes, &["A", "B"]), &[a.clone(), b.clone()], &[1, 3]);
    let swapped = evaluate(&program(&nodes, &["B", "A"]), &[b, a], &[1, 3]);
    for pair in 0..2 {
        assert_same(&sorted[2 * pair], &swapped[2 * pair + 1]);
        assert_same(&sorted[2 * pair + 1], &swapped[2 * pair]);
    }
}

#[test]
fn outputs_that_cannot_be_handed_out_are_refused() {
    let program = program(&[CLOSE, r#"{"op":"col","in":[],"s":"close","clock":1}"#], &["A"]);
    let error = |outputs: &[usize], capacity| Signals::new(&program, outputs, capacity).map(|_| ()).unwrap_err();
    assert!(error(&[1], 8).contains("carry it to the base clock"));
    assert!(error(&[2], 8).contains("does not exist"));
    assert!(error(&[0], 0).contains("a block holds"));
}
