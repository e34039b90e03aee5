//! Stable codes of the operator: what a person asks, and what came of it.
use crate::desk::reason::codes;

codes! {
    /// What a person asks of the desk.
    Action {
        /// Half of what opens or increases.
        Reduce = 1 "reduce",
        /// Nothing that opens or increases.
        Pause = 2 "pause",
        /// Everything cancelled and flattened.
        Flatten = 3 "flatten",
        /// Everything cancelled, nothing sent any more.
        Kill = 4 "kill",
        /// What latched is re-enabled.
        Resume = 5 "resume",
        /// Circuit breakers trip earlier.
        Reload = 6 "reload",
    }
}

codes! {
    /// What came of a command.
    Effect {
        /// It changed the state.
        Applied = 1 "applied",
        /// The state was as grave already, nothing had latched, or the settings are the same.
        NoEffect = 2 "no_effect",
        /// Everything is being flattened, which nobody stops; the journal cannot be written, which a new start alone mends; or breakers would trip
        /// later.
        Refused = 3 "refused",
    }
}
