//! Element-wise nodes: each row by itself, no state.

use super::value::{columns, row};
use crate::signal::node::{Args, Node};

/// Applies a formula to each row of `K` columns.
pub struct Map<const K: usize, F>(pub F);

impl<const K: usize, F: Fn([f64; K]) -> f64 + Copy + Send> Node for Map<K, F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x: [&[f64]; K] = columns(args);
        let out = &mut out[..args.len()];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { each_row_wide(self.0, x, out) };
        }
        each_row(self.0, x, out);
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        (self.0)(args.firsts())
    }
}

/// Takes the formula by value: numbers that it holds then stay in registers, and loops over it become vector code.
#[inline(always)]
fn each_row<const K: usize, F: Fn([f64; K]) -> f64>(formula: F, x: [&[f64]; K], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = formula(row(&x, i));
    }
}

/// Does the same four rows at a time: each operation is the same, and so are the bits (products are not fused with sums).
///
/// # Safety
/// The processor must have AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn each_row_wide<const K: usize, F: Fn([f64; K]) -> f64>(formula: F, x: [&[f64]; K], out: &mut [f64]) {
    each_row(formula, x, out);
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
