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
        }
    };
}

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
    }
}

impl Reason {
    /// Returns whether a price stop sent the order.
    pub fn is_price_stop(self) -> bool {
        matches!(self, Self::StopFixed | Self::StopTrailing | Self::GapFixed | Self::GapTrailing)
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
        /// Reserved: evidence of a resting order that the bar's volume left unfilled; market orders just work on.
        VolumeCap = 30 "volume_cap",
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
