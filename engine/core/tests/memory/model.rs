//! Random steps against the plainest thing that could do the same: `VecDeque` and `HashMap`.

use bot4_engine::memory::pool::{Handle, Pool};
use bot4_engine::memory::queue::{SendError, bounded};
use bot4_engine::memory::ring::spsc;
use proptest::prelude::*;
use std::collections::{HashMap, VecDeque};

/// One step: put, take one, take many.
#[derive(Debug, Clone, Copy)]
enum Step {
    Put,
    Take,
    TakeMany(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![4 => Just(Step::Put), 2 => Just(Step::Take), 1 => (0..9_usize).prop_map(Step::TakeMany)];
    proptest::collection::vec(step, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_ring_is_a_bounded_double_ended_queue(capacity in 1..20_usize, steps in steps()) {
        let (mut to, mut from) = spsc::<Box<usize>>(capacity);
        let mut model = VecDeque::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put => {
                    let fits = model.len() < to.capacity();
                    prop_assert_eq!(to.push(Box::new(number)).is_ok(), fits);
                    if fits {
                        model.push_back(number);
                    }
                }
                Step::Take => prop_assert_eq!(from.pop().map(|element| *element), model.pop_front()),
                Step::TakeMany(limit) => {
                    let wanted: Vec<usize> = (0..limit).filter_map(|_| model.pop_front()).collect();
                    let mut taken = Vec::new();
                    prop_assert_eq!(from.drain(limit, |element| taken.push(*element)), wanted.len());
                    prop_assert_eq!(taken, wanted);
                }
            }
            prop_assert_eq!(to.len(), model.len());
        }
    }

    #[test]
    fn a_queue_is_one_too(capacity in 0..20_usize, steps in steps()) {
        let (to, mut from) = bounded::<Box<usize>>(capacity);
        let capacity = capacity.max(2).next_power_of_two();
        let mut model = VecDeque::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put if model.len() < capacity => {
                    prop_assert_eq!(to.send(Box::new(number)), Ok(()));
                    model.push_back(number);
                }
                Step::Put => prop_assert_eq!(to.send(Box::new(number)), Err(SendError::Full(Box::new(number)))),
                Step::Take => prop_assert_eq!(from.receive().map(|element| *element), model.pop_front()),
                Step::TakeMany(limit) => {
                    for _ in 0..limit {
                        prop_assert_eq!(from.receive().map(|element| *element), model.pop_front());
                    }
                }
            }
        }
    }

    #[test]
    fn a_pool_is_a_map_that_never_answers_to_old_names(capacity in 0..12_usize, picks in proptest::collection::vec(0..100_usize, 0..300)) {
        let mut pool = Pool::new(capacity);
        let mut model: HashMap<Handle, usize> = HashMap::new();
        let mut named: Vec<Handle> = Vec::new();
        let mut most = 0;
        for (number, pick) in picks.into_iter().enumerate() {
            if pick % 2 == 0 || named.is_empty() {
                let handle = pool.acquire(number);
                prop_assert_eq!(handle.is_ok(), model.len() < capacity);
                if let Ok(handle) = handle {
                    prop_assert!(model.insert(handle, number).is_none() && !named.contains(&handle));
                    named.push(handle);
                }
            } else {
                let handle = named[pick % named.len()];
                prop_assert_eq!(pool.release(handle), model.remove(&handle));
            }
            most = most.max(model.len());
            for handle in &named {
                prop_assert_eq!(pool.get(*handle), model.get(handle));
            }
            prop_assert_eq!((pool.len(), pool.most_used()), (model.len(), most));
        }
    }
}
