//! Times the venue in the mix of exchange-core (`shared/mix.rs`), every report told by reference.
//!
//! Closed loop: commands a second, one after the other, by the wall's clock and by the thread's own (what the machine's other work takes is
//! in the first only). Service time: each command with a read of the clock in it, which is measured beside it. Open loop, as exchange-core
//! publishes its times: 500,000 commands a second are due at fixed times, and each time counts from when it was due. Prints one line of
//! JSON. Run: `cargo run --release -p bot4-exchange --example exchange_bench [COMMANDS]`.

#[path = "../../host/examples/shared/counting.rs"]
mod counting;
#[path = "shared/mix.rs"]
mod mix;

use bot4_engine::telemetry::Histogram;
use mix::{LIVE, Request};
use std::time::{Duration, Instant};

/// Time between two commands of the open loop.
const DUE: Duration = Duration::from_micros(2);

/// Returns the time this process has run for, ns; none where the system does not tell.
fn own_ns() -> Option<u64> {
    std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

struct Run {
    per_s: f64,
    own_per_s: f64,
    allocations: u64,
    hash: u64,
    reports: u64,
}

#[inline(never)]
fn closed_loop(commands: &[Request], is_whole: bool) -> Run {
    let mut venue = mix::venue();
    mix::carry_out(&mut venue, &commands[..LIVE], 0);
    let own = own_ns();
    let (before, begun) = (counting::allocations(), Instant::now());
    let timed = &commands[LIVE..];
    let reports = if is_whole { mix::apply(&mut venue, timed, LIVE) } else { mix::carry_out(&mut venue, timed, LIVE) };
    let (seconds, allocations) = (begun.elapsed().as_secs_f64(), counting::allocations() - before);
    let own_seconds = own.zip(own_ns()).map_or(seconds, |(before, after)| (after - before) as f64 * 1e-9);
    let count = (commands.len() - LIVE) as f64;
    Run { per_s: count / seconds, own_per_s: count / own_seconds, allocations, hash: venue.book_hash(0), reports }
}

#[inline(never)]
fn service_times(commands: &[Request]) -> Histogram {
    let (mut venue, mut times) = (mix::venue(), Histogram::default());
    mix::carry_out(&mut venue, &commands[..LIVE], 0);
    for at in LIVE..commands.len() {
        let begun = Instant::now();
        mix::carry_out(&mut venue, &commands[at..=at], at);
        times.record(begun.elapsed().as_nanos() as u64);
    }
    times
}

#[inline(never)]
fn open_loop(commands: &[Request]) -> Histogram {
    let (mut venue, mut times) = (mix::venue(), Histogram::default());
    mix::carry_out(&mut venue, &commands[..LIVE], 0);
    let mut due = Instant::now();
    for at in LIVE..commands.len() {
        due += DUE;
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        mix::carry_out(&mut venue, &commands[at..=at], at);
        times.record(due.elapsed().as_nanos() as u64);
    }
    times
}

/// Returns the times of reading the clock alone.
fn clock() -> Histogram {
    let mut times = Histogram::default();
    for _ in 0..100_000 {
        let begun = Instant::now();
        times.record(begun.elapsed().as_nanos() as u64);
    }
    times
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (commands, trades) = mix::stream(count);
    let mut runs: Vec<_> = (0..5).map(|_| closed_loop(&commands, false)).collect();
    runs.sort_by(|one, other| one.per_s.total_cmp(&other.per_s));
    assert!(runs.iter().all(|run| run.hash == runs[0].hash), "every run holds the same");
    let best_own = runs.iter().map(|run| run.own_per_s).fold(0.0, f64::max);
    let whole = (0..3).map(|_| closed_loop(&commands, true)).fold(0.0, |best: f64, run| best.max(run.own_per_s));
    let (service, open) = (service_times(&commands), open_loop(&commands));
    println!(
        "{{\"commands\":{count},\"trades\":{trades},\"reports\":{},\"best_per_s\":{:.0},\"median_per_s\":{:.0},\"own_per_s\":{best_own:.0},\
         \"whole_own_per_s\":{whole:.0},\"allocations\":{},\"p50_ns\":{},\"p99_ns\":{},\"p999_ns\":{},\"p9999_ns\":{},\"max_ns\":{},\"clock_p50_ns\":{},\
         \"open_p50_ns\":{},\"open_p99_ns\":{},\"open_p999_ns\":{},\"open_p9999_ns\":{}}}",
        runs[2].reports,
        runs[4].per_s,
        runs[2].per_s,
        runs.iter().map(|run| run.allocations).max().unwrap_or(0),
        service.quantile(0.5),
        service.quantile(0.99),
        service.quantile(0.999),
        service.quantile(0.9999),
        service.most_ns(),
        clock().quantile(0.5),
        open.quantile(0.5),
        open.quantile(0.99),
        open.quantile(0.999),
        open.quantile(0.9999),
    );
}
