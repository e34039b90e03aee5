//! What a program's target means for one asset: its unit, band, share, stops and when decisions begin.
use super::stops::Rearm;
use crate::money::{AMOUNT_SCALE, E9, Overflow, Scale, round_half_even};

/// Unit of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Billionths of equity.
    Weight,
    /// 1e-8 of the quote currency.
    Notional,
    /// Lots.
    Quantity,
}

/// Age at which a position is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Rows of the asset, the fill's bar counts as 1.
    Bars(i64),
    /// Time since the first fill's bar.
    Ms(i64),
}

impl Age {
    /// Returns whether so many bars, or so many ms, are that old.
    pub fn is_reached(self, bars: i64, ms: i64) -> bool {
        match self {
            Self::Bars(n) => bars >= n,
            Self::Ms(n) => ms >= n,
        }
    }
}

/// The target of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Unit of the raw value.
    pub unit: Unit,
    /// Smallest change of weight that acts, billionths.
    pub band_e9: i64,
    /// Number of assets that share the budget.
    pub share: i64,
    /// Row of the asset at which decisions begin.
    pub settled: u64,
    /// When a stopped asset may trade again.
    pub rearm: Rearm,
    /// Whether it has a fixed stop.
    pub fixed: bool,
    /// Whether it has a trailing stop.
    pub trailing: bool,
    /// Whether it has a take.
    pub take: bool,
    /// Time stop.
    pub age: Option<Age>,
}

/// Marks a missing target.
pub const MISSING: i64 = i64::MIN;

impl Rule {
    /// Quantises a raw target into its unit; [`MISSING`] for a missing or impossible one.
    #[inline(always)]
    pub fn quantise(&self, scale: &Scale, raw: f64) -> i64 {
        let quantised = match self.unit {
            Unit::Weight => round_half_even(raw * E9 as f64),
            Unit::Notional => round_half_even(raw * AMOUNT_SCALE as f64),
            Unit::Quantity => scale.lots(raw),
        };
        quantised.unwrap_or(MISSING)
    }

    /// Returns this asset's part of a strategy's weight.
    #[inline(always)]
    pub fn shared(&self, quantised: i64) -> i64 {
        if self.unit == Unit::Weight && self.share > 1 { quantised / self.share } else { quantised }
    }

    /// Returns the value of a (difference of) target, 1e-8 quote.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    pub fn value(&self, scale: &Scale, equity: i64, x: i64, ticks: i64) -> Result<i64, Overflow> {
        match self.unit {
            Unit::Weight => crate::money::rate_floor(equity.max(0), x.abs()),
            Unit::Notional => Ok(x.abs()),
            Unit::Quantity => scale.floor(x.abs(), ticks),
        }
    }

    /// Returns the magnitude in billionths of equity.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    #[inline(always)]
    pub fn weight_e9(&self, scale: &Scale, equity: i64, x: i64, ticks: i64) -> Result<i64, Overflow> {
        if self.unit == Unit::Weight {
            return Ok(x.abs());
        }
        if equity <= 0 {
            return Ok(0);
        }
        crate::money::narrow(i128::from(self.value(scale, equity, x, ticks)?) * i128::from(E9) / i128::from(equity))
    }

    /// Returns the signed position the target asks for.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    #[inline(always)]
    pub fn desired(&self, scale: &Scale, equity: i64, x: i64, ticks: i64) -> Result<i64, Overflow> {
        let lots = match self.unit {
            Unit::Weight => scale.lots_for_weight(equity.max(0), x, ticks)?,
            Unit::Notional => scale.lots_within(x.abs(), ticks, E9)?,
            Unit::Quantity => x.abs(),
        };
        Ok(x.signum() * lots)
    }

    /// Returns whether a change from the target last acted on reaches the band.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a value does not fit.
    pub fn reaches_band(&self, scale: &Scale, equity: i64, x: i64, acted: i64, ticks: i64) -> Result<bool, Overflow> {
        let change = x.checked_sub(acted).ok_or(Overflow)?;
        match self.unit {
            Unit::Weight => Ok(change != 0 && change.abs() >= self.band_e9),
            _ => Ok(change != 0
                && i128::from(self.value(scale, equity, change, ticks)?) * i128::from(E9)
                    >= i128::from(self.band_e9) * i128::from(equity.max(0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(unit: Unit) -> Rule {
        Rule {
            unit,
            band_e9: E9 / 100,
            share: 4,
            settled: 0,
            rearm: Rearm::NewSignal,
            fixed: false,
            trailing: false,
            take: false,
            age: None,
        }
    }

    #[test]
    fn each_unit_asks_for_its_position() {
        let scale = Scale::new((1, 2), (1, 3)).unwrap();
        let equity = 100_000_000_000;
        let weight = rule(Unit::Weight);
        assert_eq!(weight.quantise(&scale, -0.25), -E9 / 4);
        assert_eq!(weight.quantise(&scale, f64::NAN), MISSING);
        assert_eq!(weight.shared(-E9 / 4), -E9 / 16);
        assert_eq!(weight.desired(&scale, equity, -E9 / 4, 10_000), Ok(-2_500));
        assert_eq!(weight.desired(&scale, -equity, E9, 10_000), Ok(0), "no equity, no position");
        let notional = rule(Unit::Notional);
        assert_eq!(notional.quantise(&scale, 250.0), 25_000_000_000);
        assert_eq!(notional.shared(7), 7);
        assert_eq!(notional.desired(&scale, equity, 25_000_000_000, 10_000), Ok(2_500));
        assert_eq!(notional.weight_e9(&scale, equity, -25_000_000_000, 10_000), Ok(E9 / 4));
        let quantity = rule(Unit::Quantity);
        assert_eq!(quantity.quantise(&scale, -2.5), -2_500);
        assert_eq!(quantity.desired(&scale, equity, -2_500, 10_000), Ok(-2_500));
        assert_eq!(quantity.weight_e9(&scale, 0, -2_500, 10_000), Ok(0));
    }

    #[test]
    fn the_band_is_measured_in_weight() {
        let scale = Scale::new((1, 2), (1, 3)).unwrap();
        let equity = 100_000_000_000;
        let reaches = |unit, x, acted| rule(unit).reaches_band(&scale, equity, x, acted, 10_000).unwrap();
        assert!(reaches(Unit::Weight, E9 / 2, E9 / 2 - E9 / 100) && !reaches(Unit::Weight, E9 / 2, E9 / 2 - E9 / 100 + 1));
        assert!(reaches(Unit::Notional, 1_000_000_000, 0) && !reaches(Unit::Notional, 999_999_999, 0));
        assert!(reaches(Unit::Quantity, 100, 0) && !reaches(Unit::Quantity, 99, 0));
        assert!(!reaches(Unit::Quantity, 99, 99));
    }
}
