//! A comparison that chooses between two numbers, in one pass: what `where` over `gt` and two constants gives, without a column between them.
//!
//! No program names these kinds: a merged list puts one where the comparison is read by nothing else (`signal::merge`).

use super::kernel::map::Map;
use super::kernel::params::exactly;
use crate::signal::node::{Kind, Warmup};

macro_rules! switches {
    ($($name:literal $holds:tt;)+) => {
        /// Each comparison with its switch, whose parameters are the value where it holds and the value where it does not.
        static SWITCHES: &[(&str, Kind)] = &[$(($name, Kind {
            name: concat!("where_", $name),
            version: 1,
            inputs: 2,
            build: |p| {
                exactly(concat!("where_", $name), p, 2)?;
                let (yes, no) = (p.f[0], p.f[1]);
                Ok(Box::new(Map(move |[a, b]: [f64; 2]| {
                    let chosen = if a $holds b { yes } else { no };
                    if a.is_nan() | b.is_nan() { f64::NAN } else { chosen }
                })))
            },
            warmup: |_| Warmup::default(),
        })),+];
    };
}

switches! {
    "lt" <;
    "le" <=;
    "gt" >;
    "ge" >=;
    "eq" ==;
    "ne" !=;
}

/// Returns the switch of a comparison.
pub fn find(comparison: &str) -> Option<&'static Kind> {
    SWITCHES.iter().find(|(name, _)| *name == comparison).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::node::{Args, Params};
    use crate::signal::nodes::testing::{NAN, assert_same, eval, random};

    #[test]
    fn a_switch_is_its_comparison_and_its_choice() {
        let spoilt =
            |seed| random(101, seed).into_iter().enumerate().map(|(at, x)| if at % 13 == 5 { NAN } else { (x * 8.0).round() }).collect();
        let (a, b): (Vec<f64>, Vec<f64>) = (spoilt(1), spoilt(2));
        let (yes, no, ts) = (vec![0.25; a.len()], vec![-0.5; a.len()], vec![0; a.len()]);
        for (name, kind) in SWITCHES {
            let mut node = (kind.build)(&Params { f: &[0.25, -0.5], s: "", interval_ms: 60_000 }).unwrap();
            let mut out = vec![7.0; a.len()];
            node.run(&Args::new(&[&a, &b], &ts), &mut out);
            let expected = eval("where", &[], &[&eval(name, &[], &[&a, &b]), &yes, &no]);
            assert_same(&out, &expected);
            let ticked: Vec<f64> = (0..a.len()).map(|at| node.tick(&Args::new(&[&a[at..=at], &b[at..=at]], &ts[..1]))).collect();
            assert_same(&ticked, &expected);
        }
        assert!(find("between").is_none());
    }
}
