//! The risk model: exponentially weighted second moments of returns around 0, in the way of RiskMetrics (J.P. Morgan, "RiskMetrics: Technical
//! Document", 4th edition, 1996, chapter 5). Rules and every order of summation: docs/semantics.md, section 11.
//!
//! Volatilities are floats, as in any model; what follows from them for an order is rounded down to an amount. Not here: limits.
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const DAY_MS: f64 = 86_400_000.0;
/// Standard normal quantile at 99 %.
const VALUE_AT_RISK: f64 = 2.326_347_874_040_840_8;
/// Expected shortfall at 99 % of Student's t with 4 degrees of freedom, scaled to variance 1 (McNeil, Frey & Embrechts 2015, 2.25).
const EXPECTED_SHORTFALL: f64 = 3.691_510_485_675_761_5;

/// What is below this share of a bound stays below it however either was rounded.
const SURELY: f64 = 1.0 - 1e-9;

/// An instrument among the others: its own moment, Σ_j S_aj·x_j and Σ_i x_i·(Σ_j S_ij·x_j) over the others, and the variance of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    is_known: bool,
    own: f64,
    beside: f64,
    rest: f64,
    now: f64,
}

impl Around {
    /// Returns the largest weight of the instrument on a side at which the deviation of one period reaches `most`, or what it is now where that is
    /// more. 0 while the instrument is not known, infinite where it does not move.
    pub fn most_weight(&self, side: i64, most: f64) -> f64 {
        let Self { is_known, own, beside, rest, now } = *self;
        if !is_known {
            return 0.0;
        }
        if own == 0.0 {
            return f64::INFINITY;
        }
        let bound = if most * most > now { most * most } else { now };
        let root = (beside * beside + own * (bound - rest)).max(0.0).sqrt();
        (-(side as f64) * beside + root) / own
    }
}

/// Second moments of all instruments.
pub(super) struct Model {
    assets: usize,
    span: u64,
    alpha: f64,
    /// Moments of all pairs, row by row; symmetric.
    moments: Vec<f64>,
    /// Returns that each pair has had together.
    counts: Vec<u64>,
    /// Annual volatilities, as of the last return of each.
    volatilities: Vec<f64>,
    /// Returns of the decision at hand, by id.
    fresh: Vec<(u32, f64)>,
    /// √ of the periods in a year.
    root_year: f64,
    /// √ of the periods in a day times the factor of [`VALUE_AT_RISK`] and of [`EXPECTED_SHORTFALL`].
    to_var: f64,
    to_shortfall: f64,
}

impl Model {
    pub fn new(assets: usize, span: i64, interval_ms: i64) -> Self {
        let per_day = DAY_MS / interval_ms as f64;
        Self {
            assets,
            span: span as u64,
            alpha: 2.0 / (span as f64 + 1.0),
            moments: vec![0.0; assets * assets],
            counts: vec![0; assets * assets],
            volatilities: vec![0.0; assets],
            fresh: Vec::with_capacity(assets),
            root_year: (365.0 * per_day).sqrt(),
            to_var: VALUE_AT_RISK * per_day.sqrt(),
            to_shortfall: EXPECTED_SHORTFALL * per_day.sqrt(),
        }
    }

    /// Notes an instrument's return at this decision, its close `ticks` after `before`; by id.
    pub fn note(&mut self, asset: usize, before: i64, ticks: i64) {
        self.fresh.push((asset as u32, (ticks as f64 - before as f64) / before as f64));
    }

    /// Takes the returns of this decision in.
    pub fn learn(&mut self) {
        for (at, &(i, own)) in self.fresh.iter().enumerate() {
            for &(j, other) in &self.fresh[at..] {
                let (here, there) = (i as usize * self.assets + j as usize, j as usize * self.assets + i as usize);
                let product = own * other;
                let moment = if self.counts[here] == 0 { product } else { (1.0 - self.alpha) * self.moments[here] + self.alpha * product };
                (self.moments[here], self.moments[there]) = (moment, moment);
                self.counts[here] += 1;
                self.counts[there] = self.counts[here];
            }
            self.volatilities[i as usize] = self.moment(i as usize, i as usize).sqrt() * self.root_year;
        }
        self.fresh.clear();
    }

