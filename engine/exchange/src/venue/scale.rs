//! From ticks and lots to amounts: every product is exact in 128 bits, every rounding is named.

use crate::Amount;
use crate::profile::decimal::ONE;

/// What one tick and one lot of a symbol's book are.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Price of one tick.
    pub tick: Amount,
    /// Base quantity of one lot.
    pub lot: Amount,
    /// Quote of one lot at one tick, where that is a whole number of 1e-8: the common case needs no division.
    whole: Amount,
}

/// Which way a quote amount that is no whole 1e-8 goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Towards zero: what is paid.
    Down,
    /// Away from zero: what is locked.
    Up,
}

impl Scale {
    /// Returns the scale of a tick and a lot.
    #[must_use]
    pub fn new(tick: Amount, lot: Amount) -> Self {
        let product = i128::from(tick) * i128::from(lot);
        let whole = if product % i128::from(ONE) == 0 { i64::try_from(product / i128::from(ONE)).unwrap_or(0) } else { 0 };
        Self { tick, lot, whole }
    }

    /// Returns the quote amount of lots at a price; none where it does not fit.
    #[inline]
    #[must_use]
    pub fn quote(&self, ticks: i64, lots: i64, round: Round) -> Option<Amount> {
        if self.whole != 0 {
            return ticks.checked_mul(lots)?.checked_mul(self.whole);
        }
        product(ticks.checked_mul(self.tick)?, lots.checked_mul(self.lot)?, round)
    }

    /// Returns the price of ticks.
    #[inline]
    #[must_use]
    pub fn price(&self, ticks: i64) -> Amount {
        ticks * self.tick
    }

    /// Returns the base quantity of lots.
    #[inline]
    #[must_use]
    pub fn base(&self, lots: i64) -> Amount {
        lots * self.lot
    }
}

/// Divides by one number, of what it divides without a rest only: two products instead of a division.
///
/// With r = ⌈2⁶³ / d⌉ a multiple n = k·d below 2⁶³ gives ⌊n·r / 2⁶³⌋ = k, since the error n·(r·d − 2⁶³) / (d·2⁶³) is below 1; of what
/// is no multiple no k gives n back.
#[derive(Debug, Clone, Copy)]
pub struct Exact {
    by: i64,
    reciprocal: u64,
}

impl Exact {
    /// Divides by one.
    pub const ONE: Self = Self { by: 1, reciprocal: 1 << 63 };

    /// Returns the divider by a number above 0.
    #[must_use]
    pub fn new(by: Amount) -> Self {
        Self { by, reciprocal: (1_u64 << 63).div_ceil(by as u64) }
    }

    /// Returns how often the number is in an amount of at least 0; none where there is a rest.
    #[inline]
    #[must_use]
    pub fn times(&self, amount: Amount) -> Option<i64> {
        let times = ((u128::from(amount as u64) * u128::from(self.reciprocal)) >> 63) as i64;
        (times.wrapping_mul(self.by) == amount && amount >= 0).then_some(times)
    }
}

/// Returns a product of two amounts in units of 1e-8; none where it does not fit. Neither is negative.
#[inline]
#[must_use]
pub fn product(one: Amount, other: Amount, round: Round) -> Option<Amount> {
    let more = if round == Round::Up { ONE - 1 } else { 0 };
    if let Some(small) = (one as u64).checked_mul(other as u64).and_then(|small| small.checked_add(more as u64)) {
        return Some((small / ONE as u64) as i64);
    }
    i64::try_from((i128::from(one) * i128::from(other) + i128::from(more)) / i128::from(ONE)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividing_by_products_is_dividing() {
        let mut seed = 1_u64;
        for step in 0..200_000_u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            let by = ((seed >> 1) as i64 >> (seed % 63)).max(1);
            let any = (seed.rotate_left(17) >> 1) as i64 >> (seed >> 8 & 31);
            for amount in [any, any / by * by, (any / by * by).saturating_add(1), 0, by, i64::MAX, i64::MAX / by * by, -by] {
                let wanted = (amount >= 0 && amount % by == 0).then(|| amount / by);
                assert_eq!(Exact::new(by).times(amount), wanted, "{amount} by {by}");
            }
        }
    }

    #[test]
    fn quotes_are_the_products_rounded_as_named() {
        let fine = Scale::new(1_000, 10_000);
        assert_eq!(fine.quote(7_531, 3, Round::Down), Some(2_259), "0.07531 × 0.0003 = 0.000022593");
        assert_eq!(fine.quote(7_531, 3, Round::Up), Some(2_260));
        let plain = Scale::new(1_000_000, 1_000);
        assert_eq!(plain.quote(6_000_000, 100_000, Round::Down), Some(60_000 * ONE));
        assert_eq!(plain.quote(i64::MAX / 2, 3, Round::Up), None);
        assert_eq!(product(90_000_000 * ONE, 900 * ONE, Round::Up), Some(81_000_000_000 * ONE));
        assert_eq!(product(i64::MAX, i64::MAX, Round::Down), None);
    }
}
