//! After the start a replay allocates nothing: a maker that quotes, cancels and is filled, counted by the allocator.

#[path = "support/orders.rs"]
mod orders;
mod support;

use bot4_ticks::book::{Fast, Levels, Side};
use bot4_ticks::columns::Columns;
use bot4_ticks::latency::Latency;
use bot4_ticks::queue::Queue;
use bot4_ticks::replay::{Replay, Told};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Plays a maker that cancels and quotes both sides anew every 400 ns; returns its fills and what was allocated meanwhile.
fn play(columns: Columns<'_>, queue: Queue) -> (usize, usize) {
    let mut config = support::config();
    (config.queue, config.entry, config.response) = (queue, Latency::Constant(100), Latency::LogNormal { median_ns: 60, sigma: 0.4 });
    let mut replay = Replay::<Fast>::new(columns, &config).unwrap();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let (mut now, mut fills, mut ids) = (0, 0, [0; 2]);
    while replay.next_ns().is_some() {
        now += 400;
        fills += replay.advance_to(now).iter().filter(|report| report.told == Told::Filled).count();
        for (id, side) in ids.iter_mut().zip([Side::Bid, Side::Ask]) {
            if *id != 0 {
                replay.cancel(*id);
            }
            let best = replay.book().best(side).map_or(1_000, |level| level.ticks);
            *id = replay.submit(support::limit(side, best, 3)).unwrap();
        }
    }
    (fills, ALLOCATIONS.load(Ordering::Relaxed) - before)
}

#[test]
fn a_maker_allocates_nothing_after_the_start() {
    let (levels, orders) = (support::random_market(3, 20_000).columns(40), orders::random_orders(3, 20_000));
    for (columns, queue) in [(levels.borrow(), Queue::Pessimistic), (orders.columns(), Queue::Exact)] {
        let (fills, allocated) = play(columns, queue);
        assert!(fills > 100, "{queue:?}: {fills}");
        assert_eq!(allocated, 0, "{queue:?}");
    }
}
