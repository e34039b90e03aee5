//! Sizes: what the number of an order or entry means in lots.
//!
//! Not here: controls, which cut lots later. Rules: docs/semantics.md, section 7.
use super::rule::MISSING;
use crate::money::{AMOUNT_SCALE, E9, Overflow, Scale, round_half_even};

/// Unit of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeUnit {
    /// Fraction of equity.
    Weight,
    /// Value in quote currency.
    Notional,
    /// Quantity in base units.
    Qty,
    /// Fraction of equity lost if the price moves by `per_unit`.
    Risk,
}

impl SizeUnit {
    /// Returns the unit of a code, the position in the list above.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Weight, Self::Notional, Self::Qty, Self::Risk].into_iter().find(|unit| *unit as u8 == code)
    }

    /// Quantises a raw size: billionths (weight, risk), 1e-8 quote (notional) or lots; [`MISSING`] where it is missing or below one unit.
    pub fn quantise(self, scale: &Scale, raw: f64) -> i64 {
        let quantised = match self {
            Self::Weight | Self::Risk => round_half_even(raw * E9 as f64),
            Self::Notional => round_half_even(raw * AMOUNT_SCALE as f64),
            Self::Qty => scale.lots(raw),
        };
        quantised.filter(|&size| size > 0).unwrap_or(MISSING)
    }

    /// Returns the lots of a quantised size: of `equity` (1e-8 quote) shared by `share` assets, at `ticks`, with `per_unit` ticks at risk.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a product does not fit.
    pub fn lots(self, scale: &Scale, size: i64, equity: i64, share: i64, ticks: i64, per_unit: i64) -> Result<i64, Overflow> {
        match self {
            Self::Weight => scale.lots_for_weight(equity.max(0), size / share, ticks),
            Self::Risk => scale.lots_for_risk(equity.max(0), size / share, ticks, per_unit),
            Self::Notional => scale.lots_within(size, ticks, E9),
            Self::Qty => Ok(size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_gives_its_lots() {
        let scale = Scale::new((1, 2), (1, 3)).unwrap();
        let equity = 100_000_000_000; // 1000.00
        assert_eq!(SizeUnit::Weight.quantise(&scale, 0.5), E9 / 2);
        assert_eq!(SizeUnit::Weight.lots(&scale, E9 / 2, equity, 1, 10_000, 0), Ok(5_000));
        assert_eq!(SizeUnit::Weight.lots(&scale, E9 / 2, equity, 2, 10_000, 0), Ok(2_500));
        assert_eq!(SizeUnit::Weight.lots(&scale, E9 / 2, -equity, 1, 10_000, 0), Ok(0), "no equity, no order");
        assert_eq!(SizeUnit::Notional.lots(&scale, SizeUnit::Notional.quantise(&scale, 250.0), equity, 4, 10_000, 0), Ok(2_500));
        assert_eq!(SizeUnit::Qty.quantise(&scale, 2.5), 2_500);
        // 1 % of 1000.00 is 10.00; at 5.00 a coin that is 2 coins.
        assert_eq!(SizeUnit::Risk.lots(&scale, E9 / 100, equity, 1, 10_000, 500), Ok(2_000));
    }

    #[test]
    fn what_is_missing_or_not_above_zero_is_no_size() {
        let scale = Scale::new((1, 2), (1, 3)).unwrap();
        for raw in [f64::NAN, 0.0, -1.0, 1e-12] {
            assert_eq!(SizeUnit::Weight.quantise(&scale, raw), MISSING, "{raw}");
        }
    }
}
