//! Rate limits in the four shapes that venues have, as pure code: the simulator holds clients to them, the live client holds itself.
//!
//! - [`windows`]: windows aligned to the clock, with refund (Binance: weight and raw requests by address, unfilled orders by account);
//! - [`decay`]: a counter that drains, with a penalty by the age of what is cancelled or changed (Kraken);
//! - [`rolling`]: so many within any one second (Bybit, by account);
//! - [`opened`]: a window that the first request opens, two seconds long (OKX, by account and instrument).
//!
//! Each says [`Verdict::Allowed`], or until when to wait (HTTP 429 with Retry-After). [`ban`] turns those who go on into banned ones
//! (HTTP 418). Time comes with each call; nothing is allocated after a limiter is made.

pub mod ban;
pub mod decay;
pub mod opened;
pub mod rolling;
pub mod windows;

use crate::Micros;

/// What a limiter says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass, and is counted.
    Allowed,
    /// HTTP 429: it may not, and none of its kind will before `until`.
    Wait {
        /// Venue time, microseconds.
        until: Micros,
        /// Which limit, by its place among those of the limiter.
        limit: usize,
    },
    /// HTTP 418: the address is banned.
    Banned {
        /// Venue time, microseconds.
        until: Micros,
    },
}

impl Verdict {
    /// Tells whether the request may pass.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        *self == Self::Allowed
    }

    /// Returns the seconds of Retry-After, rounded up and at least 1; none where the request may pass.
    #[must_use]
    pub fn retry_after_s(&self, now: Micros) -> Option<i64> {
        match *self {
            Self::Allowed => None,
            Self::Wait { until, .. } | Self::Banned { until } => Some(((until - now).max(1) + 999_999) / 1_000_000),
        }
    }
}

/// One address at a venue of Binance's shape: weight, raw requests, bans.
#[derive(Debug, Clone)]
pub struct PerAddress {
    /// Weight of requests.
    pub weight: windows::Windows,
    /// Requests, whatever their weight.
    pub raw: windows::Windows,
    /// Bans.
    pub ban: ban::Ban,
}

impl PerAddress {
    /// Returns an address that has asked for nothing.
    #[must_use]
    pub fn new(weight: &[windows::Window], raw: &[windows::Window]) -> Self {
        Self { weight: windows::Windows::new(weight), raw: windows::Windows::new(raw), ban: ban::Ban::default() }
    }

    /// Counts a request and says whether it may pass: it counts even where it may not, and those who go on are banned.
    pub fn ask(&mut self, now: Micros, weight: u32) -> Verdict {
        if let Some(until) = self.ban.until(now) {
            return Verdict::Banned { until };
        }
        let raw = self.raw.count(now, 1);
        let verdict = match self.weight.count(now, weight) {
            Verdict::Allowed => raw,
            other => other,
        };
        match verdict {
            Verdict::Allowed => verdict,
            refused => self.ban.refused(now).map_or(refused, |until| Verdict::Banned { until }),
        }
    }
}
