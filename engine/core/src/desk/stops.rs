//! Stops of one asset: a fixed and a trailing level in ticks, and the hold after one was touched.
use super::reason::Reason;

/// Levels that protect an open position. Zero means none: a price is at least one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stops {
    /// Fixed level, ticks.
    pub fixed: i64,
    /// Trailing level, ticks.
    pub trailing: i64,
    /// Level of the take, ticks.
    pub take: i64,
    /// Level of the stop that rests at the venue, ticks.
    pub venue: i64,
    /// Highest high since the opening fill, ticks.
    pub high: i64,
    /// Lowest low since the opening fill, ticks.
    pub low: i64,
}

impl Stops {
    /// Returns the tightest level and whose it is; ties go to the fixed stop, then to the trailing one.
    #[inline(always)]
    pub fn level(&self, side: i64) -> Option<(i64, Reason)> {
        let trailing_is_tighter = if side > 0 { self.trailing > self.fixed } else { self.trailing < self.fixed };
        let own = match (self.fixed != 0, self.trailing != 0) {
            (false, false) => None,
            (true, false) => Some((self.fixed, Reason::StopFixed)),
            (false, true) => Some((self.trailing, Reason::StopTrailing)),
            (true, true) if trailing_is_tighter => Some((self.trailing, Reason::StopTrailing)),
            (true, true) => Some((self.fixed, Reason::StopFixed)),
        };
        if self.venue == 0 { own } else { self.with_venue(side, own) }
    }

    #[cold]
    fn with_venue(&self, side: i64, own: Option<(i64, Reason)>) -> Option<(i64, Reason)> {
        let is_tighter = |level: i64| side * level < side * self.venue;
        if own.is_none_or(|(level, _)| is_tighter(level)) { Some((self.venue, Reason::VenueStop)) } else { own }
    }

    /// Returns whether there is any level.
    #[inline(always)]
    pub fn any(&self) -> bool {
        (self.fixed | self.trailing | self.take | self.venue) != 0
    }

    /// Starts with a position: levels are set by [`Stops::set_fixed`] and [`Stops::trail`].
    pub fn open(&mut self) {
        *self = Self { high: i64::MIN, low: i64::MAX, ..Self::default() };
    }

    /// Sets the fixed level at `distance` from the entry; 0 keeps the old one.
    pub fn set_fixed(&mut self, side: i64, entry: i64, distance: i64) {
        if distance > 0 {
            self.fixed = level_at(side, entry, distance);
        }
    }

    /// Sets the level at the venue at a share of the entry price; 0 keeps the old one.
    pub fn set_venue(&mut self, side: i64, entry: i64, share_e9: i64) {
        if share_e9 > 0 {
            // A share of a price fits.
            let distance = crate::money::rate_ceil(entry, share_e9).unwrap_or(i64::MAX);
            self.venue = level_at(side, entry, distance);
        }
    }

    /// Sets the take at `distance` from the entry; 0 keeps the old one.
    pub fn set_take(&mut self, side: i64, entry: i64, distance: i64) {
        if distance > 0 {
            self.take = level_at(-side, entry, distance);
        }
    }

    /// Moves the trailing level to `distance` from `extreme` if that is tighter; 0 keeps the old one.
    #[inline(always)]
    pub fn trail(&mut self, side: i64, extreme: i64, distance: i64) {
        if distance > 0 {
            let level = level_at(side, extreme, distance);
            let tighter = if side > 0 { level > self.trailing } else { level < self.trailing };
            if self.trailing == 0 || tighter {
                self.trailing = level;
            }
        }
    }

    /// Takes the bar's extremes in.
    #[inline(always)]
    pub fn extend(&mut self, high: i64, low: i64) {
        self.high = self.high.max(high);
        self.low = self.low.min(low);
    }
}

/// A level at or below zero can never be touched: 0, none.
fn level_at(side: i64, from: i64, distance: i64) -> i64 {
    if side > 0 { (from - distance).max(0) } else { from.saturating_add(distance) }
}

/// When a stopped asset may trade again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rearm {
    /// After the raw target has been 0 or changed sign.
    NewSignal,
    /// At the next decision.
    Immediate,
    /// After this many rows of the asset.
    Bars(i64),
    /// After this time.
    Ms(i64),
}

