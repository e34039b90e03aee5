//! Values of one row: what is missing, how it is written, and addition without rounding.

use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::Args;

/// Returns the result of a node: `r`, or missing (always the same NaN bits) where it is not finite.
///
/// A choice and no branch, so that loops over it become vector code.
#[inline(always)]
pub fn finite(r: f64) -> f64 {
    if present(r) { r } else { f64::NAN }
}

/// Returns whether a value is there (neither missing nor infinite).
#[inline(always)]
pub fn present(x: f64) -> bool {
    x.abs() <= f64::MAX // one comparison, where `is_finite` compiles to two
}

/// Returns whether a value counts as true: missing does not.
#[inline(always)]
pub fn is_true(x: f64) -> bool {
    (x != 0.0) & !x.is_nan()
}

/// Returns a bool as a column holds it.
#[inline(always)]
pub fn bool_value(b: bool) -> f64 {
    if b { 1.0 } else { 0.0 }
}

/// Returns the columns of a call.
#[inline(always)]
pub fn columns<'a, const K: usize>(args: &Args<'a>) -> [&'a [f64]; K] {
    std::array::from_fn(|k| args.input(k))
}

/// Returns row `i` of the columns.
#[inline(always)]
pub fn row<const K: usize>(columns: &[&[f64]; K], i: usize) -> [f64; K] {
    std::array::from_fn(|k| columns[k][i])
}

/// Returns whether every value of the columns is present.
#[inline(always)]
pub fn all_present<const K: usize>(columns: &[&[f64]; K]) -> bool {
    columns.iter().all(|column| column.iter().fold(true, |all, &x| all & present(x)))
}

/// An exact sum of few values: `high` is the sum rounded, `low` what rounding took away (Knuth's TwoSum).
#[derive(Clone, Copy, Default)]
pub struct Exact {
    high: f64,
    low: f64,
}

impl Exact {
    /// Adds a value.
    #[inline(always)]
    pub fn add(self, x: f64) -> Self {
        let high = self.high + x;
        let back = high - self.high;
        let error = (self.high - (high - back)) + (x - back);
        Self { high, low: self.low + error }
    }

    /// Returns the sum, rounded once.
    #[inline(always)]
    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// Writes the sum.
    pub fn save(&self, to: &mut Writer) {
        put(to, &[self.high, self.low]);
    }

    /// Reads the sum.
    pub fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { high: from.f64()?, low: from.f64()? })
    }
}

/// Writes floats; a missing one always with the same bits, whichever instruction made it.
pub fn put(to: &mut Writer, xs: &[f64]) {
    xs.iter().for_each(|&x| to.f64(if x.is_nan() { f64::NAN } else { x }));
}

/// Reads floats.
pub fn get(from: &mut Reader<'_>, xs: &mut [f64]) -> Result<(), SnapshotError> {
    for x in xs {
        *x = from.f64()?;
    }
    Ok(())
}

/// Reads an index or a count and refuses one above `most`.
pub fn get_index(from: &mut Reader<'_>, what: &'static str, most: usize) -> Result<usize, SnapshotError> {
    let found = from.u64()?;
    if found <= most as u64 { Ok(found as usize) } else { Err(SnapshotError::Mismatch { what, expected: most as u64, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_are_not_finite_become_one_nan() {
        for bad in [f64::INFINITY, f64::NEG_INFINITY, -f64::NAN, f64::from_bits(0x7ff8_dead_beef_0001)] {
            assert_eq!(finite(bad).to_bits(), f64::NAN.to_bits());
        }
        assert_eq!(finite(-0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(finite(f64::MAX), f64::MAX);
    }

    #[test]
    fn one_missing_value_anywhere_is_found() {
        let mut column = vec![1.5; 37];
        assert!(all_present(&[&column[..], &column[..]]));
        for i in 0..column.len() {
            column[i] = f64::NAN;
            assert!(!all_present(&[&column[..]]), "row {i}");
            column[i] = 1.5;
        }
    }

    #[test]
    fn exact_sums_keep_what_rounding_takes() {
        let sum = [1e16, 1.0, -1e16, 1.0].into_iter().fold(Exact::default(), Exact::add);
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn an_index_beyond_its_bound_is_refused() {
        let mut to = Writer::default();
        to.u64(5);
        let bytes = to.finish();
        assert_eq!(get_index(&mut Reader::new(&bytes), "place", 5), Ok(5));
        assert!(get_index(&mut Reader::new(&bytes), "place", 4).unwrap_err().to_string().contains("place"));
    }
}
