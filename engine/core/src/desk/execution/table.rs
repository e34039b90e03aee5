//! The order's life as one table: in each state, what each event leads to and has for effect. docs/orders.md is drawn from it.
//!
//! Before the table stand three rules: a trade number that was seen is ignored; an answer to a request that is not outstanding is ignored; `not_found`
//! counts as `not_found_yet` while the message could still arrive, or where the venue has held the order.
use super::states::{EVENTS, Effect, Event, STATES, State};

/// Where an event leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The state stays.
    Stay,
    /// To this state.
    To(State),
    /// By what is filled: nothing → working, a part → partly filled, all → filled.
    ByLots,
    /// Filled where all is filled, else the state stays.
    FilledOrStay,
    /// Filled where all its trades are known, else unknown.
    FilledOrUnknown,
}

/// One cell: where an event leads, and what it has for effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Where to.
    pub next: Next,
    /// What for.
    pub effect: Effect,
}

const fn cell(next: Next, effect: Effect) -> Cell {
    Cell { next, effect }
}

const SAME: Cell = cell(Next::Stay, Effect::Ignore);
const SENT: Cell = cell(Next::Stay, Effect::Note);
const NO: Cell = cell(Next::Stay, Effect::Refuse);
const ASK: Cell = cell(Next::Stay, Effect::Ask);
const LIVE: Cell = cell(Next::ByLots, Effect::Note);
const PEND: Cell = cell(Next::To(State::Pending), Effect::Note);
const CING: Cell = cell(Next::To(State::Cancelling), Effect::Note);
const RING: Cell = cell(Next::To(State::Replacing), Effect::Note);
const CAND: Cell = cell(Next::To(State::Cancelled), Effect::Note);
const DROP: Cell = cell(Next::To(State::Cancelled), Effect::Drop);
const REJD: Cell = cell(Next::To(State::Rejected), Effect::Note);
const EXPD: Cell = cell(Next::To(State::Expired), Effect::Note);
const UNKN: Cell = cell(Next::To(State::Unknown), Effect::Ask);
const CLASH: Cell = cell(Next::To(State::Unknown), Effect::Conflict);
const BACK: Cell = cell(Next::ByLots, Effect::Conflict);
const LOST: Cell = cell(Next::To(State::Rejected), Effect::Lost);
const BOOK: Cell = cell(Next::ByLots, Effect::Book);
const BSTAY: Cell = cell(Next::FilledOrStay, Effect::Book);
const LATE: Cell = cell(Next::Stay, Effect::BookLate);
const MADE: Cell = cell(Next::ByLots, Effect::Commit);
const MSTAY: Cell = cell(Next::FilledOrStay, Effect::Commit);
const KEPT: Cell = cell(Next::ByLots, Effect::Revert);
const KSTAY: Cell = cell(Next::FilledOrStay, Effect::Revert);
const FULL: Cell = cell(Next::FilledOrUnknown, Effect::Note);

