//! The licence: what a signed record allows a strategy to open, demanded for every opening order where real or live prices are traded.
//!
//! In the modes `live` and `paper` nothing opens or increases without one; `backtest` and `simulation` demand none. Stands after kill and before
//! everything else on the way out. What reduces always passes. The signature is checked by who reads the file (`bot4.records.licence`); here are
//! its plain terms, which name the strategy, so that a run of another program is refused before it begins.
use super::Desk;
use super::reason::Cause;
use super::risk::Request;
use crate::money::{E9, Overflow, rate_floor};
use serde::Deserialize;

/// Where orders go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// History and the simulated venue.
    #[default]
    Backtest,
    /// The simulated venue, offered to others.
    Simulation,
    /// Live data and the simulated venue.
    Paper,
    /// Live data and a real venue.
    Live,
}

impl Mode {
    /// Returns whether what opens needs a licence.
    pub fn demands(self) -> bool {
        matches!(self, Self::Paper | Self::Live)
    }
}

/// A step of the size ramp: from a time on, a share of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From when on, ms.
    pub from_ms: i64,
    /// Share of the limits, billionths.
    pub share_e9: i64,
}

/// What a licence allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Identity of the strategy, hexadecimal.
    pub strategy: String,
    /// First time at which it holds, ms.
    pub from_ms: i64,
    /// First time at which it holds no more, ms.
    pub until_ms: i64,
    /// Whether it names each instrument, by id.
    pub allowed: Vec<bool>,
    /// Largest notional of one order's increase at the whole size, 1e-8 of the account currency.
    pub max_order: i64,
    /// Largest gross exposure at the whole size, 1e-8 of the account currency.
    pub max_gross: i64,
    /// Size ramp, in order of time; before the first step nothing opens.
    pub ramp: Vec<Step>,
}

impl Licence {
    /// Refuses terms that cannot hold of so many instruments.
    ///
    /// # Errors
    /// Returns one sentence.
    pub fn validate(&self, assets: usize) -> Result<(), String> {
        if self.allowed.len() != assets {
            return Err(format!("the licence speaks of {} instruments, the run has {assets}", self.allowed.len()));
        }
        let rises = self.ramp.windows(2).all(|pair| pair[0].from_ms < pair[1].from_ms);
        let shares = self.ramp.iter().all(|step| (1..=E9).contains(&step.share_e9));
        if self.ramp.is_empty() || !rises || !shares || self.max_order < 1 || self.max_gross < 1 || self.from_ms >= self.until_ms {
            return Err(
                "the licence's limits must be above 0, its end behind its begin, its steps in order with shares up to 1".to_string()
            );
        }
        Ok(())
    }

    /// Returns the share of the limits that holds at a time; 0 outside the licence.
    fn share_e9(&self, t: i64) -> i64 {
        self.ramp.iter().rev().find(|step| step.from_ms <= t).map_or(0, |step| step.share_e9)
    }
}

/// Refuses the licence of another strategy, where one is demanded.
///
/// # Errors
/// Returns one sentence that names both.
pub fn check(mode: Mode, licence: Option<&Licence>, identity: &[u8; 32]) -> Result<(), String> {
    let Some(licence) = licence.filter(|_| mode.demands()) else { return Ok(()) };
    let own: String = identity.iter().map(|byte| format!("{byte:02x}")).collect();
    if licence.strategy == own {
        return Ok(());
    }
    let (other, own) = (licence.strategy.get(..16).unwrap_or(&licence.strategy), &own[..16]);
    Err(format!(
        "the licence is that of the strategy {other}, this one is {own}; run the strategy it was given to, or have this one licensed"
    ))
}

/// What the desk asks of every increase, where a licence is demanded.
pub(super) struct Licensed(pub Option<Licence>);

impl Desk {
    /// Returns how many of `lots` a licence lets through; all of them where none is demanded.
    #[inline(always)]
    pub(super) fn licensed(&self, request: &Request<'_>, asset: usize, t: i64, lots: i64) -> Result<(i64, Cause), Overflow> {
        if self.licence.is_none() { Ok((lots, Cause::None)) } else { self.cut_licensed(request, asset, t, lots) }
    }

    /// Returns how many of `lots` the licence lets an increase have, and what cut them.
    #[cold]
    #[inline(never)]
    pub(super) fn cut_licensed(&self, request: &Request<'_>, asset: usize, t: i64, lots: i64) -> Result<(i64, Cause), Overflow> {
        let Some(Licensed(licence)) = self.licence.as_deref() else { return Ok((lots, Cause::None)) };
        let Some(licence) = licence else { return Ok((0, Cause::Unlicensed)) };
        let share_e9 = licence.share_e9(t);
        if !(licence.from_ms..licence.until_ms).contains(&t) || share_e9 == 0 {
            return Ok((0, Cause::LicenceExpired));
        }
        if !licence.allowed[asset] {
            return Ok((0, Cause::LicenceInstrument));
        }
        let within = |amount: i64| self.to_settlement(asset, rate_floor(amount, share_e9)?);
        let scale = &request.contract.scale;
        let order = scale.lots_up_to(within(licence.max_order)?, request.ticks)?;
        let room = within(licence.max_gross)?.checked_sub(request.others_gross).ok_or(Overflow)?;
        let position = scale.lots_up_to(room, request.ticks)?;
        let left = lots.min(order).min((position - request.held).max(0));
        Ok((left, if left < lots { Cause::LicenceSize } else { Cause::None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence() -> Licence {
        let ramp = [(100, 10), (200, 25), (300, 50), (400, 100)];
        let ramp = ramp.iter().map(|&(from_ms, percent)| Step { from_ms, share_e9: percent * E9 / 100 }).collect();
        Licence { strategy: String::new(), from_ms: 100, until_ms: 900, allowed: vec![true], max_order: 1, max_gross: 1, ramp }
    }

    #[test]
    fn the_ramp_rises_with_time_and_is_nothing_before_it_begins() {
        let licence = licence();
        let at = |t: i64| licence.share_e9(t) * 100 / E9;
        assert_eq!([99, 100, 199, 200, 300, 400, 10_000].map(at), [0, 10, 10, 25, 50, 100, 100]);
    }

    #[test]
    fn terms_that_cannot_hold_are_refused() {
        assert_eq!(licence().validate(1), Ok(()));
        assert!(licence().validate(2).unwrap_err().contains("1 instruments, the run has 2"));
        let step = |from_ms, share_e9| Step { from_ms, share_e9 };
        for wrong in [
            Licence { ramp: vec![], ..licence() },
            Licence { ramp: vec![step(2, 1), step(2, 2)], ..licence() },
            Licence { ramp: vec![step(2, E9 + 1)], ..licence() },
            Licence { ramp: vec![step(2, 0)], ..licence() },
            Licence { max_order: 0, ..licence() },
            Licence { max_gross: 0, ..licence() },
            Licence { until_ms: 100, ..licence() },
        ] {
            assert!(wrong.validate(1).unwrap_err().contains("limits"), "{wrong:?}");
        }
    }
}
