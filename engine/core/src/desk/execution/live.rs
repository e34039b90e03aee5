//! One order as it is followed: what was asked for, what the venue said, what is filled.
use super::id::ClientId;
use super::states::State;

/// What an order is to do. Numbers of one desk only grow: a number is one intent, and one intent is sent once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// Its number, at most [`super::id::MOST_INTENTS`].
    pub number: u64,
    /// Instrument id.
    pub asset: u32,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Lots.
    pub lots: i64,
    /// Limit price, ticks; −1 = at market.
    pub ticks: i64,
}

/// Lots and price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Lots in all, those filled with them.
    pub lots: i64,
    /// Limit price, ticks; −1 = at market.
    pub ticks: i64,
}

/// Numbers of the requests that wait for an answer; 0 = none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Last number given.
    pub last: u32,
    /// Of the sending.
    pub send: u32,
    /// Of the last cancel.
    pub cancel: u32,
    /// Of the last replace.
    pub replace: u32,
    /// Of the last question.
    pub ask: u32,
}

/// An order from its record to the end of its retention.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// Client order id.
    pub id: ClientId,
    /// What it is to do, at the terms that hold.
    pub intent: Intent,
    /// Where it stands.
    pub state: State,
    /// Lots of its trades.
    pub filled: i64,
    /// Most lots that the venue has said are filled.
    pub told: i64,
    /// Terms asked for and not answered.
    pub wanted: Option<Terms>,
    /// Requests without an answer.
    pub requests: Requests,
    /// Whether the venue has ever held it.
    pub held: bool,
    /// Last time at which its message can still arrive, ms; `i64::MAX` before it is sent.
    pub deadline: i64,
    /// When the last question was asked, ms.
    pub asked: i64,
    /// When it ended, ms.
    pub ended: i64,
    /// Beginning of the list of its trades.
    pub(super) trades: Option<u32>,
    /// Whether it waits to be forgotten.
    pub(super) leaving: bool,
}

impl Live {
    /// Returns the most lots that it may still come to.
    #[inline(always)]
    pub fn most(&self) -> i64 {
        self.wanted.map_or(self.intent.lots, |terms| terms.lots.max(self.intent.lots))
    }

    /// Returns the lots that count as in flight: all that may still be filled, and after its end what the venue has filled and not shown.
    #[inline(always)]
    pub fn in_flight(&self) -> i64 {
        let most = if self.state.is_ended() { self.told } else { self.most().max(self.told) };
        (most - self.filled).max(0)
    }

    /// Returns the lots that the venue says are filled and whose trades are not known.
    #[inline(always)]
    pub fn missing(&self) -> i64 {
        (self.told - self.filled).max(0)
    }
}
