//! Controls of exposure: how much of one instrument, how many of them.
use super::super::sent::Sent;
use super::{Ask, Limit};
use crate::desk::reason::Cause;
use crate::money::{Overflow, rate_floor};

/// Cuts to the largest position of the instrument.
pub(super) struct PositionLimit<'a>(pub Option<&'a [Option<i64>]>);
impl Limit for PositionLimit<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let most = self.0.and_then(|limits| limits[ask.asset]);
        Ok(most.map_or(lots, |most| lots.min((most - ask.request.held).max(0))))
    }
    fn cause(&self) -> Cause {
        Cause::PositionLimit
    }
}

/// Cuts to the largest value of one position.
pub(super) struct ExposureLimit(pub Option<i64>);
impl Limit for ExposureLimit {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        self.0.map_or(Ok(lots), |most| ask.within_amount(most, lots))
    }
    fn cause(&self) -> Cause {
        Cause::ExposureLimit
    }
}

/// Cuts to what may still be opened of the instrument in the UTC day.
pub(super) struct DailyVolume<'a> {
    pub limits: Option<&'a [Option<i64>]>,
    pub sent: &'a Sent,
}
impl Limit for DailyVolume<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Some(most) = self.limits.and_then(|limits| limits[ask.asset]) else { return Ok(lots) };
        Ok(lots.min((most - self.sent.opened(ask.asset, ask.t)).max(0)))
    }
    fn cause(&self) -> Cause {
        Cause::DailyVolume
    }
}

/// Refuses a new position where as many others are open.
pub(super) struct MaxPositions<'a> {
    pub most: Option<i64>,
    pub weights: &'a [f64],
}
impl Limit for MaxPositions<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Some(most) = self.most.filter(|_| self.weights[ask.asset] == 0.0) else { return Ok(lots) };
        let open = self.weights.iter().filter(|&&weight| weight != 0.0).count();
        Ok(if open as i64 >= most { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::MaxPositions
    }
}

/// Cuts to one instrument's share of equity.
pub(super) struct Concentration(pub Option<i64>);
impl Limit for Concentration {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        // What does not fit binds nothing.
        self.0.map_or(Ok(lots), |share_e9| ask.within_amount(rate_floor(ask.request.equity, share_e9).unwrap_or(i64::MAX), lots))
    }
    fn cause(&self) -> Cause {
        Cause::Concentration
    }
}
