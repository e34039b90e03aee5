//! Kelly's weight of the desk's own trades, shrunk by how little is known of them.
//!
//! f* = μ/σ² (Kelly 1956; Thorp 2006) of the returns of closed trades, times SR²/(SR² + 1/n): with few trades the estimate is mostly noise. Rules:
//! docs/semantics.md, section 11.
use super::policy::{KELLY_TRADES, Policy};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::E9;

/// The last closed trades and the weight that they bear out.
pub(super) struct Kelly {
    /// Fraction of the full weight; none = off.
    fraction: Option<f64>,
    /// Returns of the last trades, in a ring.
    returns: Vec<f64>,
    closed: u64,
    /// Infinite while nothing is bound.
    pub weight: f64,
}

impl Kelly {
    pub fn new(policy: &Policy) -> Self {
        let trades = policy.kelly_e9.map_or(0, |_| policy.kelly_trades.unwrap_or(KELLY_TRADES) as usize);
        let fraction = policy.kelly_e9.map(|fraction| fraction as f64 / E9 as f64);
        Self { fraction, returns: vec![0.0; trades], closed: 0, weight: f64::INFINITY }
    }

    /// Takes a closed trade in: its profit and what it was entered for.
    pub fn note(&mut self, pnl: i64, entered: i64) {
        let Some(fraction) = self.fraction else { return };
        let trades = self.returns.len();
        self.returns[(self.closed % trades as u64) as usize] = pnl as f64 / entered.max(1) as f64;
        self.closed += 1;
        if self.closed >= trades as u64 {
            self.weight = self.estimate(fraction);
        }
    }

    fn estimate(&self, fraction: f64) -> f64 {
        let count = self.returns.len() as f64;
        let oldest = (self.closed % self.returns.len() as u64) as usize;
        let in_order = || self.returns[oldest..].iter().chain(&self.returns[..oldest]);
        let mean = in_order().fold(0.0, |sum, each| sum + each) / count;
        let spread = in_order().fold(0.0, |sum, each| sum + (each - mean) * (each - mean)) / (count - 1.0);
        if mean <= 0.0 {
            return 0.0;
        }
        if spread == 0.0 || spread.is_nan() {
            return f64::INFINITY;
        }
        let sharpe_squared = mean * mean / spread;
        fraction * (mean / spread) * (sharpe_squared / (sharpe_squared + 1.0 / count))
    }

    pub fn save(&self, to: &mut Writer) {
        self.returns.iter().for_each(|each| to.u64(each.to_bits()));
        to.u64(self.closed);
        to.u64(self.weight.to_bits());
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.returns.iter_mut().try_for_each(|each| from.u64().map(|bits| *each = f64::from_bits(bits)))?;
        self.closed = from.u64()?;
        self.weight = f64::from_bits(from.u64()?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kelly(fraction_e9: i64, trades: i64) -> Kelly {
        Kelly::new(&Policy { kelly_e9: Some(fraction_e9), kelly_trades: Some(trades), ..Policy::default() })
    }

    #[test]
    fn an_even_bet_won_six_times_in_ten_is_a_fifth() {
        // Thorp: p = 0.6 at even odds is f* = 0.2; μ/σ² with ddof 1 of ten such trades is 0.2/(0.96·10/9), shrunk by SR²/(SR² + 1/10).
        let mut kelly = kelly(E9, 10);
        for won in [1, 1, 1, 1, 1, 1, 0, 0, 0] {
            kelly.note(if won == 1 { 100 } else { -100 }, 100);
            assert_eq!(kelly.weight, f64::INFINITY);
        }
        kelly.note(-100, 100);
        let (variance, mean) = (0.96 * 10.0 / 9.0, 0.2);
        let sharpe = mean * mean / variance;
        assert!((kelly.weight - mean / variance * sharpe / (sharpe + 0.1)).abs() < 1e-12, "{}", kelly.weight);
    }

    #[test]
    fn no_edge_opens_nothing_and_many_trades_shrink_less() {
        let mut lost = kelly(E9 / 4, 2);
        [(-10, 100), (-11, 100)].into_iter().for_each(|(pnl, entered)| lost.note(pnl, entered));
        assert_eq!(lost.weight, 0.0);
        let weight = |trades: i64| {
            let mut kelly = kelly(E9 / 4, trades);
            (0..trades).for_each(|at| kelly.note(if at % 2 == 0 { 30 } else { -10 }, 1_000));
            kelly.weight
        };
        assert!(weight(100) > weight(10));
    }

    #[test]
    fn the_oldest_trade_is_forgotten() {
        let mut first = kelly(E9, 3);
        [(900, 100), (10, 100), (20, 100), (40, 100)].into_iter().for_each(|(pnl, entered)| first.note(pnl, entered));
        let mut second = kelly(E9, 3);
        [(10, 100), (20, 100), (40, 100)].into_iter().for_each(|(pnl, entered)| second.note(pnl, entered));
        assert_eq!(first.weight.to_bits(), second.weight.to_bits());
    }

    #[test]
    fn the_weight_is_the_mean_over_the_variance_shrunk_by_what_is_not_known() {
        // Returns of 5 %, −1 % and 2 %: mean 2 %, variance (9 + 9 + 0)/2 in 1e-4; SR² = 4/9, shrunk by (4/9)/(4/9 + 1/3) = 4/7.
        let mut some = kelly(E9 / 2, 3);
        [(50, 1_000), (-10, 1_000), (20, 1_000)].into_iter().for_each(|(pnl, entered)| some.note(pnl, entered));
        assert!((some.weight - 0.5 * (0.02 / 9e-4) * (4.0 / 7.0)).abs() < 1e-9, "{}", some.weight);
        // To the bit, in the order of summation that the semantics page gives; reckoned in Python.
        assert_eq!(some.weight.to_bits(), 6.349_206_349_206_35_f64.to_bits());
    }

    #[test]
    fn trades_that_all_earn_the_same_bind_nothing() {
        let mut same = kelly(E9, 4);
        (0..4).for_each(|_| same.note(1, 4));
        assert_eq!(same.weight, f64::INFINITY);
    }

    #[test]
    fn they_are_summed_from_the_oldest_on() {
        let weight = |pnls: &[i64]| {
            let mut kelly = kelly(E9, 4);
            pnls.iter().for_each(|&pnl| kelly.note(pnl, 10));
            kelly.weight.to_bits()
        };
        let mut orders = std::collections::HashSet::new();
        for before in 0..4 {
            let all: Vec<i64> = vec![7; before].into_iter().chain([1, 2, 3, -4, 1, 2, 3, 7]).collect();
            orders.insert(weight(&all));
        }
        assert_eq!(orders.len(), 1, "where the ring begins says nothing");
    }
}
