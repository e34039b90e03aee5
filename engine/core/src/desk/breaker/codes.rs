//! Stable codes of circuit breakers: what they switch off, their states, what changed them.
use crate::desk::reason::codes;

codes! {
    /// What a circuit breaker can switch off.
    BreakerKind {
        /// Everything, derived from the others.
        Global = 0 "global",
        /// A venue.
        Venue = 1 "venue",
        /// The account.
        Account = 2 "account",
        /// The strategy.
        Strategy = 3 "strategy",
        /// The data of an instrument.
        Feed = 4 "feed",
        /// An instrument.
        Symbol = 5 "symbol",
    }
}

codes! {
    /// What a circuit breaker lets through of what opens or increases.
    BreakerState {
        /// Everything.
        Closed = 0 "closed",
        /// So many orders, as trials.
        HalfOpen = 1 "half_open",
        /// Nothing.
        Open = 2 "open",
    }
}

codes! {
    /// What changed a circuit breaker.
    Trip {
        /// Too large a share of bad outcomes in the window.
        ErrorRate = 1 "error_rate",
        /// So many bad outcomes in a row.
        Failures = 2 "failures",
        /// So many trades in a row closed with a loss.
        LosingStreak = 3 "losing_streak",
        /// So many bad outcomes in the window.
        RejectStorm = 4 "reject_storm",
        /// Loss over the window.
        Loss = 5 "loss",
        /// Loss from the peak.
        Drawdown = 6 "drawdown",
        /// Age of the newest data.
        StaleFeed = 7 "stale_feed",
        /// The venue's clock and ours differ.
        ClockSkew = 8 "clock_skew",
        /// A fill cost so much more than the model says.
        Slippage = 9 "slippage",
        /// The spread is so much wider than normal.
        Spread = 10 "spread",
        /// A price is so far from its reference.
        PriceGap = 11 "price_gap",
        /// The venue answered so late.
        Latency = 12 "latency",
        /// The position here and at the venue differ.
        PositionDrift = 13 "position_drift",
        /// A trial had a bad outcome.
        TrialFailed = 14 "trial_failed",
        /// All trials had good outcomes.
        TrialsPassed = 15 "trials_passed",
        /// The cool-down is over.
        CooledDown = 16 "cooled_down",
        /// The share of open components reached, or left, its limit.
        Derived = 17 "derived",
    }
}
