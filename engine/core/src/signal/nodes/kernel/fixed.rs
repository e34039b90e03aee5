//! Sums in fixed point, held in two floats: exact while values come and go, so there is no drift and the order does not matter.
//!
//! Each value is cut at two binary places (Rump, Ogita and Oishi 2008, "ExtractScalar"): adding and subtracting a large power of two rounds
//! it to a multiple of that power's last place. Sums of such multiples fit 53 bits and never round. What lies below the second cut, about
//! 2⁻⁹⁰ of the largest value, is dropped, for a value that leaves as for one that comes.

use super::value::{get, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// The sum of at most a given number of values.
#[derive(Clone, Copy)]
pub struct Fixed {
    high: f64,
    low: f64,
    cut: f64,
    low_cut: f64,
    limit: f64,
    most: f64,
}

impl Fixed {
    /// Makes an empty sum of at most `most` values.
    pub fn new(most: usize) -> Self {
        Self { high: 0.0, low: 0.0, cut: 0.0, low_cut: 0.0, limit: 0.0, most: most.next_power_of_two() as f64 }
    }

    /// Returns whether a value is there and can be added as it is; if not, `recut` makes room for it.
    #[inline(always)]
    pub fn takes(&self, x: f64) -> bool {
        x.abs() <= self.limit
    }

    /// Cuts a value into its two parts.
    #[inline(always)]
    pub fn parts(&self, x: f64) -> [f64; 2] {
        let high = (self.cut + x) - self.cut;
        let low = (self.low_cut + (x - high)) - self.low_cut;
        [high, low]
    }

    /// Adds parts, or differences of parts.
    #[inline(always)]
    pub fn add(&mut self, [high, low]: [f64; 2]) {
        self.high += high;
        self.low += low;
    }

    /// Takes a value away.
    #[inline(always)]
    pub fn remove(&mut self, x: f64) {
        let [high, low] = self.parts(x);
        self.add([-high, -low]);
    }

    /// Returns the sum, rounded once.
    #[inline(always)]
    pub fn value(&self) -> f64 {
        self.high + self.low
    }

    /// Chooses the cuts for values up to `largest`, with room for some of twice that size. Returns whether they differ from those before: then
    /// the sum is empty, and all values have to be added again.
    pub fn recut(&mut self, largest: f64) -> bool {
        let cut = power_of_two_from(4.0 * self.most * largest);
        if cut == self.cut {
            return false;
        }
        self.set_cut(cut);
        (self.high, self.low) = (0.0, 0.0);
        true
    }

    fn set_cut(&mut self, cut: f64) {
        self.cut = cut;
        self.limit = cut / (2.0 * self.most);
        self.low_cut = cut * (self.most * f64::EPSILON); // EPSILON = 2⁻⁵²: twice `most` rests, each at most 2⁻⁵³ of the cut
    }

    /// Writes the sum.
    pub fn save(&self, to: &mut Writer) {
        put(to, &[self.high, self.low, self.cut]);
    }

    /// Reads the sum into one of as many values.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let mut parts = [0.0; 3];
        get(from, &mut parts)?;
        [self.high, self.low, _] = parts;
        self.set_cut(parts[2]);
        Ok(())
    }
}

/// Returns the largest absolute value of those present.
pub fn largest(values: &[f64]) -> f64 {
    let larger = |most: f64, x: f64| if x > most { x } else { most }; // one instruction; a missing value is never larger
    let blocks = values.chunks_exact(8);
    let rest = blocks.remainder();
    let mut lanes = [0.0; 8];
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = larger(*lane, x.abs());
        }
    }
    let most = rest.iter().map(|x| x.abs()).chain(lanes).fold(0.0, larger);
    if most.is_finite() { most } else { values.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, larger) }
}

/// Returns the smallest power of two that is not below `x` (0 for 0).
fn power_of_two_from(x: f64) -> f64 {
    const FRACTION: u64 = (1 << 52) - 1;
    if x == 0.0 { 0.0 } else { f64::from_bits((x.max(f64::MIN_POSITIVE).to_bits() + FRACTION) & !FRACTION) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_found_from_below() {
        for (x, power) in [(0.0, 0.0), (1.0, 1.0), (1.1, 2.0), (4.0, 4.0), (5e-320, f64::MIN_POSITIVE), (1e300, 2f64.powi(997))] {
            assert_eq!(power_of_two_from(x), power);
        }
    }

    #[test]
    fn the_largest_value_is_found_among_missing_ones() {
        let mut values = vec![f64::NAN; 21];
        assert_eq!(largest(&values), 0.0);
        for i in 0..values.len() {
            values[i] = -5.0 - i as f64;
            assert_eq!(largest(&values), 5.0 + i as f64);
        }
        values[3] = f64::INFINITY;
        assert_eq!(largest(&values), 25.0);
    }

    #[test]
    fn a_sum_returns_to_exactly_zero() {
        let values = [0.1, -3e5, 7.7e-9, 12345.678, 1e6 / 3.0];
        let mut sum = Fixed::new(5);
        assert!(sum.recut(largest(&values)) && !sum.recut(largest(&values)));
        values.iter().for_each(|&x| sum.add(sum.parts(x)));
        assert!(!sum.takes(1e9) && !sum.takes(f64::NAN) && sum.takes(-4e5));
        for x in values {
            sum.remove(x);
        }
        assert_eq!((sum.high, sum.low), (0.0, 0.0));
    }
}
