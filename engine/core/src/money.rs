//! Integer money: prices in ticks, quantities in lots, amounts in 1e-8 of the quote currency.
//!
//! An inverse contract's amounts are in the base currency instead (`inverse`).
//!
//! Floats enter here once, rounded half to even, and never come back into an amount. Every product is i128 and checked.

mod inverse;

/// Parts of a whole in configuration numbers (`_e9`).
pub const E9: i64 = 1_000_000_000;
/// Amount units in one quote currency unit.
pub const AMOUNT_SCALE: i64 = 100_000_000;
/// Floats below this magnitude hold every integer and its half.
const EXACT_HALF: f64 = 2_251_799_813_685_248.0;
/// Adding and subtracting 1.5·2^52 rounds a float below 2^51 half to even.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// Relative error that reading a decimal as a float and scaling it can leave: a few units in the last place.
const FLOAT_NOISE: f64 = 1.0 / (1u64 << 50) as f64;

/// Why a number cannot be held; the run stops and says where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// Rounds a float below 2^51 in magnitude half to even: the sum's last place is 1, so its bits count in whole numbers.
///
/// Without a branch or a conversion, so that loops over it become vector code. Other floats give a meaningless number.
#[inline(always)]
fn round_small(x: f64) -> i64 {
    ((x + ROUNDER).to_bits() as i64).wrapping_sub(ROUNDER.to_bits() as i64)
}

/// Rounds half to even; `None` where the integer does not fit or the input is missing.
#[inline(always)]
pub fn round_half_even(x: f64) -> Option<i64> {
    if x.abs() < EXACT_HALF {
        return Some(round_small(x));
    }
    round_large(x)
}

/// The rest of [`round_half_even`], kept apart so that its call costs no register where it never happens.
#[cold]
#[inline(never)]
fn round_large(x: f64) -> Option<i64> {
    // From 2^51 on a float can still hold a half; beyond 2^52 it is an integer already.
    (x.abs() < 9.2e18).then(|| x.round_ties_even() as i64)
}

/// Divides rounding towards minus infinity.
#[inline(always)]
pub fn div_floor(a: i128, b: i128) -> i128 {
    let q = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }
}

/// Divides rounding towards plus infinity.
#[inline(always)]
pub fn div_ceil(a: i128, b: i128) -> i128 {
    -div_floor(-a, b)
}

/// Narrows an amount.
#[inline(always)]
pub fn narrow(x: i128) -> Result<i64, Overflow> {
    i64::try_from(x).map_err(|_| Overflow)
}

/// Greatest common divisor.
fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// An instrument's grid: tick = `tick.0 / 10^tick.1` of the quote, lot = `lot.0 / 10^lot.1` of the base currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    num: i64,
    den: i64,
    inverse: bool,
    tick: (i64, i64),
    tick_n: f64,
    tick_pow: f64,
    lot_n: f64,
    lot_pow: f64,
}

impl Scale {
    /// Builds the grid.
    ///
    /// # Errors
    /// Returns a sentence where tick or lot is not positive or their product cannot be held.
    pub fn new(tick: (i64, u32), lot: (i64, u32)) -> Result<Self, String> {
        let grid = Self::grid(tick, lot)?;
        let num = i128::from(tick.0) * i128::from(lot.0) * i128::from(AMOUNT_SCALE);
        let den = 10i128.pow(tick.1 + lot.1);
        let common = gcd(num, den);
        let (Ok(num), Ok(den)) = (i64::try_from(num / common), i64::try_from(den / common)) else {
            return Err(
                "tick times lot is too fine or too coarse for amounts of 1e-8; use fewer decimals in the instruments file".to_string()
            );
        };
        Ok(Self { num, den, ..grid })
    }

    /// Checks tick and lot; amounts are still to be set.
    fn grid(tick: (i64, u32), lot: (i64, u32)) -> Result<Self, String> {
        if tick.0 < 1 || lot.0 < 1 || tick.1 > 18 || lot.1 > 18 {
            return Err(format!("tick {}/10^{} and lot {}/10^{} must be positive with at most 18 decimals", tick.0, tick.1, lot.0, lot.1));
        }
        let pow = |d: u32| 10f64.powi(d as i32);
        let tick_units = (tick.0, 10i64.pow(tick.1));
        Ok(Self {
            num: 1,
            den: 1,
            inverse: false,
            tick: tick_units,
            tick_n: tick.0 as f64,
            tick_pow: pow(tick.1),
            lot_n: lot.0 as f64,
            lot_pow: pow(lot.1),
        })
    }

    /// Converts a price to ticks, half to even; `None` if missing or too large.
    #[inline(always)]
    pub fn ticks(&self, price: f64) -> Option<i64> {
        let scaled = price * self.tick_pow;
        round_half_even(if self.tick_n == 1.0 { scaled } else { scaled / self.tick_n })
    }

