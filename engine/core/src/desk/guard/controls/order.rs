//! Controls of the order itself: may anything be opened now, by which rates, at which price, and is it another's double or counterpart.
use super::super::sent::Sent;
use super::super::tape::Tape;
use super::super::{Guard, GuardState};
use super::{Ask, Limit};
use crate::desk::breaker::Breakers;
use crate::desk::reason::Cause;
use crate::money::{E9, Overflow};

/// Halves or refuses what opens, by the guard's state.
pub(super) struct Standing(pub GuardState);
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
pub(super) struct Breaker<'a>(pub Option<&'a Breakers>);
impl Limit for Breaker<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.0.is_none_or(|breakers| breakers.lets_open(ask.asset)) { lots } else { 0 })
    }
    fn cause(&self) -> Cause {
        Cause::Breaker
    }
}

/// Refuses instruments that the policy does not list.
pub(super) struct AllowList<'a>(pub Option<&'a [bool]>);
impl Limit for AllowList<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.0.is_none_or(|allowed| allowed[ask.asset]) { lots } else { 0 })
    }
    fn cause(&self) -> Cause {
        Cause::NotAllowed
    }
}

/// Refuses once so many orders were sent in the minute or day.
pub(super) struct OrderLimit<'a>(pub &'a Guard);
impl Limit for OrderLimit<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Guard { policy, sent, .. } = self.0;
        let is_full = policy.orders_per_minute.is_some_and(|most| sent.in_minute(ask.t) >= most)
            || policy.orders_per_day.is_some_and(|most| sent.in_day(ask.t) >= most);
        Ok(if is_full { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::OrderLimit
    }
}

/// Refuses once so many orders and cancels went out in the minute; cancels themselves always go.
pub(super) struct MessageLimit<'a> {
    pub most: Option<i64>,
    pub sent: &'a Sent,
}
impl Limit for MessageLimit<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if self.most.is_some_and(|most| self.sent.messages(ask.t) >= most) { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::MessageLimit
    }
}

/// Refuses a price too far from the decision's close.
pub(super) struct PriceCollar(pub Option<i64>);
impl Limit for PriceCollar {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Some(collar_e9) = self.0 else { return Ok(lots) };
        let gap = i128::from((ask.request.ticks - ask.close).abs()) * i128::from(E9);
        Ok(if gap > i128::from(collar_e9) * i128::from(ask.close) { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::PriceCollar
    }
}

/// Refuses a buy too far above the window's lowest close, a sell too far below its highest: the market has run.
pub(super) struct CollarWindow<'a> {
    pub collar_e9: Option<i64>,
    pub tape: &'a Tape,
}
impl Limit for CollarWindow<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let Some(collar_e9) = self.collar_e9 else { return Ok(lots) };
        let (lowest, highest) = self.tape.range(ask.asset);
        let price = i128::from(ask.request.ticks) * i128::from(E9);
        let is_beyond = if ask.request.is_buy {
            price > i128::from(E9 + collar_e9) * i128::from(lowest)
        } else {
            price < i128::from(E9 - collar_e9) * i128::from(highest)
        };
        Ok(if is_beyond { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::CollarWindow
    }
}

/// Refuses the double of an order just sent.
pub(super) struct Duplicate<'a> {
    pub window_ms: Option<i64>,
    pub sent: &'a Sent,
}
impl Limit for Duplicate<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let is_double = self.window_ms.is_some_and(|window| self.sent.has_like(ask.asset, &ask.passed(), window));
        Ok(if is_double { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::DuplicateOrder
    }
}

/// Refuses what could trade against an own order.
pub(super) struct SelfMatch;
impl Limit for SelfMatch {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        Ok(if ask.meets_own { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::SelfMatch
    }
}
