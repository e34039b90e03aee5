//! Element-wise nodes: each row by itself, no state.

use super::value::{columns, row};
use crate::signal::node::{Args, Node};

/// Applies a formula to each row of `K` columns.
pub struct Map<const K: usize, F>(pub F);

impl<const K: usize, F: Fn([f64; K]) -> f64 + Send> Node for Map<K, F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x: [&[f64]; K] = columns(args);
        let out = &mut out[..args.len()];
        for i in 0..out.len() {
            out[i] = (self.0)(row(&x, i));
        }
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        (self.0)(args.firsts())
    }
}

/// Lists element-wise kinds: a name, the names of the inputs, the formula.
macro_rules! elementwise {
    ($($name:literal [$($x:ident),+] => $formula:expr;)+) => {
        /// The kinds of this file.
        pub const KINDS: &[Kind] = &[$(Kind {
            name: $name,
            version: 1,
            inputs: [$(stringify!($x)),+].len(),
            build: |p| {
                const K: usize = [$(stringify!($x)),+].len();
                $crate::signal::nodes::kernel::params::none($name, p)?;
                Ok(Box::new($crate::signal::nodes::kernel::map::Map(|[$($x),+]: [f64; K]| $formula)))
            },
            warmup: |_| $crate::signal::node::Warmup::default(),
        }),+];
    };
}
pub(in crate::signal::nodes) use elementwise;
