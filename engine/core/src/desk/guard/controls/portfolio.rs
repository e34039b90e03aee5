//! Controls of the portfolio: what moves together, the sum of what moves, value at risk and expected shortfall after the order.
use super::super::Fractions;
use super::super::model::{Around, Model};
use super::{Ask, Limit, pass};
use crate::desk::reason::Cause;
use crate::money::Overflow;

/// Applies all of them, in their written order.
pub(super) fn pass_all(
    model: &Model,
    limits: &Fractions,
    weights: &[f64],
    ask: &Ask<'_>,
    state: &mut (i64, Cause),
) -> Result<(), Overflow> {
    if let Some(limit) = limits.correlation {
        pass(&Correlation { model, weights, limit }, ask, state)?;
    }
    if let Some(limit) = limits.heat {
        pass(&Heat { model, weights, limit }, ask, state)?;
    }
    if limits.value_at_risk.is_none() && limits.expected_shortfall.is_none() {
        return Ok(());
    }
    let around = &model.around(ask.asset, weights);
    if let Some(limit) = limits.value_at_risk {
        pass(&ValueAtRisk { around, deviation: model.deviation_of_var(limit) }, ask, state)?;
    }
    if let Some(limit) = limits.expected_shortfall {
        pass(&ExpectedShortfall { around, deviation: model.deviation_of_shortfall(limit) }, ask, state)?;
    }
    Ok(())
}

/// Refuses what moves with something held.
struct Correlation<'a> {
    model: &'a Model,
    weights: &'a [f64],
    limit: f64,
}
impl Limit for Correlation<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        let side = ask.side() as f64;
        let moves_with = |(other, &weight): (usize, &f64)| {
            other != ask.asset && weight != 0.0 && self.model.moves_with(ask.asset, other, side * weight.signum(), self.limit)
        };
        Ok(if self.weights.iter().enumerate().any(moves_with) { 0 } else { lots })
    }
    fn cause(&self) -> Cause {
        Cause::Correlation
    }
}

/// Cuts so that Σ |weight| · volatility stays within the cap.
struct Heat<'a> {
    model: &'a Model,
    weights: &'a [f64],
    limit: f64,
}
impl Limit for Heat<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        if !self.model.is_known(ask.asset, ask.asset) {
            return Ok(0);
        }
        let own = self.model.volatility(ask.asset);
        if own == 0.0 {
            return Ok(lots);
        }
        let mut others = 0.0;
        for (other, &weight) in self.weights.iter().enumerate() {
            if other != ask.asset && weight != 0.0 {
                others += weight.abs() * self.model.volatility(other);
            }
        }
        ask.within_weight(((self.limit - others) / own).max(0.0), lots)
    }
    fn cause(&self) -> Cause {
        Cause::Heat
    }
}

/// Cuts so that value at risk after the order stays within its limit.
struct ValueAtRisk<'a> {
    around: &'a Around,
    /// Of one period, at the limit.
    deviation: f64,
}
impl Limit for ValueAtRisk<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        ask.within_weight(self.around.most_weight(ask.side(), self.deviation), lots)
    }
    fn cause(&self) -> Cause {
        Cause::ValueAtRisk
    }
}

/// Cuts so that expected shortfall after the order stays within its limit.
struct ExpectedShortfall<'a> {
    around: &'a Around,
    /// Of one period, at the limit.
    deviation: f64,
}
impl Limit for ExpectedShortfall<'_> {
    fn allowed(&self, ask: &Ask<'_>, lots: i64) -> Result<i64, Overflow> {
        ask.within_weight(self.around.most_weight(ask.side(), self.deviation), lots)
    }
    fn cause(&self) -> Cause {
        Cause::ExpectedShortfall
    }
}
