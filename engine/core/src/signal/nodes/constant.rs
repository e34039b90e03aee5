//! A constant, on every row.

use super::kernel::params::exactly;
use crate::signal::node::{Args, Kind, Node, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "const",
    version: 1,
    inputs: 0,
    build: |p| {
        exactly("const", p, 1)?;
        let value = p.f[0];
        if value.is_finite() { Ok(Box::new(Constant(value))) } else { Err(format!("a constant must be finite, not {value}")) }
    },
    warmup: |_| Warmup::default(),
}];

struct Constant(f64);

impl Node for Constant {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        out[..args.len()].fill(self.0);
    }

    fn tick(&mut self, _: &Args<'_>) -> f64 {
        self.0
    }
}
