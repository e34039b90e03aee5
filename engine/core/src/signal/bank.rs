//! Banks: independent averages run side by side.
//!
//! An average waits for its own last output on every row, so one alone leaves the processor idle most of the time. Lanes of a bank do what each
//! would do alone, in the same order and with the same bits, only interleaved. Where a lane has no seed yet or an input is missing, all run alone.

use super::node::Linear;
use super::nodes::kernel::value::{all_present, finite, present};
use super::step::Step;

/// The most lanes of a bank.
pub(crate) const LANES: usize = 4;

/// The nodes that are plain linear recursions once they have their seed.
const FAMILY: [&str; 3] = ["ema", "rma", "ewm_mean"];

/// Returns whether a node of the catalogue can be a lane.
pub(crate) fn is_lane(name: &str) -> bool {
    FAMILY.contains(&name)
}

/// Runs the lanes, whose outputs share no column with each other's inputs.
pub(crate) fn run(steps: &mut [Step]) {
    match steps {
        [a, b] => lanes([a, b]),
        [a, b, c] => lanes([a, b, c]),
        [a, b, c, d] => lanes([a, b, c, d]),
        _ => steps.iter_mut().for_each(Step::run),
    }
}

fn lanes<const L: usize>(mut steps: [&mut Step; L]) {
    let mut state = [Linear { value: 0.0, keep: 0.0, gain: 0.0 }; L];
    for (state, step) in state.iter_mut().zip(&mut steps) {
        match step.linear() {
            Some(line) => *state = *line,
            None => return steps.into_iter().for_each(Step::run),
        }
    }
    // SAFETY: the planner gives the outputs of a bank columns of their own, apart from all its inputs (checked when the bank is linked).
    let columns = steps.each_mut().map(|step| unsafe { step.columns() });
    let x = columns.each_ref().map(|(x, _)| *x);
    if !(0..L).all(|lane| (0..lane).any(|other| std::ptr::eq(x[lane], x[other])) || all_present(&[x[lane]])) {
        return steps.into_iter().for_each(Step::run);
    }
    interleave(&mut state, x, columns.map(|(_, out)| out));
    for (state, step) in state.iter().zip(&mut steps) {
        if let Some(line) = step.linear() {
            *line = *state;
        }
    }
}

#[inline(always)]
fn interleave<const L: usize>(state: &mut [Linear; L], x: [&[f64]; L], mut out: [&mut [f64]; L]) {
    let rows = x[0].len();
    let x = x.map(|x| &x[..rows]);
    for out in &mut out {
        *out = &mut std::mem::take(out)[..rows];
    }
    for row in 0..rows {
        for lane in 0..L {
            out[lane][row] = state[lane].next(x[lane][row]);
        }
    }
    // A state that is not finite never becomes finite again, whatever the input: the last one speaks for all rows.
    for (state, out) in state.iter().zip(out) {
        if !present(state.value) {
            out.iter_mut().for_each(|y| *y = finite(*y));
        }
    }
}
