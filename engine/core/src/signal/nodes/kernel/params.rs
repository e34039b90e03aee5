//! Reads a node's parameters and says in one sentence what is wrong with them.

use crate::signal::node::{Params, Warmup};

/// The longest window, in rows: a longer one is a slip of the pen and would not fit in memory for many assets.
pub const MAX_ROWS: usize = 1 << 24;

/// A length in rows of the clock, or in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// That many rows.
    Rows(usize),
    /// The rows of the last `ms`, at one row every `interval_ms`.
    Time { ms: i64, interval_ms: i64 },
}

impl Extent {
    /// Returns the number of rows it covers at most.
    pub fn rows(self) -> usize {
        match self {
            Self::Rows(n) => n,
            Self::Time { ms, interval_ms } => ((ms + interval_ms - 1) / interval_ms) as usize,
        }
    }
}

/// Refuses parameters where the node takes none.
pub fn none(op: &str, p: &Params<'_>) -> Result<(), String> {
    exactly(op, p, 0)?;
    if p.s.is_empty() { Ok(()) } else { Err(format!("{op} takes no string parameter, remove {:?}", p.s)) }
}

/// Refuses any other number of parameters.
pub fn exactly(op: &str, p: &Params<'_>, count: usize) -> Result<(), String> {
    match p.f.len() {
        found if found == count => Ok(()),
        found => Err(format!("{op} takes {count} number{}, not {found}", if count == 1 { "" } else { "s" })),
    }
}

/// Reads a length in rows (a whole number) or, where `s` is `"ms"`, in time; `least` is the smallest allowed.
pub fn extent(op: &str, what: &str, p: &Params<'_>, least: usize) -> Result<Extent, String> {
    let n = p.f.first().copied().ok_or_else(|| format!("{op} needs its {what}"))?;
    if n.fract() != 0.0 || n < least as f64 || n > 2f64.powi(53) {
        return Err(format!("the {what} of {op} must be a whole number of at least {least}, not {n}"));
    }
    let found = match p.s {
        "" => Extent::Rows(n as usize),
        "ms" if p.interval_ms < 1 => return Err(format!("{op} runs on a clock of {} ms; a clock needs at least 1", p.interval_ms)),
        "ms" => Extent::Time { ms: n as i64, interval_ms: p.interval_ms },
        unit => return Err(format!("the {what} of {op} is in rows (\"\") or in \"ms\", not in {unit:?}")),
    };
    if found.rows() > MAX_ROWS {
        return Err(format!("the {what} of {op} covers {} rows; at most {MAX_ROWS} are possible, shorten it", found.rows()));
    }
    Ok(found)
}

/// Reads a window: rows or time, and no other number.
pub fn window(op: &str, p: &Params<'_>, least: usize) -> Result<Extent, String> {
    exactly(op, p, 1)?;
    extent(op, "window", p, least)
}

/// Reads a window and the degrees of freedom that are lost (1 unless stated), which must leave at least one.
pub fn window_and_ddof(op: &str, p: &Params<'_>) -> Result<(Extent, f64), String> {
    if p.f.len() > 2 {
        return Err(format!("{op} takes a window and ddof, not {} numbers", p.f.len()));
    }
    let window = extent(op, "window", p, 1)?;
    let ddof = p.f.get(1).copied().unwrap_or(1.0);
    if ddof < 0.0 || ddof.fract() != 0.0 {
        return Err(format!("ddof of {op} must be a whole number of at least 0, not {ddof}"));
    }
    if ddof >= window.rows() as f64 {
        return Err(format!("{op} over {} rows with ddof {ddof} leaves nothing to divide by; lengthen the window", window.rows()));
    }
    Ok((window, ddof))
}

/// Reads the length of an average: a whole number of rows.
pub fn length(op: &str, p: &Params<'_>) -> Result<usize, String> {
    exactly(op, p, 1)?;
    match extent(op, "length", p, 1)? {
        Extent::Rows(n) => Ok(n),
        Extent::Time { .. } => Err(format!("the length of {op} is a number of rows, not a time")),
    }
}

