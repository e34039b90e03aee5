//! What the host is told by a venue, and what follows from it.
use super::id::ClientId;
use super::states::{Effect, Event, State};
use crate::memory::pool::Handle;

/// A report of the venue, or of the transport, about one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Which order.
    pub id: ClientId,
    /// What happened; none of our own acts.
    pub event: Event,
    /// Number of the request that it answers; 0 = of none, or of the connection.
    pub request: u32,
    /// Number of the trade (fills), unique in its instrument at the venue.
    pub trade: u64,
    /// Lots of the trade; where it was found open, its lots in all.
    pub lots: i64,
    /// Where it was found open, its limit price in ticks; −1 = at market.
    pub ticks: i64,
    /// Lots that the venue says are filled in all; −1 = it does not say.
    pub filled: i64,
    /// When it arrived, ms of the host's clock.
    pub ts: i64,
}

impl Report {
    /// Makes a report that says only what happened.
    pub fn plain(id: ClientId, event: Event, ts: i64) -> Self {
        Self { id, event, request: 0, trade: 0, lots: 0, ticks: -1, filled: -1, ts }
    }

    /// Makes the report of a trade.
    pub fn fill(id: ClientId, trade: u64, lots: i64, ts: i64) -> Self {
        Self { trade, lots, ..Self::plain(id, Event::Fill, ts) }
    }
}

/// What followed from an act or a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The order; nothing where it is not known.
    pub order: Option<Handle>,
    /// What it was taken as: `not_found` may have become `not_found_yet`.
    pub event: Event,
    /// Where it stood.
    pub from: State,
    /// Where it stands.
    pub to: State,
    /// What the host does about it.
    pub effect: Effect,
    /// Signed lots that count now.
    pub booked: i64,
    /// Lots that the venue has filled and whose trades are to be fetched.
    pub missing: i64,
    /// Number of the request that goes out (an act of ours); 0 = none.
    pub request: u32,
}

impl Outcome {
    /// Returns whether a message goes out for an act of ours.
    pub fn goes_out(&self) -> bool {
        self.request != 0 && self.effect == Effect::Note
    }
}

/// Why an intent is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It was opened before, and this is its order: nothing is sent again.
    Known(Handle),
    /// Its number is not above all before it.
    Stale,
    /// As many orders are followed as there is room for.
    Full,
    /// The number of the intent does not fit into an id.
    Number,
}