/// Rows are events, columns states, both by their codes.
#[rustfmt::skip]
pub const TABLE: [[Cell; STATES]; EVENTS] = [
    //                    new    pending working part   canc.  repl.  filled cand.  rejd.  expd.  unknown
    /* send            */ [PEND,  NO,     NO,     NO,    NO,    NO,    NO,    NO,    NO,    NO,    NO],
    /* not_sent        */ [REJD,  REJD,   SAME,   SAME,  SAME,  SAME,  SAME,  SAME,  SAME,  SAME,  SAME],
    /* no_answer       */ [UNKN,  UNKN,   UNKN,   UNKN,  UNKN,  UNKN,  SAME,  SAME,  SAME,  SAME,  ASK],
    /* cancel          */ [DROP,  CING,   CING,   CING,  SENT,  CING,  NO,    NO,    NO,    NO,    SENT],
    /* replace         */ [NO,    NO,     RING,   RING,  NO,    NO,    NO,    NO,    NO,    NO,    NO],
    /* accepted        */ [LIVE,  LIVE,   SAME,   SAME,  SAME,  SAME,  SAME,  SAME,  SAME,  SAME,  ASK],
    /* rejected        */ [REJD,  REJD,   CLASH,  CLASH, REJD,  CLASH, SAME,  SAME,  SAME,  SAME,  REJD],
    /* fill            */ [BOOK,  BOOK,   BOOK,   BOOK,  BSTAY, BSTAY, LATE,  LATE,  LATE,  LATE,  BSTAY],
    /* cancelled       */ [CAND,  CAND,   CAND,   CAND,  CAND,  CAND,  SAME,  SAME,  SAME,  SAME,  CAND],
    /* cancel_refused  */ [SAME,  SAME,   SAME,   SAME,  UNKN,  SAME,  SAME,  SAME,  SAME,  SAME,  ASK],
    /* replaced        */ [SAME,  SAME,   MADE,   MADE,  MSTAY, MADE,  SAME,  SAME,  SAME,  SAME,  MSTAY],
    /* replace_refused */ [SAME,  SAME,   KEPT,   KEPT,  KSTAY, KEPT,  SAME,  SAME,  SAME,  SAME,  KSTAY],
    /* expired         */ [EXPD,  EXPD,   EXPD,   EXPD,  EXPD,  EXPD,  SAME,  SAME,  SAME,  SAME,  EXPD],
    /* found_open      */ [LIVE,  LIVE,   LIVE,   LIVE,  SENT,  SENT,  SAME,  SAME,  BACK,  SAME,  LIVE],
    /* found_filled    */ [FULL,  FULL,   FULL,   FULL,  FULL,  FULL,  SAME,  SAME,  CLASH, SAME,  FULL],
    /* found_cancelled */ [CAND,  CAND,   CAND,   CAND,  CAND,  CAND,  SAME,  SAME,  SAME,  SAME,  CAND],
    /* found_expired   */ [EXPD,  EXPD,   EXPD,   EXPD,  EXPD,  EXPD,  SAME,  SAME,  SAME,  SAME,  EXPD],
    /* found_rejected  */ [REJD,  REJD,   CLASH,  CLASH, REJD,  CLASH, SAME,  SAME,  SAME,  SAME,  REJD],
    /* not_found_yet   */ [ASK,   ASK,    CLASH,  CLASH, ASK,   CLASH, SAME,  SAME,  SAME,  SAME,  ASK],
    /* not_found       */ [LOST,  LOST,   CLASH,  CLASH, LOST,  CLASH, SAME,  SAME,  SAME,  SAME,  LOST],
];

/// Returns the cell of an event in a state.
#[inline(always)]
pub fn cell_of(state: State, event: Event) -> Cell {
    TABLE[event as usize][state as usize]
}

impl Next {
    /// Returns the state it leads to from `state`, with so many of `lots` filled.
    #[inline(always)]
    pub fn state(self, state: State, filled: i64, lots: i64) -> State {
        match self {
            Self::Stay => state,
            Self::To(next) => next,
            Self::FilledOrStay if filled < lots => state,
            Self::FilledOrUnknown if filled < lots => State::Unknown,
            Self::ByLots if filled <= 0 => State::Working,
            Self::ByLots if filled < lots => State::PartlyFilled,
            Self::ByLots | Self::FilledOrStay | Self::FilledOrUnknown => State::Filled,
        }
    }

    /// Returns the word that the documents have for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::To(state) => State::TABLE[state as usize].1,
            Self::ByLots => "by_lots",
            Self::FilledOrStay => "filled_or_stay",
            Self::FilledOrUnknown => "filled_or_unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_places_in_the_table() {
        for (place, (code, _)) in State::TABLE.iter().enumerate() {
            assert_eq!(usize::from(*code), place);
        }
        for (place, (code, _)) in Event::TABLE.iter().enumerate() {
            assert_eq!(usize::from(*code), place);
        }
    }

    #[test]
    fn an_ended_order_never_opens_again_unless_the_venue_contradicts_itself() {
        for (event, row) in TABLE.iter().enumerate() {
            for (state, cell) in row.iter().enumerate() {
                let from = State::from_code(state as u8).unwrap();
                let opens = [0, 1, 2].map(|filled| cell.next.state(from, filled, 2)).iter().any(|to| !to.is_ended());
                if from.is_ended() && opens {
                    assert_eq!(cell.effect, Effect::Conflict, "{:?}", Event::from_code(event as u8));
                }
            }
        }
    }

    #[test]
    fn cancels_are_never_blocked_and_every_fill_counts() {
        for state in State::TABLE.iter().map(|row| State::from_code(row.0).unwrap()) {
            let cancel = cell_of(state, Event::Cancel).effect;
            assert_eq!(cancel == Effect::Refuse, state.is_ended());
            let fill = cell_of(state, Event::Fill).effect;
            assert_eq!(fill, if state.is_ended() { Effect::BookLate } else { Effect::Book });
            assert_eq!(cell_of(state, Event::Send).effect == Effect::Note, state == State::New, "an order is sent once");
        }
    }
}
