//! What the policy lets an order open, before the controls of the gate: each a small struct with one check and its code.
//!
//! Order: state → circuit breakers → allow-list → data → rates → sizes → prices → duplicates → exposure → portfolio. Only the increasing part of an order comes
//! here. Rules: docs/semantics.md, section 11. A new control is one struct, one line in [`Guard::cut`], one row of the catalogue and its tests.
mod data;
mod exposure;
mod order;
mod portfolio;
mod size;

use super::Guard;
use super::sent::Passed;
use crate::desk::Desk;
use crate::desk::cross::{Offer, meets};
use crate::desk::decide::Intent;
use crate::desk::reason::{Cause, Reason};
use crate::desk::risk::Request;
use crate::money::{Overflow, rate_ceil};

/// An increase as the controls see it.
#[derive(Clone, Copy)]
pub(in crate::desk) struct Ask<'a> {
    /// What the gate sees of it.
    pub request: &'a Request<'a>,
    /// Instrument id.
    pub asset: usize,
    /// Decision time, ms.
    pub t: i64,
    /// Stop distances in ticks; 0 = none.
    pub stops: [i64; 3],
    /// Lots of the whole order before anything cut them.
    pub wanted: i64,
    /// The decision's close, ticks.
    pub close: i64,
    /// Where it could trade as soon as it arrives: at market, at its limit, or nowhere (it waits for a trigger).
    pub arrives: Arrival,
    /// Whether it could meet an own order at work; found out where the policy asks.
    pub meets_own: bool,
}

/// How an order arrives at the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum Arrival {
    Market,
    Limit,
    Waiting,
}

impl Ask<'_> {
    fn side(&self) -> i64 {
        if self.request.is_buy { 1 } else { -1 }
    }

    /// Returns the order as it is remembered.
    fn passed(&self) -> Passed {
        Passed { t: self.t, side: self.side(), wanted: self.wanted, ticks: self.request.ticks }
    }

    /// Returns how much of `lots` keeps the position within an amount of the currency of settlement.
    fn within_amount(&self, amount: i64, lots: i64) -> Result<i64, Overflow> {
        let Request { contract, ticks, held, .. } = *self.request;
        // A product says that it fits without the division that says how much does.
        if !contract.scale.is_inverse() && contract.scale.floor(held + lots, ticks).is_ok_and(|value| value <= amount) {
            return Ok(lots);
        }
        let position = self.request.contract.scale.lots_up_to(amount.max(0), self.request.ticks)?;
        Ok(lots.min((position - self.request.held).max(0)))
    }

    /// Returns how much of `lots` keeps the position within a weight of equity; an infinite weight binds nothing.
    fn within_weight(&self, weight: f64, lots: i64) -> Result<i64, Overflow> {
        if weight == f64::INFINITY {
            return Ok(lots);
        }
        // The cast stays within i64; what is not above 0 is 0.
        self.within_amount((weight * self.request.equity as f64).floor() as i64, lots)
    }
}

/// A control: how many of `lots` it lets through, and its code.
trait Limit {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow>;
    fn cause(&self) -> Cause;
}

