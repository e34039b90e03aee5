//! Instructions of a million objects taken from a pool and given back, sixteen out at a time as orders are.
use bot4_engine::memory::pool::{Handle, Pool};

const OUT: usize = 16;
const ROUNDS: u64 = 62_500;

#[inline(never)]
fn instr_section(pool: &mut Pool<u64>, out: &mut Vec<Handle>) -> u64 {
    let mut sum = 0;
    for round in 0..ROUNDS {
        for _ in 0..OUT {
            out.extend(pool.acquire(round));
        }
        for handle in out.drain(..) {
            sum += pool.release(handle).unwrap_or(0);
        }
    }
    sum
}

pub fn main() {
    let (mut pool, mut out) = (Pool::new(1_024), Vec::with_capacity(OUT));
    assert_eq!(instr_section(&mut pool, &mut out), OUT as u64 * ROUNDS * (ROUNDS - 1) / 2);
}
