//! Bars of every interval, made as trades come; an interval without a trade is a flat bar, made when it is asked for.

use super::tape::Trade;
use crate::{Amount, Micros};
use std::collections::VecDeque;

/// The most bars kept of an interval.
const KEPT: usize = 11_000;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Length of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A fixed length, counted from 1970 plus an offset: microseconds.
    Fixed(i64, i64),
    /// A calendar month.
    Month,
}

/// Every interval with its name (Binance Spot, "Kline/Candlestick chart intervals").
pub const INTERVALS: [(&str, Interval); 16] = [
    ("1s", Interval::Fixed(SECOND, 0)),
    ("1m", Interval::Fixed(MINUTE, 0)),
    ("3m", Interval::Fixed(3 * MINUTE, 0)),
    ("5m", Interval::Fixed(5 * MINUTE, 0)),
    ("15m", Interval::Fixed(15 * MINUTE, 0)),
    ("30m", Interval::Fixed(30 * MINUTE, 0)),
    ("1h", Interval::Fixed(HOUR, 0)),
    ("2h", Interval::Fixed(2 * HOUR, 0)),
    ("4h", Interval::Fixed(4 * HOUR, 0)),
    ("6h", Interval::Fixed(6 * HOUR, 0)),
    ("8h", Interval::Fixed(8 * HOUR, 0)),
    ("12h", Interval::Fixed(12 * HOUR, 0)),
    ("1d", Interval::Fixed(DAY, 0)),
    ("3d", Interval::Fixed(3 * DAY, 0)),
    // 1970-01-01 was a Thursday; weeks begin on Mondays.
    ("1w", Interval::Fixed(7 * DAY, 4 * DAY)),
    ("1M", Interval::Month),
];

/// Place of the one-minute bars in [`INTERVALS`].
pub(super) const MINUTES: usize = 1;

impl Interval {
    /// Returns the place of an interval in [`INTERVALS`] by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<usize> {
        INTERVALS.iter().position(|(known, _)| *known == name)
    }

    /// Returns when the bar that holds a time begins.
    #[must_use]
    pub fn begin(self, at: Micros) -> Micros {
        match self {
            Self::Fixed(length, offset) => at - (at - offset).rem_euclid(length),
            Self::Month => {
                let (year, month) = month_of(at);
                first_of(year, month)
            }
        }
    }

    /// Returns when the bar that holds a time begins, in a zone so far ahead of UTC.
    #[must_use]
    pub fn begin_in(self, offset: Micros, at: Micros) -> Micros {
        self.begin(at.saturating_add(offset)) - offset
    }

    /// Returns when the bar after the one that begins at `begin` begins, in a zone so far ahead of UTC.
    #[must_use]
    pub fn next_in(self, offset: Micros, begin: Micros) -> Micros {
        self.next(begin + offset) - offset
    }

    /// Returns the longest interval of fixed length whose bars make up this one's in a zone so far ahead of UTC: its place.
    fn source(self, place: usize, offset: Micros) -> usize {
        let whole = match self {
            Self::Fixed(length, _) if offset % length == 0 => return place,
            Self::Fixed(length, _) => length,
            Self::Month => DAY,
        };
        let makes = |(_, (_, interval)): &(usize, &(&str, Self))| match interval {
            Self::Fixed(length, 0) => whole % length == 0 && offset % length == 0,
            _ => false,
        };
        INTERVALS.iter().enumerate().rfind(makes).map_or(0, |(at, _)| at)
    }

    /// Returns when the bar after the one that begins at `begin` begins.
    #[must_use]
    pub fn next(self, begin: Micros) -> Micros {
        match self {
            Self::Fixed(length, _) => begin + length,
            Self::Month => {
                let (year, month) = month_of(begin);
                if month == 12 { first_of(year + 1, 1) } else { first_of(year, month + 1) }
            }
        }
    }
}

/// Returns days since 1970 of the first of a month (H. Hinnant, "chrono-compatible low-level date algorithms").
fn first_of(year: i64, month: i64) -> Micros {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468) * DAY
}

/// Returns year and month of a time (same source).
fn month_of(at: Micros) -> (i64, i64) {
    let days = at.div_euclid(DAY) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month)
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// When it begins.
    pub begin: Micros,
    /// First price.
    pub open: Amount,
    /// Highest price.
    pub high: Amount,
    /// Lowest price.
    pub low: Amount,
    /// Last price.
    pub close: Amount,
    /// Base quantity.
    pub volume: Amount,
    /// Quote quantity.
    pub quote: Amount,
    /// Base quantity bought by takers.
    pub taker_volume: Amount,
    /// Quote quantity bought by takers.
    pub taker_quote: Amount,
    /// Number of the first trade.
    pub first: u64,
    /// Number of trades.
    pub count: u64,
}

impl Bar {
    /// Returns the bar of an interval in which nothing traded.
    #[must_use]
    pub fn flat(begin: Micros, price: Amount) -> Self {
        let (open, high, low, close) = (price, price, price, price);
        Self { begin, open, high, low, close, volume: 0, quote: 0, taker_volume: 0, taker_quote: 0, first: 0, count: 0 }
    }

