//! What goes wrong on purpose: a script (`bot4_exchange::faults`), and counts set while it runs (the control API). Seeded, so that it goes
//! wrong the same way again.
//!
//! The script decides; here it is carried out at the wire.

use bot4_exchange::Micros;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::faults::script::Script;
use bot4_exchange::faults::{Change, Faults as Scripted, OnMessage, OnRequest};
use bot4_io::net::{Token, Wires};
use bot4_io::websocket::{self, Kind};
use serde::Deserialize;

/// Where a script places snapshots of books.
const SNAPSHOT: &str = "GET /api/v3/depth";
/// The most bytes that wait to be sent late.
const LATE_BYTES: usize = 64 << 20;

/// What is to go wrong from now on; counts are of orders to come.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Counts {
    /// So many orders are done and their connection is cut before the answer: a lost acknowledgement.
    pub lose_answers: u32,
    /// So many orders are done and answered with 504, −1007: execution status unknown.
    pub unknown_answers: u32,
    /// So many orders are not done and answered with 503, −1008: overloaded.
    pub overloaded: u32,
    /// Whether every REST call is answered with 503, nothing done.
    pub outage: bool,
    /// Thousandths of market stream messages that are not sent.
    pub drop_permille: u32,
    /// Thousandths of market stream messages that are sent twice.
    pub repeat_permille: u32,
    /// Seed of what is dropped and repeated.
    pub seed: u64,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Sent,
    /// It is not done, and the connection is cut.
    NeverCame,
    /// It is done, and the connection is cut.
    Lost,
    /// Nobody is told whether it was done: status, whether it is.
    Unknown(u16, bool),
    /// It is not done: status, code.
    Away(u16, i16),
    /// It is done; the answer comes so much later.
    Late(Micros),
    /// It is not done here any more.
    Moved,
}

impl Fate {
    /// Refuses what is not done.
    ///
    /// # Errors
    /// What is answered instead.
    pub fn before(self) -> Result<(), Fault> {
        match self {
            Self::Away(status, -1016) => Err(Fault::with(status, -1016, "This service is no longer available.")),
            Self::Away(status, -1007) | Self::Unknown(status, false) => Err(unknown(status)),
            Self::Away(status, code) => {
                Err(Fault::with(status, i32::from(code), "Internal error; unable to process your request. Please try again."))
            }
            Self::Moved => {
                let text = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.";
                Err(Fault::new(-4120, text))
            }
            _ => Ok(()),
        }
    }
}

/// Faults at work.
pub struct Faults {
    /// Set while the venue runs.
    pub counts: Counts,
    /// The venue's time, for what is told late.
    pub now: Micros,
    script: Option<Scripted>,
    late: Vec<(Micros, Token, Vec<u8>)>,
    late_bytes: usize,
    /// What is sent after the next message of its connection.
    swapped: Vec<(Token, Vec<u8>)>,
}

impl Faults {
    /// Returns the faults of a script (TOML), its times counted from `begun`; none: nothing goes wrong.
    ///
    /// # Errors
    /// One sentence where the script cannot be read.
    pub fn new(script: Option<&str>, begun: Micros) -> Result<Self, String> {
        let script = script.map(Script::read).transpose()?.map(|script| Scripted::new(script, begun));
        Ok(Self { counts: Counts::default(), now: begun, script, late: Vec::new(), late_bytes: 0, swapped: Vec::new() })
    }

    /// Returns what the script does to a request: method and path, or the WebSocket API's method alone.
    pub fn request(&mut self, now: Micros, method: &str, path: &str) -> Fate {
        let Some(script) = &mut self.script else { return Fate::Sent };
        let place = if method.is_empty() { path.to_owned() } else { format!("{method} {path}") };
        match script.request(now, &place) {
            OnRequest::Pass => Fate::Sent,
            OnRequest::LoseAnswer => Fate::Lost,
            OnRequest::LoseRequest => Fate::NeverCame,
            OnRequest::Unknown { status, is_done } => Fate::Unknown(status, is_done),
            OnRequest::Away { status, code } => Fate::Away(status, code),
            OnRequest::Late(by) => Fate::Late(by),
            OnRequest::Moved => Fate::Moved,
        }
    }

    /// Refuses a request before anything is done.
    ///
    /// # Errors
    /// −1008 or −1001, both with status 503.
    pub fn before(&mut self, is_order: bool) -> Result<(), Fault> {
        let counts = &mut self.counts;
        if counts.outage {
            return Err(Fault::with(503, -1001, "Internal error; unable to process your request. Please try again."));
        }
        if is_order && counts.overloaded > 0 {
            counts.overloaded -= 1;
            let text = "Server is currently overloaded with other requests. Please try again in a few minutes.";
            return Err(Fault::with(503, -1008, text));
        }
        Ok(())
    }

    /// Says what becomes of the answer to what was done.
    pub fn after(&mut self, is_order: bool) -> Fate {
        let counts = &mut self.counts;
        if is_order && counts.lose_answers > 0 {
            counts.lose_answers -= 1;
            return Fate::Lost;
        }
        if is_order && counts.unknown_answers > 0 {
            counts.unknown_answers -= 1;
            return Fate::Unknown(504, true);
        }
        Fate::Sent
    }

