//! Queue models: how much stands ahead of an order at its price, where only levels are known; where orders are, the place is exact (`replay/exact.rs`).
//!
//! An order joins behind everything that is displayed. Trades at its price always advance it. The models differ in what a level that shrinks without
//! a trade means: the pessimistic one takes every cancellation to be behind us, the probabilistic ones split it by what is ahead and behind.
//! Sources: R. Todorov and others, "How do we estimate position of our order in order book", quant.stackexchange 3782 (2012); E. Rigtorp,
//! "Estimating order queue position" (2013-06-08); the family and its names as in hftbacktest (MIT), `backtest/models/queue.rs`, read 2026-11.
//! Quantities are lots; what is ahead is an estimate and therefore a float, what is filled never is.

/// How cancellations at a level are shared between what is ahead of an order and what is behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Queue {
    /// Nothing is guessed: every order of the market is known by its number.
    Exact,
    /// All behind us: only trades advance, and a level smaller than what we think is ahead.
    Pessimistic,
    /// p(behind) = f(behind) / (f(behind) + f(ahead)), f(x) = ln(1 + x).
    Log,
    /// p(behind) = f(behind) / f(behind + ahead), f(x) = ln(1 + x).
    Log2,
    /// p(behind) = f(behind) / (f(behind) + f(ahead)), f(x) = x^n.
    Power(f64),
    /// p(behind) = f(behind) / f(behind + ahead), f(x) = x^n.
    Power2(f64),
    /// p(behind) = 1 − f(ahead / (ahead + behind)), f(x) = x^n.
    Power3(f64),
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Lots ahead; below zero: what has traded past us.
    ahead: f64,
    /// Lots that traded at the level since it last changed; its next change tells them again.
    traded: f64,
}

impl Place {
    /// Joins behind the lots that are displayed.
    pub fn behind(displayed: i64) -> Self {
        Self { ahead: displayed as f64, traded: 0.0 }
    }

    /// Returns the lots ahead; 0 at the front.
    pub fn ahead(&self) -> f64 {
        self.ahead.max(0.0)
    }

    /// A trade of `lots` at our price; returns how many of them reach us (an estimate, to the nearest lot), and leaves us at the front if any do.
    #[inline]
    pub fn trade(&mut self, lots: i64) -> i64 {
        self.ahead -= lots as f64;
        self.traded += lots as f64;
        let reached = (-self.ahead).round().max(0.0);
        if reached > 0.0 {
            self.ahead = 0.0;
        }
        (reached as i64).min(lots)
    }
}

impl Queue {
    /// The level at our price went from `before` to `now` lots.
    #[inline]
    pub fn changed(self, place: &mut Place, before: i64, now: i64) {
        let (before, now) = (before as f64, now as f64);
        if matches!(self, Self::Exact | Self::Pessimistic) {
            place.ahead = place.ahead.min(now);
            return;
        }
        let gone = before - now - std::mem::take(&mut place.traded);
        if gone < 0.0 {
            place.ahead = place.ahead.min(now);
            return;
        }
        let (ahead, behind) = (place.ahead, before - place.ahead);
        let share = self.share_behind(ahead, behind);
        let share = if share.is_infinite() { 1.0 } else { share };
        let estimate = ahead - (1.0 - share) * gone + (behind - share * gone).min(0.0);
        place.ahead = estimate.min(now);
    }

    /// Returns the share of a cancellation that is taken to be behind us.
    fn share_behind(self, ahead: f64, behind: f64) -> f64 {
        let log = |x: f64| libm::log(1.0 + x);
        match self {
            Self::Exact | Self::Pessimistic => 1.0,
            Self::Log => log(behind) / (log(behind) + log(ahead)),
            Self::Log2 => log(behind) / log(behind + ahead),
            Self::Power(n) => libm::pow(behind, n) / (libm::pow(behind, n) + libm::pow(ahead, n)),
            Self::Power2(n) => libm::pow(behind, n) / libm::pow(behind + ahead, n),
            Self::Power3(n) => 1.0 - libm::pow(ahead / (ahead + behind), n),
        }
    }

    /// Returns the model of a name, with the exponent that the power families need; nothing for a name that is none.
    pub fn named(name: &str, n: f64) -> Option<Self> {
        Some(match name {
            "exact" => Self::Exact,
            "pessimistic" => Self::Pessimistic,
            "log" => Self::Log,
            "log2" => Self::Log2,
            "power" => Self::Power(n),
            "power2" => Self::Power2(n),
            "power3" => Self::Power3(n),
            _ => return None,
        })
    }
}

/// The names that [`Queue::named`] knows.
pub const NAMES: [&str; 7] = ["exact", "pessimistic", "log", "log2", "power", "power2", "power3"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trades_and_a_smaller_level_advance_the_pessimist() {
        let mut place = Place::behind(100);
        Queue::Pessimistic.changed(&mut place, 100, 140);
        assert_eq!(place.ahead(), 100.0);
        Queue::Pessimistic.changed(&mut place, 140, 110);
        assert_eq!(place.ahead(), 100.0);
        assert_eq!(place.trade(30), 0);
        assert_eq!(place.ahead(), 70.0);
        Queue::Pessimistic.changed(&mut place, 110, 60);
        assert_eq!(place.ahead(), 60.0);
        assert_eq!(place.trade(65), 5);
        assert_eq!((place.ahead(), place.trade(7)), (0.0, 7));
    }

    #[test]
    fn an_estimate_reaches_us_to_the_nearest_lot() {
        for (ahead, reached) in [(2.6, 0), (2.5, 1), (2.2, 1), (0.4, 3)] {
            assert_eq!(Place { ahead, traded: 0.0 }.trade(3), reached, "{ahead}");
        }
    }

    #[test]
    fn a_change_that_trades_explain_moves_nobody_twice() {
        for queue in [Queue::Log, Queue::Log2, Queue::Power(2.0), Queue::Power2(2.0), Queue::Power3(3.0)] {
            let mut place = Place::behind(100);
            place.trade(40);
            queue.changed(&mut place, 100, 60);
            assert_eq!(place.ahead(), 60.0, "{queue:?}");
        }
    }

    #[test]
    fn cancellations_are_split_as_the_formulas_say() {
        // 60 ahead, 40 behind, 20 cancelled: worked out by hand from the sources.
        let (a, b) = (60.0_f64, 40.0_f64);
        let shares = [
            (Queue::Log, b.ln_1p() / (b.ln_1p() + a.ln_1p())),
            (Queue::Log2, b.ln_1p() / (a + b).ln_1p()),
            (Queue::Power(2.0), b * b / (b * b + a * a)),
            (Queue::Power2(2.0), b * b / ((a + b) * (a + b))),
            (Queue::Power3(3.0), 1.0 - (a / (a + b)).powi(3)),
        ];
        for (queue, share) in shares {
            let mut place = Place::behind(60);
            queue.changed(&mut place, 60, 100);
            queue.changed(&mut place, 100, 80);
            assert!((place.ahead() - (60.0 - (1.0 - share) * 20.0)).abs() < 1e-9, "{queue:?}");
        }
    }

    #[test]
    fn more_is_never_ahead_than_the_level_holds() {
        for name in &NAMES[1..] {
            let queue = Queue::named(name, 3.0).unwrap();
            let mut place = Place::behind(50);
            queue.changed(&mut place, 50, 5);
            assert!(place.ahead() <= 5.0, "{name}");
            queue.changed(&mut place, 5, 0);
            assert_eq!(place.ahead(), 0.0, "{name}");
        }
        assert_eq!(Queue::named("fifo", 1.0), None);
    }
}
