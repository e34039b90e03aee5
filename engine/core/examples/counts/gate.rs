//! Instructions of the gate with every control of a policy on, for orders that pass. Counted by `python -m scripts.instructions`.

use crate::gate_stand as gate;

const CHECKS: usize = 20_000;

/// Asks the gate about so many orders; only this is counted.
#[inline(never)]
fn instr_section(stand: &mut gate::Stand) -> i64 {
    stand.ask(0, CHECKS)
}

pub fn main() {
    let mut stand = gate::stand(true);
    let whole: i64 = (0..CHECKS).map(|number| 10 + (number % 7) as i64).sum();
    assert_eq!(instr_section(&mut stand), whole, "nothing binds");
}
