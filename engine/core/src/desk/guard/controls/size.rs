//! Controls of size: what one order may be, what its stop may lose, and what the market and the desk's own trades bear out.
use super::super::model::Model;
use super::super::tape::Tape;
use super::{Ask, Limit};
use crate::desk::reason::Cause;
use crate::money::{Overflow, rate_floor};

/// Cuts to the largest order of the instrument.
pub(super) struct MaxQuantity<'a>(pub Option<&'a [Option<i64>]>);
impl Limit for MaxQuantity<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(self.0.and_then(|limits| limits[ask.asset]).map_or(lots, |most| lots.min(most)))
    }
    fn cause(&self) -> Cause {
        Cause::MaxQuantity
    }
}

/// Cuts to what the order's tightest stop may lose, with what is held already.
pub(super) struct RiskPerTrade(pub Option<i64>);
impl Limit for RiskPerTrade {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let tightest = ask.stops.into_iter().filter(|&distance| distance > 0).min();
        let Some((risk_e9, distance)) = self.0.zip(tightest) else { return Ok(lots) };
        let request = ask.request;
        let most = request.contract.scale.lots_for_risk(request.equity.max(0), risk_e9, request.ticks, distance)?;
        Ok(lots.min((most - request.held).max(0)))
    }
    fn cause(&self) -> Cause {
        Cause::RiskPerTrade
    }
}

/// Cuts so that the position moves no more than the target.
pub(super) struct VolatilityTarget<'a> {
    pub model: &'a Model,
    pub target: f64,
}
impl Limit for VolatilityTarget<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        if !self.model.is_known(ask.asset, ask.asset) {
            return Ok(0);
        }
        // A volatility of 0 divides to infinity, which binds nothing.
        ask.within_weight(self.target / self.model.volatility(ask.asset), lots)
    }
    fn cause(&self) -> Cause {
        Cause::VolatilityTarget
    }
}

/// Cuts to the fraction of Kelly's weight that closed trades bear out.
pub(super) struct KellyWeight(pub f64);
impl Limit for KellyWeight {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        ask.within_weight(self.0, lots)
    }
    fn cause(&self) -> Cause {
        Cause::Kelly
    }
}

/// Cuts to a share of the volume of the asset's last bar.
pub(super) struct VolumeShare<'a> {
    pub share_e9: Option<i64>,
    pub tape: &'a Tape,
}
impl Limit for VolumeShare<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        match self.share_e9 {
            None => Ok(lots),
            Some(share_e9) => Ok(lots.min(rate_floor(self.tape.last[ask.asset].volume, share_e9)?)),
        }
    }
    fn cause(&self) -> Cause {
        Cause::VolumeLimit
    }
}
