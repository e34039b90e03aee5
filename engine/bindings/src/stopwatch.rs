//! Times of callbacks: a clock from handing out to coming back, and a histogram of what it measured. Never part of a result.
use std::time::Instant;

/// Sub-steps of each doubling: a bucket is at most 1/16 wide.
const STEPS: u32 = 16;
const BUCKETS: usize = (64 * STEPS) as usize;

/// Measures callbacks.
pub struct Stopwatch {
    begun: Option<Instant>,
    counts: Box<[u64; BUCKETS]>,
    pub count: u64,
    total_ns: u64,
    most_ns: u64,
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self { begun: None, counts: Box::new([0; BUCKETS]), count: 0, total_ns: 0, most_ns: 0 }
    }
}

fn bucket(ns: u64) -> usize {
    if ns < u64::from(STEPS) {
        return ns as usize;
    }
    let doubling = ns.ilog2();
    let within = (ns >> (doubling - STEPS.ilog2())) & u64::from(STEPS - 1);
    ((doubling - STEPS.ilog2() + 1) * STEPS) as usize + within as usize
}

/// Returns the upper end of a bucket, ns.
fn end_of(bucket: usize) -> u64 {
    let (doubling, within) = (bucket as u32 / STEPS, bucket as u64 % u64::from(STEPS));
    if doubling == 0 { within } else { ((u64::from(STEPS) + within + 1) << (doubling - 1)) - 1 }
}

impl Stopwatch {
    /// Starts with a callback.
    pub fn start(&mut self) {
        self.begun = Some(Instant::now());
    }

    /// Stops where one is running.
    pub fn stop(&mut self) {
        if let Some(begun) = self.begun.take() {
            let ns = begun.elapsed().as_nanos() as u64;
            self.counts[bucket(ns)] += 1;
            self.count += 1;
            self.total_ns += ns;
            self.most_ns = self.most_ns.max(ns);
        }
    }

    /// Returns mean, the quantiles asked for, and the longest, ns; zeros before the first.
    pub fn figures(&self, quantiles: [f64; 2]) -> [f64; 4] {
        let mean = self.total_ns as f64 / self.count.max(1) as f64;
        let [low, high] = quantiles.map(|part| self.quantile(part) as f64);
        [mean, low, high, self.most_ns as f64]
    }

    fn quantile(&self, part: f64) -> u64 {
        let wanted = (self.count as f64 * part).ceil() as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|&count| {
            seen += count;
            seen >= wanted && seen > 0
        });
        found.map_or(0, |bucket| end_of(bucket).min(self.most_ns))
    }
}
