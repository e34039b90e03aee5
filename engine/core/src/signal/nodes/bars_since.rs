//! Rows since a condition was last true: 0 on that row, missing before the first. A missing condition counts as false.

use super::kernel::params::none;
use super::kernel::value::{is_true, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "bars_since",
    version: 1,
    inputs: 1,
    build: |p| none("bars_since", p).map(|()| Box::new(BarsSince { rows: f64::NAN }) as Box<dyn Node>),
    warmup: |_| Warmup::default(),
}];

struct BarsSince {
    rows: f64,
}

impl Node for BarsSince {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let mut rows = self.rows;
        for (&c, y) in args.input(0).iter().zip(out) {
            rows = if is_true(c) { 0.0 } else { rows + 1.0 };
            *y = if rows.is_nan() { f64::NAN } else { rows };
        }
        self.rows = rows;
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.rows]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.rows = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn rows_are_counted_from_the_last_true_one() {
        assert_same(&eval("bars_since", &[], &[&[0.0, NAN, 1.0, 0.0, NAN, 0.0, 1.0, 1.0]]), &[NAN, NAN, 0.0, 1.0, 2.0, 3.0, 0.0, 0.0]);
    }
}
