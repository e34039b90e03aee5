//! A real run that keeps a journal: four instruments, a cross-section that reads the book, funding, commands; and what the tests ask of it.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

#[path = "../../../core/tests/support/mod.rs"]
mod support;

pub mod disk;

use bot4_engine::config::Config;
use bot4_engine::desk::funding::FundingSeries;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::journal::CONTENTS;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::Program;
use bot4_host::journal::{Inputs, Outcomes, Pair, Recorder, RunError, Sink, Terms};
use bot4_io::disk::Disk;
use bot4_io::journal::format::Kind;
use bot4_io::journal::{JournalError, Records};
use support::{Bars, HOUR, Random, SYMBOLS, random_bars};

const PROGRAM: &str = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000,14400000],"rebalance":null,"nodes":[
    {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"gt","in":[1,2]},
    {"op":"pos","s":"bars_held"},{"op":"const","f":[15]},{"op":"gt","in":[4,5]},{"op":"const","f":[0]},{"op":"const","f":[0.4]},
    {"op":"where","in":[3,8,7]},{"op":"where","in":[6,7,9]},{"op":"cs_rank","in":[1]},{"op":"mul","in":[10,11]}],
    "targets":[{"node":12,"kind":"weight","asset":null,"band":0.01,"budget":2.0,"rearm":{"mode":"immediate"},"stops":[]}]}"#;

/// One record as it was written.
pub type Written = (u16, i64, u64, Vec<u8>);

/// The data of a run.
pub struct World {
    bars: Vec<Bars>,
    rates: Vec<(Vec<i64>, Vec<f64>)>,
    setup: String,
    config: String,
}

impl World {
    /// Draws bars and rates from a seed; somebody pauses and resumes.
    pub fn new(seed: u64, rows: usize) -> Self {
        let (pause, resume) = (rows as i64 * HOUR / 4, rows as i64 * HOUR / 3);
        let commands = format!(r#"{{"at":{pause},"do":"pause","who":"ada"}},{{"at":{resume},"do":"resume","who":"ada"}}"#);
        Self::with(seed, rows, 300_000_000, &commands, true)
    }

    /// Draws bars of a market so thin that orders work for several bars; no rates, and nobody asks for anything.
    pub fn thin(seed: u64, rows: usize) -> Self {
        Self::with(seed, rows, 2_000_000, "", false)
    }

    fn with(seed: u64, rows: usize, volume_share_e9: i64, commands: &str, is_funded: bool) -> Self {
        let mut random = Random(seed);
        let bars: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut random, rows)).collect();
        let rates = bars.iter().map(|bars| {
            let times: Vec<i64> = (bars.ts[0] / (8 * HOUR)..bars.ts[rows - 1] / (8 * HOUR)).map(|n| n * 8 * HOUR).collect();
            let rates = times.iter().map(|_| (random.unit() - 0.5) * 1e-3).collect();
            (times, rates)
        });
        let rates = rates.collect();
        let terms = [r#"{"taker_e9":1000000,"maker_e9":0,"min_lots":1,"min_notional":0}"#; 4].join(",");
        let config = format!(
            r#"{{"cash":1000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":{volume_share_e9},"collar_e9":30000000,"max_leverage_e9":3000000000,"operated":true,"commands":[{commands}],"instruments":[{terms}]}}"#
        );
        let listing = |symbol: &&str| {
            format!(r#"{{"symbol":"{symbol}","venue":"test","kind":"linear","base":"{symbol}","quote":"USDT","tick":[1,8],"lot":[1,4]}}"#)
        };
        let listings: Vec<String> = SYMBOLS.iter().map(listing).collect();
        let setup = format!(
            r#"{{"instruments":[{}],"interval_ms":{HOUR},"program":{},"config":{},"funding":[{is_funded},{is_funded},{is_funded},{is_funded}],"funding_default":null,"detail_interval_ms":null,"checks":false,"contents":{CONTENTS}}}"#,
            listings.join(","),
            serde_json::Value::from(PROGRAM),
            serde_json::Value::from(config.as_str()),
        );
        Self { bars, rates, setup, config }
    }

    pub fn market(&self) -> Market<'_> {
        let listings = SYMBOLS.iter().map(|symbol| Listing {
            symbol: (*symbol).to_string(),
            venue: "test".into(),
            kind: InstrumentKind::Linear,
            base: (*symbol).to_string(),
            quote: "USDT".into(),
            tick: (1, 8),
            lot: (1, 4),
            contract: None,
        });
        Market::new(listings.collect(), self.bars.iter().map(Bars::rows).collect(), HOUR).expect("a market")
    }

