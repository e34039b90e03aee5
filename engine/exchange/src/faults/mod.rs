//! Faults, seeded and scripted: what goes wrong, with which request or message, and when.
//!
//! Pure decisions: the server asks at the wire, for each request, each message and each look at the clock, and does what it is told. Each fault
//! of a script draws from a stream of its own, made of the script's seed and the fault's place, so the same calls have the same faults, and
//! one more fault changes none of the others. The script is TOML ([`script`]); docs/exchange-venue.md describes every kind.

pub mod script;

use crate::Micros;
use crate::draw::Draw;
use script::{Fault, Kind, Script};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRequest {
    /// It passes.
    Pass,
    /// It is done, and its answer is never sent: the connection closes.
    LoseAnswer,
    /// It is never done, and the connection closes.
    LoseRequest,
    /// HTTP 5xx; whether it was done first is not told.
    Unknown {
        /// HTTP status.
        status: u16,
        /// Whether it is done.
        is_done: bool,
    },
    /// It is not done: the venue, or this endpoint, is away.
    Away {
        /// HTTP status.
        status: u16,
        /// Venue's code, such as −1016.
        code: i16,
    },
    /// It is done, and its answer waits.
    Late(Micros),
    /// It is refused: what it asks has moved to another endpoint.
    Moved,
}

/// What becomes of a message on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMessage {
    /// It passes.
    Pass,
    /// It is never sent.
    Drop,
    /// It is sent twice.
    Twice,
    /// It is sent later.
    Late(Micros),
    /// It is sent after the next one.
    Swap,
    /// So many thousandths of its bytes are sent, then the connection closes.
    Cut(u16),
    /// The connection closes instead.
    Disconnect,
}

/// What changes at a time that the script names.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A symbol's filters: those named replace those of the same type.
    Filters {
        /// Symbol, such as BTCUSDT.
        symbol: String,
        /// As `exchangeInfo` writes them.
        filters: Vec<crate::profile::filter::Filter>,
    },
    /// A symbol's status, such as HALT.
    Status {
        /// Symbol.
        symbol: String,
        /// Status.
        status: String,
    },
}

/// Faults at work.
#[derive(Debug, Clone)]
pub struct Faults {
    script: Script,
    /// Of each fault: its draws, how often it has struck, how many messages a gap has still to swallow.
    states: Vec<(Draw, u32, u32)>,
    begun: Micros,
}

impl Faults {
    /// Returns a script's faults, its times counted from `begun`.
    #[must_use]
    pub fn new(script: Script, begun: Micros) -> Self {
        let seeded = |at: usize| (Draw(Draw(script.seed ^ (at as u64) << 40).next()), 0, 0);
        let states = (0..script.faults.len()).map(seeded).collect();
        Self { script, states, begun }
    }

    /// Tells whether a fault is on: its time, its place.
    fn is_on(&self, fault: &Fault, now: Micros, place: &str) -> bool {
        let at = now - self.begun;
        at >= fault.from_us() && at < fault.until_us() && (fault.place.is_empty() || place.starts_with(&fault.place))
    }

    /// Draws whether a fault that is on strikes.
    fn strikes(&mut self, at: usize) -> bool {
        let fault = &self.script.faults[at];
        let (draw, struck, _) = &mut self.states[at];
        if *struck >= fault.most.unwrap_or(u32::MAX) || draw.below(1_000_000) >= u64::from(fault.chance_ppm) {
            return false;
        }
        *struck += 1;
        true
    }

    /// Decides about a request; `place` is method and path, such as `POST /api/v3/order`, or a WebSocket API's method. The first fault of the
    /// script that strikes decides.
    pub fn request(&mut self, now: Micros, place: &str) -> OnRequest {
        for at in 0..self.script.faults.len() {
            let fault = self.script.faults[at].clone();
            if !fault.kind.is_of_requests() || !self.is_on(&fault, now, place) || !self.strikes(at) {
                continue;
            }
            let draw = &mut self.states[at].0;
            return match fault.kind {
                Kind::LostAnswer => OnRequest::LoseAnswer,
                Kind::LostRequest => OnRequest::LoseRequest,
                Kind::UnknownState => OnRequest::Unknown { status: fault.status.unwrap_or(503), is_done: draw.below(2) == 0 },
                Kind::Outage => OnRequest::Away { status: fault.status.unwrap_or(503), code: -1001 },
                Kind::Maintenance => OnRequest::Away { status: fault.status.unwrap_or(503), code: -1016 },
                Kind::EndpointDown => OnRequest::Away { status: fault.status.unwrap_or(504), code: -1007 },
                Kind::LateAnswer => OnRequest::Late(fault.delay(draw)),
                _ => OnRequest::Moved,
            };
        }
        OnRequest::Pass
    }

