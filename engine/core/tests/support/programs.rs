//! Random programs, and a toy desk that closes the feedback loop: what the tests of whole programs share.

use super::market::{Bars, HOUR, Random, SYMBOLS};
use bot4_engine::event::{AccountView, PositionView};
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::signal::{AssetRows, GridBuilder, Program, Signals, catalogue};

/// Where a node can be used.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    clock: usize,
    only: Option<&'static str>,
    truth: bool,
}

/// Writes programs node by node.
pub struct Writing {
    pub nodes: Vec<String>,
    places: Vec<Place>,
    symbols: &'static [&'static str],
}

impl Writing {
    fn node(&mut self, op: &str, inputs: &[usize], f: &[f64], s: &str, place: Place) -> usize {
        let only = place.only.map_or(String::new(), |symbol| format!(",\"only\":\"{symbol}\""));
        self.nodes.push(format!("{{\"op\":\"{op}\",\"in\":{inputs:?},\"f\":{f:?},\"s\":\"{s}\",\"clock\":{}{only}}}", place.clock));
        self.places.push(place);
        self.nodes.len() - 1
    }

    /// Finds an earlier node that may be read at `place` (whatever it holds, if `truth` does not matter).
    fn find(&self, random: &mut Random, place: Place, exact: bool) -> usize {
        let fits = |p: &Place| p.clock == place.clock && (p.only.is_none() || p.only == place.only) && (!exact || p.truth == place.truth);
        let all: Vec<usize> = (0..self.places.len()).filter(|&i| fits(&self.places[i])).collect();
        // Recent nodes more often: chains get deep.
        let from = if random.below(2) == 0 { all.len().saturating_sub(6) } else { 0 };
        *random.pick(&all[from..])
    }

    fn step(&mut self, random: &mut Random, feedback: bool) {
        let only = if random.below(5) == 0 { Some(*random.pick(self.symbols)) } else { None };
        let place = Place { clock: random.below(5).saturating_sub(2), only, truth: false };
        let base = Place { clock: 0, ..place };
        match random.below(14) {
            0 => self.carry(random, place),
            1 => {
                let source = *random.pick(self.symbols);
                let event = random.below(2) == 0;
                let at = Place { clock: 0, only: Some(source), truth: event };
                let input = self.find(random, at, true);
                self.node(if event { "pick_event" } else { "pick" }, &[input], &[], source, Place { truth: event, ..base });
            }
            2 => {
                let input = self.find(random, Place { only: None, ..base }, true);
                let (op, f): (&str, &[f64]) = *random.pick(&[
                    ("cs_rank", &[] as &[f64]),
                    ("cs_zscore", &[]),
                    ("cs_demean", &[]),
                    ("cs_scale", &[1.5]),
                    ("cs_scale", &[1.0, 0.5]),
                    ("cs_bucket", &[3.0]),
                    ("cs_top", &[2.0]),
                ]);
                self.node(op, &[input], f, "", Place { only: None, truth: op == "cs_top", ..base });
            }
            3 => self.state_loop(random, place),
            4 if feedback => {
                let fields = ["qty", "weight", "avg_price", "bars_held", "pnl", "flat", "is_open"];
                let field = *random.pick(&fields);
                self.node("pos", &[], &[], field, base);
            }
            5 if feedback => {
                self.node("account", &[], &[], "equity", base);
            }
            _ => self.local(random, place),
        }
    }

    fn carry(&mut self, random: &mut Random, place: Place) {
        let slow = Place { clock: 1 + random.below(2), ..place };
        let event = random.below(2) == 0;
        let input = self.find(random, Place { truth: event, ..slow }, true);
        self.node(if event { "carry_event" } else { "carry" }, &[input], &[], "", Place { clock: 0, truth: event, ..slow });
    }

    /// A `state`, some nodes that may read it, and the later node that it reads.
    fn state_loop(&mut self, random: &mut Random, place: Place) {
        let state = self.node("state", &[usize::MAX], &[random.below(3) as f64], "", place);
        let mut last = state;
        for _ in 0..1 + random.below(4) {
            let other = self.find(random, place, true);
            last = self.binary(random, [last, other], place);
            if random.below(8) == 0 && place.clock == 0 && place.only.is_none() {
                last = self.node("cs_demean", &[last], &[], "", place);
            }
        }
        let text = self.nodes[state].replace(&usize::MAX.to_string(), &last.to_string());
        self.nodes[state] = text;
    }

