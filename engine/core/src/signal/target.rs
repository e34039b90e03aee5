//! What a program wants of the desk: targets with their bands, budgets, stops and re-entry, and the schedule on which targets may act.
//!
//! Plain data; the rules that use it live on the desk.

use serde::Deserialize;

/// What the number of a target means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Fraction of equity.
    Weight,
    /// Value in quote currency.
    Notional,
    /// Quantity in base units.
    Qty,
}

/// When a target may act again after a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rearm {
    /// Once the raw target was 0 or changed sign.
    NewSignal,
    /// At once.
    Immediate,
    /// After a number of the asset's bars.
    CooldownBars(u64),
    /// After a time in ms.
    CooldownMs(i64),
}

/// One stop of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A fixed distance, in price units, given by the node at the decision that sent the order.
    Fixed {
        /// Node of the distance.
        node: usize,
    },
    /// A distance from the best price since entry.
    Trailing {
        /// Node of the distance.
        node: usize,
    },
    /// After a number of bars held.
    TimeBars(u64),
    /// After a time in ms since the first fill.
    TimeMs(i64),
}

impl Stop {
    /// Returns the node of the stop's distance, if it has one.
    pub fn node(&self) -> Option<usize> {
        match *self {
            Self::Fixed { node } | Self::Trailing { node } => Some(node),
            Self::TimeBars(_) | Self::TimeMs(_) => None,
        }
    }
}

/// One target of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Node that gives the number.
    pub node: usize,
    /// What the number means.
    pub kind: TargetKind,
    /// The addressed asset; none = every asset.
    pub asset: Option<usize>,
    /// Least change of weight that acts.
    pub band: f64,
    /// Largest gross weight.
    pub budget: f64,
    /// When it may act again after a stop.
    pub rearm: Rearm,
    /// Stops, in the program's order.
    pub stops: Vec<Stop>,
    /// Node of the take's distance.
    pub take: Option<usize>,
}

impl Target {
    /// Returns every node it reads.
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        [Some(self.node), self.take].into_iter().flatten().chain(self.stops.iter().filter_map(|stop| stop.node()))
    }
}

/// When targets may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebalance {
    /// Every `period_ms`, at `anchor_ms` past a multiple of it.
    Period {
        /// Length of the period.
        period_ms: i64,
        /// Offset of the schedule.
        anchor_ms: i64,
    },
    /// On a day of every n-th month (January is the first), UTC.
    Months {
        /// Every how many months.
        months: i64,
        /// Day of the month from 1; the last day where the month is shorter.
        day: i64,
        /// Time after midnight.
        at_ms: i64,
    },
}

const DAY_MS: i64 = 86_400_000;

impl Rebalance {
    /// Returns whether targets may act at the decision time `t` (ms), given that of the previous grid row; the first row acts only exactly on schedule.
    pub fn due(&self, t_prev: Option<i64>, t: i64) -> bool {
        match t_prev {
            Some(before) => self.count(t) > self.count(before),
            None => self.count(t) > self.count(t - 1),
        }
    }

    /// Numbers the points of the schedule up to and including `t`.
    fn count(&self, t: i64) -> i64 {
        match *self {
            Self::Period { period_ms, anchor_ms } => (t - anchor_ms).div_euclid(period_ms),
            Self::Months { months, day, at_ms } => {
                let step = month_of(t.div_euclid(DAY_MS)).div_euclid(months);
                let first = first_day(step * months);
                let length = first_day(step * months + 1) - first;
                let point = (first + day.min(length) - 1) * DAY_MS + at_ms;
                if t >= point { step } else { step - 1 }
            }
        }
    }
}

/// Returns the month (year · 12 + month from 0) of a day since 1970-01-01; proleptic Gregorian, after H. Hinnant's `civil_from_days`.
pub(crate) fn month_of(days: i64) -> i64 {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    (year_of_era + era * 400) * 12 + month_from_march + 2
}

/// Returns the day since 1970-01-01 of the first day of a month (year · 12 + month from 0).
pub(crate) fn first_day(month: i64) -> i64 {
    let from_march = month - 2;
    let (year, month_from_march) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_from_monday_is_due_once_a_week() {
        let weekly = Rebalance::Period { period_ms: 7 * DAY_MS, anchor_ms: 4 * DAY_MS };
        assert!(weekly.due(None, 4 * DAY_MS));
        assert!(!weekly.due(None, 5 * DAY_MS));
        assert!(!weekly.due(Some(4 * DAY_MS), 11 * DAY_MS - 1));
        assert!(weekly.due(Some(10 * DAY_MS), 12 * DAY_MS));
        assert!(weekly.due(None, -3 * DAY_MS));
    }

    #[test]
    fn months_follow_the_calendar() {
        // 2024-02-29 is day 19 782, 2024-03-01 day 19 783, 2023-12-31 day 19 722.
        assert_eq!((first_day(2024 * 12 + 1), first_day(2024 * 12 + 2)), (19_754, 19_783));
        for day in -800_000..800_000 {
            let month = month_of(day);
            assert!(first_day(month) <= day && day < first_day(month + 1), "day {day}");
        }
        let last = Rebalance::Months { months: 1, day: 31, at_ms: 3_600_000 };
        let leap = 19_782 * DAY_MS + 3_600_000;
        assert!(last.due(None, leap));
        assert!(!last.due(None, leap + 1));
        assert!(last.due(Some(leap - 1), leap));
        assert!(!last.due(Some(leap), 19_783 * DAY_MS));
        let quarterly = Rebalance::Months { months: 3, day: 1, at_ms: 0 };
        assert!(quarterly.due(Some(19_722 * DAY_MS), 19_723 * DAY_MS));
        assert!(!quarterly.due(Some(19_753 * DAY_MS), 19_755 * DAY_MS));
    }

    #[test]
    fn only_price_stops_have_a_node() {
        let stops = [Stop::Fixed { node: 1 }, Stop::Trailing { node: 2 }, Stop::TimeBars(3), Stop::TimeMs(4)];
        assert_eq!(stops.map(|stop| stop.node()), [Some(1), Some(2), None, None]);
    }
}
