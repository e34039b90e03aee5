//! Instructions and time of a check of the circuit breakers before an opening, with everything closed and with one instrument switched off.
//!
//! Instructions are counted by `python -m scripts.instructions`; run by itself it prints nanoseconds a check, timed over the whole batch.
use bot4_engine::desk::breaker::settings::{Rules, Settings};
use bot4_engine::desk::breaker::{BreakerKind, Breakers, Trip};
use std::hint::black_box;
use std::time::Instant;

const ASSETS: usize = 28;
const CHECKS: usize = 1_000_000;

/// Asks of one instrument after the other whether something may be opened; returns how often.
#[inline(never)]
fn instr_section(breakers: &Breakers, checks: usize) -> usize {
    let mut asset = 0;
    let mut passed = 0;
    for _ in 0..checks {
        passed += usize::from(black_box(breakers).lets_open(asset));
        asset = if asset + 1 == ASSETS { 0 } else { asset + 1 };
    }
    passed
}

pub fn main() {
    let rules = Rules { window_ms: 3_600_000, min_calls: 10, cooldown_ms: 3_600_000, trials: 3, failures: Some(5), ..Rules::default() };
    let symbol = Rules { price_gap_e9: Some(200_000_000), ..rules.clone() };
    let all = Some(rules);
    let settings = Settings {
        venue_of: vec![0; ASSETS],
        global_share_e9: Some(500_000_000),
        venue: all.clone(),
        account: all.clone(),
        strategy: all.clone(),
        feed: all,
        symbol: Some(symbol),
    };
    let mut breakers = Breakers::new(settings, ASSETS);
    let time = |breakers: &Breakers| {
        let start = Instant::now();
        let passed = instr_section(breakers, CHECKS);
        (passed, start.elapsed().as_nanos() as f64 / CHECKS as f64)
    };
    let (passed, closed_ns) = time(&breakers);
    assert_eq!(passed, CHECKS);
    breakers.measure(BreakerKind::Symbol, 3, Trip::PriceGap, 200_000_000);
    breakers.look(0, 0, &mut Vec::new());
    let (passed, open_ns) = time(&breakers);
    assert_eq!(CHECKS - passed, CHECKS.div_ceil(ASSETS) - usize::from(CHECKS % ASSETS <= 3 && CHECKS % ASSETS > 0));
    println!("breaker check: {closed_ns:.2} ns with all closed, {open_ns:.2} ns with one of {ASSETS} instruments off");
}
