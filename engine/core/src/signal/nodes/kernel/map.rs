//! Element-wise nodes: each row by itself, no state.

use super::value::{columns, only_row, row};
use crate::signal::node::{Args, Node};

/// Applies a formula to each row of `K` columns.
pub struct Map<const K: usize, F>(pub F);

impl<const K: usize, F: Fn([f64; K]) -> f64> Map<K, F> {
    /// Takes many rows. Apart from `run`, whose path for one row then needs no stack.
    #[inline(never)]
    fn run_many(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let (x, out): ([&[f64]; K], _) = (columns(args), &mut out[..args.len()]);
        for i in 0..out.len() {
            out[i] = (self.0)(row(&x, i));
        }
    }
}

impl<const K: usize, F: Fn([f64; K]) -> f64 + Send> Node for Map<K, F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        match only_row(args, out) {
            Some((x, y)) => *y = (self.0)(x),
            None => self.run_many(args, out),
        }
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
