//! Latencies: how long a request takes to the venue and a report back. Constant, log-normal, or drawn from or read along recorded samples.

use crate::random::Random;

/// How one kind of latency comes about. Every result is ns and at least 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Latency {
    /// Always the same.
    Constant(i64),
    /// median × exp(sigma × normal): latencies have one long tail.
    LogNormal {
        /// ns.
        median_ns: i64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// One of the samples, drawn anew each time.
    Drawn(Box<[i64]>),
    /// Read along (time ns, latency ns), straight between samples and constant beyond the ends; the times rise.
    Recorded(Box<[(i64, i64)]>),
}

impl Latency {
    /// Returns whether it can be used: nothing negative, samples where they are needed, times that rise.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Constant(ns) => *ns >= 0,
            Self::LogNormal { median_ns, sigma } => *median_ns >= 0 && (0.0..=10.0).contains(sigma),
            Self::Drawn(samples) => !samples.is_empty() && samples.iter().all(|&ns| ns >= 0),
            Self::Recorded(samples) => {
                !samples.is_empty() && samples.iter().all(|&(_, ns)| ns >= 0) && samples.windows(2).all(|pair| pair[0].0 < pair[1].0)
            }
        }
    }

    /// Returns a latency for what is sent at `at_ns`.
    #[inline]
    pub fn ns(&self, at_ns: i64, random: &mut Random) -> i64 {
        match self {
            Self::Constant(ns) => *ns,
            Self::LogNormal { median_ns, sigma } => (*median_ns as f64 * libm::exp(sigma * random.normal())) as i64,
            Self::Drawn(samples) => samples[random.below(samples.len() as u64) as usize],
            Self::Recorded(samples) => between(samples, at_ns),
        }
    }
}

/// Reads a line through samples at a time.
fn between(samples: &[(i64, i64)], at: i64) -> i64 {
    let after = samples.partition_point(|&(time, _)| time <= at);
    if after == 0 {
        return samples[0].1;
    }
    let (from, low) = samples[after - 1];
    let Some(&(to, high)) = samples.get(after) else { return low };
    let part = i128::from(high - low) * i128::from(at - from) / i128::from(to - from);
    low + part as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_latency_is_read_along_the_line() {
        let line = Latency::Recorded(Box::new([(100, 10), (200, 30), (300, 20)]));
        let read = |at| line.ns(at, &mut Random::new(0));
        assert_eq!([0, 100, 150, 200, 275, 300, 999].map(read), [10, 10, 20, 30, 23, 20, 20]);
    }

    #[test]
    fn log_normal_latency_has_its_median_and_the_seed_repeats_it() {
        let latency = Latency::LogNormal { median_ns: 1_000_000, sigma: 0.5 };
        let draw = |seed| {
            let mut random = Random::new(seed);
            (0..10_001).map(|_| latency.ns(0, &mut random)).collect::<Vec<_>>()
        };
        let mut drawn = draw(3);
        assert_eq!(drawn, draw(3));
        assert_ne!(drawn, draw(4));
        drawn.sort_unstable();
        assert!((drawn[5_000] - 1_000_000).abs() < 20_000, "{}", drawn[5_000]);
        // The upper quartile of a log-normal: median × exp(0.6745 sigma).
        assert!((drawn[7_500] as f64 / 1e6 - (0.5_f64 * 0.6745).exp()).abs() < 0.03);
    }

    #[test]
    fn what_cannot_be_a_latency_is_unsound() {
        assert!(Latency::Drawn(Box::new([5, 7])).is_sound());
        let mut random = Random::new(1);
        assert!((0..50).all(|_| [5, 7].contains(&Latency::Drawn(Box::new([5, 7])).ns(0, &mut random))));
        for latency in [
            Latency::Constant(-1),
            Latency::LogNormal { median_ns: 1, sigma: f64::NAN },
            Latency::Drawn(Box::new([])),
            Latency::Drawn(Box::new([-1])),
            Latency::Recorded(Box::new([(2, 1), (1, 1)])),
        ] {
            assert!(!latency.is_sound(), "{latency:?}");
        }
    }
}
