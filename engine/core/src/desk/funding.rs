//! Funding of perpetuals: what longs pay shorts, or the other way round, at the settlements of a series or of a stated default.
//!
//! Settlement f is booked at the asset's first bar with T ≥ f − [`JITTER_MS`], on the position as it stands, at that bar's open.
use super::stream::CashKind;
use super::{Desk, Source};
use crate::instrument::InstrumentKind;
use crate::money::{E9, Overflow, rate_ceil, rate_floor, round_half_even};

/// Venues stamp settlements some milliseconds after the hour.
pub const JITTER_MS: i64 = 1_000;

/// A venue's settlements of one instrument, borrowed from the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FundingSeries<'a> {
    /// Time of each settlement, ms, increasing.
    pub ts: &'a [i64],
    /// Rate of each settlement, a fraction of the position's value.
    pub rate: &'a [f64],
}

impl FundingSeries<'_> {
    /// Refuses a series that cannot be settled.
    ///
    /// # Errors
    /// Returns one sentence naming the instrument and the row.
    pub fn validate(&self, symbol: &str) -> Result<(), String> {
        if self.ts.len() != self.rate.len() {
            return Err(format!("{symbol}: funding has {} times for {} rates", self.ts.len(), self.rate.len()));
        }
        if let Some(at) = self.ts.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(format!("{symbol}: funding times do not increase at row {}; sort and deduplicate the series", at + 1));
        }
        if let Some(at) = self.rate.iter().position(|rate| rate.is_nan() || rate.abs() >= 1.0) {
            return Err(format!(
                "{symbol}: the funding rate {} at row {at} is not a fraction of the position; give 0.0001 for 1 basis point",
                self.rate[at]
            ));
        }
        Ok(())
    }

    /// Returns the most settlements that one bar of `bars` books.
    pub fn burst(&self, bars: &[i64]) -> usize {
        let mut from = 0;
        let due = |ts: &i64| {
            let passed = from;
            from = self.ts.partition_point(|f| *f <= ts + JITTER_MS);
            from - passed
        };
        bars.iter().map(due).max().unwrap_or(0)
    }
}

/// The rate that counts where an instrument has no series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultFunding {
    /// Rate of each settlement, billionths.
    pub rate_e9: i64,
    /// Time between settlements, which fall on its multiples, ms.
    pub period_ms: i64,
}

impl DefaultFunding {
    /// Refuses a default that cannot be settled.
    ///
    /// # Errors
    /// Returns one sentence.
    pub fn validate(&self) -> Result<(), String> {
        if (-E9 + 1..E9).contains(&self.rate_e9) && self.period_ms >= 1 {
            return Ok(());
        }
        Err(format!(
            "the default funding is {} billionths each {} ms; give a rate between -1 and 1 and a period of at least 1 ms",
            self.rate_e9, self.period_ms
        ))
    }

    /// Returns the most settlements that one bar of `bars` books.
    pub fn burst(&self, bars: &[i64]) -> usize {
        bars.windows(2).map(|pair| self.passed(pair[1]) - self.passed(pair[0])).max().map_or(0, |most| most as usize)
    }

    /// Returns the number of settlements from the epoch up to a bar's open.
    fn passed(&self, ts: i64) -> i64 {
        (ts + JITTER_MS).div_euclid(self.period_ms)
    }
}

/// One settlement of one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundingRecord {
    /// Time of the settlement, ms.
    pub ts: i64,
    /// Instrument id.
    pub asset: u32,
    /// Rate, billionths.
    pub rate_e9: i64,
    /// Paid (negative) or received, 1e-8 of the settlement currency.
    pub amount: i64,
    /// Signed lots that it was settled on.
    pub position: i64,
}

/// Returns what a position worth `value` pays (negative) or receives: ⌈value·rate⌉ for who pays, ⌊value·rate⌋ for who receives.
///
/// # Errors
/// Returns [`Overflow`] where it does not fit.
pub fn payment(side: i64, value: i64, rate_e9: i64) -> Result<i64, Overflow> {
    if side.signum() * rate_e9.signum() > 0 { Ok(-rate_ceil(value.abs(), rate_e9.abs())?) } else { rate_floor(value.abs(), rate_e9.abs()) }
}

