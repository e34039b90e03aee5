//! Nanoseconds of rings, pools and depots, ours beside crossbeam's and rtrb's; one JSON line.
//!
//! `same`: push and pop on one core, in bursts of 64, amortised. `across`: two pinned threads hand one element back and forth; half of the round
//! trip, median. `pool`: an object taken and given back. Allocations are counted over all of it.
//! Run: `cargo run --release -p bot4-host --example ring_bench [million events]`.

#[path = "shared/counting.rs"]
mod counting;

use bot4_engine::memory::depot::Depot;
use bot4_engine::memory::pool::Pool;
use bot4_engine::memory::queue::bounded;
use bot4_engine::memory::ring::spsc;
use bot4_host::cores;
use std::hint::black_box;
use std::time::Instant;

const BURST: u64 = 64;
const SLOTS: usize = 1_024;
const TRIPS: usize = 200_000;
/// Batches of which the best and the median are told: on a shared machine the best measures the code.
const BATCHES: usize = 20;

/// Times `events` pairs in batches; returns the best and the median batch, ns a pair.
fn amortised(events: u64, mut burst: impl FnMut(u64)) -> [f64; 2] {
    let mut times: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let rounds = events / BATCHES as u64 / BURST;
            let begun = Instant::now();
            (0..rounds).for_each(&mut burst);
            begun.elapsed().as_nanos() as f64 / (rounds * BURST) as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    [times[0], times[BATCHES / 2]]
}

/// Hands one element to another thread and back; returns half of the round trip, ns: median and 99th percentile.
fn across(mut there: impl FnMut(u64) + Send, mut echo: impl FnMut() -> bool + Send, mut back: impl FnMut() -> u64) -> [f64; 2] {
    let all = cores::allowed();
    let mut times = Vec::with_capacity(TRIPS);
    std::thread::scope(|scope| {
        let other = all[all.len() - 1];
        scope.spawn(move || {
            let _pinned = cores::Pinned::to(other);
            while echo() {}
        });
        let _pinned = cores::Pinned::to(all[0]);
        for trip in 0..TRIPS as u64 {
            let begun = Instant::now();
            there(trip);
            assert_eq!(back(), trip);
            times.push(begun.elapsed().as_nanos() as f64 / 2.0);
        }
        there(u64::MAX);
    });
    times.sort_by(f64::total_cmp);
    [times[TRIPS / 2], times[TRIPS * 99 / 100]]
}

/// Tries until something comes.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::hint::spin_loop();
    }
}

fn ours_across() -> [f64; 2] {
    let (mut to, mut from) = spsc::<u64>(SLOTS);
    let (mut answer, mut answered) = spsc::<u64>(SLOTS);
    let echo = move || {
        let got = until(|| from.pop());
        got != u64::MAX && answer.push(got).is_ok()
    };
    across(|number| to.push(number).expect("there is room"), echo, || until(|| answered.pop()))
}

fn rtrb_across() -> [f64; 2] {
    let (mut to, mut from) = rtrb::RingBuffer::<u64>::new(SLOTS);
    let (mut answer, mut answered) = rtrb::RingBuffer::<u64>::new(SLOTS);
    let echo = move || {
        let got = until(|| from.pop().ok());
        got != u64::MAX && answer.push(got).is_ok()
    };
    across(|number| to.push(number).expect("there is room"), echo, || until(|| answered.pop().ok()))
}

fn main() {
    let millions: u64 = std::env::args().nth(1).map_or(10, |text| text.parse().expect("a number of millions"));
    let events = millions * 1_000_000;
    let (mut to, mut from) = spsc::<u64>(SLOTS);
    let (sender, mut receiver) = bounded::<u64>(SLOTS);
    let (mut pool, depot) = (Pool::<[u64; 8]>::new(10_000), Depot::new(100_000, || [0_u64; 8]));
    let mut counter = depot.counter();
    let before = counting::allocations();
    let ring = amortised(events, |burst| {
        (0..BURST).for_each(|i| to.push(burst + i).expect("there is room"));
        black_box(from.drain(usize::MAX, |number| _ = black_box(number)));
    });
    let queue = amortised(events, |burst| {
        (0..BURST).for_each(|i| sender.send(burst + i).expect("there is room"));
        (0..BURST).for_each(|_| _ = black_box(receiver.receive()));
    });
    let mut handles = Vec::with_capacity(BURST as usize);
    let pooled = amortised(events, |burst| {
        (0..BURST).for_each(|i| handles.push(pool.acquire([burst + i; 8]).expect("there is room")));
        handles.drain(..).for_each(|handle| _ = black_box(pool.release(handle)));
    });
    let mut loans = Vec::with_capacity(BURST as usize);
    let lent = amortised(events, |burst| {
        for i in 0..BURST {
            let mut loan = counter.acquire().expect("one is free");
            loan[0] = burst + i;
            loans.push(loan);
        }
        loans.drain(..).for_each(|loan| counter.release(loan));
    });
    // What the batches' own lists took is not the rings' and pools': one list of times for each of the four.
    let allocated = counting::allocations() - before - 6;
    let theirs = crossbeam_queue::ArrayQueue::<u64>::new(SLOTS);
    let array_queue = amortised(events, |burst| {
        (0..BURST).for_each(|i| theirs.push(burst + i).expect("there is room"));
        (0..BURST).for_each(|_| _ = black_box(theirs.pop()));
    });
    let (send, receive) = crossbeam_channel::bounded::<u64>(SLOTS);
    let channel = amortised(events, |burst| {
        (0..BURST).for_each(|i| send.send(burst + i).expect("there is room"));
        (0..BURST).for_each(|_| _ = black_box(receive.try_recv()));
    });
    let (mut theirs, mut end) = rtrb::RingBuffer::<u64>::new(SLOTS);
    let rtrb = amortised(events, |burst| {
        (0..BURST).for_each(|i| theirs.push(burst + i).expect("there is room"));
        (0..BURST).for_each(|_| _ = black_box(end.pop()));
    });
    let (hop, rtrb_hop) = (ours_across(), rtrb_across());
    println!(
        "{}",
        serde_json::json!({
            "ring_ns": ring, "queue_ns": queue, "pool_ns": pooled, "depot_ns": lent, "allocations": allocated, "events": 4 * events,
            "crossbeam_array_queue_ns": array_queue, "crossbeam_channel_ns": channel, "rtrb_ns": rtrb,
            "ring_across_ns": hop, "rtrb_across_ns": rtrb_hop, "cores": cores::allowed().len(),
        })
    );
}
