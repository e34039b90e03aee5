//! Holds a value while a condition is true: the last output (missing before any), else x. A missing condition counts as false.

use super::kernel::params::none;
use super::kernel::value::{columns, finite, is_true, put, row};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "hold_when",
    version: 1,
    inputs: 2,
    build: |p| none("hold_when", p).map(|()| Box::new(HoldWhen { last: f64::NAN }) as Box<dyn Node>),
    warmup: |_| Warmup::default(),
}];

struct HoldWhen {
    last: f64,
}

impl Node for HoldWhen {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let inputs: [&[f64]; 2] = columns(args);
        let mut last = self.last;
        let out = &mut out[..args.len()];
        for i in 0..out.len() {
            let [x, hold] = row(&inputs, i);
            let fresh = finite(x);
            last = if is_true(hold) { last } else { fresh };
            out[i] = last;
        }
        self.last = last;
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.last]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.last = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn the_last_output_stays_while_the_condition_holds() {
        let (x, c) = ([1.0, 2.0, 3.0, 4.0, NAN, 6.0], [1.0, 0.0, 1.0, NAN, 0.0, 1.0]);
        assert_same(&eval("hold_when", &[], &[&x, &c]), &[NAN, 2.0, 2.0, 4.0, NAN, NAN]);
    }
}