/// An asset held flat after a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Side of the position that was stopped.
    pub side: i64,
    /// Row of the asset in which it was stopped.
    pub row: u64,
    /// Decision time of that row, ms.
    pub ts: i64,
}

impl Hold {
    /// Returns whether the hold ends at a decision with this raw target.
    pub fn is_over(&self, rearm: Rearm, raw: Option<i64>, row: u64, ts: i64) -> bool {
        match rearm {
            Rearm::NewSignal => raw.is_some_and(|w| w.signum() != self.side),
            Rearm::Immediate => true,
            Rearm::Bars(bars) => (row - self.row) as i64 >= bars,
            Rearm::Ms(ms) => ts - self.ts >= ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_level_wins_and_ties_go_to_the_fixed_stop() {
        let mut stops = Stops::default();
        assert_eq!(stops.level(1), None);
        stops.set_fixed(1, 100, 10);
        assert_eq!(stops.level(1), Some((90, Reason::StopFixed)));
        stops.trail(1, 100, 10);
        assert_eq!(stops.level(1), Some((90, Reason::StopFixed)));
        stops.trail(1, 105, 10);
        assert_eq!(stops.level(1), Some((95, Reason::StopTrailing)));
        stops.trail(1, 99, 10);
        assert_eq!(stops.trailing, 95, "a trailing stop never loosens");
        stops.trail(1, 99, 0);
        assert_eq!(stops.trailing, 95, "no distance keeps the level");
    }

    #[test]
    fn short_stops_mirror_long_ones() {
        let mut stops = Stops::default();
        stops.trail(-1, 100, 10);
        assert_eq!(stops.level(-1), Some((110, Reason::StopTrailing)));
        stops.trail(-1, 90, 10);
        assert_eq!(stops.level(-1), Some((100, Reason::StopTrailing)));
        stops.set_fixed(-1, 95, 2);
        assert_eq!(stops.level(-1), Some((97, Reason::StopFixed)));
    }

    #[test]
    fn a_take_lies_on_the_other_side_of_the_entry() {
        let mut stops = Stops::default();
        stops.set_take(1, 100, 10);
        assert_eq!(stops.take, 110);
        stops.set_take(-1, 100, 10);
        stops.set_take(-1, 100, 0);
        assert_eq!(stops.take, 90, "no distance keeps the level");
        stops.set_take(-1, 100, 100);
        assert_eq!(stops.take, 0, "a price is at least one tick");
    }

    #[test]
    fn the_stop_at_the_venue_is_the_last_of_equals() {
        let mut stops = Stops::default();
        stops.set_venue(1, 101, 250_000_000);
        assert_eq!(stops.level(1), Some((75, Reason::VenueStop)), "a quarter of 101, rounded up, below it");
        stops.set_fixed(1, 101, 26);
        assert_eq!(stops.level(1), Some((75, Reason::StopFixed)));
        stops.set_fixed(1, 101, 27);
        assert_eq!(stops.level(1), Some((75, Reason::VenueStop)));
        let mut short = Stops::default();
        short.set_venue(-1, 101, 250_000_000);
        short.trail(-1, 101, 30);
        assert_eq!(short.level(-1), Some((127, Reason::VenueStop)));
        short.set_venue(-1, 200, 0);
        assert_eq!((short.venue, Stops::default().any(), short.any()), (127, false, true), "no share keeps the level");
    }

    #[test]
    fn holds_end_by_their_rule() {
        let hold = Hold { side: 1, row: 10, ts: 1_000 };
        assert!(!hold.is_over(Rearm::NewSignal, Some(5), 11, 2_000));
        assert!(!hold.is_over(Rearm::NewSignal, None, 11, 2_000), "a missing target releases nothing");
        assert!(hold.is_over(Rearm::NewSignal, Some(0), 11, 2_000));
        assert!(hold.is_over(Rearm::NewSignal, Some(-5), 11, 2_000));
        assert!(hold.is_over(Rearm::Immediate, None, 10, 1_000));
        assert!(!hold.is_over(Rearm::Bars(2), Some(5), 11, 2_000) && hold.is_over(Rearm::Bars(2), Some(5), 12, 2_000));
        assert!(!hold.is_over(Rearm::Ms(500), Some(5), 11, 1_499) && hold.is_over(Rearm::Ms(500), Some(5), 11, 1_500));
    }
}
