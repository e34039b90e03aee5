//! What the policy lets an order open, before the controls of the gate: each a small struct with one check and its code.
//!
//! Order: state → circuit breakers → allow-list → orders sent → risk per trade → volume. Only the increasing part of an order comes here.
use super::{Guard, GuardState};
use crate::desk::Desk;
use crate::desk::breaker::Breakers;
use crate::desk::decide::Intent;
use crate::desk::reason::Cause;
use crate::desk::risk::Request;
use crate::money::{Overflow, rate_floor};

/// An increase as the controls see it.
pub(in crate::desk) struct Ask<'a> {
    /// What the gate sees of it.
    pub request: &'a Request<'a>,
    /// Instrument id.
    pub asset: usize,
    /// Decision time, ms.
    pub t: i64,
    /// Stop distances in ticks; 0 = none.
    pub stops: [i64; 3],
}

/// A control: how many of `lots` it lets through, and its code.
trait Limit {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow>;
    fn cause(&self) -> Cause;
}

/// Halves or refuses what opens, by the guard's state.
struct Standing(GuardState);
impl Limit for Standing {
    fn allowed(&self, _ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(match self.0 {
            GuardState::Normal => lots,
            GuardState::Reduced => lots / 2,
            GuardState::Paused | GuardState::Emergency | GuardState::Killed => 0,
        })
    }
    fn cause(&self) -> Cause {
        match self.0 {
            GuardState::Normal | GuardState::Reduced => Cause::RiskReduced,
            GuardState::Paused => Cause::RiskPaused,
            GuardState::Emergency | GuardState::Killed => Cause::RiskKilled,
        }
    }
}

/// Refuses what a circuit breaker does not let through.
struct Breaker<'a>(Option<&'a Breakers>);
impl Limit for Breaker<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.0.is_none_or(|breakers| breakers.lets_open(ask.asset)) { lots } else { 0 })
    }
    fn cause(&self) -> Cause {
        Cause::Breaker
    }
}

/// Refuses instruments that the policy does not list.
struct AllowList<'a>(Option<&'a [bool]>);
impl Limit for AllowList<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.0.is_none_or(|allowed| allowed[ask.asset]) { lots } else { 0 })
    }
    fn cause(&self) -> Cause {
        Cause::NotAllowed
    }
}

/// Refuses once so many orders were sent in the minute or day.
struct OrderLimit<'a>(&'a Guard);
impl Limit for OrderLimit<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Self(guard) = self;
        let is_full = guard.policy.orders_per_minute.is_some_and(|most| guard.sent_in_minute(ask.t) >= most)
            || guard.policy.orders_per_day.is_some_and(|most| guard.sent_in_day(ask.t) >= most);
        Ok(if is_full { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::OrderLimit
    }
}

/// Cuts to what the order's tightest stop may lose, with what is held already.
struct RiskPerTrade(Option<i64>);
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

/// Cuts to a share of the volume of the asset's last bar.
struct VolumeShare<'a> {
    share_e9: Option<i64>,
    volumes: &'a [i64],
}
impl Limit for VolumeShare<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        match self.share_e9 {
            None => Ok(lots),
            Some(share_e9) => Ok(lots.min(rate_floor(self.volumes[ask.asset], share_e9)?)),
        }
    }
    fn cause(&self) -> Cause {
        Cause::VolumeLimit
    }
}

/// Applies one control; the first cause of the smallest quantity stays.
fn pass(limit: &impl Limit, ask: &Ask<'_>, state: &mut (i64, Cause)) -> Result<(), Overflow> {
    if state.0 > 0 {
        let allowed = limit.allowed(ask, state.0)?;
        if allowed < state.0 {
            *state = (allowed, limit.cause());
        }
    }
    Ok(())
}

impl Guard {
    /// Returns how many of `lots` the policy lets through, and what cut them.
    fn cut(&self, ask: &Ask<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        let mut state = (lots, Cause::None);
        pass(&Standing(self.state), ask, &mut state)?;
        pass(&Breaker(self.breakers.as_ref()), ask, &mut state)?;
        pass(&AllowList(self.policy.allowed.as_deref()), ask, &mut state)?;
        pass(&OrderLimit(self), ask, &mut state)?;
        pass(&RiskPerTrade(self.policy.risk_per_trade_e9), ask, &mut state)?;
        pass(&VolumeShare { share_e9: self.policy.volume_share_e9, volumes: &self.volumes }, ask, &mut state)?;
        Ok(state)
    }
}

impl Desk {
    /// Returns how many of `lots` an intent may add, and what cut them, where a licence or a guard stands above.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn cut_above(&self, request: &Request<'_>, intent: &Intent, t: i64, lots: i64) -> Result<(i64, Cause), Overflow> {
        let stops = [intent.fixed_ticks, intent.trailing_ticks, 0];
        self.cut(&Ask { request, asset: intent.asset as usize, t, stops }, lots)
    }

    /// Does the same for an increase of any kind, guarded or not.
    pub(in crate::desk) fn cut(&self, ask: &Ask<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        let (lots, by_licence) =
            if self.licence.is_none() { (lots, Cause::None) } else { self.cut_licensed(ask.request, ask.asset, ask.t, lots)? };
        let (left, cut_by) = match &self.guard {
            _ if lots == 0 => (0, by_licence),
            None => self.gate.cut(ask.request, lots)?,
            Some(guard) => self.cut_by_both(guard, ask, lots)?,
        };
        Ok((left, if cut_by == Cause::None { by_licence } else { cut_by }))
    }

    /// Applies the policy's controls, then those of the gate.
    fn cut_by_both(&self, guard: &Guard, ask: &Ask<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        let (left, cut_by) = guard.cut(ask, lots)?;
        if left == 0 {
            return Ok((left, cut_by));
        }
        Ok(match self.gate.cut(ask.request, left)? {
            (left, Cause::None) => (left, cut_by),
            // What the policy leaves below the venue's minimum is refused with the policy's cause.
            (left, Cause::MinSize | Cause::MinNotional) if cut_by != Cause::None => (left, cut_by),
            cut => cut,
        })
    }
}
