//! Every interleaving of a few steps with at most two preemptions (crossbeam's bound; loom is bounded, so this is no proof).

use bot4_loom::memory::{depot, queue, ring};
use loom::cell::UnsafeCell;
use loom::thread;

/// Explores a model with at most two preemptions.
fn explore(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// Takes the next element, letting others run while there is none; `None` once all was taken and the other end is gone.
fn next<T: Send>(from: &mut ring::Consumer<T>) -> Option<T> {
    loop {
        if let Some(element) = from.pop() {
            return Some(element);
        }
        if from.is_finished() {
            return None;
        }
        thread::yield_now();
    }
}

#[test]
fn a_ring_hands_over_everything_once_and_in_order() {
    explore(|| {
        let (mut to, mut from) = ring::spsc::<Box<u32>>(2);
        let producer = thread::spawn(move || {
            for number in 0..4 {
                let mut element = Box::new(number);
                while let Err(back) = to.push(element) {
                    element = back;
                    thread::yield_now();
                }
            }
        });
        for number in 0..4 {
            assert_eq!(next(&mut from).as_deref(), Some(&number));
        }
        assert!(next(&mut from).is_none());
        producer.join().unwrap();
    });
}

#[test]
fn what_nobody_took_from_a_ring_is_dropped_once() {
    explore(|| {
        let (mut to, mut from) = ring::spsc::<Box<u32>>(2);
        let producer = thread::spawn(move || {
            let first = to.push(Box::new(1)).is_ok();
            let second = to.push(Box::new(2)).is_ok();
            assert!(first && second);
        });
        assert!(from.pop().is_none_or(|element| *element == 1));
        drop(from);
        producer.join().unwrap();
    });
}

#[test]
fn a_ring_is_drained_in_batches_while_it_is_filled() {
    explore(|| {
        let (mut to, mut from) = ring::spsc::<Box<u32>>(2);
        let producer = thread::spawn(move || (0..3).take_while(|&number| to.push(Box::new(number)).is_ok()).count());
        let mut seen = 0;
        for _ in 0..2 {
            from.drain(8, |element| {
                assert_eq!(*element, seen);
                seen += 1;
            });
        }
        let sent = producer.join().unwrap() as u32;
        from.drain(8, |_| seen += 1);
        assert_eq!(seen, sent);
    });
}

#[test]
fn a_queue_takes_from_two_producers_without_loss() {
    explore(|| {
        let (to, mut from) = queue::bounded::<Box<u32>>(2);
        let others: Vec<_> = [10, 20]
            .map(|number| {
                let to = to.clone();
                thread::spawn(move || to.send(Box::new(number)).is_ok())
            })
            .into_iter()
            .collect();
        let mut seen = 0;
        let mut count = 0;
        while count < 2 {
            match from.receive() {
                Some(element) => {
                    seen += *element;
                    count += 1;
                }
                None => thread::yield_now(),
            }
        }
        assert_eq!(seen, 30);
        assert!(from.receive().is_none());
        others.into_iter().for_each(|other| assert!(other.join().unwrap()));
    });
}

#[test]
fn a_full_or_closed_queue_gives_elements_back() {
    explore(|| {
        let (to, from) = queue::bounded::<Box<u32>>(2);
        let other = {
            let to = to.clone();
            thread::spawn(move || u32::from(to.send(Box::new(1)).is_ok()) + u32::from(to.send(Box::new(2)).is_ok()))
        };
        let mine = u32::from(to.send(Box::new(3)).is_ok());
        let taken = other.join().unwrap() + mine;
        assert_eq!(taken, 2, "two slots, three elements");
        drop(from);
        assert!(matches!(to.send(Box::new(4)), Err(queue::SendError::Closed(_))));
    });
}

/// A depot's object is loom's cell: two threads with the same object at once are an error of the model.
type Watched = UnsafeCell<u32>;

fn leak_depot(objects: usize) -> &'static depot::Depot<Watched> {
    Box::leak(Box::new(depot::Depot::new(objects, || UnsafeCell::new(0))))
}

fn count_up(object: &Watched) -> u32 {
    // SAFETY: loom watches that no other thread is here.
    object.with_mut(|value| unsafe {
        *value += 1;
        *value
    })
}

#[test]
fn an_object_of_a_depot_is_in_one_pair_of_hands() {
    explore(|| {
        let depot = leak_depot(1);
        let others: Vec<_> = (0..2)
            .map(|_| {
                thread::spawn(move || {
                    let mut counter = depot.counter();
                    let Some(loan) = counter.acquire() else { return 0 };
                    let uses = count_up(&loan);
                    counter.release(loan);
                    uses
                })
            })
            .collect();
        let uses: Vec<u32> = others.into_iter().map(|other| other.join().unwrap()).collect();
        let mut counter = depot.counter();
        let last = counter.acquire().map(|loan| count_up(&loan));
        assert_eq!(last, Some(uses.iter().filter(|&&uses| uses > 0).count() as u32 + 1), "the object is back, whoever had it");
    });
}

#[test]
fn a_loan_is_brought_back_by_another_thread() {
    explore(|| {
        let depot = leak_depot(1);
        let (mut to, mut from) = ring::spsc(1);
        let lender = thread::spawn(move || {
            let mut counter = depot.counter();
            let loan = counter.acquire().expect("one is free");
            count_up(&loan);
            assert!(to.push(loan).is_ok());
            drop(counter);
        });
        let mut counter = depot.counter();
        let loan = next(&mut from).expect("one was sent");
        assert_eq!(count_up(&loan), 2);
        counter.release(loan);
        drop(counter);
        lender.join().unwrap();
        assert!(depot.counter().acquire().is_some());
    });
}