    fn binary(&mut self, random: &mut Random, inputs: [usize; 2], place: Place) -> usize {
        let names: Vec<&str> = catalogue().iter().map(|kind| kind.0).collect();
        let ops: Vec<&str> = ["add", "sub", "mul", "div", "minimum", "maximum"].into_iter().filter(|op| names.contains(op)).collect();
        let op = *random.pick(&ops);
        self.node(op, &inputs, &[], "", place)
    }

    /// A node of the catalogue with random parameters.
    fn local(&mut self, random: &mut Random, place: Place) {
        let kinds: Vec<_> = catalogue().into_iter().filter(|kind| parameters(kind.0, &mut Random(1), place.clock).is_some()).collect();
        let &(op, _, count) = random.pick(&kinds);
        let (f, s) = parameters(op, random, place.clock).expect("filtered");
        let truth = TRUTH.contains(&op);
        let wants_truth = ["and", "or", "not", "latch", "bars_since"].contains(&op);
        let inputs: Vec<usize> = (0..count)
            .map(|i| {
                let condition = wants_truth || (op == "where" && i == 0) || (op == "hold_when" && i == 1);
                self.find(random, Place { truth: condition, ..place }, true)
            })
            .collect();
        self.node(op, &inputs, &f, s, Place { truth, ..place });
    }
}

const TRUTH: [&str; 13] =
    ["lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "is_missing", "between", "crosses_above", "crosses_below"];

/// Returns random parameters of a catalogue node; none for the executor's own operations.
fn parameters(op: &str, random: &mut Random, clock: usize) -> Option<(Vec<f64>, &'static str)> {
    let n = (2 + random.below(12)) as f64;
    let span = (HOUR * [1, 4, 24][clock] * (2 + random.below(6) as i64)) as f64;
    let (window, s) = if random.below(4) == 0 { (span, "ms") } else { (n, "") };
    Some(match op {
        "shift" | "change" | "returns" | "log_return" => (vec![window], s),
        "roll_sum" | "roll_mean" | "roll_min" | "roll_max" | "roll_rank" | "roll_corr" | "roll_beta" => (vec![window], s),
        "roll_var" | "roll_std" | "roll_zscore" => (vec![window, random.below(2) as f64], s),
        "ema" | "rma" | "atr" | "rsi" => (vec![n], ""),
        "ewm_mean" | "ewm_std" => (vec![0.05 + random.unit() * 0.9], ""),
        "clock" | "const" | "col" | "state" | "carry" | "carry_event" | "pick" | "pick_event" | "pos" | "account" => return None,
        own if own.starts_with("cs_") => return None,
        _ => (vec![], ""),
    })
}

/// Writes a random program and names the nodes on the base clock that may be its outputs.
pub fn random_program(random: &mut Random, steps: usize, feedback: bool) -> (String, Vec<usize>) {
    let mut writing = Writing { nodes: Vec::new(), places: Vec::new(), symbols: SYMBOLS };
    for clock in 0..3 {
        for only in [None].into_iter().chain(SYMBOLS.iter().copied().map(Some)) {
            let place = Place { clock, only, truth: false };
            let columns = if only.is_none() { &["open", "high", "low", "close", "volume"][..] } else { &["close", "volume"][..] };
            let all: Vec<usize> = columns.iter().map(|column| writing.node("col", &[], &[], column, place)).collect();
            let c = writing.node("const", &[], &[100.0 + random.unit()], "", place);
            writing.node("gt", &[all[all.len() - 2], c], &[], "", Place { truth: true, ..place });
        }
    }
    (0..steps).for_each(|_| writing.step(random, feedback));
    let base: Vec<usize> = (0..writing.nodes.len()).filter(|&node| writing.places[node].clock == 0).collect();
    let mut outputs: Vec<usize> = (0..6).map(|_| *random.pick(&base[base.len() / 3..])).collect();
    outputs.extend(base.last());
    let json = format!(
        "{{\"version\":1,\"kind\":\"portfolio\",\"interval_ms\":{HOUR},\"clocks\":[{HOUR},{},{}],\"rebalance\":null,\"nodes\":[{}],\"targets\":[]}}",
        4 * HOUR,
        24 * HOUR,
        writing.nodes.join(",")
    );
    (json, outputs)
}

/// Outputs by (output, asset), and the bytes of the final state.
pub struct Outcome {
    pub columns: Vec<Vec<u64>>,
    pub state: Vec<u8>,
}

/// A program on its way over bars, with a toy desk: the position is the sign of the first output, rounded.
pub struct Run<'a> {
    pub signals: Signals,
    grid: GridBuilder,
    market: &'a [Bars],
    outputs: &'a [usize],
    views: Vec<PositionView>,
    equity: f64,
    pub columns: Vec<Vec<u64>>,
}