/// Applies one control; the first cause of the smallest quantity stays.
#[inline(always)]
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
        let policy = &self.policy;
        pass(&order::Standing(self.state), ask, &mut state)?;
        pass(&order::Breaker(self.breakers.as_ref()), ask, &mut state)?;
        pass(&order::AllowList(policy.allowed.as_deref()), ask, &mut state)?;
        pass(&data::Stale { max_age_ms: policy.max_age_ms, oldest_held: self.oldest_held, tape: &self.tape }, ask, &mut state)?;
        pass(&data::Unreasonable(&self.tape), ask, &mut state)?;
        pass(&order::OrderLimit(self), ask, &mut state)?;
        pass(&order::MessageLimit { most: policy.messages_per_minute, sent: &self.sent }, ask, &mut state)?;
        pass(&size::MaxQuantity(policy.max_quantity.as_deref()), ask, &mut state)?;
        pass(&size::RiskPerTrade(policy.risk_per_trade_e9), ask, &mut state)?;
        if let Some((model, target)) = self.model.as_ref().zip(self.limits.volatility_target) {
            pass(&size::VolatilityTarget { model, target }, ask, &mut state)?;
        }
        pass(&size::KellyWeight(self.kelly.weight), ask, &mut state)?;
        pass(&size::VolumeShare { share_e9: policy.volume_share_e9, tape: &self.tape }, ask, &mut state)?;
        pass(&order::PriceCollar(policy.price_collar_e9), ask, &mut state)?;
        pass(&order::CollarWindow { collar_e9: policy.collar_window_e9, tape: &self.tape }, ask, &mut state)?;
        pass(&order::Duplicate { window_ms: policy.duplicate_ms, sent: &self.sent }, ask, &mut state)?;
        pass(&order::SelfMatch, ask, &mut state)?;
        pass(&exposure::PositionLimit(policy.max_position.as_deref()), ask, &mut state)?;
        pass(&exposure::ExposureLimit(policy.max_exposure), ask, &mut state)?;
        pass(&exposure::DailyVolume { limits: policy.daily_volume.as_deref(), sent: &self.sent }, ask, &mut state)?;
        pass(&exposure::MaxPositions { most: policy.max_positions, weights: &self.weights }, ask, &mut state)?;
        pass(&exposure::Concentration(policy.concentration_e9), ask, &mut state)?;
        if let Some(model) = &self.model {
            portfolio::pass_all(model, &self.limits, &self.weights, ask, &mut state)?;
        }
        Ok(state)
    }
}

impl Desk {
    /// Returns how many of `lots` an intent may add, and what cut them.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn cut_guarded(
        &self,
        guard: &Guard,
        request: &Request<'_>,
        intent: &Intent,
        t: i64,
        lots: i64,
    ) -> Result<(i64, Cause), Overflow> {
        let ask = Ask {
            request,
            asset: intent.asset as usize,
            t,
            stops: [intent.fixed_ticks, intent.trailing_ticks, 0],
            wanted: intent.wanted,
            close: intent.ticks,
            arrives: Arrival::Market,
            meets_own: false,
        };
        self.cut_by_both(guard, ask, lots)
    }

    /// Returns how many of `lots` the gate would let a market order of a target trade now, and what would cut them: the way of an order that is sent,
    /// without sending it.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    #[inline(never)]
    pub fn would_pass(&mut self, t: i64, asset: usize, lots: i64, ticks: i64) -> Result<(i64, Cause), Overflow> {
        let position = self.ledger.positions[asset].lots;
        let intent = Intent {
            asset: asset as u32,
            target: 0,
            ticks,
            desired: position.checked_add(lots).ok_or(Overflow)?,
            wanted: lots.abs(),
            cause: Cause::None,
            acts: true,
            reason: Reason::Target,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
        };
        self.weigh()?;
        self.allowed(&intent, t, lots.signum(), position, self.equity())
    }

    /// Does the same for an increase of any kind, guarded or not.
    pub(in crate::desk) fn cut(&self, ask: Ask<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        let (lots, by_licence) = self.licensed(ask.request, ask.asset, ask.t, lots)?;
        let (left, cut_by) = match &self.guard {
            _ if lots == 0 => (0, by_licence),
            None => self.gate.cut(ask.request, lots)?,
            Some(guard) => self.cut_by_both(guard, ask, lots)?,
        };
        Ok((left, if cut_by == Cause::None { by_licence } else { cut_by }))
    }

    /// Applies the policy's controls, then those of the gate.
    fn cut_by_both(&self, guard: &Guard, mut ask: Ask<'_>, lots: i64) -> Result<(i64, Cause), Overflow> {
        if guard.policy.self_match {
            ask.meets_own = self.meets_own(&ask)?;
        }
        let (left, cut_by) = guard.cut(&ask, lots)?;
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

    /// Returns whether an order could trade against an own one at work on its instrument.
    fn meets_own(&self, ask: &Ask<'_>) -> Result<bool, Overflow> {
        let (side, ticks) = (ask.side(), ask.request.ticks);
        let price = match ask.arrives {
            Arrival::Market => ticks.checked_add(side * rate_ceil(ticks, self.venue.half_spread_e9)?).ok_or(Overflow)?,
            Arrival::Limit => ticks,
            Arrival::Waiting => return Ok(false),
        };
        let asset = ask.asset;
        let would_meet = |offer: &Offer| meets(u32::MAX, asset as u32, side, price, offer);
        Ok(self.offers_of(asset).any(|offer| would_meet(&offer)))
    }
}

#[cfg(test)]
mod tests;
