//! Sweeps: every row is that of the single run, whatever runs beside it; nothing is allocated after the start; a failure names its run.

use crate::support::counting::allocations;
use crate::support::{Bars, HOUR, Random, SYMBOLS, random_bars, random_program};
use bot4_engine::config::Config;
use bot4_engine::instrument::Listing;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::sweep::{Failure, Options, Row, Sweep, Table, Tile, Trouble};
use bot4_engine::signal::Program;
use std::sync::atomic::AtomicBool;

const DAY: i64 = 24 * HOUR;
const ONE: Options = Options { workers: 1, share: true, tile: 0, block: 0 };

fn market(bars: &[Bars]) -> Market<'_> {
    let listing = |symbol: &&str| {
        let text = r#"{"symbol":"S","venue":"t","kind":"linear","base":"B","quote":"Q","tick":[1,2],"lot":[1,5]}"#;
        serde_json::from_str::<Listing>(&text.replace("\"S\"", &format!("{symbol:?}"))).unwrap()
    };
    let listings = SYMBOLS[..bars.len()].iter().map(listing).collect();
    Market::new(listings, bars.iter().map(Bars::rows).collect(), HOUR).unwrap()
}

fn config(assets: usize) -> Config {
    let terms = vec![r#"{"taker_e9":500000,"maker_e9":100000,"min_lots":1,"min_notional":0}"#; assets].join(",");
    Config::from_json(&format!(
        r#"{{"cash":10000000000,"half_spread_e9":100000,"impact":0.5,"volume_share_e9":100000000,"collar_e9":100000000,
        "max_leverage_e9":3000000000,"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

/// Adds a target on a node to a program.
fn targeting(program: &str, node: usize) -> String {
    let target = format!(r#","targets":[{{"node":{node},"kind":"weight","band":0.02}}]}}"#);
    let head = program.trim_end().strip_suffix('}').unwrap();
    let head = head.split(",\"targets\"").next().unwrap();
    format!("{head}{target}")
}

/// Programs that grow out of each other and so have much in common.
fn related(seed: u64, feedback: bool) -> Vec<String> {
    let program = |steps: usize| {
        let (json, outputs) = random_program(&mut Random(seed), steps, feedback);
        outputs.iter().rev().take(2).map(|&node| targeting(&json, node)).collect::<Vec<_>>()
    };
    let all: Vec<String> = [20, 30, 40, 40].into_iter().flat_map(program).collect();
    all.into_iter().filter(|json| Program::parse(json, SYMBOLS).is_ok()).collect()
}

/// Checks a row against the marks and records of the single run, by the shortest way to each number.
fn assert_is_single((row, days): (&Row, &[i64]), market: &Market<'_>, config: &Config, json: &str, what: &str) {
    let program = Program::parse(json, &market.symbols()).unwrap();
    let mut replay = Replay::new(market, &program, config, &[], 0).unwrap();
    assert!(replay.run(|_| true).unwrap(), "{what}");
    let marks = &row.digest.marks;
    assert_eq!(row.desk_hash, replay.desk().hash(), "{what}");
    let from = replay.equity_ts.len() - marks.bars as usize;
    let (ts, equity) = (&replay.equity_ts[from..], &replay.equity[from..]);
    if ts.is_empty() {
        return;
    }
    assert_eq!((marks.span, marks.equity), ((ts[0], *ts.last().unwrap()), (equity[0], *equity.last().unwrap())), "{what}");
    assert_eq!(marks.equity_sum, equity.iter().map(|&x| i128::from(x)).sum::<i128>(), "{what}");
    let (mut peak, mut depth) = (i64::MIN, 0.0_f64);
    for &x in equity {
        peak = peak.max(x);
        depth = depth.min(x as f64 / peak as f64 - 1.0);
    }
    assert_eq!((marks.fall.peak, marks.fall.depth), (peak, depth), "{what}");
    let first = (replay_first(market) - 1).div_euclid(DAY);
    for (day, &close) in days.iter().enumerate() {
        let midnight = (first + 1 + day as i64) * DAY;
        let last = ts.iter().rposition(|&t| t <= midnight).map_or(equity[0], |at| equity[at]);
        assert_eq!(close, last, "{what}, day {day}");
    }
    let records = &replay.records;
    let sums = &row.digest.sums;
    assert_eq!(sums.orders, (records.orders.len() + replay.desk().working().count()) as i64, "{what}");
    assert_eq!(sums.fees, records.fills.iter().map(|fill| i128::from(fill.fee)).sum::<i128>(), "{what}");
    assert_eq!(sums.won - sums.lost, records.trades.iter().map(|trade| i128::from(trade.pnl)).sum::<i128>(), "{what}");
}

fn replay_first(market: &Market<'_>) -> i64 {
    market.columns.iter().map(|columns| columns.ts[0]).min().unwrap() + HOUR
}

#[test]
fn every_row_is_that_of_the_single_run_however_it_is_made() {
    let (mut traded, mut shared) = (0, 0);
    for seed in 0..24 {
        let feedback = seed % 3 == 0;
        let mut random = Random(seed + 1_000);
        let bars: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut random, 300)).collect();
        let (market, config) = (market(&bars), config(SYMBOLS.len()));
        let mut programs = related(seed, feedback);
        // A random target may ask for more than integers hold.
        programs.retain(|json| {
            let program = Program::parse(json, SYMBOLS).unwrap();
            Replay::new(&market, &program, &config, &[], 0).unwrap().run(|_| true).is_ok()
        });
        let sweep = Sweep::new(&market, config.clone(), None, None).unwrap();
        let table = sweep.run(&programs, ONE, |_| true).unwrap().unwrap();
        let days = table.days.chunks(sweep.calendar().len());
        for (at, ((row, days), json)) in table.rows.iter().zip(days).zip(&programs).enumerate() {
            assert_is_single((row, days), &market, &config, json, &format!("seed {seed}, program {at}"));
            traded += row.digest.sums.fills;
        }
        shared += programs.len();
        for options in [
            Options { share: false, ..ONE },
            Options { workers: 2, tile: 3, ..ONE },
            Options { tile: 2, block: 5, ..ONE },
            Options { block: 1, ..ONE },
        ] {
            assert_eq!(sweep.run(&programs, options, |_| true), Ok(Some(table.clone())), "seed {seed}, {options:?}");
        }
    }
    assert!(traded > 1_000 && shared > 60, "{traded} fills of {shared} programs");
}

const CROSS: &str = r#"{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000],"nodes":[{"op":"col","s":"close"},
    {"op":"ema","in":[0],"f":[FAST]},{"op":"ema","in":[0],"f":[SLOW]},{"op":"gt","in":[1,2]},{"op":"const","f":[0.9]},{"op":"const","f":[SHORT]},
    {"op":"where","in":[3,4,5]}],"targets":[{"node":6,"kind":"weight","band":0.01}]}"#;

fn crossovers() -> Vec<String> {
    let one = |fast: i32, slow: i32, short: &str| {
        CROSS.replace("FAST", &fast.to_string()).replace("SLOW", &slow.to_string()).replace("SHORT", short)
    };
    let pairs = [2, 3, 5, 8].into_iter().flat_map(|fast| [12, 20, 33].map(|slow| (fast, slow)));
    pairs.flat_map(|(fast, slow)| ["0", "-0.9"].map(|short| one(fast, slow, short))).collect()
}

#[test]
fn quiet_stretches_of_one_asset_are_exact() {
    for seed in 0..6 {
        let bars = [random_bars(&mut Random(seed), 3_000)];
        let (market, config) = (market(&bars), config(1));
        let sweep = Sweep::new(&market, config.clone(), None, None).unwrap();
        let programs = crossovers();
        let table = sweep.run(&programs, ONE, |_| true).unwrap().unwrap();
        let days = table.days.chunks(sweep.calendar().len());
        for (at, ((row, days), json)) in table.rows.iter().zip(days).zip(&programs).enumerate() {
            assert!(row.digest.sums.fills > 20);
            assert_is_single((row, days), &market, &config, json, &format!("seed {seed}, program {at}"));
        }
        let apart = sweep.run(&programs, Options { share: false, block: 37, ..ONE }, |_| true);
        assert_eq!(apart, Ok(Some(table)), "seed {seed}");
    }
}

#[test]
fn a_run_that_never_decides_has_all_its_marks() {
    let bars = [random_bars(&mut Random(5), 90)];
    let (market, config) = (market(&bars), config(1));
    let sweep = Sweep::new(&market, config.clone(), None, None).unwrap();
    // The first pairs decide within the data, the others' averages settle after it.
    let programs = crossovers();
    let table = sweep.run(&programs, ONE, |_| true).unwrap().unwrap();
    let days = table.days.chunks(sweep.calendar().len());
    for (at, ((row, days), json)) in table.rows.iter().zip(days).zip(&programs).enumerate() {
        assert_is_single((row, days), &market, &config, json, &format!("program {at}"));
    }
    let late = table.rows.iter().filter(|row| row.digest.sums.orders == 0);
    assert!(late.clone().count() > 0 && late.clone().all(|row| row.digest.marks.bars == bars[0].rows().ts.len() as u64));
    assert_eq!(sweep.run(&programs, Options { share: false, block: 7, ..ONE }, |_| true), Ok(Some(table)));
}

#[test]
fn nothing_is_allocated_after_the_start() {
    let stop = AtomicBool::new(false);
    let bars: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut Random(7), 400)).collect();
    for (market, programs) in [(market(&bars[..1]), crossovers()), (market(&bars), related(3, true)), (market(&bars), related(4, false))] {
        let sweep = Sweep::new(&market, config(market.listings.len()), None, None).unwrap();
        let mut tile = Tile::new(&sweep, &programs, 64).unwrap();
        let before = allocations();
        while tile.advance(&stop).unwrap() > 0 {}
        assert_eq!(allocations() - before, 0);
        assert!(tile.finish().iter().map(|row| row.digest.sums.orders).sum::<i64>() > 0);
    }
}

