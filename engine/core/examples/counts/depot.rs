//! Instructions of a million objects lent from a depot and brought back, at the same counter, in bursts larger than what a counter keeps.
use bot4_engine::memory::depot::{Counter, Depot, Loan};

const OUT: usize = 100;
const ROUNDS: u64 = 10_000;

#[inline(never)]
fn instr_section<'d>(counter: &mut Counter<'d, u64>, out: &mut Vec<Loan<'d, u64>>) -> u64 {
    let mut lent = 0;
    for _ in 0..ROUNDS {
        for _ in 0..OUT {
            out.extend(counter.acquire());
        }
        lent += out.len() as u64;
        for loan in out.drain(..) {
            counter.release(loan);
        }
    }
    lent
}

pub fn main() {
    let depot = Depot::new(1_024, || 0);
    let (mut counter, mut out) = (depot.counter(), Vec::with_capacity(OUT));
    assert_eq!(instr_section(&mut counter, &mut out), OUT as u64 * ROUNDS);
}
