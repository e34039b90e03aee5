//! Times the gate with every control of a policy on: checks a second, and the tail of its service time in batches. Prints one line of JSON.
//!
//! A read of the clock costs as much as some controls, so a batch of checks is timed and divided; single checks with the clock in them are
//! printed beside, as what they are.
use std::hint::black_box;
use std::time::Instant;

#[path = "shared/gate.rs"]
mod gate;

const BATCH: usize = 16;
const BATCHES: usize = 200_000;
const SINGLES: usize = 1_000_000;

/// Returns the nanoseconds that this thread has had a processor: others that run beside it cost it time, not work.
fn processor_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

/// Returns percentiles of sorted values.
fn percentiles(values: &[f64]) -> [f64; 3] {
    [0.5, 0.99, 0.999].map(|share| values[((values.len() - 1) as f64 * share) as usize])
}

fn times(stand: &mut gate::Stand, batch: usize, batches: usize) -> Vec<f64> {
    let mut found: Vec<f64> = (0..batches)
        .map(|number| {
            let begun = Instant::now();
            black_box(stand.ask(number * batch, batch));
            begun.elapsed().as_nanos() as f64 / batch as f64
        })
        .collect();
    found.sort_by(f64::total_cmp);
    found
}

fn main() {
    let mut stand = gate::stand(true);
    black_box(stand.ask(0, 200_000));
    let begun = processor_ns();
    black_box(stand.ask(0, BATCH * BATCHES));
    let checks_per_s = (BATCH * BATCHES) as f64 / ((processor_ns() - begun) as f64 / 1e9);
    let batched = times(&mut stand, BATCH, BATCHES);
    let single = times(&mut stand, 1, SINGLES);
    let mut bare = gate::stand(false);
    let plain = percentiles(&times(&mut bare, BATCH, BATCHES / 4));
    let ([p50, p99, p999], [s50, s99, s999]) = (percentiles(&batched), percentiles(&single));
    println!(
        "{{\"checks_per_s\":{checks_per_s:.0},\"p50_ns\":{p50:.1},\"p99_ns\":{p99:.1},\"p999_ns\":{p999:.1},\"single_p50_ns\":{s50:.0},\
         \"single_p99_ns\":{s99:.0},\"single_p999_ns\":{s999:.0},\"plain_p50_ns\":{:.1},\"batch\":{BATCH}}}",
        plain[0]
    );
}
