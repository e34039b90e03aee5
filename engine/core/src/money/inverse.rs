//! Amounts of inverse contracts: `q` lots at `p` ticks are worth q·num/(p·den) in 1e-8 of the base currency.
//!
//! num/den = lot · contract value · 1e8 / tick, reduced. An inverse amount is no multiple of any unit, so nothing is kept as dust. Signs: here as
//! for linear amounts, more lots are more; that a long position is worth *minus* its amount is said once, by [`Scale::directed`].
use super::{AMOUNT_SCALE, E9, Overflow, Scale, div_floor, gcd, narrow};

/// Costs of inverse positions are kept in this part of 1e-8: a contract may be worth few of those.
const COST_PARTS: i128 = E9 as i128;

impl Scale {
    /// Builds the grid of an inverse contract worth `contract.0 / 10^contract.1` of the quote currency.
    ///
    /// # Errors
    /// Returns a sentence where tick, lot or value is not positive or the amounts cannot be held.
    pub fn inverse(tick: (i64, u32), lot: (i64, u32), contract: (i64, u32)) -> Result<Self, String> {
        let linear = Self::grid(tick, lot)?;
        if contract.0 < 1 || contract.1 > 18 {
            return Err(format!("contract value {}/10^{} must be positive with at most 18 decimals", contract.0, contract.1));
        }
        let product = |xs: [i128; 4]| xs.into_iter().try_fold(1i128, i128::checked_mul);
        let top = product([i128::from(lot.0), i128::from(contract.0), i128::from(AMOUNT_SCALE), 10i128.pow(tick.1)]);
        let bottom = product([i128::from(tick.0), 10i128.pow(lot.1), 10i128.pow(contract.1), 1]);
        let reduced = top.zip(bottom).map(|(top, bottom)| (top / gcd(top, bottom), bottom / gcd(top, bottom)));
        let held = reduced.and_then(|(top, bottom)| Some((i64::try_from(top).ok()?, i64::try_from(bottom).ok()?)));
        let Some((num, den)) = held else {
            return Err("tick, lot and contract value are too fine or too coarse for amounts of 1e-8; use fewer decimals".to_string());
        };
        Ok(Self { num, den, inverse: true, ..linear })
    }

    /// Returns whether amounts are in the base currency.
    #[inline(always)]
    pub fn is_inverse(&self) -> bool {
        self.inverse
    }

    /// Returns the lots with the sign of what buying them costs: an inverse position of q contracts is worth −q·V/p.
    #[inline(always)]
    pub fn directed(&self, lots: i64) -> i64 {
        if self.inverse { -lots } else { lots }
    }

    /// Returns what a signed position is worth at `ticks`, rounded down.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    #[inline(always)]
    pub fn value(&self, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        self.floor(self.directed(lots), ticks)
    }

    #[cold]
    pub(super) fn floor_inverse(&self, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        let top = i128::from(lots) * i128::from(self.num);
        narrow(div_floor(top, self.below(ticks)?))
    }

