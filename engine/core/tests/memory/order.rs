//! What one thread can see: order, bounds, what is given back, what is dropped.

use bot4_engine::memory::depot::{BUNDLE, Depot};
use bot4_engine::memory::pool::Pool;
use bot4_engine::memory::queue::{SendError, bounded};
use bot4_engine::memory::ring::spsc;
use bot4_engine::memory::sync::Line;
use std::sync::Arc;

#[test]
fn a_ring_holds_its_capacity_and_gives_the_rest_back() {
    let (mut to, mut from) = spsc(3);
    assert_eq!(to.capacity(), 4, "the next power of two");
    (0..4).for_each(|number| to.push(number).unwrap());
    assert_eq!((to.push(4), to.len(), to.is_full()), (Err(4), 4, true));
    assert_eq!(from.pop(), Some(0));
    assert!(to.push(4).is_ok());
    let mut seen = Vec::new();
    assert_eq!(from.drain(3, |number| seen.push(number)), 3);
    assert_eq!(from.drain(9, |number| seen.push(number)), 1);
    assert_eq!((seen, from.pop(), to.is_empty()), (vec![1, 2, 3, 4], None, true));
}

#[test]
fn the_ends_of_a_ring_know_of_each_other() {
    let (mut to, mut from) = spsc(2);
    assert!(!to.is_closed() && !from.is_finished());
    to.push(1).unwrap();
    drop(to);
    assert!(!from.is_finished(), "one is left");
    assert_eq!(from.pop(), Some(1));
    assert!(from.is_finished());
    let (to, from) = spsc::<u8>(2);
    drop(from);
    assert!(to.is_closed());
}

#[test]
fn what_is_left_is_dropped_once() {
    let witness = Arc::new(());
    let (mut to, mut from) = spsc(4);
    (0..3).for_each(|_| to.push(witness.clone()).unwrap());
    drop(from.pop());
    let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| from.drain(2, |_| panic!("the reader fails"))));
    assert!(cut.is_err());
    assert_eq!(Arc::strong_count(&witness), 2);
    drop((to, from));
    assert_eq!(Arc::strong_count(&witness), 1);

    let (to, mut from) = bounded(4);
    (0..4).for_each(|_| to.send(witness.clone()).unwrap());
    drop(from.receive());
    to.send(witness.clone()).unwrap();
    drop((to, from));
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[test]
fn a_queue_says_full_and_closed() {
    let (to, mut from) = bounded(0);
    let other = to.clone();
    assert_eq!((to.send(1), other.send(2), to.send(3)), (Ok(()), Ok(()), Err(SendError::Full(3))));
    assert_eq!((from.receive(), from.receive(), from.receive()), (Some(1), Some(2), None));
    drop(from);
    assert_eq!(other.send(4), Err(SendError::Closed(4)));
}

#[test]
fn a_stale_handle_finds_nothing() {
    let mut pool = Pool::new(2);
    let first = pool.acquire("a").unwrap();
    let second = pool.acquire("b").unwrap();
    assert_eq!(pool.acquire("c"), Err("c"));
    assert_eq!((pool.release(first), pool.release(first), pool.get(first)), (Some("a"), None, None));
    let third = pool.acquire("c").unwrap();
    assert_eq!((third.index(), third == first, third.bits() == first.bits()), (first.index(), false, false));
    assert_eq!((pool.get(first), pool.get(third)), (None, Some(&"c")));
    assert_eq!(pool.get_mut(first), None);
    assert_eq!(pool.get_mut(third), Some(&mut "c"));
    assert_eq!(pool.iter().map(|(handle, value)| (handle, *value)).collect::<Vec<_>>(), [(third, "c"), (second, "b")]);
    assert_eq!((pool.len(), pool.is_empty(), pool.capacity(), pool.most_used()), (2, false, 2, 2));
}

#[test]
fn a_depot_lends_each_object_once() {
    let objects = 3 * BUNDLE as usize + 5;
    let mut next = 0;
    let depot = Depot::new(objects, || {
        next += 1;
        next
    });
    let mut counter = depot.counter();
    let mut loans: Vec<_> = std::iter::from_fn(|| counter.acquire()).collect();
    let mut numbers: Vec<i32> = loans.iter().map(|loan| **loan).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=objects as i32).collect::<Vec<_>>());
    loans.iter_mut().for_each(|loan| **loan = -**loan);
    loans.into_iter().for_each(|loan| counter.release(loan));
    drop(counter);
    let mut other = depot.counter();
    let again = std::iter::from_fn(|| other.acquire()).filter(|loan| **loan < 0).count();
    assert_eq!((again, depot.capacity()), (objects, objects), "and keeps what was left in it");
}

#[test]
#[should_panic(expected = "brought back to its own depot")]
fn a_loan_of_another_depot_is_refused() {
    let (one, other) = (Depot::new(1, || 0), Depot::new(1, || 0));
    let loan = one.counter().acquire().unwrap();
    other.counter().release(loan);
}

#[test]
fn hot_words_stand_on_lines_of_their_own() {
    assert_eq!((align_of::<Line<u64>>(), size_of::<Line<u64>>()), (128, 128));
    let (mut to, _from) = spsc::<Option<std::cell::Cell<u8>>>(1);
    assert!(to.push(None).is_ok());
}
