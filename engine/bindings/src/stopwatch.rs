//! Times of callbacks: a clock from handing out to coming back, and a histogram of what it measured. Never part of a result.
use bot4_engine::telemetry::Histogram;
use std::time::Instant;

/// Measures callbacks.
#[derive(Default)]
pub struct Stopwatch {
    begun: Option<Instant>,
    times: Histogram,
}

impl Stopwatch {
    /// Starts with a callback.
    pub fn start(&mut self) {
        self.begun = Some(Instant::now());
    }

    /// Stops where one is running.
    pub fn stop(&mut self) {
        if let Some(begun) = self.begun.take() {
            self.times.record(begun.elapsed().as_nanos() as u64);
        }
    }

    /// Returns how many callbacks were measured.
    pub fn count(&self) -> u64 {
        self.times.count()
    }

    /// Returns mean, the quantiles asked for, and the longest, ns; zeros before the first.
    pub fn figures(&self, quantiles: [f64; 2]) -> [f64; 4] {
        let mean = self.times.total_ns() as f64 / self.count().max(1) as f64;
        let [low, high] = quantiles.map(|part| self.times.quantile(part) as f64);
        [mean, low, high, self.times.most_ns() as f64]
    }
}
