//! The policy as the host gives it: plain numbers, every limit optional. Rules: docs/semantics.md, section 11.
use crate::desk::breaker::settings::Settings;
use crate::money::E9;
use serde::Deserialize;

/// Limits that stand above a strategy; what is left out binds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Losing trades in a row that pause for the rest of the UTC day.
    pub losing_streak: Option<i64>,
    /// Orders in a row of one instrument and direction in a UTC day that pause for good.
    pub repeated_orders: Option<i64>,
    /// Loss in a UTC hour that halves, billionths.
    pub hourly_loss_e9: Option<i64>,
    /// Loss in a UTC day that pauses, billionths.
    pub daily_loss_e9: Option<i64>,
    /// Loss of the start equity that pauses for good, billionths.
    pub total_loss_e9: Option<i64>,
    /// Loss from the peak that flattens, billionths.
    pub drawdown_e9: Option<i64>,
    /// Equity that a trade's stop may lose, billionths.
    pub risk_per_trade_e9: Option<i64>,
    /// Largest gross exposure as a multiple of equity, billionths.
    pub max_leverage_e9: Option<i64>,
    /// Largest notional of one order's increase, 1e-8 quote.
    pub max_notional: Option<i64>,
    /// Largest share of the decision bar's volume that one order may open, billionths.
    pub volume_share_e9: Option<i64>,
    /// Whether each instrument may be opened, in id order.
    pub allowed: Option<Vec<bool>>,
    /// Orders sent in one UTC minute.
    pub orders_per_minute: Option<i64>,
    /// Orders sent in one UTC day.
    pub orders_per_day: Option<i64>,
    /// Circuit breakers.
    pub breakers: Option<Settings>,
}

impl Policy {
    /// Checks every limit; `assets` is the number of instruments.
    ///
    /// # Errors
    /// Returns one sentence naming the key and its range.
    pub fn validate(&self, assets: usize) -> Result<(), String> {
        let limits = [
            ("losing_streak", self.losing_streak, 1_000_000),
            ("repeated_orders", self.repeated_orders, 1_000_000),
            ("hourly_loss_e9", self.hourly_loss_e9, E9),
            ("daily_loss_e9", self.daily_loss_e9, E9),
            ("total_loss_e9", self.total_loss_e9, E9),
            ("drawdown_e9", self.drawdown_e9, E9),
            ("risk_per_trade_e9", self.risk_per_trade_e9, E9),
            ("max_leverage_e9", self.max_leverage_e9, 1_000 * E9),
            ("max_notional", self.max_notional, i64::MAX),
            ("volume_share_e9", self.volume_share_e9, E9),
            ("orders_per_minute", self.orders_per_minute, i64::MAX),
            ("orders_per_day", self.orders_per_day, i64::MAX),
        ];
        for (name, value, most) in limits {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                return Err(format!("policy.{name} is {value}; it must lie between 1 and {most}"));
            }
        }
        self.breakers.as_ref().map_or(Ok(()), |breakers| breakers.validate(assets))?;
        match &self.allowed {
            Some(allowed) if allowed.len() != assets => {
                Err(format!("policy.allowed names {} instruments, the configuration has {assets}", allowed.len()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_outside_their_range_are_refused_by_name() {
        assert_eq!(Policy::default().validate(2), Ok(()));
        let wrong = Policy { drawdown_e9: Some(E9 + 1), ..Policy::default() };
        assert_eq!(wrong.validate(1), Err("policy.drawdown_e9 is 1000000001; it must lie between 1 and 1000000000".to_owned()));
        let none = Policy { losing_streak: Some(0), ..Policy::default() };
        assert!(none.validate(1).unwrap_err().starts_with("policy.losing_streak is 0;"));
        let short = Policy { allowed: Some(vec![true]), ..Policy::default() };
        assert_eq!(short.validate(2), Err("policy.allowed names 1 instruments, the configuration has 2".to_owned()));
    }
}
