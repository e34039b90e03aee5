//! One code path: whole programs give the same bits however their rows are cut, through save and restore, and whatever else is computed beside them.

use crate::support::{Bars, Outcome, Random, Run, SYMBOLS, outcome, random_bars, random_program, state};
use bot4_engine::signal::{Program, Signals};

fn case(seed: u64) -> (Program, Vec<Bars>, Vec<usize>) {
    let mut random = Random(seed);
    let (json, outputs) = random_program(&mut random, 60, seed % 2 == 0);
    let market = SYMBOLS
        .iter()
        .map(|_| {
            let rows = 20 + random.below(300);
            random_bars(&mut random, rows)
        })
        .collect();
    let program = Program::parse(&json, SYMBOLS).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{json}"));
    (program, market, outputs)
}

fn assert_same(seed: u64, what: &str, a: &Outcome, b: &Outcome) {
    for (place, (x, y)) in a.columns.iter().zip(&b.columns).enumerate() {
        let row = x.iter().zip(y).position(|(x, y)| x != y);
        let values = row.map(|row| (f64::from_bits(x[row]), f64::from_bits(y[row])));
        assert_eq!(row, None, "seed {seed}, {what}: output {place} differs: {values:?}");
        assert_eq!(x.len(), y.len(), "seed {seed}, {what}: output {place}");
    }
    assert!(a.state == b.state, "seed {seed}, {what}: the state differs");
}

#[test]
fn any_block_length_gives_the_same_bits() {
    let (mut present, mut feedback) = (0, 0);
    for seed in 0..150 {
        let (program, market, outputs) = case(seed);
        let whole = outcome(&program, &market, &outputs, 4096);
        for limit in [1, 7, 64] {
            assert_same(seed, &format!("blocks of {limit}"), &whole, &outcome(&program, &market, &outputs, limit));
        }
        present += whole.columns.iter().flatten().filter(|bits| !f64::from_bits(**bits).is_nan()).count();
        feedback += usize::from(Signals::new(&program, &outputs, 1).unwrap().has_feedback());
    }
    // The comparison is worth something: most values exist and many programs have feedback.
    assert!(present > 100_000 && feedback > 40, "{present} values, {feedback} programs with feedback");
}

#[test]
fn a_restored_run_continues_with_the_same_bits() {
    for seed in 200..240 {
        let (program, market, outputs) = case(seed);
        let whole = outcome(&program, &market, &outputs, 32);
        let mut random = Random(seed);
        let mut run = Run::new(&program, &market, &outputs, 32);
        while run.block(1 + random.below(32)) > 0 {
            run.restore(&program, 32);
        }
        assert_same(seed, "restored", &whole, &run.finish());
    }
}

#[test]
fn an_output_does_not_depend_on_what_else_is_wanted() {
    for seed in 300..330 {
        let (program, market, outputs) = case(seed);
        // The first output is the toy desk's target and stays.
        let whole = outcome(&program, &market, &outputs, 50);
        for (place, &output) in outputs.iter().enumerate() {
            let two = [outputs[0], output];
            let alone = outcome(&program, &market, &two, 50);
            let assets = market.len();
            assert!(alone.columns[assets..] == whole.columns[place * assets..(place + 1) * assets], "seed {seed}, output {output}");
        }
    }
}

#[test]
fn the_future_cannot_leak() {
    for seed in 400..430 {
        let (program, market, outputs) = case(seed);
        let whole = outcome(&program, &market, &outputs, 64);
        let cut_ts = 90 * crate::support::HOUR;
        let mut random = Random(seed);
        let scrambled: Vec<Bars> = market
            .iter()
            .map(|bars| {
                let mut other = Bars::default();
                for (row, &ts) in bars.ts.iter().enumerate() {
                    let factor = if ts < cut_ts { 1.0 } else { 1.0 + random.unit() };
                    other.push(ts, std::array::from_fn(|column| bars.columns[column][row] * factor));
                }
                other
            })
            .collect();
        let other = outcome(&program, &scrambled, &outputs, 64);
        for (place, (a, b)) in whole.columns.iter().zip(&other.columns).enumerate() {
            let known = market[place % market.len()].ts.iter().filter(|&&ts| ts < cut_ts).count().min(a.len());
            assert!(a[..known] == b[..known], "seed {seed}, output {place}");
        }
    }
}

#[test]
fn a_snapshot_of_something_else_is_refused() {
    let (program, _, outputs) = case(1);
    let (other, _, other_outputs) = case(3);
    let bytes = state(&Signals::new(&program, &outputs, 8).unwrap());
    let load = |mut signals: Signals, bytes: &[u8]| signals.load(&mut bot4_engine::memory::snapshot::Reader::new(bytes));
    assert!(load(Signals::new(&program, &outputs, 3).unwrap(), &bytes).is_ok());
    assert!(load(Signals::new(&other, &other_outputs, 8).unwrap(), &bytes).is_err());
    assert!(load(Signals::new(&program, &outputs[..1], 8).unwrap(), &bytes).is_err());
    (0..bytes.len()).for_each(|end| assert!(load(Signals::new(&program, &outputs, 8).unwrap(), &bytes[..end]).is_err()));
}