impl Desk {
    /// Sets the rate of perpetuals without a series, and room for `burst` settlements in one step.
    pub fn expect_funding(&mut self, default: Option<DefaultFunding>, burst: usize) {
        self.use_accounts();
        self.outbox.expect_funding(burst);
        if let Some(accounts) = &mut self.accounts {
            accounts.default_funding = default;
        }
    }

    /// Books the settlements due at a bar.
    pub(super) fn pay_funding<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let Some(accounts) = &mut self.accounts else { return Ok(()) };
        if self.contracts[asset].kind == InstrumentKind::Spot {
            return Ok(());
        }
        let is_open = self.ledger.positions[asset].lots != 0;
        if let Some(series) = src.funding(asset) {
            let from = accounts.holdings[asset].cursor;
            let due = series.ts[from..].iter().take_while(|f| **f <= ts + JITTER_MS).count();
            accounts.holdings[asset].cursor = from + due;
            for at in (from..from + due).filter(|_| is_open) {
                let rate_e9 = round_half_even(series.rate[at] * E9 as f64).ok_or(Overflow)?;
                self.settle_funding(series.ts[at], asset, local, rate_e9, src)?;
            }
        } else if let (Some(default), Some(last)) = (accounts.default_funding, accounts.holdings[asset].last_ts)
            && is_open
        {
            for number in default.passed(last) + 1..=default.passed(ts) {
                self.settle_funding(number * default.period_ms, asset, local, default.rate_e9, src)?;
            }
        }
        Ok(())
    }

    fn settle_funding<S: Source>(&mut self, f: i64, asset: usize, local: usize, rate_e9: i64, src: &S) -> Result<(), Overflow> {
        let scale = &self.contracts[asset].scale;
        let lots = self.ledger.positions[asset].lots;
        let value = scale.value(lots, scale.ticks(src.open(asset, local)).ok_or(Overflow)?)?;
        let amount = payment(lots, value, rate_e9)?;
        self.carry(asset, amount)?;
        if let Some(accounts) = &mut self.accounts {
            accounts.holdings[asset].totals.funding += amount;
        }
        self.tell_cash(CashKind::Funding, f, asset as u32, self.ledger.home[asset], amount);
        self.outbox.funding.push(FundingRecord { ts: f, asset: asset as u32, rate_e9, amount, position: lots });
        Ok(())
    }

    /// Books what a position pays or receives while it is held: into its wallet and its open trade.
    pub(super) fn carry(&mut self, asset: usize, amount: i64) -> Result<(), Overflow> {
        self.ledger.credit(self.ledger.home[asset], amount)?;
        let Some(accounts) = &mut self.accounts else { return Ok(()) };
        accounts.is_fresh = false;
        let holding = &mut accounts.holdings[asset];
        holding.carried = holding.carried.checked_add(amount).ok_or(Overflow)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_settled_is_refused_by_row() {
        let says = |ts: &[i64], rate: &[f64]| FundingSeries { ts, rate }.validate("X").unwrap_err();
        assert!(says(&[1, 2], &[0.0]).contains("2 times for 1 rates"));
        assert!(says(&[1, 1], &[0.0, 0.0]).contains("row 1"));
        assert!(says(&[1, 2], &[0.0, f64::NAN]).contains("NaN at row 1"));
        assert!(says(&[1], &[-1.0]).contains("not a fraction"));
        assert_eq!(FundingSeries { ts: &[1, 2], rate: &[0.1, -0.1] }.validate("X"), Ok(()));
        assert!(DefaultFunding { rate_e9: E9, period_ms: 1 }.validate().is_err());
        assert!(DefaultFunding { rate_e9: 1, period_ms: 0 }.validate().unwrap_err().contains("period"));
    }

    #[test]
    fn a_burst_is_the_most_that_one_bar_books() {
        let series = FundingSeries { ts: &[0, 1_000, 2_001, 2_500, 9_000], rate: &[0.0; 5] };
        assert_eq!(series.burst(&[0, 1_500, 5_000]), 2);
        assert_eq!(series.burst(&[20_000]), 5);
        assert_eq!(series.burst(&[]), 0);
        let hourly = DefaultFunding { rate_e9: 1, period_ms: 3_600_000 };
        assert_eq!(hourly.burst(&[0, 3_600_000, 5 * 3_600_000 - 999]), 4);
    }
}
