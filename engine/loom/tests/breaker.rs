//! The word of the circuit breakers, in every interleaving of a few steps with at most two preemptions.

use bot4_loom::breaker::word::Word;
use loom::cell::UnsafeCell;
use loom::thread;
use std::sync::Arc;

/// Explores a model with at most two preemptions.
fn explore(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// What the desk writes before it sets a place, without atomics: loom fails where a reader could look too early.
struct Record(UnsafeCell<u64>);

// SAFETY: it is written before the word is set and read only where the word is seen set; loom checks just that.
unsafe impl Sync for Record {}
// SAFETY: as above.
unsafe impl Send for Record {}

#[test]
fn who_sees_a_place_set_sees_what_was_written_before() {
    explore(|| {
        let (word, record) = (Word::new(), Arc::new(Record(UnsafeCell::new(0))));
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (word, record) = (Arc::clone(&word), Arc::clone(&record));
                thread::spawn(move || {
                    if !word.is_clear(0b10) {
                        // SAFETY: the place is set, so the record was written before and is not written any more.
                        assert_eq!(record.0.with(|value| unsafe { *value }), 7);
                    }
                })
            })
            .collect();
        // SAFETY: no reader looks before the place is set.
        record.0.with_mut(|value| unsafe { *value = 7 });
        word.set(0b10);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        assert!(!word.is_clear(0b10));
    });
}

#[test]
fn readers_see_changes_in_their_order_and_none_that_was_not_made() {
    explore(|| {
        let steps = [0b001, 0b011, 0b110, 0b100];
        let word = Word::new();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let word = Arc::clone(&word);
                thread::spawn(move || {
                    let place = |bits: u64| [0].iter().chain(&steps).position(|&step| step == bits).expect("a state that was written");
                    let (first, second) = (place(word.bits()), place(word.bits()));
                    assert!(first <= second, "{first} before {second}");
                })
            })
            .collect();
        steps.iter().for_each(|&bits| word.set(bits));
        readers.into_iter().for_each(|reader| reader.join().unwrap());
        assert_eq!(word.bits(), 0b100);
    });
}
