//! The words of an order's life: where it stands, what can happen to it, and what that has for effect.
use crate::desk::reason::codes;

codes! {
    /// Where an order stands.
    State {
        /// Recorded, not handed to the venue yet.
        New = 0 "new",
        /// On its way: nothing was heard of it.
        Pending = 1 "pending",
        /// The venue holds it, nothing is filled.
        Working = 2 "working",
        /// The venue holds it, a part is filled.
        PartlyFilled = 3 "partly_filled",
        /// The venue was asked to cancel it.
        Cancelling = 4 "cancelling",
        /// The venue was asked to change it.
        Replacing = 5 "replacing",
        /// Every lot is filled.
        Filled = 6 "filled",
        /// Cancelled with lots left.
        Cancelled = 7 "cancelled",
        /// It never reached the book.
        Rejected = 8 "rejected",
        /// Its time was over.
        Expired = 9 "expired",
        /// An answer was lost: only the venue can say.
        Unknown = 10 "unknown",
    }
}

/// Number of states.
pub const STATES: usize = State::TABLE.len();

impl State {
    /// Returns whether the order has ended. Late fills still count, until it is forgotten.
    #[inline(always)]
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Rejected | Self::Expired)
    }
}

codes! {
    /// What can happen to an order: what we do, what the venue tells, what it answers when asked.
    Event {
        /// We hand it to the venue.
        Send = 0 "send",
        /// The transport says that nothing left.
        NotSent = 1 "not_sent",
        /// No answer in time, or the connection was lost.
        NoAnswer = 2 "no_answer",
        /// We ask to cancel it.
        Cancel = 3 "cancel",
        /// We ask to change its lots or price.
        Replace = 4 "replace",
        /// The venue took it.
        Accepted = 5 "accepted",
        /// The venue refused it.
        Rejected = 6 "rejected",
        /// A trade whose number was not seen before.
        Fill = 7 "fill",
        /// It was cancelled, by us or by the venue.
        Cancelled = 8 "cancelled",
        /// It could not be cancelled.
        CancelRefused = 9 "cancel_refused",
        /// It was changed.
        Replaced = 10 "replaced",
        /// It could not be changed.
        ReplaceRefused = 11 "replace_refused",
        /// Its time was over.
        Expired = 12 "expired",
        /// Asked: it works.
        FoundOpen = 13 "found_open",
        /// Asked: it is filled.
        FoundFilled = 14 "found_filled",
        /// Asked: it was cancelled.
        FoundCancelled = 15 "found_cancelled",
        /// Asked: its time was over.
        FoundExpired = 16 "found_expired",
        /// Asked: it was refused.
        FoundRejected = 17 "found_rejected",
        /// Asked: nothing by that id, but it may still arrive.
        NotFoundYet = 18 "not_found_yet",
        /// Asked after it could still arrive: nothing by that id.
        NotFound = 19 "not_found",
    }
}

/// Number of events.
pub const EVENTS: usize = Event::TABLE.len();

codes! {
    /// What an event has for effect beside the next state.
    Effect {
        /// Taken note of; where it is an act of ours, the message goes out.
        Note = 0 "note",
        /// A repetition, or news that is older than what is known: nothing.
        Ignore = 1 "ignore",
        /// Not possible in this state: nothing goes out.
        Refuse = 2 "refuse",
        /// It ends before it left: nothing goes out.
        Drop = 3 "drop",
        /// The fill counts: position and ledger.
        Book = 4 "book",
        /// The fill counts, though the order had ended.
        BookLate = 5 "book_late",
        /// The venue is to be asked about the order.
        Ask = 6 "ask",
        /// The changed terms hold.
        Commit = 7 "commit",
        /// The former terms hold.
        Revert = 8 "revert",
        /// It is certain that it never arrived: its intent may be decided anew.
        Lost = 9 "lost",
        /// The venue contradicts what it said before: it is to be asked, and somebody told.
        Conflict = 10 "conflict",
        /// Not an order of ours, or one that was forgotten.
        Foreign = 11 "foreign",
        /// A trade could not be remembered: nothing is booked, the host must halt and reconcile.
        Full = 12 "full",
    }
}

/// Number of effects.
pub const EFFECTS: usize = Effect::TABLE.len();