    /// Returns whether a pair (or an instrument with itself) has had enough returns.
    pub fn is_known(&self, i: usize, j: usize) -> bool {
        self.counts[i * self.assets + j] >= self.span
    }

    /// Returns the moment of a pair.
    pub fn moment(&self, i: usize, j: usize) -> f64 {
        self.moments[i * self.assets + j]
    }

    /// Returns an instrument's annual volatility.
    pub fn volatility(&self, asset: usize) -> f64 {
        self.volatilities[asset]
    }

    /// Returns the one-day value at risk at 99 % of weights, as a fraction of equity.
    pub fn value_at_risk(&self, weights: &[f64]) -> f64 {
        self.variance(weights, self.assets).max(0.0).sqrt() * self.to_var
    }

    /// Returns the deviation of one period at which value at risk is `limit`.
    pub fn deviation_of_var(&self, limit: f64) -> f64 {
        limit / self.to_var
    }

    /// Returns the deviation of one period at which expected shortfall is `limit`.
    pub fn deviation_of_shortfall(&self, limit: f64) -> f64 {
        limit / self.to_shortfall
    }

    /// Returns Σ_i x_i·(Σ_j S_ij·x_j) over all instruments but one.
    fn variance(&self, weights: &[f64], but: usize) -> f64 {
        let others = |at: &usize| *at != but && weights[*at] != 0.0;
        let mut total = 0.0;
        for i in (0..self.assets).filter(others) {
            total += weights[i] * self.row(i, weights, but);
        }
        total
    }

    /// Returns Σ_j S_ij·x_j over all instruments but one.
    fn row(&self, i: usize, weights: &[f64], but: usize) -> f64 {
        let mut sum = 0.0;
        for j in (0..self.assets).filter(|&j| j != but && weights[j] != 0.0) {
            sum += self.moment(i, j) * weights[j];
        }
        sum
    }

    /// Returns what an instrument stands beside among all the others.
    pub fn around(&self, asset: usize, weights: &[f64]) -> Around {
        let (own, held) = (self.moment(asset, asset), weights[asset]);
        let (beside, rest) = (self.row(asset, weights, asset), self.variance(weights, asset));
        let now = (rest + (2.0 * held) * beside) + (held * held) * own;
        Around { is_known: self.is_known(asset, asset), own, beside, rest, now }
    }

    /// Returns the correlation of two known instruments that move; `None` of others.
    pub fn correlation(&self, i: usize, j: usize) -> Option<f64> {
        let scale = self.moment(i, i) * self.moment(j, j);
        (self.is_known(i, j) && scale > 0.0).then(|| self.moment(i, j) / scale.sqrt())
    }

    /// Returns whether two known instruments move together at least as closely as `limit`, of which one is on the other side of the market where
    /// `sign` is −1.
    pub fn moves_with(&self, i: usize, j: usize, sign: f64, limit: f64) -> bool {
        let (together, scale) = (sign * self.moment(i, j), self.moment(i, i) * self.moment(j, j));
        // Most pairs are far from the limit, which needs no root.
        let is_far = together <= 0.0 || together * together < limit * limit * scale * SURELY;
        !is_far && self.correlation(i, j).is_some_and(|found| sign * found >= limit)
    }