    /// Adds the bar that follows.
    fn append(&mut self, later: &Self) {
        if self.count == 0 {
            let begin = self.begin;
            *self = Self { begin, ..*later };
            return;
        }
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.saturating_add(later.volume);
        self.quote = self.quote.saturating_add(later.quote);
        self.taker_volume = self.taker_volume.saturating_add(later.taker_volume);
        self.taker_quote = self.taker_quote.saturating_add(later.taker_quote);
        self.count += later.count;
    }

    fn add(&mut self, trade: &Trade) {
        if self.count == 0 {
            (self.open, self.high, self.low, self.first) = (trade.price, trade.price, trade.price, trade.id);
        }
        self.high = self.high.max(trade.price);
        self.low = self.low.min(trade.price);
        self.close = trade.price;
        let quote = trade.quote();
        // A sum beyond what fits (92 billion units) stays there: a bar is shown, nothing is booked from it.
        self.volume = self.volume.saturating_add(trade.quantity);
        self.quote = self.quote.saturating_add(quote);
        if !trade.buyer_is_maker {
            self.taker_volume = self.taker_volume.saturating_add(trade.quantity);
            self.taker_quote = self.taker_quote.saturating_add(quote);
        }
        self.count += 1;
    }
}

/// The bars of all intervals; only those with trades are stored.
pub struct Bars {
    kept: [VecDeque<Bar>; INTERVALS.len()],
}

impl Default for Bars {
    fn default() -> Self {
        Self { kept: std::array::from_fn(|_| VecDeque::new()) }
    }
}

impl Bars {
    pub(super) fn push(&mut self, trade: &Trade) {
        for ((_, interval), bars) in INTERVALS.iter().zip(&mut self.kept) {
            match bars.back_mut() {
                Some(bar) if trade.at < interval.next(bar.begin) => bar.add(trade),
                _ => {
                    if bars.len() == KEPT {
                        bars.pop_front();
                    }
                    let mut bar = Bar::flat(interval.begin(trade.at), trade.price);
                    bar.add(trade);
                    bars.push_back(bar);
                }
            }
        }
    }

    /// Returns the bars that traded, oldest first, of the interval at a place in [`INTERVALS`].
    #[must_use]
    pub fn traded(&self, place: usize) -> &VecDeque<Bar> {
        &self.kept[place]
    }

    /// Returns the bar that holds `now`; none before the first trade.
    #[must_use]
    pub fn current(&self, place: usize, now: Micros) -> Option<Bar> {
        let (last, begin) = (self.kept[place].back()?, INTERVALS[place].1.begin(now));
        Some(if last.begin == begin { *last } else { Bar::flat(begin, last.close) })
    }

    /// Returns at most `limit` bars that begin within `from..=to`: the first of them where `from` is given, else the last; flat bars between.
    #[must_use]
    pub fn list(&self, place: usize, from: Option<Micros>, to: Option<Micros>, now: Micros, limit: usize) -> Vec<Bar> {
        self.list_in(place, 0, from, to, now, limit)
    }