#[test]
fn a_failure_names_its_run_and_a_stop_leaves_nothing() {
    let bars = [random_bars(&mut Random(1), 300)];
    let market = market(&bars);
    let sweep = Sweep::new(&market, config(1), None, None).unwrap();
    let mut programs = crossovers();
    let count = programs.len();
    programs.push(programs[0].replace("3600000", "60000"));
    let Err(Failure { run, trouble: Trouble::Sentence(sentence) }) = sweep.run(&programs, Options { tile: 5, ..ONE }, |_| true) else {
        panic!("bars of another clock do not fit")
    };
    assert_eq!((run, sentence.as_str()), (count, "the program was traced for bars of 60000 ms, the market has 3600000 ms"));
    programs[7] = "{}".to_string();
    let failure = sweep.run(&programs, Options { tile: 5, ..ONE }, |_| true).unwrap_err();
    assert_eq!(failure.run, 7);
    assert_eq!(sweep.run(&crossovers(), ONE, |_| false), Ok(None));
    let mut told = Vec::new();
    let rows = sweep.run(&crossovers(), Options { workers: 2, tile: 5, ..ONE }, |done| {
        told.push(done);
        true
    });
    assert_eq!(rows.unwrap().unwrap().rows.len(), count);
    assert!(told.is_sorted() && told.last() == Some(&count), "{told:?}");
    assert_eq!(sweep.run::<String>(&[], ONE, |_| true), Ok(Some(Table { rows: vec![], days: vec![] })));
}
