//! Stable reason codes: why an order was sent, why it was cut, cancelled or rejected, and how it ended.

/// Defines a `repr(u8)` enum with its stable code, snake-case name and table.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $code),+ }

        impl $name {
            /// Every code with its name.
            pub const TABLE: &'static [(u8, &'static str)] = &[$(($code, $text)),+];

            /// Returns the variant of a code.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// Returns the name of the code.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// Why an order was sent, or which rule filled it.
    Reason {
        /// The target moved.
        Target = 1 "target",
        /// The fixed stop was touched.
        StopFixed = 2 "stop_fixed",
        /// The trailing stop was touched.
        StopTrailing = 3 "stop_trailing",
        /// The position reached its age.
        StopTime = 4 "stop_time",
        /// The bar opened beyond the fixed stop.
        GapFixed = 5 "gap_fixed",
        /// The bar opened beyond the trailing stop.
        GapTrailing = 6 "gap_trailing",
        /// The take of a target's or entry's position was reached.
        Take = 7 "take",
        /// The exit stop of a keyed order was touched.
        ExitStop = 8 "stop",
        /// The trailing exit of a keyed order was touched.
        ExitTrail = 9 "trail",
        /// The bar opened beyond the exit stop of a keyed order.
        GapStop = 10 "gap_stop",
        /// The bar opened beyond the trailing exit of a keyed order.
        GapTrail = 11 "gap_trail",
        /// The strategy listed a keyed order.
        Order = 12 "order",
        /// A signal of `entries` opened, added to or turned a position.
        Entry = 13 "entry",
        /// The exit signal of `entries`.
        ExitSignal = 14 "exit_signal",
        /// The margin balance fell to the maintenance margin.
        Liquidation = 15 "liquidation",
        /// The guard flattens: the drawdown reached its limit.
        RiskFlatten = 16 "risk_flatten",
        /// The venue's own stop of the position was touched.
        VenueStop = 17 "venue_stop",
        /// The bar opened beyond the venue's own stop.
        GapVenue = 18 "gap_venue",
        /// The guard cuts positions: the portfolio's risk reached its limit.
        RiskReduce = 19 "risk_reduce",
        /// The guard flattens by a limit at the collar, because the venue refused a market order.
        RiskFlattenLimit = 100 "risk_flatten_limit",
    }
}

impl Reason {
    /// Returns whether a stop of a target or of entries sent the order, by price or by time.
    pub fn is_stop(self) -> bool {
        self.is_price_stop() || self == Self::StopTime
    }

    /// Returns whether the guard sent the order to flatten.
    pub fn is_flatten(self) -> bool {
        matches!(self, Self::RiskFlatten | Self::RiskFlattenLimit)
    }

    /// Returns whether a price stop sent the order.
    pub fn is_price_stop(self) -> bool {
        matches!(self, Self::StopFixed | Self::StopTrailing | Self::GapFixed | Self::GapTrailing | Self::VenueStop | Self::GapVenue)
    }
}

