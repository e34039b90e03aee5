//! What every node must keep, tested for every kind of the catalogue under the parameters of `CASES`:
//! any cutting into slices gives the same bits of outputs and state; save, load, go on gives the same bits; nothing but finite numbers and
//! the one missing comes out; the future changes nothing; the first value comes at `warmup.valid`.

use super::testing::{INTERVAL_MS, Random, build, load, run, save, warmup};
use super::{KINDS, find};
use crate::signal::node::Args;

type Case = (&'static str, &'static [f64], &'static str);

/// Parameters to test each kind under; element-wise and other kinds without parameters need one line.
const CASES: &[Case] = &[
    ("const", &[2.5], ""),
    ("add", &[], ""),
    ("sub", &[], ""),
    ("mul", &[], ""),
    ("div", &[], ""),
    ("pow", &[], ""),
    ("minimum", &[], ""),
    ("maximum", &[], ""),
    ("lt", &[], ""),
    ("le", &[], ""),
    ("gt", &[], ""),
    ("ge", &[], ""),
    ("eq", &[], ""),
    ("ne", &[], ""),
    ("and", &[], ""),
    ("or", &[], ""),
    ("neg", &[], ""),
    ("abs", &[], ""),
    ("sign", &[], ""),
    ("sqrt", &[], ""),
    ("log", &[], ""),
    ("exp", &[], ""),
    ("not", &[], ""),
    ("is_missing", &[], ""),
    ("where", &[], ""),
    ("clip", &[], ""),
    ("between", &[], ""),
    ("fill_missing", &[], ""),
    ("shift", &[0.0], ""),
    ("shift", &[1.0], ""),
    ("shift", &[13.0], ""),
    ("shift", &[1500.0], ""),
    ("shift", &[600_000.0], "ms"),
    ("change", &[5.0], ""),
    ("change", &[90_000.0], "ms"),
    ("returns", &[1.0], ""),
    ("returns", &[1_800_000.0], "ms"),
    ("log_return", &[7.0], ""),
    ("log_return", &[60_000.0], "ms"),
    ("roll_sum", &[1.0], ""),
    ("roll_sum", &[7.0], ""),
    ("roll_sum", &[100.0], ""),
    ("roll_sum", &[600_000.0], "ms"),
    ("roll_mean", &[20.0], ""),
    ("roll_mean", &[1500.0], ""),
    ("roll_mean", &[3_000_000.0], "ms"),
    ("roll_min", &[14.0], ""),
    ("roll_min", &[600_000.0], "ms"),
    ("roll_max", &[14.0], ""),
    ("roll_max", &[600_000.0], "ms"),
    ("roll_rank", &[1.0], ""),
    ("roll_rank", &[30.0], ""),
    ("roll_rank", &[600_000.0], "ms"),
    ("roll_var", &[12.0, 1.0], ""),
    ("roll_var", &[1.0, 0.0], ""),
    ("roll_var", &[600_000.0, 1.0], "ms"),
    ("roll_std", &[20.0, 0.0], ""),
    ("roll_std", &[20.0], ""),
    ("roll_std", &[600_000.0, 0.0], "ms"),
    ("roll_zscore", &[20.0, 1.0], ""),
    ("roll_zscore", &[600_000.0, 1.0], "ms"),
    ("roll_corr", &[20.0], ""),
    ("roll_corr", &[600_000.0], "ms"),
    ("roll_beta", &[20.0], ""),
    ("roll_beta", &[600_000.0], "ms"),
    ("ema", &[1.0], ""),
    ("ema", &[20.0], ""),
    ("rma", &[14.0], ""),
    ("ewm_mean", &[0.1], ""),
    ("ewm_std", &[0.1], ""),
    ("clock", &[], "hour"),
    ("clock", &[], "minute_of_day"),
    ("clock", &[], "day_of_week"),
    ("clock", &[], "day_of_month"),
    ("clock", &[], "month"),
    ("true_range", &[], ""),
    ("atr", &[14.0], ""),
    ("rsi", &[14.0], ""),
    ("crosses_above", &[], ""),
    ("crosses_below", &[], ""),
    ("bars_since", &[], ""),
    ("latch", &[], ""),
    ("hold_when", &[], ""),
];

const ROWS: usize = 2600;

/// Three columns with flat stretches, spikes, exact zeros and (where `gaps`) missing values, and times with holes.
fn inputs(seed: u64, gaps: bool) -> (Vec<Vec<f64>>, Vec<i64>) {
    let mut r = Random(seed);
    let mut columns = vec![vec![]; 3];
    let (mut ts, mut flat) = (vec![], 0);
    let mut clock = 28_000_000 * INTERVAL_MS;
    for i in 0..ROWS {
        clock += INTERVAL_MS * if r.below(40) == 0 { 1 + r.below(30) as i64 } else { 1 };
        ts.push(clock);
        flat = if flat > 0 { flat - 1 } else { r.below(60).saturating_sub(50) * 3 };
        for column in &mut columns {
            let last = if i > 0 { column[i - 1] } else { 1.0 };
            column.push(match r.below(100) {
                0..4 if gaps => f64::NAN,
                4..7 => 0.0,
                7 => 1e5 * r.unit(),
                _ if flat > 0 => last,
                _ => 3.0 * r.unit() - 1.0,
            });
        }
    }
    (columns, ts)
}

fn bits(column: &[f64]) -> Vec<u64> {
    column.iter().map(|x| x.to_bits()).collect()
}

/// Calls back for each case with its columns, with and without missing values.
fn each(mut check: impl FnMut(&Case, &[&[f64]], &[i64])) {
    for (k, case) in CASES.iter().enumerate() {
        let kind = find(case.0).unwrap_or_else(|| panic!("{} is not in the catalogue", case.0));
        for gaps in [true, false] {
            let (columns, ts) = inputs(k as u64, gaps);
            let x: Vec<&[f64]> = columns[..kind.inputs].iter().map(Vec::as_slice).collect();
            check(case, &x, &ts);
        }
    }
}

#[test]
fn every_kind_has_a_case_and_one_name() {
    let mut names = std::collections::BTreeSet::new();
    for kind in KINDS.iter().flat_map(|family| family.iter()) {
        assert!(CASES.iter().any(|case| case.0 == kind.name), "{} has no line in CASES: add one", kind.name);
        assert!(names.insert(kind.name), "{} is in the catalogue twice", kind.name);
    }
}

#[test]
fn every_kind_with_a_window_is_tested_over_time_too() {
    for (op, ..) in CASES.iter().filter(|(op, f, s)| !f.is_empty() && s.is_empty() && find(op).is_some()) {
        let kind = find(op).expect("filtered");
        let minute = super::super::node::Params { f: &[600_000.0], s: "ms", interval_ms: INTERVAL_MS };
        let takes_time = *op != "const" && (kind.build)(&minute).is_ok();
        assert!(!takes_time || CASES.iter().any(|case| case.0 == *op && case.2 == "ms"), "{op} has no case over time");
    }
}

#[test]
fn slices_of_any_length_give_the_same_bits_and_state() {
    each(|(op, f, s), x, ts| {
        let mut whole = build(op, f, s);
        let expected = bits(&run(whole.as_mut(), x, ts, 0, ROWS));
        for length in [1, 2, 7, 64, 1024] {
            let mut node = build(op, f, s);
            let mut found = vec![];
            for from in (0..ROWS).step_by(length) {
                found.extend(run(node.as_mut(), x, ts, from, ROWS.min(from + length)));
            }
            let different = bits(&found).iter().zip(&expected).position(|(a, b)| a != b);
            assert_eq!(different, None, "{op} {f:?} {s} in slices of {length} differs at this row");
            assert!(save(node.as_ref()) == save(whole.as_ref()), "{op} {f:?} {s} in slices of {length}: the state differs");
        }
    });
}

#[test]
fn a_tick_is_a_run_over_one_row() {
    each(|(op, f, s), x, ts| {
        let (mut ticked, mut ran) = (build(op, f, s), build(op, f, s));
        for t in 0..ROWS.min(700) {
            let parts: Vec<&[f64]> = x.iter().map(|column| &column[t..=t]).collect();
            let args = Args::new(&parts, &ts[t..=t]);
            let mut out = [-77.0];
            ran.run(&args, &mut out);
            assert_eq!(ticked.tick(&args).to_bits(), out[0].to_bits(), "{op} {f:?} {s} row {t}");
        }
        assert!(save(ticked.as_ref()) == save(ran.as_ref()), "{op} {f:?} {s}: the state differs");
    });
}

#[test]
fn slices_of_random_length_give_the_same_bits() {
    let mut r = Random(7);
    each(|(op, f, s), x, ts| {
        let expected = bits(&run(build(op, f, s).as_mut(), x, ts, 0, ROWS));
        let mut node = build(op, f, s);
        let (mut found, mut from) = (vec![], 0);
        while from < ROWS {
            let order = r.below(10);
            let to = ROWS.min(from + r.below(1 << order));
            found.extend(run(node.as_mut(), x, ts, from, to));
            from = to;
        }
        assert!(bits(&found) == expected, "{op} {f:?} {s}");
    });
}

#[test]
fn save_load_go_on_is_as_if_nothing_had_happened() {
    each(|(op, f, s), x, ts| {
        let expected = bits(&run(build(op, f, s).as_mut(), x, ts, 0, ROWS));
        for cut in [0, 1, 5, 33, 1024, 1777] {
            let mut stopped = build(op, f, s);
            run(stopped.as_mut(), x, ts, 0, cut);
            let bytes = save(stopped.as_ref());
            let mut used = build(op, f, s);
            run(used.as_mut(), x, ts, 0, 40); // a node that has seen other rows is overwritten completely
            for mut node in [build(op, f, s), used] {
                load(node.as_mut(), &bytes).unwrap_or_else(|error| panic!("{op} {f:?} {s}: {error}"));
                assert!(save(node.as_ref()) == bytes, "{op} {f:?} {s}: saved again it differs");
                let found = run(node.as_mut(), x, ts, cut, ROWS);
                assert!(bits(&found) == expected[cut..], "{op} {f:?} {s} after a cut at {cut}");
            }
        }
    });
}

#[test]
fn a_snapshot_that_is_cut_short_is_refused() {
    each(|(op, f, s), x, ts| {
        let mut node = build(op, f, s);
        run(node.as_mut(), x, ts, 0, 50);
        let bytes = save(node.as_ref());
        for length in 0..bytes.len().min(200) {
            assert!(load(build(op, f, s).as_mut(), &bytes[..length]).is_err(), "{op} {f:?} {s}: {length} bytes");
        }
    });
}

#[test]
fn values_are_finite_or_the_one_missing() {
    each(|(op, f, s), x, ts| {
        for y in run(build(op, f, s).as_mut(), x, ts, 0, ROWS) {
            assert!(y.is_finite() || y.to_bits() == f64::NAN.to_bits(), "{op} gives {y} ({:x})", y.to_bits());
        }
    });
}

#[test]
fn the_future_changes_nothing() {
    each(|(op, f, s), x, ts| {
        let all = run(build(op, f, s).as_mut(), x, ts, 0, ROWS);
        let scrambled: Vec<Vec<f64>> =
            x.iter().map(|c| c.iter().enumerate().map(|(t, v)| if t < 900 { *v } else { 5.0 - v }).collect()).collect();
        let scrambled: Vec<&[f64]> = scrambled.iter().map(Vec::as_slice).collect();
        assert!(bits(&all[..900]) == bits(&run(build(op, f, s).as_mut(), &scrambled, ts, 0, ROWS)[..900]), "{op}");
    });
}

#[test]
fn the_first_value_comes_when_warm_up_says() {
    let ts: Vec<i64> = (0..ROWS as i64).map(|t| t * INTERVAL_MS).collect();
    let mut r = Random(5);
    let columns: Vec<Vec<f64>> = (0..3).map(|_| (0..ROWS).map(|_| 1.0 + r.unit()).collect()).collect();
    let never = vec![0.0; ROWS];
    for (op, f, s) in CASES {
        let mut x: Vec<&[f64]> = columns[..find(op).expect("known").inputs].iter().map(Vec::as_slice).collect();
        if *op == "hold_when" {
            x[1] = &never;
        }
        let out = run(build(op, f, s).as_mut(), &x, &ts, 0, ROWS);
        let first = out.iter().position(|y| !y.is_nan());
        let warmup = warmup(op, f, s);
        assert!(first == Some(warmup.valid as usize), "{op} {f:?} {s}: first value at {first:?}, not {warmup:?}");
        assert!(warmup.settled >= warmup.valid, "{op}");
    }
}