    pub fn save(&self, to: &mut Writer) {
        self.moments.iter().for_each(|moment| to.u64(moment.to_bits()));
        self.counts.iter().for_each(|&count| to.u64(count));
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.moments.iter_mut().try_for_each(|moment| from.u64().map(|bits| *moment = f64::from_bits(bits)))?;
        self.counts.iter_mut().try_for_each(|count| from.u64().map(|read| *count = read))?;
        (0..self.assets).for_each(|asset| self.volatilities[asset] = self.moment(asset, asset).sqrt() * self.root_year);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// Two instruments, the second moving `share` times the first.
    fn two(share: i64, rows: usize) -> Model {
        let mut model = Model::new(2, 3, HOUR);
        for row in 0..rows {
            let step = if row % 2 == 0 { 10 } else { -10 };
            model.note(0, 1_000, 1_000 + step);
            model.note(1, 1_000, 1_000 + share * step);
            model.learn();
        }
        model
    }

    #[test]
    fn moments_of_equal_moves_are_their_squares() {
        let model = two(2, 3);
        assert!((model.moment(0, 0) - 1e-4).abs() < 1e-18 && (model.moment(1, 1) - 4e-4).abs() < 1e-18);
        assert_eq!(model.correlation(0, 1), Some(1.0));
        assert!((model.volatility(0) - 0.01 * 8760f64.sqrt()).abs() < 1e-12);
        assert_eq!(two(2, 2).correlation(0, 1), None, "not known yet");
        assert_eq!(two(-1, 3).correlation(0, 1), Some(-1.0));
        assert!(model.moves_with(0, 1, 1.0, 1.0) && !model.moves_with(0, 1, -1.0, 1e-9), "reached, and the other side");
        assert!(two(-1, 3).moves_with(0, 1, -1.0, 1.0) && !model.moves_with(0, 1, 1.0, 1.0 + f64::EPSILON));
    }

    #[test]
    fn moments_forget_at_the_rate_of_the_span() {
        let mut model = Model::new(1, 3, HOUR);
        for move_ in [100, 0, 0] {
            model.note(0, 1_000, 1_000 + move_);
            model.learn();
        }
        assert!((model.moment(0, 0) - 0.01 * 0.25).abs() < 1e-15, "alpha is 2/4: half of it goes each row");
    }

    #[test]
    fn value_at_risk_is_the_published_one_of_a_single_position() {
        // RiskMetrics: a deviation of 1 % a day, normal, 99 %: 2.326 % of the position.
        let mut model = Model::new(1, 1, 86_400_000);
        model.note(0, 10_000, 10_100);
        model.learn();
        assert!((model.value_at_risk(&[1.0]) - 0.023_263_478_740_408_4).abs() < 1e-12);
        assert!((model.value_at_risk(&[-2.0]) - 0.046_526_957_480_816_8).abs() < 1e-12);
    }

    #[test]
    fn the_largest_weight_brings_the_portfolio_to_its_limit() {
        let model = two(2, 3);
        for (weights, side) in [([0.0, 0.0], 1), ([0.0, 0.3], 1), ([0.0, 0.3], -1), ([0.1, -0.2], 1)] {
            let most = model.around(0, &weights).most_weight(side, 0.01);
            let after = [side as f64 * most, weights[1]];
            assert!((model.variance(&after, 2).sqrt() - 0.01).abs() < 1e-12, "{weights:?} {side}: {most}");
        }
        assert_eq!(two(2, 2).around(0, &[0.0, 0.0]).most_weight(1, 1.0), 0.0, "not known yet");
    }

    #[test]
    fn what_does_not_raise_the_risk_passes_above_the_limit() {
        let model = two(1, 3);
        // Twice the limit is held in the other: a hedge may go as far as to stand on the other side of it.
        let most = model.around(0, &[0.0, 2.0]).most_weight(-1, 0.01);
        assert!((most - 4.0).abs() < 1e-9, "{most}");
        assert!(model.around(0, &[0.0, 2.0]).most_weight(1, 0.01).abs() < 1e-9);
    }

    #[test]
    fn a_saved_model_goes_on_as_it_was() {
        let model = two(2, 5);
        let saved = |model: &Model| {
            let mut to = Writer::default();
            model.save(&mut to);
            to.finish()
        };
        let mut second = Model::new(2, 3, HOUR);
        second.load(&mut Reader::new(&saved(&model))).unwrap();
        assert_eq!((saved(&second), second.moment(0, 1).to_bits()), (saved(&model), model.moment(0, 1).to_bits()));
    }

    /// Three instruments with returns of their own: 1 %, −2 % and 3 % one hour, 2 %, 1 % and 0 the next; alpha is 2/3 at a span of two.
    fn three(rows: usize) -> Model {
        let mut model = Model::new(3, 2, HOUR);
        for step in [[10, -20, 30], [20, 10, 0], [0, 0, 0]].into_iter().take(rows) {
            (0..3).for_each(|asset| model.note(asset, 1_000, 1_000 + step[asset]));
            model.learn();
        }
        model
    }

    #[test]
    fn every_pair_has_a_place_of_its_own() {
        let model = three(2);
        // Σ of the weights 1/3 and 2/3 of the products, in 1e-4.
        let expected = [[3.0, 2.0 / 3.0, 1.0], [2.0 / 3.0, 2.0, -2.0], [1.0, -2.0, 3.0]];
        for (i, row) in expected.iter().enumerate() {
            for (j, by_hand) in row.iter().enumerate() {
                assert!((model.moment(i, j) * 1e4 - by_hand).abs() < 1e-9, "{i} {j}: {}", model.moment(i, j) * 1e4);
                assert!(model.is_known(i, j) && !three(1).is_known(i, j));
            }
        }
        assert!((model.correlation(1, 2).unwrap() + 2.0 / 6f64.sqrt()).abs() < 1e-12);
        assert!((model.correlation(0, 2).unwrap() - 1.0 / 9f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_was_seen_together_counts_and_what_was_not_does_not() {
        let mut model = Model::new(3, 2, HOUR);
        for row in 0..4 {
            model.note(0, 1_000, 1_010);
            if row % 2 == 0 {
                model.note(2, 1_000, 1_010);
            }
            model.learn();
        }
        let known = |i: usize, j: usize| model.is_known(i, j);
        assert!(known(0, 0) && known(0, 2) && known(2, 0) && known(2, 2));
        assert!((0..3).all(|i| !known(1, i) && !known(i, 1)), "the second has had no bar");
    }

    #[test]
    fn the_variance_now_is_that_of_all_weights() {
        let model = three(2);
        let weights = [0.5, -0.25, 0.75];
        // Σ x_i·x_j·S_ij by hand, in 1e-4: ¼·3 + 1/16·2 + 9/16·3 + 2·(−⅛·⅔ + ⅜·1 + 3/16·2).
        let by_hand = (0.75 + 0.125 + 27.0 / 16.0 + 2.0 * (-1.0 / 12.0 + 0.375 + 0.375)) * 1e-4;
        for asset in 0..3 {
            assert!((model.around(asset, &weights).now - by_hand).abs() < 1e-15, "{asset}");
        }
        assert!((model.variance(&weights, 3) - by_hand).abs() < 1e-15);
    }

    #[test]
    fn correlations_are_held_to_their_limit_on_either_side_and_what_stands_still_moves_with_nothing() {
        let model = three(2);
        let found = 1.0 / 9f64.sqrt();
        assert!(model.moves_with(0, 2, 1.0, found - 1e-9) && !model.moves_with(0, 2, 1.0, found + 1e-9));
        let against = 2.0 / 6f64.sqrt();
        assert!(model.moves_with(1, 2, -1.0, against - 1e-9) && !model.moves_with(1, 2, -1.0, against + 1e-9));
        assert!(!model.moves_with(1, 2, 1.0, 1e-9));
        let mut still = Model::new(2, 2, HOUR);
        for _ in 0..3 {
            (0..2).for_each(|asset| still.note(asset, 1_000, 1_000));
            still.learn();
        }
        assert_eq!(still.correlation(0, 1), None);
        assert!(!still.moves_with(0, 1, 1.0, 1e-9) && still.around(0, &[0.0, 0.0]).most_weight(1, 0.01) == f64::INFINITY);
    }

    #[test]
    fn prices_that_multiply_are_held_to_the_same_limit() {
        let mut model = Model::new(2, 1, HOUR);
        (0..2).for_each(|asset| model.note(asset, 1_000, 5_000));
        model.learn();
        // Both rose by 400 %: their correlation is 1.
        assert!(model.moves_with(0, 1, 1.0, 1.0) && !model.moves_with(0, 1, -1.0, 1e-9));
    }

    #[test]
    fn a_loaded_model_has_the_volatilities_of_the_saved() {
        let model = three(2);
        let mut to = Writer::default();
        model.save(&mut to);
        let mut second = Model::new(3, 2, HOUR);
        second.load(&mut Reader::new(&to.finish())).unwrap();
        for asset in 0..3 {
            assert_eq!(second.volatility(asset).to_bits(), model.volatility(asset).to_bits());
        }
        assert!((second.volatility(0) - (3e-4 * 8_760.0f64).sqrt()).abs() < 1e-12);
    }
}
