//! The calendar of a row: hour, minute of the day, day of the week, day of the month, month, all of the bar's open time in UTC.
//!
//! Days are those of the proleptic Gregorian calendar. A row of a slower clock has the open time of its bucket.

use super::kernel::params::exactly;
use crate::signal::node::{Args, Kind, Node, Params, Warmup};
use crate::signal::target::{first_day, month_of};

/// The kinds of this file.
pub const KINDS: &[Kind] =
    &[Kind { name: "clock", version: 1, inputs: 0, build: |p| Ok(Box::new(Calendar { field: field(p)? })), warmup: |_| Warmup::default() }];

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Returns a field of the calendar of a time in ms.
type Field = fn(i64) -> i64;

const FIELDS: [(&str, Field); 5] = [
    ("hour", |ts| ts.rem_euclid(DAY_MS) / HOUR_MS),
    ("minute_of_day", |ts| ts.rem_euclid(DAY_MS) / MINUTE_MS),
    // 1970-01-01 was a Thursday; Monday is 0.
    ("day_of_week", |ts| (ts.div_euclid(DAY_MS) + 3).rem_euclid(7)),
    ("day_of_month", |ts| {
        let day = ts.div_euclid(DAY_MS);
        day - first_day(month_of(day)) + 1
    }),
    ("month", |ts| month_of(ts.div_euclid(DAY_MS)).rem_euclid(12) + 1),
];

fn field(p: &Params<'_>) -> Result<Field, String> {
    exactly("clock", p, 0)?;
    let found = FIELDS.iter().find(|(name, _)| *name == p.s);
    found.map(|&(_, field)| field).ok_or_else(|| {
        let names = FIELDS.map(|(name, _)| name).join(", ");
        format!("clock has no field {:?}; its fields are {names}", p.s)
    })
}

struct Calendar {
    field: Field,
}

impl Node for Calendar {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for (&ts, y) in args.ts().iter().zip(out) {
            *y = (self.field)(ts) as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{eval_at, fails};

    /// 2024-02-29 13:45 (a Thursday), 1969-12-31 23:59 (a Wednesday), 2023-01-01 00:00 (a Sunday), 2024-12-31 00:00 (a Tuesday), in ms.
    const TIMES: [i64; 4] = [1_709_214_300_000, -60_000, 1_672_531_200_000, 1_735_603_200_000];

    #[test]
    fn fields_are_those_of_the_calendar() {
        let table: [(&str, [f64; 4]); 5] = [
            ("hour", [13.0, 23.0, 0.0, 0.0]),
            ("minute_of_day", [825.0, 1439.0, 0.0, 0.0]),
            ("day_of_week", [3.0, 2.0, 6.0, 1.0]),
            ("day_of_month", [29.0, 31.0, 1.0, 31.0]),
            ("month", [2.0, 12.0, 1.0, 12.0]),
        ];
        for (field, expected) in table {
            assert_eq!(eval_at("clock", &[], field, &[], &TIMES), expected, "{field}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_known_ones() {
        assert_eq!(
            fails("clock", &[], "year"),
            "clock has no field \"year\"; its fields are hour, minute_of_day, day_of_week, day_of_month, month"
        );
        assert_eq!(fails("clock", &[1.0], "hour"), "clock takes 0 numbers, not 1");
    }
}
