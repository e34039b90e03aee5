//! Interest: on spot that was borrowed to be sold short, and on wallets whose cash is negative.
//!
//! Charged for each full hour of the clock that passed since the previous bar, on what stands at the bar's open, each hour rounded up.
use super::stream::{Cash, CashKind, DeskEvent, NO_ASSET};
use super::{Desk, Source};
use crate::instrument::InstrumentKind;
use crate::money::{E9, Overflow, div_ceil, narrow};

const HOUR_MS: i64 = 3_600_000;
/// Rates are for a year of 365 days.
const HOURS_A_YEAR: i64 = 8_760;

/// Returns the full hours of the clock in `(from, to]`.
fn hours(from: Option<i64>, to: i64) -> i64 {
    from.map_or(0, |from| to.div_euclid(HOUR_MS) - from.div_euclid(HOUR_MS))
}

/// Returns the interest on an amount for some hours, each rounded up.
fn interest(amount: i64, rate_e9: i64, hours: i64) -> Result<i64, Overflow> {
    let hourly = div_ceil(i128::from(amount) * i128::from(rate_e9), i128::from(E9) * i128::from(HOURS_A_YEAR));
    narrow(hourly.checked_mul(i128::from(hours)).ok_or(Overflow)?)
}

fn interest_paid(ts: i64, wallet: usize, charged: i64) -> DeskEvent {
    DeskEvent::Cash(Cash { ts, asset: NO_ASSET, wallet: wallet as u32, kind: CashKind::Interest, amount: -charged })
}

impl Desk {
    /// Charges wallets whose cash is negative, in their order.
    pub(super) fn charge_interest(&mut self, ts: i64) -> Result<(), Overflow> {
        let Some(accounts) = &mut self.accounts else { return Ok(()) };
        for number in 0..self.ledger.wallets.len() {
            let rate_e9 = self.ledger.wallets[number].interest_e9;
            if rate_e9 == 0 {
                continue;
            }
            let (cash, hours) = (self.ledger.cash_of(number, &self.contracts)?, hours(accounts.last_ts, ts));
            if cash < 0 && hours > 0 {
                let charged = interest(-cash, rate_e9, hours)?;
                self.ledger.credit(number, -charged)?;
                self.ledger.wallets[number].interest -= charged;
                accounts.is_fresh = false;
                if self.outbox.stream.is_on() {
                    self.outbox.stream.push(interest_paid(ts, number, charged));
                }
            }
        }
        Ok(())
    }

    /// Charges a short spot position for what it borrowed.
    pub(super) fn charge_borrow<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let Some(accounts) = &self.accounts else { return Ok(()) };
        let holding = &accounts.holdings[asset];
        let lots = self.ledger.positions[asset].lots;
        if holding.borrow_e9 == 0 || lots >= 0 || self.contracts[asset].kind != InstrumentKind::Spot {
            return Ok(());
        }
        let hours = hours(holding.last_ts, ts);
        let scale = &self.contracts[asset].scale;
        let value = scale.value(lots, scale.ticks(src.open(asset, local)).ok_or(Overflow)?)?;
        let charged = interest(value.abs(), holding.borrow_e9, hours)?;
        if charged == 0 {
            return Ok(());
        }
        self.carry(asset, -charged)?;
        self.tell_cash(CashKind::Borrow, ts, asset as u32, self.ledger.home[asset], -charged);
        if let Some(accounts) = &mut self.accounts {
            accounts.holdings[asset].totals.borrow -= charged;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_full_hour_of_the_clock_is_charged_once_and_rounded_up() {
        assert_eq!(hours(None, 5 * HOUR_MS), 0, "nothing was held before the first bar");
        assert_eq!(hours(Some(HOUR_MS - 60_000), HOUR_MS), 1, "minute bars pay at the full hour");
        assert_eq!(hours(Some(HOUR_MS), 2 * HOUR_MS - 1), 0);
        assert_eq!(hours(Some(0), 24 * HOUR_MS), 24);
        // 10 % a year of 876.00 is 0.01 an hour.
        assert_eq!(interest(87_600_000_000, E9 / 10, 3), Ok(3_000_000));
        assert_eq!(interest(1, 1, 2), Ok(2));
        assert_eq!(interest(i64::MAX, i64::MAX, i64::MAX), Err(Overflow));
    }
}
