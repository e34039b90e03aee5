//! The rule of entries for one asset: what signals ask of a position. Rules: docs/semantics.md, section 8.
//!
//! Pure: which units there are and which of them there is room for is not here (`entries.rs`).

use super::rule::Age;
use super::size::SizeUnit;
use super::stops::Rearm;

/// The entries of one asset.
#[derive(Debug, Clone, Copy)]
pub struct EntryRule {
    /// What the number of the size means.
    pub unit: SizeUnit,
    /// Number of assets that share the equity.
    pub share: i64,
    /// The most units of a position.
    pub max_units: i64,
    /// Row of the asset at which decisions begin.
    pub settled: u64,
    /// When it may enter again after a stop or take.
    pub rearm: Rearm,
    /// How long it stays out after any exit.
    pub cooldown: Option<Age>,
    /// The most positions of all assets with entries.
    pub max_positions: Option<i64>,
    /// Whether it has a fixed stop.
    pub fixed: bool,
    /// Whether it has a trailing stop.
    pub trailing: bool,
    /// Whether it has a take.
    pub take: bool,
    /// Time stop.
    pub age: Option<Age>,
}

/// Signals at one decision. Long and short at once is neither.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    pub side: i64,
    pub exit: bool,
}

impl Signals {
    pub fn read(raw: [f64; 3]) -> Self {
        let [long, short, exit] = raw.map(|x| x != 0.0 && !x.is_nan());
        Self { side: i64::from(long) - i64::from(short), exit }
    }
}

/// What the signals ask of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing, until a signal or the position changes.
    Nothing,
    /// Something that a hold or a cool-down forbids for now.
    Wait,
    /// Out.
    Leave,
    /// Out, and one unit on this side.
    Turn(i64),
    /// One more unit on this side.
    Add(i64),
    /// A new position on this side.
    Open(i64),
}

/// The position and what works for it, as entries see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Book {
    pub position: i64,
    pub in_flight: i64,
    pub is_working: bool,
    pub units: i64,
}

impl EntryRule {
    /// Returns what is asked for; `blocked` where nothing may be entered now.
    pub(super) fn wish(&self, signals: Signals, book: Book, blocked: bool) -> Wish {
        let side = if book.position != 0 { book.position.signum() } else { book.in_flight.signum() };
        if side == 0 {
            return match signals.side {
                0 => Wish::Nothing,
                _ if blocked => Wish::Wait,
                wanted => Wish::Open(wanted),
            };
        }
        let ahead = (book.position + book.in_flight).signum();
        let reversed = signals.side == -side;
        if signals.exit || reversed {
            // What is on its way already is not sent again.
            return match (reversed && !blocked, ahead) {
                (true, ahead) if ahead == -side => Wish::Nothing,
                (true, _) => Wish::Turn(-side),
                (false, 0) if reversed => Wish::Wait,
                (false, 0) => Wish::Nothing,
                (false, _) => Wish::Leave,
            };
        }
        if signals.side != side || book.is_working || book.units >= self.max_units {
            return Wish::Nothing;
        }
        if blocked { Wish::Wait } else { Wish::Add(side) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: EntryRule = EntryRule {
        unit: SizeUnit::Weight,
        share: 1,
        max_units: 2,
        settled: 0,
        rearm: Rearm::NewSignal,
        cooldown: None,
        max_positions: None,
        fixed: false,
        trailing: false,
        take: false,
        age: None,
    };

    fn wish(rule: EntryRule, raw: [f64; 3], position: i64, in_flight: i64, blocked: bool) -> Wish {
        let book = Book { position, in_flight, is_working: in_flight != 0, units: i64::from(position != 0) };
        rule.wish(Signals::read(raw), book, blocked)
    }

    const LONG: [f64; 3] = [1.0, 0.0, 0.0];
    const SHORT: [f64; 3] = [0.0, 1.0, f64::NAN];
    const EXIT: [f64; 3] = [f64::NAN, 0.0, 1.0];

    #[test]
    fn both_sides_at_once_are_neither_and_missing_is_false() {
        assert_eq!(wish(RULE, [1.0, 1.0, 0.0], 0, 0, false), Wish::Nothing);
        assert_eq!(wish(RULE, [f64::NAN; 3], 0, 0, false), Wish::Nothing);
        assert_eq!(wish(RULE, LONG, 0, 0, false), Wish::Open(1));
        assert_eq!(wish(RULE, LONG, 0, 0, true), Wish::Wait);
        assert_eq!(wish(RULE, EXIT, 0, 0, false), Wish::Nothing, "there is nothing to leave");
    }

    #[test]
    fn the_other_side_turns_a_position_unless_that_is_held_back() {
        assert_eq!(wish(RULE, SHORT, 5, 0, false), Wish::Turn(-1));
        assert_eq!(wish(RULE, SHORT, 5, 0, true), Wish::Leave);
        assert_eq!(wish(RULE, EXIT, -5, 0, true), Wish::Leave, "an exit is never held back");
        assert_eq!(wish(RULE, [0.0, 1.0, 1.0], 5, 0, false), Wish::Turn(-1));
        assert_eq!(wish(RULE, [1.0, 0.0, 1.0], 5, 0, false), Wish::Leave);
    }

    #[test]
    fn units_are_added_one_by_one() {
        assert_eq!(wish(RULE, LONG, 5, 0, false), Wish::Add(1));
        assert_eq!(wish(RULE, LONG, 5, 2, false), Wish::Nothing, "one at a time");
        assert_eq!(wish(EntryRule { max_units: 1, ..RULE }, LONG, 5, 0, false), Wish::Nothing);
    }

    #[test]
    fn orders_in_flight_count_as_the_position_they_lead_to() {
        assert_eq!(wish(RULE, LONG, 0, 5, false), Wish::Nothing);
        assert_eq!(wish(RULE, EXIT, 0, 5, false), Wish::Leave);
        assert_eq!(wish(RULE, EXIT, 5, -5, false), Wish::Nothing, "it is leaving");
        assert_eq!(wish(RULE, LONG, 5, -5, false), Wish::Nothing);
        assert_eq!(wish(RULE, SHORT, 5, -5, false), Wish::Turn(-1), "it turns while it leaves");
        assert_eq!(wish(RULE, SHORT, 5, -5, true), Wish::Wait);
        assert_eq!(wish(RULE, SHORT, 5, -10, false), Wish::Nothing, "it is turning");
        assert_eq!(wish(RULE, EXIT, 5, -10, false), Wish::Leave);
        assert_eq!(wish(RULE, SHORT, 0, 5, false), Wish::Turn(-1));
    }
}
