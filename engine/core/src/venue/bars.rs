//! What a market order gets inside a bar: how many lots, at which price.
//!
//! Pure rules without state but the lots already taken from the bar. Order of operations: volume, price.

use crate::config::UNLIMITED;
use crate::money::{E9, Overflow, rate_ceil};

/// Parkinson (1980): volatility of a bar is its range divided by 2·√(ln 2).
pub const PARKINSON: f64 = 0.600_561_204_393_224_9;

/// One bar in ticks and lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Open price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Traded lots.
    pub volume: i64,
}

/// The bar venue's model of costs and liquidity.
#[derive(Debug, Clone, Copy)]
pub struct BarVenue {
    /// Half spread, billionths of the price.
    pub half_spread_e9: i64,
    /// Impact coefficient.
    pub impact: f64,
    /// Share of the volume own fills may take, billionths; [`UNLIMITED`] = any number of lots.
    pub volume_share_e9: i64,
}

impl BarVenue {
    /// Returns the lots that all own fills may take from a bar.
    #[inline]
    pub fn capacity(&self, volume_lots: i64) -> i64 {
        match volume_lots.checked_mul(self.volume_share_e9) {
            _ if self.volume_share_e9 == UNLIMITED => i64::MAX,
            Some(product) => product / E9,
            None => (i128::from(volume_lots) * i128::from(self.volume_share_e9) / i128::from(E9)) as i64,
        }
    }

    /// Returns the price of a fill of `lots` (positive) on `side` with reference price `base`.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the price does not fit.
    #[inline(always)]
    pub fn price(&self, bar: &Bar, side: i64, base: i64, lots: i64) -> Result<i64, Overflow> {
        let half_spread = rate_ceil(base, self.half_spread_e9)?;
        let slip = half_spread.checked_add(self.impact_ticks(bar, lots)?).ok_or(Overflow)?;
        let price = base.checked_add(side * slip).ok_or(Overflow)?;
        Ok(price.max(1))
    }

    /// Square-root law (Tóth et al. 2011): impact = Y · σ · √(q/V), with σ and V of the same bar.
    #[inline(always)]
    fn impact_ticks(&self, bar: &Bar, lots: i64) -> Result<i64, Overflow> {
        if self.impact == 0.0 || bar.volume == 0 {
            return Ok(0);
        }
        let range = (bar.high - bar.low) as f64;
        let ticks = self.impact * PARKINSON * range * (lots as f64 / bar.volume as f64).sqrt();
        if ticks < 9.0e15 { Ok(ceil(ticks)) } else { Err(Overflow) }
    }
}

/// Rounds up a float that fits an integer. Without SSE4.1 the standard library's `ceil` is a call.
#[inline(always)]
fn ceil(x: f64) -> i64 {
    let towards_zero = x as i64;
    towards_zero + i64::from((towards_zero as f64) < x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BAR: Bar = Bar { open: 10_000, high: 10_100, low: 9_900, volume: 1_000 };

    #[test]
    fn a_fill_pays_half_the_spread_and_the_impact() {
        let venue = BarVenue { half_spread_e9: 100_000, impact: 1.0, volume_share_e9: E9 / 10 };
        // 1 bp of 10000 = 1 tick; 0.6005612 · 200 · √(0.01) = 12.01 → 13 ticks.
        assert_eq!(venue.price(&BAR, 1, 10_000, 10), Ok(10_014));
        assert_eq!(venue.price(&BAR, -1, 10_000, 10), Ok(9_986));
        assert_eq!(venue.capacity(1_000), 100);
        assert_eq!(venue.capacity(9), 0);
    }

    #[test]
    fn a_free_venue_fills_at_the_reference() {
        let venue = BarVenue { half_spread_e9: 0, impact: 0.0, volume_share_e9: E9 };
        assert_eq!(venue.price(&BAR, 1, 9_950, 1_000), Ok(9_950));
        assert_eq!(venue.capacity(i64::MAX), i64::MAX);
        assert_eq!(BarVenue { volume_share_e9: UNLIMITED, ..venue }.capacity(0), i64::MAX);
    }

    #[test]
    fn no_price_falls_below_one_tick() {
        let venue = BarVenue { half_spread_e9: E9 / 2, impact: 1_000.0, volume_share_e9: E9 };
        assert_eq!(venue.price(&BAR, -1, 3, 1_000), Ok(1));
    }

    proptest! {
        #[test]
        fn rounding_up_agrees_with_the_standard_library(whole in -9_000_000_000_000_000i64..9_000_000_000_000_000, shift in 0u32..53, part in 0.0f64..1.0) {
            let x = (whole >> shift) as f64 + part;
            prop_assert_eq!(ceil(x), x.ceil() as i64);
        }

        #[test]
        fn larger_fills_never_get_better_prices(a in 1i64..1_000, b in 1i64..1_000, spread in 0i64..10_000_000) {
            let venue = BarVenue { half_spread_e9: spread, impact: 1.0, volume_share_e9: E9 };
            let (small, large) = (a.min(b), a.max(b));
            let price = |side, lots| venue.price(&BAR, side, 10_000, lots).unwrap();
            prop_assert!(10_000 <= price(1, small) && price(1, small) <= price(1, large));
            prop_assert!(10_000 >= price(-1, small) && price(-1, small) >= price(-1, large));
        }
    }
}