codes! {
    /// Why an order was cut, cancelled or rejected.
    Cause {
        /// Nothing happened to it.
        None = 0 "none",
        /// A newer target replaced it.
        Superseded = 20 "superseded",
        /// A stop of the same asset was touched.
        Stopped = 21 "stopped",
        /// The open was too far from the decision's close.
        Collar = 22 "collar",
        /// Cash did not cover it.
        Balance = 23 "balance",
        /// Gross exposure would have passed the leverage limit.
        Leverage = 24 "leverage",
        /// Fewer lots than the venue accepts.
        MinSize = 25 "min_size",
        /// Less notional than the venue accepts.
        MinNotional = 26 "min_notional",
        /// More notional than the limit for one order.
        MaxNotional = 27 "max_notional",
        /// Spot cannot be short.
        NoShort = 28 "no_short",
        /// No equity is left.
        Equity = 29 "equity",
        /// Reserved: what the bar's volume left unfilled works on; [`Evidence::VolumeCap`] says so.
        VolumeCap = 30 "volume_cap",
        /// The strategy no longer lists the key, or `until` came true.
        Withdrawn = 31 "withdrawn",
        /// The same key was sent anew.
        Replaced = 32 "replaced",
        /// Its time (gtd) was over.
        Expired = 33 "expired",
        /// Immediate or cancel: the rest was cancelled.
        Ioc = 34 "ioc",
        /// Fill or kill: not all of it could be filled at once.
        Fok = 35 "fok",
        /// Post-only, and it would have taken liquidity.
        WouldTake = 36 "would_take",
        /// Reduce-only, and there was nothing (or less) to reduce.
        ReduceOnly = 37 "reduce_only",
        /// Another order of its group, or the other exit, was filled.
        Oco = 38 "oco",
        /// The wallet did not cover the initial margin.
        Margin = 39 "margin",
        /// The position was liquidated.
        Liquidated = 40 "liquidated",
        /// A leg of its group was broken.
        BrokenLeg = 41 "broken_leg",
        /// It could have met a resting order of another sleeve, and was sent one bar later.
        OwnCross = 42 "own_cross",
        /// The guard's state halves what opens or increases.
        RiskReduced = 43 "risk_reduced",
        /// The guard's state lets nothing open or increase.
        RiskPaused = 44 "risk_paused",
        /// The guard flattens, or has flattened, everything.
        RiskKilled = 45 "risk_killed",
        /// Its stop would have lost more than the policy risks in one trade.
        RiskPerTrade = 46 "risk_per_trade",
        /// As many orders as the policy allows had been sent.
        OrderLimit = 47 "order_limit",
        /// The instrument is not in the policy's list.
        NotAllowed = 48 "not_allowed",
        /// More than the policy's share of the bar's volume.
        VolumeLimit = 49 "volume_limit",
        /// A circuit breaker is open, or its trials are under way.
        Breaker = 50 "breaker",
        /// The venue did not take an order of this type.
        Refused = 51 "refused",
        /// Prices of it, or of what is held, are older than the policy lets them be.
        StaleData = 60 "stale_data",
        /// Its last close is further from the one before than the policy believes.
        UnreasonableData = 61 "unreasonable_data",
        /// As many orders and cancels as the policy allows had been sent.
        MessageLimit = 62 "message_limit",
        /// More than the largest quantity of one order of the instrument.
        MaxQuantity = 63 "max_quantity",
        /// The position would have moved more than the volatility target.
        VolatilityTarget = 64 "volatility_target",
        /// More than the fraction of Kelly that the closed trades bear out.
        Kelly = 65 "kelly",
        /// Its price was too far from the decision's close.
        PriceCollar = 66 "price_collar",
        /// Its price was too far from the prices of the window.
        CollarWindow = 67 "collar_window",
        /// The same order had just been sent.
        DuplicateOrder = 68 "duplicate_order",
        /// It could have met an own order at work.
        SelfMatch = 69 "self_match",
        /// More than the largest position of the instrument.
        PositionLimit = 70 "position_limit",
        /// More than the largest value of one position.
        ExposureLimit = 71 "exposure_limit",
        /// More than what may be opened of the instrument in a day.
        DailyVolume = 72 "daily_volume",
        /// As many positions as the policy allows were open.
        MaxPositions = 73 "max_positions",
        /// More than one instrument's share of equity.
        Concentration = 74 "concentration",
        /// It moves with what is held.
        Correlation = 75 "correlation",
        /// The sum of weights times volatilities would have passed its cap.
        Heat = 76 "heat",
        /// The portfolio's value at risk would have passed its limit.
        ValueAtRisk = 77 "value_at_risk",
        /// The portfolio's expected shortfall would have passed its limit.
        ExpectedShortfall = 78 "expected_shortfall",
        /// Nothing opens without a licence where one is demanded.
        Unlicensed = 90 "unlicensed",
        /// The licence does not hold yet, or no more.
        LicenceExpired = 91 "licence_expired",
        /// The licence does not name the instrument.
        LicenceInstrument = 92 "licence_instrument",
        /// More than the licence's size at this step of its ramp.
        LicenceSize = 93 "licence_size",
    }
}

codes! {
    /// What the guard lets through: each state is graver than the one before.
    GuardState {
        /// Everything.
        Normal = 0 "normal",
        /// Half of what opens or increases.
        Reduced = 1 "reduced",
        /// Nothing that opens or increases.
        Paused = 2 "paused",
        /// Everything is being flattened.
        Emergency = 3 "emergency",
        /// Everything was flattened, and nothing is sent any more.
        Killed = 4 "killed",
    }
}

