//! Bans of those who go on after a 429: from two minutes to three days (Binance Spot, "IP Limits": "scale in duration for repeat
//! offenders").
//!
//! The document names the two ends only. Ours in between: [`PATIENCE`] refused requests with no pause of a minute among them are a ban,
//! each ban lasts four times the last, and after [`FORGET`] without one the next is two minutes again.

use crate::Micros;

/// The first ban, microseconds.
pub const SHORTEST: Micros = 2 * 60 * 1_000_000;
/// The longest ban, microseconds.
pub const LONGEST: Micros = 3 * 86_400 * 1_000_000;
/// Refused requests that are a ban.
pub const PATIENCE: u32 = 10;
/// A pause after which refused requests are counted anew, microseconds.
pub const PAUSE: Micros = 60 * 1_000_000;
/// Time without a ban after which the next is the shortest, microseconds.
pub const FORGET: Micros = 7 * 86_400 * 1_000_000;

/// Bans of one address.
#[derive(Debug, Clone, Default)]
pub struct Ban {
    until: Micros,
    length: Micros,
    refused: u32,
    last: Micros,
}

impl Ban {
    /// Returns until when the address is banned; none where it is not.
    #[must_use]
    pub fn until(&self, now: Micros) -> Option<Micros> {
        (now < self.until).then_some(self.until)
    }

    /// Notes a refused request; returns until when it has banned the address, if it did.
    pub fn refused(&mut self, now: Micros) -> Option<Micros> {
        self.refused = if now - self.last > PAUSE { 1 } else { self.refused + 1 };
        self.last = now;
        if self.refused < PATIENCE {
            return None;
        }
        self.refused = 0;
        let is_forgotten = self.length == 0 || now - self.until > FORGET;
        self.length = if is_forgotten { SHORTEST } else { (4 * self.length).min(LONGEST) };
        self.until = now + self.length;
        Some(self.until)
    }
}
