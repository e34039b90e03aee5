//! 64, 128 and 256 threads on rings, queues and depots: nothing is lost, nothing comes twice, nobody starves.
//!
//! Each row takes BOT4_CROWD_SECONDS (0.2 where it is not set). From 3 seconds on, when every thread has had its turns, fairness is judged too:
//! `BOT4_CROWD_SECONDS=10 cargo test -p bot4-engine --test all memory::crowd -- --nocapture --test-threads=1`.

use bot4_engine::memory::depot::{BUNDLE, Depot};
use bot4_engine::memory::queue::{SendError, bounded};
use bot4_engine::memory::ring::{Consumer, Producer, spsc};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CROWDS: [usize; 3] = [64, 128, 256];
/// Slowest over mean progress that is still fair.
const FAIR: f64 = 0.1;
/// Seconds from which on the scheduler has given each of 256 threads many turns.
const JUDGED: Duration = Duration::from_secs(3);
/// Steps between two yields: a thread that has the processor does not keep everything to itself.
const BURST: usize = 16;
/// Objects that a thread has out at once: more than a bundle.
const HELD: usize = 48;

fn span() -> Duration {
    let seconds = std::env::var("BOT4_CROWD_SECONDS").ok().map_or(0.2, |text| text.parse().expect("BOT4_CROWD_SECONDS is a number"));
    Duration::from_secs_f64(seconds)
}

/// Judges the progress of each thread and says what it was.
fn judge(what: &str, threads: usize, progress: &[u64]) {
    let (all, slowest) = (progress.iter().sum::<u64>(), progress.iter().min().copied().unwrap_or(0));
    let mean = all as f64 / progress.len() as f64;
    println!("{what}: {threads} threads, {all} steps, slowest/mean {:.2}", slowest as f64 / mean);
    assert!(all > 0, "{what}: something was done");
    let is_fair = span() < JUDGED || slowest as f64 >= FAIR * mean;
    assert!(is_fair, "{what} with {threads} threads: slowest {slowest}, mean {mean:.0}");
}

/// Runs `work(thread, stop)` in `threads` threads for the span; returns what each says it has done.
fn crowd(threads: usize, work: impl Fn(usize, &AtomicBool) -> u64 + Sync) -> Vec<u64> {
    let (stop, begin) = (AtomicBool::new(false), Barrier::new(threads + 1));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                let (work, stop, begin) = (&work, &stop, &begin);
                scope.spawn(move || {
                    begin.wait();
                    work(number, stop)
                })
            })
            .collect();
        begin.wait();
        thread::sleep(span());
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().map(|worker| worker.join().expect("the worker ends")).collect()
    })
}

fn feed(to: &mut Producer<u64>, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        // A ring's worth, then the processor goes to whoever waits for it.
        while to.push(sent).is_ok() {
            sent += 1;
        }
        thread::yield_now();
    }
    sent
}

fn eat(from: &mut Consumer<u64>) -> u64 {
    let mut expected = 0;
    while !from.is_finished() {
        from.drain(usize::MAX, |number| {
            assert_eq!(number, expected, "in order, none lost, none twice");
            expected += 1;
        });
        thread::yield_now();
    }
    expected
}

#[test]
fn rings_of_a_crowd_lose_nothing() {
    for threads in CROWDS {
        let ends: Vec<_> = (0..threads / 2).map(|_| spsc(64)).map(|(to, from)| (Some(to), Some(from))).collect();
        let ends: Vec<_> = ends.into_iter().map(std::sync::Mutex::new).collect();
        let done = crowd(threads, |number, stop| {
            let ring = &ends[number / 2];
            if number % 2 == 0 {
                let mut to = ring.lock().unwrap().0.take().unwrap();
                feed(&mut to, stop)
            } else {
                let mut from = ring.lock().unwrap().1.take().unwrap();
                eat(&mut from)
            }
        });
        done.chunks(2).for_each(|pair| assert_eq!(pair[0], pair[1], "all that was sent arrived"));
        judge("ring", threads, &done);
    }
}

