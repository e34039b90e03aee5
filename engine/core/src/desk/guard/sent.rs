//! What was sent: orders and messages by UTC minute and day, orders in a row, the last orders of each instrument, lots opened in a day.
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// Orders of an instrument that a new one is compared with.
const REMEMBERED: usize = 16;

/// A count of one UTC period.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    period: i64,
    count: i64,
}

impl Count {
    fn at(&self, period: i64) -> i64 {
        if self.period == period { self.count } else { 0 }
    }
    fn add(&mut self, period: i64, more: i64) {
        *self = Self { period, count: self.at(period).saturating_add(more) };
    }
}

/// An order that passed the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) struct Passed {
    /// Decision time, ms.
    pub t: i64,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Lots before anything cut them.
    pub wanted: i64,
    /// The price it referred to, ticks.
    pub ticks: i64,
}

/// Of one instrument.
#[derive(Debug, Clone, Copy)]
struct Own {
    /// Orders in a row of one direction and UTC day.
    side: i64,
    in_a_row: Count,
    /// Lots that opened or increased.
    opened: Count,
    last: [Passed; REMEMBERED],
    sent: u64,
}

impl Own {
    const NEW: Self = Self {
        side: 0,
        in_a_row: Count { period: 0, count: 0 },
        opened: Count { period: 0, count: 0 },
        last: [Passed { t: 0, side: 0, wanted: 0, ticks: 0 }; REMEMBERED],
        sent: 0,
    };
}

/// Of the whole desk.
pub(super) struct Sent {
    in_minute: Count,
    in_day: Count,
    messages: Count,
    own: Vec<Own>,
}

impl Sent {
    pub fn new(assets: usize) -> Self {
        let none = Count::default();
        Self { in_minute: none, in_day: none, messages: none, own: vec![Own::NEW; assets] }
    }

    /// Counts an order of an instrument that opens or increases by `opened` lots.
    pub fn note(&mut self, asset: usize, order: Passed, opened: i64) {
        let (minute, day) = (order.t.div_euclid(MINUTE_MS), order.t.div_euclid(DAY_MS));
        self.in_minute.add(minute, 1);
        self.in_day.add(day, 1);
        self.messages.add(minute, 1);
        let own = &mut self.own[asset];
        let before = if own.side == order.side { own.in_a_row.at(day) } else { 0 };
        (own.side, own.in_a_row) = (order.side, Count { period: day, count: before + 1 });
        own.opened.add(day, opened);
        own.last[(own.sent % REMEMBERED as u64) as usize] = order;
        own.sent += 1;
    }

    /// Counts a cancel.
    pub fn note_cancel(&mut self, t: i64) {
        self.messages.add(t.div_euclid(MINUTE_MS), 1);
    }

    pub fn in_minute(&self, t: i64) -> i64 {
        self.in_minute.at(t.div_euclid(MINUTE_MS))
    }

    pub fn in_day(&self, t: i64) -> i64 {
        self.in_day.at(t.div_euclid(DAY_MS))
    }

    pub fn messages(&self, t: i64) -> i64 {
        self.messages.at(t.div_euclid(MINUTE_MS))
    }

    /// Returns the lots of an instrument opened in the UTC day of `t`.
    pub fn opened(&self, asset: usize, t: i64) -> i64 {
        self.own[asset].opened.at(t.div_euclid(DAY_MS))
    }

    /// Lets every row begin anew.
    pub fn end_rows(&mut self) {
        self.own.iter_mut().for_each(|own| own.in_a_row = Count::default());
    }

    /// Returns the longest row of orders of one instrument and direction.
    pub fn longest_row(&self) -> i64 {
        self.own.iter().map(|own| own.in_a_row.count).max().unwrap_or(0)
    }

    /// Returns whether an order like this one was sent at most `window_ms` before it.
    pub fn has_like(&self, asset: usize, order: &Passed, window_ms: i64) -> bool {
        let own = &self.own[asset];
        let newest = own.last[(own.sent.wrapping_sub(1) % REMEMBERED as u64) as usize];
        if own.sent == 0 || order.t - newest.t > window_ms {
            return false;
        }
        let sent = &own.last[..own.sent.min(REMEMBERED as u64) as usize];
        sent.iter().any(|earlier| Passed { t: order.t, ..*earlier } == *order && order.t - earlier.t <= window_ms)
    }