    /// Converts a limit price to ticks against the order: a buy's rounds down, a sell's up; `None` if missing or too large.
    ///
    /// A price that is a tick but for the float's own rounding is that tick: 0.29 is 29 ticks of 0.01.
    pub fn limit_ticks(&self, price: f64, side: i64) -> Option<i64> {
        let scaled = price * self.tick_pow / self.tick_n;
        let nearest = round_half_even(scaled)?;
        let off = scaled - nearest as f64;
        if off.abs() <= (nearest as f64).abs() * FLOAT_NOISE {
            return Some(nearest);
        }
        Some(if side > 0 && off < 0.0 {
            nearest - 1
        } else if side < 0 && off > 0.0 {
            nearest + 1
        } else {
            nearest
        })
    }

    /// Converts a quantity to lots, half to even; `None` if missing or too large.
    #[inline(always)]
    pub fn lots(&self, quantity: f64) -> Option<i64> {
        let scaled = quantity * self.lot_pow;
        round_half_even(if self.lot_n == 1.0 { scaled } else { scaled / self.lot_n })
    }

    /// Returns a quantity in base units, for views only.
    pub fn quantity(&self, lots: i64) -> f64 {
        lots as f64 * self.lot_n / self.lot_pow
    }

    /// Returns a price in quote units from a rational number of ticks, for views only.
    pub fn price(&self, ticks: f64) -> f64 {
        ticks * self.tick_n / self.tick_pow
    }

    /// Returns lots·ticks·num, a linear amount in 1/den units.
    #[inline(always)]
    pub fn exact(&self, lots: i64, ticks: i64) -> Result<i128, Overflow> {
        (i128::from(lots) * i128::from(ticks)).checked_mul(i128::from(self.num)).ok_or(Overflow)
    }

    /// Returns the amount rounded down (towards minus infinity).
    #[inline(always)]
    pub fn floor(&self, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        if self.inverse {
            return self.floor_inverse(lots, ticks);
        }
        // Nearly every product fits 64 bits; the wide division is several times slower.
        if let Some(p) = lots.checked_mul(ticks).and_then(|p| p.checked_mul(self.num)) {
            return Ok(if self.den == 1 { p } else { p.div_euclid(self.den) });
        }
        narrow(div_floor(self.exact(lots, ticks)?, i128::from(self.den)))
    }

    /// Returns the amount rounded up.
    #[inline(always)]
    pub fn ceil(&self, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        Ok(-self.floor(-lots, ticks)?)
    }

    /// Returns the most lots whose exact amount at `ticks`, times `rate_e9`/1e9, stays within `amount`.
    pub fn lots_within(&self, amount: i64, ticks: i64, rate_e9: i64) -> Result<i64, Overflow> {
        if amount <= 0 {
            return Ok(0);
        }
        if self.inverse {
            return self.lots_within_inverse(amount, ticks, rate_e9);
        }
        let top = i128::from(amount).checked_mul(i128::from(E9) * i128::from(self.den)).ok_or(Overflow)?;
        let unit = i128::from(ticks).checked_mul(i128::from(self.num)).and_then(|u| u.checked_mul(i128::from(rate_e9))).ok_or(Overflow)?;
        Ok(i64::try_from(top / unit).unwrap_or(i64::MAX))
    }

    /// Returns the most lots whose amount at `ticks`, rounded down, stays within `amount`.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the product does not fit.
    #[inline(always)]
    pub fn lots_up_to(&self, amount: i64, ticks: i64) -> Result<i64, Overflow> {
        if amount < 0 {
            return Ok(0);
        }
        if self.inverse {
            return self.lots_up_to_inverse(amount, ticks);
        }
        // Nearly every product fits 64 bits; the wide division is several times slower.
        let narrow = amount.checked_add(1).and_then(|a| a.checked_mul(self.den)).zip(ticks.checked_mul(self.num));
        if let Some((below, unit)) = narrow {
            return Ok((below - 1) / unit);
        }
        let below = (i128::from(amount) + 1).checked_mul(i128::from(self.den)).ok_or(Overflow)?;
        let unit = i128::from(ticks).checked_mul(i128::from(self.num)).ok_or(Overflow)?;
        Ok(i64::try_from((below - 1) / unit).unwrap_or(i64::MAX))
    }

    /// Returns the magnitude of the position that `weight_e9` of `equity` buys at `ticks`, truncated.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the product does not fit.
    #[inline(always)]
    pub fn lots_for_weight(&self, equity: i64, weight_e9: i64, ticks: i64) -> Result<i64, Overflow> {
        if self.inverse {
            return self.lots_for_weight_inverse(equity, weight_e9, ticks);
        }
        // Truncating twice is truncating once: x / (1e9·ticks·num) = (x / 1e9) / (ticks·num).
        let value = equity.checked_mul(self.den).zip(weight_e9.checked_abs()).and_then(|(total, weight)| part_e9(total, weight));
        if let Some(((value, _), unit)) = value.zip(ticks.checked_mul(self.num))
            && unit > 0
        {
            return Ok(value / unit);
        }
        let top = i128::from(equity) * i128::from(weight_e9.abs());
        let top = top.checked_mul(i128::from(self.den)).ok_or(Overflow)?;
        let unit = i128::from(E9) * i128::from(ticks) * i128::from(self.num);
        narrow(top / unit)
    }

