//! What goes wrong on purpose, scripted: answers that never come, states nobody knows, streams with gaps. Seeded, so that it goes wrong the
//! same way again.

use bot4_exchange::binance::fault::Fault;
use serde::Deserialize;

/// What is to go wrong from now on; counts are of orders to come.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// So many orders are done and their connection is cut before the answer: a lost acknowledgement.
    pub lose_answers: u32,
    /// So many orders are done and answered with 504, −1007: execution status unknown.
    pub unknown_answers: u32,
    /// So many orders are not done and answered with 503, −1008: overloaded.
    pub overloaded: u32,
    /// Whether every REST call is answered with 503, nothing done: maintenance.
    pub outage: bool,
    /// Thousandths of market stream messages that are not sent.
    pub drop_permille: u32,
    /// Thousandths of market stream messages that are sent twice.
    pub repeat_permille: u32,
    /// Seed of what is dropped and repeated.
    pub seed: u64,
}

/// What becomes of the answer to an order that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is sent.
    Sent,
    /// The connection is cut.
    Lost,
    /// Another one is sent: nobody knows.
    Unknown,
}

impl Faults {
    /// Refuses a request before anything is done.
    ///
    /// # Errors
    /// −1008 or −1001, both with status 503.
    pub fn before(&mut self, is_order: bool) -> Result<(), Fault> {
        if self.outage {
            return Err(Fault::with(503, -1001, "Internal error; unable to process your request. Please try again."));
        }
        if is_order && self.overloaded > 0 {
            self.overloaded -= 1;
            let text = "Server is currently overloaded with other requests. Please try again in a few minutes.";
            return Err(Fault::with(503, -1008, text));
        }
        Ok(())
    }

    /// Says what becomes of an answer.
    pub fn after(&mut self, is_order: bool) -> Fate {
        if is_order && self.lose_answers > 0 {
            self.lose_answers -= 1;
            return Fate::Lost;
        }
        if is_order && self.unknown_answers > 0 {
            self.unknown_answers -= 1;
            return Fate::Unknown;
        }
        Fate::Sent
    }

    /// Says how often a market stream message is sent: once, not at all, twice.
    pub fn times(&mut self) -> usize {
        if self.drop_permille == 0 && self.repeat_permille == 0 {
            return 1;
        }
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let draw = ((z ^ (z >> 31)) % 1000) as u32;
        if draw < self.drop_permille {
            0
        } else if draw < self.drop_permille.saturating_add(self.repeat_permille) {
            2
        } else {
            1
        }
    }
}

/// −1007 with status 504: the order may be done or not.
#[must_use]
pub fn unknown() -> Fault {
    Fault::with(504, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scripted_happens_so_often_and_to_orders_alone() {
        let mut faults = Faults { lose_answers: 1, unknown_answers: 1, overloaded: 1, ..Faults::default() };
        assert_eq!((faults.before(false), faults.after(false)), (Ok(()), Fate::Sent));
        assert_eq!(faults.before(true).map_err(|fault| (fault.status, fault.code)), Err((503, -1008)));
        assert_eq!(
            (faults.before(true), faults.after(true), faults.after(true), faults.after(true)),
            (Ok(()), Fate::Lost, Fate::Unknown, Fate::Sent)
        );
    }

    #[test]
    fn the_same_seed_drops_the_same_messages() {
        let draw = |seed| {
            let mut faults = Faults { drop_permille: 200, repeat_permille: 100, seed, ..Faults::default() };
            (0..2_000).map(|_| faults.times()).collect::<Vec<_>>()
        };
        let (one, other) = (draw(7), draw(8));
        assert_eq!(one, draw(7));
        assert_ne!(one, other);
        let count = |times| one.iter().filter(|seen| **seen == times).count();
        assert!((300..500).contains(&count(0)) && (120..280).contains(&count(2)), "{} {}", count(0), count(2));
    }
}
