//! Instructions of a million elements through a ring, in bursts of 64 as a shard sends them: push, pop.
use bot4_engine::memory::ring::{Consumer, Producer, spsc};

const BURSTS: u64 = 15_625;

#[inline(never)]
fn instr_section(to: &mut Producer<u64>, from: &mut Consumer<u64>) -> u64 {
    let mut sum = 0;
    for burst in 0..BURSTS {
        for number in 0..64 {
            assert!(to.push(burst * 64 + number).is_ok());
        }
        while let Some(number) = from.pop() {
            sum += number;
        }
    }
    sum
}

pub fn main() {
    let (mut to, mut from) = spsc(1_024);
    let all = BURSTS * 64;
    assert_eq!(instr_section(&mut to, &mut from), all * (all - 1) / 2);
}
