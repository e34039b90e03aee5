//! What the nodes' tests share: running a node by name, comparing columns, seeded inputs.

use super::find;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node, Params, Warmup};

pub const NAN: f64 = f64::NAN;
pub const INTERVAL_MS: i64 = 60_000;

fn params<'a>(f: &'a [f64], s: &'a str) -> Params<'a> {
    Params { f, s, interval_ms: INTERVAL_MS }
}

/// Builds a node by name.
pub fn build(op: &str, f: &[f64], s: &str) -> Box<dyn Node> {
    (find(op).unwrap_or_else(|| panic!("no node {op}")).build)(&params(f, s)).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns why parameters are refused.
pub fn fails(op: &str, f: &[f64], s: &str) -> String {
    (find(op).expect("known").build)(&params(f, s)).err().expect("refused")
}

/// Returns the warm-up of parameters.
pub fn warmup(op: &str, f: &[f64], s: &str) -> Warmup {
    (find(op).expect("known").warmup)(&params(f, s))
}

/// Runs rows `from..to` of the columns.
pub fn run(node: &mut dyn Node, x: &[&[f64]], ts: &[i64], from: usize, to: usize) -> Vec<f64> {
    let parts: Vec<&[f64]> = x.iter().map(|column| &column[from..to]).collect();
    let mut out = vec![-77.0; to - from];
    let args = Args::new(&parts, &ts[from..to]);
    match &mut out[..] {
        [only] => *only = node.tick(&args),
        _ => node.run(&args, &mut out),
    }
    out
}

/// Runs a node over columns with the given times.
pub fn eval_at(op: &str, f: &[f64], s: &str, x: &[&[f64]], ts: &[i64]) -> Vec<f64> {
    run(build(op, f, s).as_mut(), x, ts, 0, ts.len())
}

/// Runs a node over columns, one row a minute.
pub fn eval(op: &str, f: &[f64], x: &[&[f64]]) -> Vec<f64> {
    let ts: Vec<i64> = (0..x[0].len() as i64).map(|t| t * INTERVAL_MS).collect();
    eval_at(op, f, "", x, &ts)
}

/// Returns a node's snapshot.
pub fn save(node: &dyn Node) -> Vec<u8> {
    let mut to = Writer::default();
    node.save(&mut to);
    to.finish()
}

/// Loads a snapshot to its last byte.
pub fn load(node: &mut dyn Node, bytes: &[u8]) -> Result<(), SnapshotError> {
    let mut from = Reader::new(bytes);
    node.load(&mut from)?;
    from.finish()
}

/// Demands equal values; any missing one has the one pattern of missing, and zeros need not agree in sign.
#[track_caller]
pub fn assert_same(found: &[f64], expected: &[f64]) {
    assert_close(found, expected, 0.0);
}

/// Demands values within a relative error.
#[track_caller]
pub fn assert_close(found: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (&a, &b)) in found.iter().zip(expected).enumerate() {
        let same = if b.is_nan() { a.to_bits() == NAN.to_bits() } else { (a - b).abs() <= relative * b.abs() };
        assert!(same, "row {i}: {a} is not {b}\nfound {found:?}\nexpected {expected:?}");
    }
}

/// A small generator (SplitMix64), so that tests are the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
}

/// Returns n values uniform in [−1, 1).
pub fn random(n: usize, seed: u64) -> Vec<f64> {
    let mut r = Random(seed);
    (0..n).map(|_| 2.0 * r.unit() - 1.0).collect()
}

/// Returns highs, lows and closes of a random walk near 100.
pub fn bars(n: usize, seed: u64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut r = Random(seed);
    let (mut high, mut low, mut close) = (vec![], vec![], vec![]);
    let mut price = 100.0;
    for _ in 0..n {
        let open: f64 = price;
        price += 2.0 * r.unit() - 1.0;
        high.push(open.max(price) + r.unit());
        low.push(open.min(price) - r.unit());
        close.push(price);
    }
    (high, low, close)
}

/// Values whose sums are exact in integers: multiples of 2⁻²⁰, some of them missing, flat for a while or far off.
pub struct Grid {
    pub x: Vec<f64>,
    units: Vec<Option<i128>>,
}

pub const UNITS: f64 = 1_048_576.0;

impl Grid {
    /// Makes n values near `base`, within `spread`.
    pub fn new(n: usize, seed: u64, base: f64, spread: f64) -> Self {
        let mut r = Random(seed);
        let (mut units, mut flat) = (Vec::<Option<i128>>::new(), 0);
        for i in 0..n {
            flat = if flat > 0 { flat - 1 } else { r.below(80).saturating_sub(76) * 12 };
            let fresh = ((base + spread * (2.0 * r.unit() - 1.0)) * UNITS).round() as i128;
            units.push(match r.below(150) {
                0 => None,
                1 => Some(fresh * 10_000),
                _ if flat > 0 && i > 0 => units[i - 1],
                _ => Some(fresh),
            });
        }
        Self { x: units.iter().map(|u| u.map_or(NAN, |u| u as f64 / UNITS)).collect(), units }
    }

    /// Returns the windows of rows (as integers, oldest first), `None` where one is not full or has a missing value.
    pub fn windows(&self, n: usize) -> Vec<Option<Vec<i128>>> {
        (1..=self.units.len()).map(|end| if end < n { None } else { self.units[end - n..end].iter().copied().collect() }).collect()
    }

    /// Applies a formula to each window.
    pub fn over(&self, n: usize, formula: impl Fn(&[i128]) -> f64) -> Vec<f64> {
        self.windows(n).iter().map(|window| window.as_ref().map_or(NAN, |w| formula(w))).collect()
    }
}

/// Returns Σ(a−ā)(b−b̄) in real units, exact but for the last rounding: (nΣab − ΣaΣb) / n.
pub fn co_deviation(a: &[i128], b: &[i128]) -> f64 {
    let n = a.len() as i128;
    let products: i128 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    (n * products - a.iter().sum::<i128>() * b.iter().sum::<i128>()) as f64 / n as f64 / UNITS / UNITS
}