impl<'a> Run<'a> {
    pub fn new(program: &Program, market: &'a [Bars], outputs: &'a [usize], capacity: usize) -> Self {
        Self {
            signals: Signals::new(program, outputs, capacity).unwrap(),
            grid: GridBuilder::new(market.len(), capacity),
            market,
            outputs,
            views: vec![PositionView { avg_price: f64::NAN, ..Default::default() }; market.len()],
            equity: 1000.0,
            columns: vec![Vec::new(); outputs.len() * market.len()],
        }
    }

    /// Takes one block; returns its rows.
    pub fn block(&mut self, limit: usize) -> usize {
        let times: Vec<&[i64]> = self.market.iter().map(|bars| bars.ts.as_slice()).collect();
        let len = self.grid.advance(&times, limit).len();
        let rows: Vec<AssetRows<'_>> = self.market.iter().enumerate().map(|(i, bars)| bars.rows().slice(self.grid.range(i))).collect();
        let grid = self.grid.grid();
        self.signals.run(&rows, &grid);
        for row in 0..len {
            let account = AccountView { equity: self.equity, ..Default::default() };
            self.signals.feedback(row, &self.views, &account);
            for entry in grid.present(row) {
                let asset = entry.asset as usize;
                let column = self.signals.column(self.outputs[0], asset);
                let Some(&target) = column.get(entry.row as usize) else { continue };
                let close = rows[asset].close[entry.row as usize];
                let view = &mut self.views[asset];
                view.bars_held = if view.qty == 0.0 { 0.0 } else { view.bars_held + 1.0 };
                let wanted = if target == 0.0 { 0.0 } else { target.signum() };
                if !wanted.is_nan() && wanted != view.qty {
                    view.qty = wanted;
                    view.bars_held = 0.0;
                    view.avg_price = if wanted == 0.0 { f64::NAN } else { close };
                }
                view.pnl = if view.qty == 0.0 { 0.0 } else { (close / view.avg_price - 1.0) * view.qty };
                self.equity += view.pnl;
            }
        }
        for (i, &node) in self.outputs.iter().enumerate() {
            for asset in 0..self.market.len() {
                let bits = self.signals.column(node, asset).iter().map(|x| x.to_bits());
                self.columns[i * self.market.len() + asset].extend(bits);
            }
        }
        len
    }

    pub fn finish(self) -> Outcome {
        Outcome { state: state(&self.signals), columns: self.columns }
    }

    /// Saves the signals and puts fresh ones, restored, in their place.
    pub fn restore(&mut self, program: &Program, capacity: usize) {
        let bytes = state(&self.signals);
        self.signals = Signals::new(program, self.outputs, capacity).unwrap();
        let mut reader = Reader::new(&bytes);
        self.signals.load(&mut reader).unwrap();
        reader.finish().unwrap();
    }
}

pub fn state(signals: &Signals) -> Vec<u8> {
    let mut writer = Writer::default();
    signals.save(&mut writer);
    writer.finish()
}

/// Runs everything in blocks of at most `limit` rows.
pub fn outcome(program: &Program, market: &[Bars], outputs: &[usize], limit: usize) -> Outcome {
    let mut run = Run::new(program, market, outputs, limit);
    while run.block(limit) > 0 {}
    run.finish()
}