    /// Decides about a message; `place` is the stream, such as `btcusdt@depth` or `userData`.
    pub fn message(&mut self, now: Micros, place: &str) -> OnMessage {
        for at in 0..self.script.faults.len() {
            let fault = self.script.faults[at].clone();
            if !fault.kind.is_of_messages() || !self.is_on(&fault, now, place) {
                continue;
            }
            if self.states[at].2 > 0 {
                self.states[at].2 -= 1;
                return OnMessage::Drop;
            }
            if !self.strikes(at) {
                continue;
            }
            let (draw, _, swallow) = &mut self.states[at];
            return match fault.kind {
                Kind::Duplicate => OnMessage::Twice,
                Kind::Late => OnMessage::Late(fault.delay(draw)),
                Kind::Reorder => OnMessage::Swap,
                Kind::Drop => OnMessage::Drop,
                Kind::Cut => OnMessage::Cut(draw.below(1_000) as u16),
                Kind::Gap => {
                    *swallow = fault.length.unwrap_or(1).saturating_sub(1);
                    OnMessage::Drop
                }
                _ => OnMessage::Disconnect,
            };
        }
        OnMessage::Pass
    }

    /// Returns the venue time that clients are told: skewed where the script says so.
    #[must_use]
    pub fn clock(&self, now: Micros) -> Micros {
        let on = self.script.faults.iter().filter(|fault| fault.kind == Kind::ClockSkew && self.is_on(fault, now, ""));
        on.fold(now, |time, fault| time + fault.skew_ms.unwrap_or(0) * 1_000)
    }

    /// Returns the greatest age that a snapshot may be given; 0 where the script makes none old.
    #[must_use]
    pub fn oldest(&self) -> Micros {
        let stale = self.script.faults.iter().filter(|fault| fault.kind == Kind::StaleSnapshot);
        stale.map(|fault| Micros::from(fault.most_ms.unwrap_or(0).max(fault.least_ms.unwrap_or(0))) * 1_000).max().unwrap_or(0)
    }

    /// Returns how old a snapshot of a book is to be; 0 for a fresh one.
    pub fn snapshot_age(&mut self, now: Micros, place: &str) -> Micros {
        for at in 0..self.script.faults.len() {
            let fault = self.script.faults[at].clone();
            if fault.kind == Kind::StaleSnapshot && self.is_on(&fault, now, place) && self.strikes(at) {
                return fault.delay(&mut self.states[at].0);
            }
        }
        0
    }

    /// Returns the next change that is due and has not been returned yet.
    pub fn change(&mut self, now: Micros) -> Option<Change> {
        for at in 0..self.script.faults.len() {
            let fault = &self.script.faults[at];
            let is_due = self.states[at].1 == 0 && now - self.begun >= fault.from_us();
            let change = match (fault.kind, fault.symbol.clone()) {
                (Kind::Filters, Some(symbol)) if is_due => Change::Filters { symbol, filters: fault.filters.clone() },
                (Kind::Status, Some(symbol)) if is_due => Change::Status { symbol, status: fault.to.clone().unwrap_or_default() },
                _ => continue,
            };
            self.states[at].1 = 1;
            return Some(change);
        }
        None
    }

    /// Returns how often each fault of the script has struck, in its order.
    #[must_use]
    pub fn struck(&self) -> Vec<(&'static str, u32)> {
        self.script.faults.iter().zip(&self.states).map(|(fault, state)| (fault.kind.name(), state.1)).collect()
    }
}

impl Fault {
    /// Draws a delay between the fault's least and most.
    fn delay(&self, draw: &mut Draw) -> Micros {
        let (least, most) = (self.least_ms.unwrap_or(0), self.most_ms.unwrap_or(0).max(self.least_ms.unwrap_or(0)));
        Micros::from(least) * 1_000 + draw.below(u64::from(most - least) * 1_000 + 1) as Micros
    }
}
