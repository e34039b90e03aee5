//! A histogram of times with two significant digits: fixed memory, a handful of instructions for a value, one writer.
//!
//! Buckets as in HdrHistogram (G. Tene): each doubling is cut into [`STEPS`] equal steps, so that a bucket is at most 1/128 wide.

/// Steps of each doubling.
const STEPS: u32 = 128;
/// Times from 2^40 ns (18 minutes) on fall into the last bucket.
const LARGEST_BIT: u32 = 40;
const BUCKETS: usize = ((LARGEST_BIT - STEPS.ilog2() + 1) * STEPS) as usize;

/// Counts of times, ns.
#[derive(Clone)]
pub struct Histogram {
    counts: Box<[u64]>,
    count: u64,
    total_ns: u64,
    most_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS].into(), count: 0, total_ns: 0, most_ns: 0 }
    }
}

#[inline(always)]
fn bucket(ns: u64) -> usize {
    let ns = ns.min((1 << LARGEST_BIT) - 1);
    if ns < u64::from(STEPS) {
        return ns as usize;
    }
    let doubling = ns.ilog2() - STEPS.ilog2();
    (doubling * STEPS) as usize + (ns >> doubling) as usize
}

/// Returns the largest time of a bucket, ns.
fn end_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let steps = u64::from(STEPS);
    if bucket < steps {
        return bucket;
    }
    let doubling = bucket / steps - 1;
    ((bucket - doubling * steps + 1) << doubling) - 1
}

impl Histogram {
    /// Counts a time.
    #[inline]
    pub fn record(&mut self, ns: u64) {
        self.record_many(ns, 1);
    }

    /// Counts a time that was measured for `times` events together.
    #[inline]
    pub fn record_many(&mut self, ns: u64, times: u64) {
        self.counts[bucket(ns)] += times;
        self.count += times;
        self.total_ns += ns * times;
        self.most_ns = self.most_ns.max(ns);
    }

    /// Adds what another has counted.
    pub fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(to, from)| *to += from);
        self.count += other.count;
        self.total_ns += other.total_ns;
        self.most_ns = self.most_ns.max(other.most_ns);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        (self.count, self.total_ns, self.most_ns) = (0, 0, 0);
    }

    /// Returns how many times were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the sum of all times, ns.
    pub fn total_ns(&self) -> u64 {
        self.total_ns
    }

    /// Returns the longest time, ns; exact.
    pub fn most_ns(&self) -> u64 {
        self.most_ns
    }

    /// Returns the time that a `part` (0 to 1) of all does not exceed, ns: the end of its bucket, at most the longest; 0 of none.
    pub fn quantile(&self, part: f64) -> u64 {
        let wanted = ((self.count as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|&count| {
            seen += count;
            seen >= wanted
        });
        found.map_or(0, |bucket| end_of(bucket).min(self.most_ns))
    }

    /// Returns how many times were at most `ns`; those of the bucket in which it lies count if the bucket ends there.
    pub fn at_most(&self, ns: u64) -> u64 {
        let whole = bucket(ns) + usize::from(end_of(bucket(ns)) <= ns);
        self.counts[..whole].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_stand_side_by_side_and_none_is_wider_than_a_128th() {
        let mut next = 0;
        for bucket_number in 0..BUCKETS {
            let end = end_of(bucket_number);
            assert_eq!((bucket(next), bucket(end)), (bucket_number, bucket_number));
            assert!((end - next) as f64 <= end as f64 / 128.0, "{next}..={end}");
            next = end + 1;
        }
        assert_eq!(next, 1 << LARGEST_BIT);
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_times() {
        let mut histogram = Histogram::default();
        let mut times: Vec<u64> = (1..=2_000_u64).map(|i| i * i % 1_000_003).collect();
        times.iter().for_each(|&ns| histogram.record(ns));
        times.sort_unstable();
        for part in [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let exact = times[((part * 2_000.0_f64).ceil() as usize).max(1) - 1];
            let told = histogram.quantile(part);
            assert!(told >= exact && told as f64 <= exact as f64 * (1.0 + 1.0 / 128.0) + 1.0, "{part}: {told} for {exact}");
        }
        assert_eq!((histogram.count(), histogram.most_ns(), histogram.total_ns()), (2_000, times[1_999], times.iter().sum()));
        let at_most = times.iter().filter(|&&ns| ns <= 65_535).count() as u64;
        assert_eq!(histogram.at_most(65_535), at_most, "exact where a bucket ends");
    }

    #[test]
    fn what_two_have_counted_adds_up() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        one.record_many(10, 3);
        other.record(5_000);
        one.add(&other);
        assert_eq!((one.count(), one.total_ns(), one.most_ns(), one.quantile(0.5)), (4, 5_030, 5_000, 10));
        one.clear();
        assert_eq!((one.count(), one.quantile(0.5), one.at_most(u64::MAX)), (0, 0, 0));
    }
}