    /// Appends `base` plus the amount of `lots`, rounded down, at each price; returns the largest. `None` where a price is missing or far above
    /// the first one, or an amount might not fit 64 bits: what was appended is then meaningless.
    ///
    /// One check covers all rows: where twice the first price fits, every price below it fits, so the loop needs no checks of its own.
    #[inline]
    pub fn marks(&self, lots: i64, base: i64, prices: &[f64], out: &mut Vec<i64>) -> Option<i64> {
        if self.inverse {
            return None;
        }
        let most = self.ticks(*prices.first()?)?.checked_mul(2)?.checked_abs()?;
        let unit = lots.checked_mul(self.num)?;
        // Rounding down may add one.
        unit.checked_mul(most)?.checked_abs()?.checked_add(base.checked_abs()?)?.checked_add(1)?;
        let (limit, mut all, mut top) = ((most as f64).min(EXACT_HALF), true, i64::MIN);
        let mut scaled = |price: f64| {
            let scaled = price * self.tick_pow;
            let scaled = if self.tick_n == 1.0 { scaled } else { scaled / self.tick_n };
            all &= scaled.abs() < limit;
            round_small(scaled)
        };
        let mut sum = |value: i64| {
            let now = base.wrapping_add(value);
            top = top.max(now);
            now
        };
        if self.den == 1 {
            out.extend(prices.iter().map(|&price| sum(unit.wrapping_mul(scaled(price)))));
        } else {
            out.extend(prices.iter().map(|&price| sum(unit.wrapping_mul(scaled(price)).div_euclid(self.den))));
        }
        all.then_some(top)
    }

    /// Returns an amount of the base currency in quote units at `ticks`, rounded down.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    pub fn quoted(&self, amount: i64, ticks: i64) -> Result<i64, Overflow> {
        let top = (i128::from(amount) * i128::from(ticks)).checked_mul(i128::from(self.tick.0)).ok_or(Overflow)?;
        narrow(div_floor(top, i128::from(self.tick.1)))
    }

    /// Returns an amount of the quote currency in base units at `ticks`, rounded down; 0 without a price.
    ///
    /// # Errors
    /// Returns [`Overflow`] where it does not fit.
    pub fn based(&self, amount: i64, ticks: i64) -> Result<i64, Overflow> {
        if ticks < 1 {
            return Ok(0);
        }
        narrow(div_floor(i128::from(amount) * i128::from(self.tick.1), i128::from(ticks) * i128::from(self.tick.0)))
    }

    /// Returns the fraction num/den that amounts are multiples of: lots·ticks of it, or lots/ticks for inverse contracts.
    pub fn unit(&self) -> (i64, i64) {
        (self.num, self.den)
    }

    /// Returns the denominator of exact linear amounts.
    pub fn den(&self) -> i64 {
        self.den
    }
}

/// Returns quotient and remainder of `amount · rate / 1e9` in 64 bits; `None` where a factor is negative or a part does not fit.
///
/// Nearly every amount fits, and a division by a constant is a multiplication, where the wide division is a call of a hundred instructions:
/// amount = q·1e9 + r, so amount · rate / 1e9 = q·rate + r·rate / 1e9.
#[inline(always)]
fn part_e9(amount: i64, rate_e9: i64) -> Option<(i64, i64)> {
    // Beyond this rate r·rate might not fit.
    if amount < 0 || !(0..=9 * E9).contains(&rate_e9) {
        return None;
    }
    let rest = amount % E9 * rate_e9;
    let quotient = (amount / E9).checked_mul(rate_e9)?.checked_add(rest / E9)?;
    Some((quotient, rest % E9))
}

/// Returns `amount · rate / 1e9`, rounded up: fees round against us.
///
/// # Errors
/// Returns [`Overflow`] where the amount does not fit.
#[inline(always)]
pub fn rate_ceil(amount: i64, rate_e9: i64) -> Result<i64, Overflow> {
    if let Some(product) = amount.checked_mul(rate_e9)
        && product >= 0
    {
        return Ok(product / E9 + i64::from(product % E9 != 0));
    }
    if let Some((quotient, rest)) = part_e9(amount, rate_e9) {
        return quotient.checked_add(i64::from(rest != 0)).ok_or(Overflow);
    }
    narrow(div_ceil(i128::from(amount) * i128::from(rate_e9), i128::from(E9)))
}

/// Returns `amount · rate / 1e9`, rounded down.
///
/// # Errors
/// Returns [`Overflow`] where the amount does not fit.
#[inline(always)]
pub fn rate_floor(amount: i64, rate_e9: i64) -> Result<i64, Overflow> {
    if let Some((quotient, _)) = part_e9(amount, rate_e9) {
        return Ok(quotient);
    }
    narrow(div_floor(i128::from(amount) * i128::from(rate_e9), i128::from(E9)))
}

#[cfg(test)]
mod tests;