    /// Returns ticks·den.
    fn below(&self, ticks: i64) -> Result<i128, Overflow> {
        if ticks < 1 { Err(Overflow) } else { Ok(i128::from(ticks) * i128::from(self.den)) }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn lots_within_inverse(&self, amount: i64, ticks: i64, rate_e9: i64) -> Result<i64, Overflow> {
        let top = (i128::from(amount) * i128::from(E9)).checked_mul(self.below(ticks)?).ok_or(Overflow)?;
        Ok(i64::try_from(top / (i128::from(self.num) * i128::from(rate_e9))).unwrap_or(i64::MAX))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn lots_up_to_inverse(&self, amount: i64, ticks: i64) -> Result<i64, Overflow> {
        let beyond = (i128::from(amount) + 1).checked_mul(self.below(ticks)?).ok_or(Overflow)?;
        Ok(i64::try_from((beyond - 1) / i128::from(self.num)).unwrap_or(i64::MAX))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn lots_for_weight_inverse(&self, equity: i64, weight_e9: i64, ticks: i64) -> Result<i64, Overflow> {
        let top = i128::from(equity) * i128::from(weight_e9.abs());
        let top = top.checked_mul(self.below(ticks)?).ok_or(Overflow)?;
        narrow(top / (i128::from(E9) * i128::from(self.num)))
    }

    /// Returns the lots whose loss is `weight_e9` of `equity` when the price moves from `ticks` by `distance` against them, truncated.
    ///
    /// An inverse lot loses num/den · d/(p·(p−d)): a long's loss, the larger of both sides.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a product does not fit.
    pub fn lots_for_risk(&self, equity: i64, weight_e9: i64, ticks: i64, distance: i64) -> Result<i64, Overflow> {
        let distance = distance.max(1);
        if !self.inverse {
            return self.lots_for_weight(equity, weight_e9, distance);
        }
        let risked = i128::from(equity) * i128::from(weight_e9.abs()) / i128::from(E9);
        let reach = self.below(ticks)?.checked_mul(i128::from((ticks - distance).max(0))).ok_or(Overflow)?;
        narrow(risked.checked_mul(reach).ok_or(Overflow)? / (i128::from(self.num) * i128::from(distance)))
    }

    /// Returns what signed lots add to the cost of a position: lots·ticks, or q·V/p in 1e-17 of the base currency, towards the amount booked.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    #[inline(always)]
    pub fn cost(&self, lots: i64, ticks: i64) -> Result<i128, Overflow> {
        if self.inverse { self.cost_inverse(lots, ticks) } else { Ok(i128::from(lots.abs()) * i128::from(ticks)) }
    }

    #[cold]
    fn cost_inverse(&self, lots: i64, ticks: i64) -> Result<i128, Overflow> {
        let top = (i128::from(lots) * i128::from(self.num)).checked_mul(COST_PARTS).ok_or(Overflow)?;
        Ok(div_floor(top, self.below(ticks)?).abs())
    }

    /// Returns the amount of a signed cost, rounded down: what the position was worth when it was entered.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    pub fn floor_cost(&self, cost: i128) -> Result<i64, Overflow> {
        if self.inverse {
            return narrow(div_floor(-cost, COST_PARTS));
        }
        narrow(div_floor(cost.checked_mul(i128::from(self.num)).ok_or(Overflow)?, i128::from(self.den)))
    }

    /// Returns the entry price of signed lots and their cost in ticks, rounded to the loss-making side of a stop: down for long, up for short.
    pub fn entry_ticks(&self, lots: i64, cost: i128) -> i64 {
        let held = i128::from(lots.abs().max(1));
        let (top, bottom) = if self.inverse {
            match (held * i128::from(self.num)).checked_mul(COST_PARTS).zip(cost.max(1).checked_mul(i128::from(self.den))) {
                Some(fraction) => fraction,
                None => return i64::MAX,
            }
        } else {
            (cost, held)
        };
        let down = div_floor(top, bottom);
        i64::try_from(if lots < 0 && top % bottom != 0 { down + 1 } else { down }).unwrap_or(i64::MAX)
    }

    /// Returns the average entry price in fractional ticks, for views only.
    pub fn average_ticks(&self, lots: i64, cost: i128) -> f64 {
        if self.inverse {
            let worth = cost as f64 / COST_PARTS as f64 * self.den as f64;
            return lots.unsigned_abs() as f64 * self.num as f64 / worth;
        }
        cost as f64 / lots.unsigned_abs() as f64
    }

    /// Returns the profit of a position as a fraction of its cost when the price goes from `average` to `ticks`, for views only.
    pub fn change(&self, side: f64, average: f64, ticks: f64) -> f64 {
        side * if self.inverse { 1.0 - average / ticks } else { ticks / average - 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// BitMEX XBTUSD: one contract is 1 USD, prices in half dollars.
    fn xbtusd() -> Scale {
        Scale::inverse((5, 1), (1, 0), (1, 0)).unwrap()
    }

    #[test]
    fn contracts_are_worth_their_quote_value_over_the_price() {
        let scale = xbtusd();
        assert_eq!(scale.ticks(1_000.0), Some(2_000));
        assert_eq!(scale.floor(50_000, 2_000), Ok(50 * AMOUNT_SCALE));
        assert_eq!(scale.value(50_000, 2_500), Ok(-40 * AMOUNT_SCALE), "long contracts are coins owed");
        assert_eq!(scale.value(-50_000, 2_500), Ok(40 * AMOUNT_SCALE));
        // 1 USD at 60,000.5: 1666.65… units of 1e-8.
        assert_eq!((scale.floor(1, 120_001), scale.ceil(1, 120_001)), (Ok(1_666), Ok(1_667)));
        let coin_m = Scale::inverse((1, 1), (1, 0), (100, 0)).unwrap();
        assert_eq!(coin_m.floor(100, 250_000), Ok(40_000_000), "100 contracts of 100 USD at 25,000 are 0.4 BTC");
    }

    #[test]
    fn entry_price_is_the_harmonic_mean_on_the_side_of_a_stop() {
        let scale = xbtusd();
        // 10,000 at 1000 and 10,000 at 1250: 10 + 8 coins, so 20,000/18 = 1111.1 dollars = 2222.2 ticks.
        let cost = |side: i64| scale.cost(side * 10_000, 2_000).unwrap() + scale.cost(side * 10_000, 2_500).unwrap();
        assert_eq!((scale.entry_ticks(20_000, cost(1)), scale.entry_ticks(-20_000, cost(-1))), (2_222, 2_223));
        assert!((scale.price(scale.average_ticks(20_000, cost(1))) - 20_000.0 / 18.0).abs() < 1e-6);
        assert_eq!(scale.floor_cost(cost(1)), Ok(-18 * AMOUNT_SCALE));
        assert!((scale.change(1.0, 2_000.0, 2_500.0) - 0.2).abs() < 1e-12, "10 coins of 50");
    }

    #[test]
    fn sizes_and_grids_are_checked() {
        let scale = xbtusd();
        assert_eq!(scale.lots_for_weight(AMOUNT_SCALE, E9 / 2, 120_000), Ok(30_000), "half a coin at 60,000");
        assert_eq!(scale.lots_up_to(AMOUNT_SCALE, 120_000), Ok(60_000));
        assert_eq!(scale.lots_within(AMOUNT_SCALE, 120_000, E9), Ok(60_000));
        assert_eq!(scale.lots_within(0, 120_000, E9), Ok(0));
        // 1 % of a coin lost between 60,000 and 50,000: 0.01 / (1/50,000 − 1/60,000) = 3,000 contracts.
        assert_eq!(scale.lots_for_risk(AMOUNT_SCALE, E9 / 100, 120_000, 20_000), Ok(3_000));
        assert_eq!(scale.lots_for_risk(AMOUNT_SCALE, E9 / 100, 120_000, 130_000), Ok(0), "below zero there is no price");
        assert!(Scale::inverse((5, 1), (1, 0), (0, 0)).unwrap_err().contains("contract value"));
        assert!(Scale::inverse((1, 18), (1, 0), (1_000, 0)).unwrap_err().contains("fewer decimals"));
        assert_eq!(scale.floor(1, 0), Err(Overflow), "no amount without a price");
    }

    proptest! {
        #[test]
        fn floor_and_ceil_enclose_the_exact_amount(lots in -1_000_000_000i64..1_000_000_000, ticks in 1i64..10_000_000, d in 0u32..4) {
            let scale = Scale::inverse((5, d), (1, 0), (10, 0)).unwrap();
            let (top, bottom) = (i128::from(lots) * i128::from(scale.num), i128::from(ticks) * i128::from(scale.den));
            let (lo, hi) = (i128::from(scale.floor(lots, ticks).unwrap()), i128::from(scale.ceil(lots, ticks).unwrap()));
            prop_assert!(lo * bottom <= top && top < (lo + 1) * bottom);
            prop_assert!(hi * bottom >= top && top > (hi - 1) * bottom);
        }

        #[test]
        fn a_single_entry_keeps_its_price(lots in 1i64..1_000_000_000, ticks in 1i64..10_000_000) {
            let scale = Scale::inverse((1, 1), (1, 0), (100, 0)).unwrap();
            for lots in [lots, -lots] {
                prop_assert_eq!(scale.entry_ticks(lots, scale.cost(lots, ticks).unwrap()), ticks);
            }
        }

        #[test]
        fn the_lots_of_an_amount_are_the_most_that_stay_within(amount in 0i64..1_000_000_000_000, ticks in 1i64..10_000_000) {
            let scale = Scale::inverse((1, 1), (1, 0), (100, 0)).unwrap();
            let lots = scale.lots_up_to(amount, ticks).unwrap();
            prop_assert!(scale.floor(lots, ticks).unwrap() <= amount && scale.floor(lots + 1, ticks).unwrap() > amount);
        }
    }
}