    /// Sends a message of a stream, or does to it what is to be done.
    pub fn send(&mut self, place: &str, to: Token, text: &[u8], wires: &mut Wires) {
        let fate = self.script.as_mut().map_or(OnMessage::Pass, |script| script.message(self.now, place));
        match fate {
            OnMessage::Pass => (0..self.times()).for_each(|_| wires.text(to, text)),
            OnMessage::Drop => {}
            OnMessage::Twice => (0..2).for_each(|_| wires.text(to, text)),
            OnMessage::Late(by) => {
                let mut frame = Vec::new();
                websocket::write(&mut frame, Kind::Text, text);
                self.later(self.now + by, to, frame);
            }
            OnMessage::Swap => return self.swapped.push((to, text.to_vec())),
            OnMessage::Cut(permille) => {
                let mut frame = Vec::new();
                websocket::write(&mut frame, Kind::Text, text);
                frame.truncate(frame.len() * usize::from(permille) / 1000);
                if let Some(output) = wires.output(to) {
                    output.extend_from_slice(&frame);
                }
                wires.finish(to);
            }
            OnMessage::Disconnect => wires.close(to, 1001),
        }
        if let Some(at) = self.swapped.iter().position(|(whose, _)| *whose == to) {
            let (_, held) = self.swapped.swap_remove(at);
            wires.text(to, &held);
        }
    }

    /// Keeps bytes for later; what there is no room for is lost.
    pub fn later(&mut self, at: Micros, to: Token, bytes: Vec<u8>) {
        if self.late_bytes + bytes.len() <= LATE_BYTES {
            self.late_bytes += bytes.len();
            self.late.push((at, to, bytes));
        }
    }

    /// Sends what was late until now, in the order of its time.
    pub fn send_late(&mut self, now: Micros, wires: &mut Wires) {
        if self.late.is_empty() {
            return;
        }
        self.late.sort_by_key(|(at, ..)| *at);
        let due = self.late.partition_point(|(at, ..)| *at <= now);
        for (_, to, bytes) in self.late.drain(..due) {
            self.late_bytes -= bytes.len();
            if let Some(output) = wires.output(to) {
                output.extend_from_slice(&bytes);
            }
        }
    }

    /// Returns the time that clients are told.
    #[must_use]
    pub fn clock(&self, now: Micros) -> Micros {
        self.script.as_ref().map_or(now, |script| script.clock(now))
    }

    /// Returns the greatest age that the script gives a snapshot of a book.
    #[must_use]
    pub fn oldest(&self) -> Micros {
        self.script.as_ref().map_or(0, Scripted::oldest)
    }

    /// Returns how old the next snapshot of a book is to be; 0 for a fresh one.
    pub fn snapshot_age(&mut self, now: Micros) -> Micros {
        self.script.as_mut().map_or(0, |script| script.snapshot_age(now, SNAPSHOT))
    }

    /// Returns the next change that is due.
    pub fn change(&mut self, now: Micros) -> Option<Change> {
        self.script.as_mut()?.change(now)
    }

    /// Says how often a market stream message is sent: once, not at all, twice.
    fn times(&mut self) -> usize {
        let counts = &mut self.counts;
        if counts.drop_permille == 0 && counts.repeat_permille == 0 {
            return 1;
        }
        // SplitMix64 (Steele, Lea, Flood 2014).
        counts.seed = counts.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = counts.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let draw = ((z ^ (z >> 31)) % 1000) as u32;
        if draw < counts.drop_permille {
            0
        } else if draw < counts.drop_permille.saturating_add(counts.repeat_permille) {
            2
        } else {
            1
        }
    }
}

/// −1007: the order may be done or not.
#[must_use]
pub fn unknown(status: u16) -> Fault {
    Fault::with(status, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(counts: Counts) -> Faults {
        Faults { counts, ..Faults::new(None, 0).expect("no script") }
    }

    #[test]
    fn what_is_counted_happens_so_often_and_to_orders_alone() {
        let mut faults = with(Counts { lose_answers: 1, unknown_answers: 1, overloaded: 1, ..Counts::default() });
        assert_eq!((faults.before(false), faults.after(false)), (Ok(()), Fate::Sent));
        assert_eq!(faults.before(true).map_err(|fault| (fault.status, fault.code)), Err((503, -1008)));
        let fates = [faults.after(true), faults.after(true), faults.after(true)];
        assert_eq!(fates, [Fate::Lost, Fate::Unknown(504, true), Fate::Sent]);
    }

    #[test]
    fn the_same_seed_drops_the_same_messages() {
        let draw = |seed| {
            let mut faults = with(Counts { drop_permille: 200, repeat_permille: 100, seed, ..Counts::default() });
            (0..2_000).map(|_| faults.times()).collect::<Vec<_>>()
        };
        let (one, other) = (draw(7), draw(8));
        assert_eq!(one, draw(7));
        assert_ne!(one, other);
        let count = |times| one.iter().filter(|seen| **seen == times).count();
        assert!((300..500).contains(&count(0)) && (120..280).contains(&count(2)), "{} {}", count(0), count(2));
    }

    #[test]
    fn a_script_that_cannot_be_read_is_a_sentence() {
        assert!(Faults::new(Some("what = 1"), 0).is_err());
    }
}