    /// Returns bars as [`Bars::list`], those of a zone so far ahead of UTC: made of shorter ones where its bars begin at other times.
    #[must_use]
    pub fn list_in(&self, place: usize, offset: Micros, from: Option<Micros>, to: Option<Micros>, now: Micros, limit: usize) -> Vec<Bar> {
        let interval = INTERVALS[place].1;
        let bars = &self.kept[if offset == 0 { place } else { interval.source(place, offset) }];
        let Some(oldest) = bars.front() else { return Vec::new() };
        let earliest = interval.begin_in(offset, oldest.begin);
        let to = to.unwrap_or(now).min(now);
        let from = match from {
            Some(from) => from,
            // Enough to hold the last `limit` whatever was flat.
            None => match interval {
                Interval::Fixed(length, _) => interval.begin_in(offset, to).saturating_sub(length.saturating_mul(limit as i64 - 1)),
                Interval::Month => earliest,
            },
        };
        let from = from.max(earliest);
        if from > to {
            return Vec::new();
        }
        let mut begin = interval.begin_in(offset, from);
        if begin < from {
            begin = interval.next_in(offset, begin);
        }
        let mut at = bars.partition_point(|bar| bar.begin < begin);
        let mut price = if at > 0 { bars[at - 1].close } else { oldest.open };
        let mut listed = Vec::new();
        while begin <= to && listed.len() < limit {
            let next = interval.next_in(offset, begin);
            let mut bar = Bar::flat(begin, price);
            while let Some(part) = bars.get(at).filter(|part| part.begin < next) {
                bar.append(part);
                at += 1;
            }
            price = bar.close;
            listed.push(bar);
            begin = next;
        }
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-02-29 12:00 UTC, a Thursday.
    const LEAP: Micros = 1_709_208_000 * SECOND;

    #[test]
    fn bars_begin_where_the_calendar_says() {
        let begin = |name: &str| INTERVALS[Interval::find(name).expect("known")].1.begin(LEAP) / SECOND;
        assert_eq!(begin("1M"), 1_706_745_600, "2024-02-01");
        assert_eq!(begin("1w"), 1_708_905_600, "Monday 2024-02-26");
        assert_eq!(begin("1d"), 1_709_164_800);
        assert_eq!(begin("8h"), 1_709_193_600);
        assert_eq!(Interval::Month.next(Interval::Month.begin(LEAP)) / SECOND, 1_709_251_200, "2024-03-01");
        let december = 1_733_011_200 * SECOND;
        assert_eq!((Interval::Month.begin(december), Interval::Month.next(december) / SECOND), (december, 1_735_689_600), "2025-01-01");
        assert_eq!(Interval::find("7m"), None);
    }

    #[test]
    fn an_interval_without_a_trade_is_flat_and_limits_hold() {
        let mut bars = Bars::default();
        let trade = |id, price, at| Trade { id, price, quantity: 100_000_000, at, buyer_is_maker: id % 2 == 0 };
        bars.push(&trade(1, 10, LEAP));
        bars.push(&trade(2, 12, LEAP + MINUTE - 1));
        bars.push(&trade(3, 9, LEAP + 3 * MINUTE));
        let listed = bars.list(MINUTES, None, None, LEAP + 5 * MINUTE, 500);
        let told: Vec<_> = listed.iter().map(|bar| (bar.open, bar.high, bar.low, bar.close, bar.count)).collect();
        assert_eq!(
            told,
            [(10, 12, 10, 12, 2), (12, 12, 12, 12, 0), (12, 12, 12, 12, 0), (9, 9, 9, 9, 1), (9, 9, 9, 9, 0), (9, 9, 9, 9, 0)]
        );
        assert_eq!((listed[0].volume, listed[0].taker_volume), (200_000_000, 100_000_000));
        assert_eq!(bars.list(MINUTES, None, None, LEAP + 5 * MINUTE, 2), listed[4..]);
        assert_eq!(bars.list(MINUTES, Some(LEAP + 1), None, LEAP + 5 * MINUTE, 2), listed[1..3]);
        assert_eq!(bars.list(MINUTES, Some(LEAP), Some(LEAP + MINUTE), LEAP + 5 * MINUTE, 9), listed[..2]);
        assert!(bars.list(MINUTES, Some(LEAP + HOUR), None, LEAP + 5 * MINUTE, 9).is_empty());
        assert!(bars.list(MINUTES, Some(i64::MIN), Some(i64::MIN), LEAP, 9).is_empty());
        for place in 0..INTERVALS.len() {
            assert!(bars.list(place, Some(i64::MAX), Some(i64::MAX), LEAP, 9).is_empty());
        }
    }

    #[test]
    fn bars_of_another_zone_are_the_trades_of_its_own_days() {
        // Trades at random minutes of a year, and each bar counted anew from the trades themselves.
        let (mut bars, mut draw, mut trades) = (Bars::default(), crate::draw::Draw(5), Vec::new());
        let mut at = LEAP;
        for id in 1..3_000 {
            at += (1 + draw.below(240) as i64) * MINUTE;
            let trade = Trade { id, price: 100 + draw.below(50) as i64, quantity: 100_000_000, at, buyer_is_maker: id % 3 == 0 };
            bars.push(&trade);
            trades.push(trade);
        }
        let zones = [0, 8 * HOUR, -HOUR, 5 * HOUR + 45 * MINUTE, 14 * HOUR, -12 * HOUR, 7 * MINUTE];
        for (offset, name) in zones.into_iter().flat_map(|offset| ["1h", "4h", "1d", "3d", "1w", "1M"].map(|name| (offset, name))) {
            let place = Interval::find(name).expect("known");
            let listed = bars.list_in(place, offset, None, None, at, 4);
            assert!(!listed.is_empty(), "{name}");
            for bar in &listed {
                let next = INTERVALS[place].1.next_in(offset, bar.begin);
                let inside: Vec<_> = trades.iter().filter(|trade| (bar.begin..next).contains(&trade.at)).collect();
                let Some(first) = inside.first() else { continue };
                // The oldest kept bars may lack what was forgotten: minutes reach back a week.
                if offset == 7 * MINUTE && at - bar.begin > 7 * DAY {
                    continue;
                }
                assert_eq!((bar.open, bar.first, bar.count), (first.price, first.id, inside.len() as u64), "{name} {offset}");
                assert_eq!(bar.high, inside.iter().map(|trade| trade.price).max().expect("some"));
                assert_eq!(bar.close, inside.last().expect("some").price);
                let bought: i64 = inside.iter().filter(|trade| !trade.buyer_is_maker).map(|trade| trade.quantity).sum();
                assert_eq!((bar.volume, bar.taker_volume), (inside.len() as i64 * 100_000_000, bought));
            }
        }
        let day = INTERVALS[Interval::find("1d").expect("known")].1;
        assert_eq!(day.begin_in(8 * HOUR, LEAP) / SECOND, 1_709_136_000, "2024-02-29 00:00 in Singapore");
        assert_eq!(Interval::Month.begin_in(8 * HOUR, 1_709_222_400 * SECOND) / SECOND, 1_709_222_400, "2024-03-01 00:00 there");
    }
}
