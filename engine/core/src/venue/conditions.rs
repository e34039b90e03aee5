//! Times at which the venue does not take orders of some types: a stress, as maintenance, a cancel-only or a post-only phase brings it.
use serde::Deserialize;

/// A stretch of time and the types of orders that are refused in it. Stops rest at the venue already and are never refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// From this time on, ms.
    pub from_ms: i64,
    /// Until before this time, ms.
    pub to_ms: i64,
    /// Market orders are refused.
    #[serde(default)]
    pub market: bool,
    /// Limit orders are refused.
    #[serde(default)]
    pub limit: bool,
}

impl Condition {
    /// Returns whether an order sent at `t` is refused: `is_market` says of which of the two types it is.
    pub fn refuses(&self, t: i64, is_market: bool) -> bool {
        (self.from_ms..self.to_ms).contains(&t) && if is_market { self.market } else { self.limit }
    }

    /// Checks that something is refused at some time.
    ///
    /// # Errors
    /// Returns one sentence saying what is empty.
    pub fn validate(&self) -> Result<(), String> {
        match (self.from_ms < self.to_ms, self.market || self.limit) {
            (false, _) => Err(format!("a condition of the venue ends at {} ms, before it begins at {} ms", self.to_ms, self.from_ms)),
            (_, false) => Err("a condition of the venue refuses nothing; name market, limit or both".to_owned()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_refuses_its_types_from_its_begin_until_before_its_end() {
        let condition = Condition { from_ms: 10, to_ms: 20, market: true, limit: false };
        let at = |t| condition.refuses(t, true);
        assert_eq!([at(9), at(10), at(19), at(20)], [false, true, true, false]);
        assert!(!condition.refuses(15, false));
        assert!(condition.validate().is_ok());
        assert!(Condition { to_ms: 10, ..condition }.validate().unwrap_err().contains("ends at 10 ms"));
        assert!(Condition { market: false, ..condition }.validate().unwrap_err().contains("refuses nothing"));
    }
}
