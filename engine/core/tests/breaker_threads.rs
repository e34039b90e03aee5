//! The breakers' word under many threads: one writes, 64 to 256 read; nobody sees a change undone, everybody sees the last one, nobody starves.
//!
//! A fraction of a second for each number of threads; `BOT4_STRESS_SECONDS=10` makes it long enough to compare the progress of threads.
use bot4_engine::desk::breaker::word::Word;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Least progress of the slowest thread, as a part of the mean, where there is time to see it.
const FAIR: f64 = 0.1;
const LONG_SECONDS: f64 = 10.0;

fn seconds() -> f64 {
    std::env::var("BOT4_STRESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0.2)
}

/// Reads until told to stop; returns how often, and the last state seen.
fn read(word: &Word, stop: &AtomicBool) -> (u64, u64) {
    let (mut looks, mut last) = (0, 0);
    while !stop.load(Ordering::Acquire) {
        let seen = word.bits();
        assert!(seen >= last, "{seen} after {last}");
        assert!(seen == 0 || !word.is_clear(u64::MAX), "a place that was set stays set here");
        (looks, last) = (looks + 1, seen);
    }
    (looks, word.bits())
}

#[test]
fn many_readers_see_every_change_in_order_and_all_of_them_the_last() {
    for threads in [64, 128, 256] {
        let (word, stop) = (Word::new(), Arc::new(AtomicBool::new(false)));
        let readers: Vec<_> = (0..threads)
            .map(|_| {
                let (word, stop) = (Arc::clone(&word), Arc::clone(&stop));
                std::thread::spawn(move || read(&word, &stop))
            })
            .collect();
        let (start, lasts, mut state) = (Instant::now(), Duration::from_secs_f64(seconds()), 0);
        while start.elapsed() < lasts {
            state += 1;
            word.set(state);
            if state % 64 == 0 {
                std::thread::yield_now();
            }
        }
        stop.store(true, Ordering::Release);
        let found: Vec<_> = readers.into_iter().map(|reader| reader.join().expect("a reader found nothing wrong")).collect();
        assert!(found.iter().all(|&(_, last)| last == state), "{threads} threads: somebody missed the last change");
        let mean = found.iter().map(|&(looks, _)| looks as f64).sum::<f64>() / f64::from(threads);
        let slowest = found.iter().map(|&(looks, _)| looks).min().unwrap_or(0) as f64;
        println!("{threads} threads: {state} changes, {mean:.0} looks a thread, slowest/mean {:.2}", slowest / mean);
        if seconds() >= LONG_SECONDS {
            assert!(slowest >= FAIR * mean, "{threads} threads: the slowest did {slowest} looks of {mean} on average");
        }
    }
}
