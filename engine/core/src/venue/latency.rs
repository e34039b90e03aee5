//! How long an order takes to the venue: constant, or log-normal from the order's number alone.
//!
//! A latency depends on seed and number, never on when or how often it is asked for: any cutting of a run gives the same.
use crate::config::Config;
use crate::money::round_half_even;

/// The longest latency, ms: 366 days, as the configuration allows.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// The run's latency model.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// The median, ms.
    ms: i64,
    sigma: f64,
    seed: u64,
    /// Time that the strategy itself takes, ms.
    compute_ms: i64,
    /// Both together, where nothing varies.
    constant_ms: i64,
}

impl Latency {
    /// Builds the model of a configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            ms: config.latency_ms,
            sigma: config.latency_sigma,
            seed: config.latency_seed,
            compute_ms: 0,
            constant_ms: config.latency_ms,
        }
    }

    /// Adds the time that the strategy takes to decide, ms: it is constant, whatever the way to the venue.
    pub fn add_compute(&mut self, ms: i64) {
        (self.compute_ms, self.constant_ms) = (ms, self.ms + ms);
    }

    /// Returns the latency of order `id`, ms.
    #[inline(always)]
    pub fn of(&self, id: u32) -> i64 {
        if self.sigma == 0.0 { self.constant_ms } else { self.compute_ms + self.log_normal(id) }
    }

    /// Box and Muller (1958) over two draws of SplitMix64.
    #[cold]
    #[inline(never)]
    fn log_normal(&self, id: u32) -> i64 {
        let draw = |k: u64| (splitmix64(self.seed.wrapping_add(2 * u64::from(id)).wrapping_add(k)) >> 11) as f64;
        let scale = 1.0 / (1u64 << 53) as f64;
        let (u1, u2) = ((draw(0) + 1.0) * scale, draw(1) * scale);
        let z = libm::sqrt(-2.0 * libm::log(u1)) * libm::cos(2.0 * std::f64::consts::PI * u2);
        let ms = self.ms as f64 * libm::exp(self.sigma * z);
        round_half_even(ms).map_or(LONGEST_MS, |ms| ms.min(LONGEST_MS))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), as published by Vigna.
fn splitmix64(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_the_published_sequence() {
        // First outputs of Vigna's splitmix64.c with seed 1234567.
        let step = 0x9E37_79B9_7F4A_7C15u64;
        let outputs: Vec<u64> = (0..3).map(|k| splitmix64(1_234_567u64.wrapping_add(step.wrapping_mul(k)))).collect();
        assert_eq!(outputs, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn latencies_are_log_normal_around_the_setting() {
        let latency = Latency { ms: 1_000, sigma: 0.5, seed: 7, compute_ms: 0, constant_ms: 1_000 };
        let mut all: Vec<i64> = (0..20_001).map(|id| latency.of(id)).collect();
        assert_eq!(latency.of(3), all[3], "a number always has the same latency");
        let logs: Vec<f64> = all.iter().map(|&ms| (ms as f64 / 1_000.0).ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let sigma = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
        assert!(mean.abs() < 0.01 && (sigma - 0.5).abs() < 0.01, "mean {mean}, sigma {sigma}");
        all.sort_unstable();
        assert!((990..=1_010).contains(&all[10_000]), "the median is the setting, got {}", all[10_000]);
        assert_eq!(Latency { sigma: 0.0, ..latency }.of(9), 1_000);
        for sigma in [0.0, 0.5] {
            let mut slow = Latency { sigma, ..latency };
            let before = slow.of(3);
            slow.add_compute(40);
            assert_eq!(slow.of(3), before + 40, "the strategy's own time comes on top");
        }
        assert!(Latency { ms: LONGEST_MS, sigma: 10.0, seed: 1, compute_ms: 0, constant_ms: LONGEST_MS }.of(1) <= LONGEST_MS);
    }
}