codes! {
    /// Why the guard acted.
    Layer {
        /// So many trades in a row closed with a loss.
        LosingStreak = 1 "losing_streak",
        /// Loss since the hour began.
        HourlyLoss = 2 "hourly_loss",
        /// Loss since the day began.
        DailyLoss = 3 "daily_loss",
        /// Loss since the start.
        TotalLoss = 4 "total_loss",
        /// Loss from the peak.
        Drawdown = 5 "drawdown",
        /// The hour in which a layer had acted is over.
        HourOver = 6 "hour_over",
        /// The day in which a layer had acted is over.
        DayOver = 7 "day_over",
        /// Everything is flat and nothing works.
        Flat = 8 "flat",
        /// So many orders in a row of one instrument and direction in a day.
        RepeatedOrders = 9 "repeated_orders",
        /// A command of a person.
        Operator = 10 "operator",
        /// The strategy's loss since the day began.
        StrategyDailyLoss = 20 "strategy_daily_loss",
        /// The strategy's loss from its peak.
        StrategyDrawdown = 21 "strategy_drawdown",
        /// Value at risk of what is held.
        VarBreach = 22 "var_breach",
        /// Two positions move together.
        CorrelationBreak = 23 "correlation_break",
        /// What the portfolio's layers measure is below its limit again.
        Eased = 24 "eased",
        /// The journal cannot be written: nothing opens until a new start.
        Journal = 25 "journal",
    }
}

codes! {
    /// How an order ended.
    Status {
        /// Every lot was filled.
        Filled = 1 "filled",
        /// Cancelled with lots left.
        Cancelled = 2 "cancelled",
        /// Never sent.
        Rejected = 3 "rejected",
        /// Still working when the data ended.
        Working = 4 "working",
    }
}

codes! {
    /// Which rule of the venue filled: the evidence of a fill.
    FillRule {
        /// A market or triggered order at the bar's open.
        Open = 1 "open",
        /// A new limit that the open already met, as a taker.
        OpenLimit = 2 "open_limit",
        /// A resting limit that the open had passed.
        GapLimit = 3 "gap_limit",
        /// The range went through the limit.
        Through = 4 "through",
        /// The range touched the limit.
        Touch = 5 "touch",
        /// The range reached the trigger or stop level.
        Trigger = 6 "trigger",
        /// The open was at or beyond the trigger or stop level.
        GapTrigger = 7 "gap_trigger",
        /// The venue liquidated.
        Liquidation = 8 "liquidation",
        /// Took what the book of ticks showed.
        Took = 9 "took",
        /// Trades at its price had used up everybody before it in the queue.
        Queue = 10 "queue",
        /// The book or a trade went through its price.
        Crossed = 11 "crossed",
    }
}

impl FillRule {
    /// Returns whether the fill rested in the book: it pays the maker fee and no slippage.
    pub fn is_maker(self) -> bool {
        matches!(self, Self::GapLimit | Self::Through | Self::Touch | Self::Queue | Self::Crossed)
    }
}

codes! {
    /// Why an order that the market reached was not (wholly) filled: the evidence that lets it survive.
    Evidence {
        /// Never reached, or filled.
        None = 0 "none",
        /// Touched, but the range did not go through it.
        NotThrough = 1 "not_through",
        /// The bar's volume was used up.
        VolumeCap = 2 "volume_cap",
        /// It had not arrived at the venue yet.
        InFlight = 3 "in_flight",
        /// Reserved: others stood before it in the queue.
        Queue = 4 "queue",
    }
}

codes! {
    /// What kind of order was sent.
    OrderKind {
        /// At the next price.
        Market = 0 "market",
        /// At its price or better.
        Limit = 1 "limit",
        /// A market order once the price has reached the trigger from its better side.
        Stop = 2 "stop",
        /// A limit once the trigger is reached.
        StopLimit = 3 "stop_limit",
        /// A market order once the price has improved to the trigger.
        TakeProfit = 4 "take_profit",
        /// A stop whose trigger follows the best price.
        Trailing = 5 "trailing",
    }
}

codes! {
    /// How long an order works.
    Tif {
        /// Until it is filled or cancelled.
        Gtc = 0 "gtc",
        /// Fills what it can at once; the rest is cancelled.
        Ioc = 1 "ioc",
        /// All at once or nothing.
        Fok = 2 "fok",
        /// Until a date.
        Gtd = 3 "gtd",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        let mut all: Vec<u8> = Reason::TABLE.iter().map(|row| row.0).collect();
        all.extend(Cause::TABLE.iter().map(|row| row.0));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "a reason and a cause never share a code");
        for &(code, _) in Cause::TABLE {
            assert_eq!(Cause::from_code(code).map(|c| c as u8), Some(code));
        }
        assert_eq!(Reason::from_code(99), None);
        assert_eq!(Status::from_code(3), Some(Status::Rejected));
    }
}