    pub fn save(&self, to: &mut Writer) {
        let count = |to: &mut Writer, count: &Count| [count.period, count.count].into_iter().for_each(|x| to.i64(x));
        [self.in_minute, self.in_day, self.messages].iter().for_each(|each| count(to, each));
        for own in &self.own {
            to.i64(own.side);
            count(to, &own.in_a_row);
            count(to, &own.opened);
            for Passed { t, side, wanted, ticks } in own.last {
                [t, side, wanted, ticks].into_iter().for_each(|x| to.i64(x));
            }
            to.u64(own.sent);
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let count = |from: &mut Reader<'_>| Ok(Count { period: from.i64()?, count: from.i64()? });
        (self.in_minute, self.in_day, self.messages) = (count(from)?, count(from)?, count(from)?);
        for own in &mut self.own {
            (own.side, own.in_a_row, own.opened) = (from.i64()?, count(from)?, count(from)?);
            for order in &mut own.last {
                *order = Passed { t: from.i64()?, side: from.i64()?, wanted: from.i64()?, ticks: from.i64()? };
            }
            own.sent = from.u64()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(t: i64, side: i64) -> Passed {
        Passed { t, side, wanted: 5, ticks: 100 }
    }

    #[test]
    fn orders_are_counted_by_utc_minute_and_day() {
        let mut sent = Sent::new(1);
        sent.note(0, order(59_999, 1), 3);
        sent.note(0, order(59_999, 1), 4);
        sent.note_cancel(59_999);
        assert_eq!((sent.in_minute(59_999), sent.in_minute(60_000), sent.in_day(60_000)), (2, 0, 2));
        assert_eq!((sent.messages(59_999), sent.messages(60_000), sent.opened(0, 60_000)), (3, 0, 7));
        sent.note(0, order(60_000, 1), 1);
        assert_eq!((sent.in_minute(60_000), sent.in_day(DAY_MS - 1), sent.in_day(DAY_MS)), (1, 3, 0));
        assert_eq!((sent.opened(0, DAY_MS - 1), sent.opened(0, DAY_MS)), (8, 0));
    }

    #[test]
    fn a_turn_or_a_new_day_begins_a_new_row() {
        let mut sent = Sent::new(2);
        [1, 1, 1].into_iter().for_each(|side| sent.note(0, order(1, side), 0));
        sent.note(1, order(1, -1), 0);
        assert_eq!(sent.longest_row(), 3);
        sent.note(0, order(2, -1), 0);
        assert_eq!(sent.longest_row(), 1);
        sent.note(0, order(2, -1), 0);
        sent.note(0, order(DAY_MS, -1), 0);
        assert_eq!(sent.longest_row(), 1);
    }

    #[test]
    fn only_the_same_order_within_the_window_is_a_duplicate() {
        let mut sent = Sent::new(2);
        sent.note(0, order(1_000, 1), 5);
        assert!(sent.has_like(0, &order(1_000, 1), 1) && sent.has_like(0, &order(1_500, 1), 500));
        assert!(!sent.has_like(0, &order(1_501, 1), 500), "too long ago");
        assert!(!sent.has_like(0, &order(1_000, -1), 500) && !sent.has_like(1, &order(1_000, 1), 500));
        assert!(!sent.has_like(0, &Passed { wanted: 6, ..order(1_000, 1) }, 500));
        assert!(!sent.has_like(0, &Passed { ticks: 101, ..order(1_000, 1) }, 500));
        (0..REMEMBERED as i64).for_each(|at| sent.note(0, Passed { ticks: 200 + at, ..order(1_000, 1) }, 0));
        assert!(!sent.has_like(0, &order(1_000, 1), 500), "sixteen later ones push it out");
    }

    #[test]
    fn each_of_the_last_orders_is_remembered_and_each_by_its_own_time() {
        let mut sent = Sent::new(1);
        let like = |t: i64, ticks: i64| Passed { ticks, ..order(t, 1) };
        [(1, 100), (2, 200)].into_iter().for_each(|(t, ticks)| sent.note(0, like(t, ticks), 0));
        assert!(sent.has_like(0, &like(4, 100), 3) && sent.has_like(0, &like(4, 200), 2));
        assert!(!sent.has_like(0, &like(4, 100), 2), "the newest is near enough, this one is not");
        let mut first = Sent::new(1);
        first.note(0, like(1, 100), 0);
        assert!(first.has_like(0, &like(3, 100), 2) && !first.has_like(0, &like(4, 100), 2));
        let mut late = Sent::new(1);
        [(1_000, 100), (1_600, 200)].into_iter().for_each(|(t, ticks)| late.note(0, like(t, ticks), 0));
        assert!(!late.has_like(0, &like(1_700, 100), 500) && late.has_like(0, &like(1_700, 200), 500));
    }
}
