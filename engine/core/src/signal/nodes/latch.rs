//! A signal that stays: exit → 0, else long → 1, else short → −1, else as before (0 at first). A missing input counts as false.

use super::kernel::params::none;
use super::kernel::value::{columns, is_true, put, row};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "latch",
    version: 1,
    inputs: 3,
    build: |p| none("latch", p).map(|()| Box::new(Latch { state: 0.0 }) as Box<dyn Node>),
    warmup: |_| Warmup::default(),
}];

struct Latch {
    state: f64,
}

impl Node for Latch {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let inputs: [&[f64]; 3] = columns(args);
        let mut state = self.state;
        let out = &mut out[..args.len()];
        for i in 0..out.len() {
            let [long, short, exit] = row(&inputs, i).map(is_true);
            let told = if exit {
                0.0
            } else if long {
                1.0
            } else {
                -1.0
            };
            state = if exit | long | short { told } else { state };
            out[i] = state;
        }
        self.state = state;
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.state]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.state = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn exit_goes_before_long_before_short() {
        let long = [0.0, 1.0, 0.0, 0.0, 1.0, NAN, 1.0, 0.0];
        let short = [NAN, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0];
        let exit = [0.0, 0.0, NAN, 0.0, 0.0, 0.0, 1.0, 0.0];
        assert_same(&eval("latch", &[], &[&long, &short, &exit]), &[0.0, 1.0, 1.0, -1.0, 1.0, -1.0, 0.0, 0.0]);
    }
}