#[test]
fn a_queue_of_a_crowd_loses_nothing() {
    for threads in CROWDS {
        let (to, from) = bounded(CROWDS[2] * BURST);
        let from = std::sync::Mutex::new(Some(from));
        let to = std::sync::Mutex::new(Some(to));
        // One thread reads; each of the others counts up, so that order and number can be checked for each.
        let done = crowd(threads, |number, stop| {
            if number == 0 {
                let mut from = from.lock().unwrap().take().unwrap();
                let mut expected = vec![0_u64; threads];
                let mut over = 1;
                while over < threads {
                    match from.receive() {
                        Some((sender, u64::MAX)) => {
                            let _: usize = sender;
                            over += 1;
                        }
                        Some((sender, count)) => {
                            assert_eq!(count, expected[sender], "each sender's in order, none lost, none twice");
                            expected[sender] += 1;
                        }
                        None => thread::yield_now(),
                    }
                }
                return expected.iter().sum();
            }
            let to = to.lock().unwrap().as_ref().unwrap().clone();
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                for _ in 0..BURST {
                    match to.send((number, sent)) {
                        Ok(()) => sent += 1,
                        Err(SendError::Full(_)) => break,
                        Err(SendError::Closed(_)) => panic!("the reader left"),
                    }
                }
                thread::yield_now();
            }
            while to.send((number, u64::MAX)).is_err() {
                thread::yield_now();
            }
            sent
        });
        assert_eq!(done[0], done[1..].iter().sum::<u64>(), "all that was sent arrived");
        judge("queue", threads, &done[1..]);
    }
}

#[test]
fn a_depot_of_a_crowd_lends_to_one_at_a_time() {
    for threads in CROWDS {
        // Enough for what all of them hold and keep at their counters at once.
        let objects = threads * (HELD + 2 * BUNDLE as usize);
        let depot = Depot::new(objects, || (usize::MAX, 0_u64));
        let done = crowd(threads, |number, stop| {
            let mut counter = depot.counter();
            let mut uses = 0;
            while !stop.load(Ordering::Relaxed) {
                let mut loans: Vec<_> = (0..HELD).map_while(|_| counter.acquire()).collect();
                for loan in &mut loans {
                    loan.0 = number;
                    loan.1 += 1;
                }
                thread::yield_now();
                for loan in loans {
                    assert_eq!(loan.0, number, "nobody else had it meanwhile");
                    uses += 1;
                    counter.release(loan);
                }
                drop(std::mem::replace(&mut counter, depot.counter()));
            }
            uses
        });
        let mut counter = depot.counter();
        let back: Vec<_> = std::iter::from_fn(|| counter.acquire()).collect();
        assert_eq!((back.len(), back.iter().map(|loan| loan.1).sum::<u64>()), (objects, done.iter().sum()), "all are back");
        judge("depot", threads, &done);
    }
}

#[test]
fn objects_wander_through_a_ring_of_threads() {
    // Lent by one thread, changed by the next, brought back by the last: as ticks go from feeder to shard to desk.
    let depot = Depot::new(256, || 0_u64);
    let begun = Instant::now();
    thread::scope(|scope| {
        let (mut to_shard, mut from_feeder) = spsc(64);
        let (mut to_desk, mut from_shard) = spsc(64);
        let depot = &depot;
        scope.spawn(move || {
            let mut counter = depot.counter();
            for number in 0..200_000 {
                let mut loan = loop {
                    match counter.acquire() {
                        Some(loan) => break loan,
                        None => thread::yield_now(),
                    }
                };
                *loan = number;
                while let Err(back) = to_shard.push(loan) {
                    loan = back;
                    thread::yield_now();
                }
            }
        });
        scope.spawn(move || {
            while !from_feeder.is_finished() {
                let Some(mut loan) = from_feeder.pop() else {
                    thread::yield_now();
                    continue;
                };
                *loan *= 2;
                while let Err(back) = to_desk.push(loan) {
                    loan = back;
                    thread::yield_now();
                }
            }
        });
        let mut counter = depot.counter();
        let mut expected = 0;
        while !from_shard.is_finished() {
            let Some(loan) = from_shard.pop() else {
                thread::yield_now();
                continue;
            };
            assert_eq!(*loan, expected);
            expected += 2;
            counter.release(loan);
        }
        assert_eq!(expected, 400_000);
    });
    println!("200,000 objects in {:?}", begun.elapsed());
    let mut counter = depot.counter();
    assert_eq!(std::iter::from_fn(|| counter.acquire()).count(), 256);
}