/// Reads the weight of the newest value, in (0, 1].
pub fn alpha(op: &str, p: &Params<'_>) -> Result<f64, String> {
    exactly(op, p, 1)?;
    let alpha = p.f[0];
    if alpha > 0.0 && alpha <= 1.0 { Ok(alpha) } else { Err(format!("alpha of {op} must be above 0 and at most 1, not {alpha}")) }
}

/// Returns the warm-up of a node that needs `before` earlier rows and remembers nothing else.
pub fn after(before: usize) -> Warmup {
    Warmup { valid: before as u64, settled: before as u64 }
}

/// Returns the rows of a window or lag of parameters that `build` has accepted (0 for others).
pub fn rows_of(p: &Params<'_>) -> usize {
    extent("", "", p, 0).map_or(0, Extent::rows)
}

/// Returns the warm-up of a rolling window.
pub fn window_warmup(p: &Params<'_>) -> Warmup {
    after(rows_of(p).saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p<'a>(f: &'a [f64], s: &'a str) -> Params<'a> {
        Params { f, s, interval_ms: 60_000 }
    }

    #[test]
    fn a_time_window_covers_its_rows_rounded_up() {
        assert_eq!(window("roll_sum", &p(&[90_000.0], "ms"), 1).unwrap().rows(), 2);
        assert_eq!(window("roll_sum", &p(&[60_000.0], "ms"), 1).unwrap().rows(), 1);
        assert_eq!(window_warmup(&p(&[3_600_000.0], "ms")), after(59));
    }

    #[test]
    fn wrong_parameters_are_said_in_one_sentence() {
        let windows = [
            (window("roll_sum", &p(&[0.0], ""), 1), "the window of roll_sum must be a whole number of at least 1, not 0"),
            (window("roll_sum", &p(&[2.5], ""), 1), "the window of roll_sum must be a whole number of at least 1, not 2.5"),
            (window("roll_sum", &p(&[], ""), 1), "roll_sum takes 1 number, not 0"),
            (window("roll_sum", &p(&[3.0], "days"), 1), "the window of roll_sum is in rows (\"\") or in \"ms\", not in \"days\""),
            (
                window("roll_sum", &p(&[1e9], ""), 1),
                "the window of roll_sum covers 1000000000 rows; at most 16777216 are possible, shorten it",
            ),
            (extent("shift", "lag", &p(&[-1.0], ""), 0), "the lag of shift must be a whole number of at least 0, not -1"),
            (extent("shift", "lag", &p(&[], ""), 0), "shift needs its lag"),
            (
                window("roll_sum", &Params { f: &[5.0], s: "ms", interval_ms: 0 }, 1),
                "roll_sum runs on a clock of 0 ms; a clock needs at least 1",
            ),
        ];
        for (found, text) in windows {
            assert_eq!(found.unwrap_err(), text);
        }
        assert_eq!(
            window_and_ddof("roll_var", &p(&[3.0, 3.0], "")).unwrap_err(),
            "roll_var over 3 rows with ddof 3 leaves nothing to divide by; lengthen the window"
        );
        assert!(window_and_ddof("roll_var", &p(&[3.0, -1.0], "")).unwrap_err().contains("at least 0"));
        assert!(window_and_ddof("roll_var", &p(&[3.0, 1.0, 2.0], "")).unwrap_err().contains("3 numbers"));
        assert_eq!(window_and_ddof("roll_var", &p(&[3.0], "")), Ok((Extent::Rows(3), 1.0)));
        for bad in [0.0, -0.5, 1.5, f64::NAN] {
            assert!(alpha("ewm_mean", &p(&[bad], "")).unwrap_err().contains("above 0 and at most 1"));
        }
        assert_eq!(length("ema", &p(&[60_000.0], "ms")).unwrap_err(), "the length of ema is a number of rows, not a time");
        assert_eq!(none("add", &p(&[1.0], "")).unwrap_err(), "add takes 0 numbers, not 1");
        assert_eq!(none("add", &p(&[], "x")).unwrap_err(), "add takes no string parameter, remove \"x\"");
    }
}