    pub fn program(&self) -> Program {
        Program::parse(PROGRAM, SYMBOLS).expect("a program")
    }

    pub fn config(&self) -> Config {
        Config::from_json(&self.config).expect("a configuration")
    }

    pub fn setup(&self) -> &str {
        &self.setup
    }

    pub fn series(&self) -> Vec<Option<FundingSeries<'_>>> {
        self.rates.iter().map(|(ts, rate)| Some(FundingSeries { ts, rate })).collect()
    }

    /// Makes the run ready for its first row.
    pub fn run<'m>(&self, market: &Market<'m>, series: &[Option<FundingSeries<'m>>], block: usize) -> Replay<'m> {
        let run = Replay::new(market, &self.program(), &self.config(), &[], block).expect("a run");
        run.with_funding(market, series, None).expect("rates").with_stream()
    }

    pub fn outcomes(&self) -> Outcomes {
        Outcomes::new(&self.program().identity(), SYMBOLS.len(), CONTENTS)
    }
}

/// What was acknowledged when, and the state after each row.
#[derive(Default)]
pub struct Trail {
    /// (operations of the disk, control records, tape records) after each commit.
    pub acknowledged: Vec<(usize, u64, u64)>,
    /// Hash of the state after each row; the first is that before the first.
    pub states: Vec<[u8; 32]>,
}

/// How often what is written.
#[derive(Clone, Copy)]
pub struct Pace {
    pub commit: u64,
    pub snapshot: u64,
}

/// Runs a world to its end and keeps its journal on a disk; `operations` tells how many the disk has done.
pub fn keep<D: Disk + Clone>(world: &World, disk: &D, terms: Terms, pace: Pace, operations: impl Fn() -> usize) -> Result<Trail, RunError> {
    keep_in(world, Pair::begin(disk.clone(), terms)?, pace, operations)
}

/// Does the same with journals that are open.
pub fn keep_in<D: Disk + Clone>(world: &World, pair: Pair<D>, pace: Pace, operations: impl Fn() -> usize) -> Result<Trail, RunError> {
    let (market, series) = (world.market(), world.series());
    let mut run = world.run(&market, &series, 1);
    let mut inputs = Inputs::new(&market, None, &series);
    let mut recorder = Recorder::begin(pair, world.setup(), world.outcomes())?;
    let mut trail = Trail { states: vec![run.hash()], ..Trail::default() };
    let note = |trail: &mut Trail, recorder: &Recorder<Pair<D>>| {
        trail.acknowledged.push((operations(), recorder.sink.next(Kind::Control), recorder.sink.next(Kind::Tape)));
    };
    note(&mut trail, &recorder);
    while recorder.row(&mut inputs, &mut run)? {
        run.records.clear();
        trail.states.push(run.hash());
        if recorder.rows % pace.snapshot == 0 {
            recorder.snapshot(&inputs, &run)?;
            note(&mut trail, &recorder);
        } else if recorder.rows % pace.commit == 0 {
            recorder.sink.hand_over()?;
            note(&mut trail, &recorder);
        }
    }
    recorder.agree(run.desk())?;
    let ended = recorder.end(run.desk().equity(), run.hash())?;
    trail.acknowledged.push((operations(), ended.control, ended.tape));
    Ok(trail)
}

/// Reads a whole journal.
pub fn read<D: Disk>(disk: &D, kind: Kind) -> Result<Vec<Written>, JournalError> {
    let mut records = match Records::open(disk, kind) {
        Err(JournalError::Empty { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    while let Some(block) = records.next_block()? {
        found.extend(block.map(|record| (record.head.kind, record.head.time, record.head.tape, record.payload.to_vec())));
    }
    Ok(found)
}
