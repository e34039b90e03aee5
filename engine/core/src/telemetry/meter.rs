//! The two ends of telemetry: a [`Meter`] in each thread that works, one [`Collector`] in a thread that does not.
use super::Interval;
use crate::memory::ring::{Consumer, Producer, spsc};

/// Time between two handings over, ns.
const SECOND_NS: u64 = 1_000_000_000;

/// A thread's own interval, and the way it leaves.
pub struct Meter {
    /// What the thread writes into.
    pub now: Box<Interval>,
    next_ns: u64,
    full: Producer<Box<Interval>>,
    empty: Consumer<Box<Interval>>,
}

/// The other end of one meter.
struct Source {
    full: Consumer<Box<Interval>>,
    empty: Producer<Box<Interval>>,
}

/// Adds up what meters hand over.
#[derive(Default)]
pub struct Collector {
    sources: Vec<Source>,
    /// Everything since the start.
    pub total: Interval,
    /// What came with the last look that found something.
    pub last: Interval,
}

/// Makes a meter for a thread; its other end goes to the collector.
pub fn meter(collector: &mut Collector) -> Meter {
    let (full, from) = spsc(2);
    let (mut to, empty) = spsc(2);
    let spare = to.push(Box::default());
    debug_assert!(spare.is_ok(), "a new ring has room");
    collector.sources.push(Source { full: from, empty: to });
    Meter { now: Box::default(), next_ns: SECOND_NS, full, empty }
}

impl Meter {
    /// Hands over what was written, where a second has gone by and the collector has kept up. `now_ns` is the host's clock, from 0.
    #[inline]
    pub fn turn(&mut self, now_ns: u64) {
        if now_ns >= self.next_ns {
            self.next_ns = now_ns + SECOND_NS;
            self.hand_over();
        }
    }

    #[cold]
    fn hand_over(&mut self) {
        // Without an empty one the thread goes on with what it has: nothing is lost, it only comes a second later.
        if let Some(empty) = self.empty.pop() {
            let full = std::mem::replace(&mut self.now, empty);
            let room = self.full.push(full);
            debug_assert!(room.is_ok(), "there are two intervals and two slots");
        }
    }
}

impl Drop for Meter {
    /// Hands over what is left.
    fn drop(&mut self) {
        let left = std::mem::take(&mut self.now);
        let room = self.full.push(left);
        debug_assert!(room.is_ok(), "there are two intervals and two slots");
    }
}

impl Collector {
    /// Takes what was handed over and gives it back empty; returns whether there was something.
    pub fn collect(&mut self) -> bool {
        let mut found = false;
        for source in &mut self.sources {
            while let Some(mut full) = source.full.pop() {
                if !found {
                    self.last.clear();
                }
                found = true;
                self.total.add(&full);
                self.last.add(&full);
                full.clear();
                // Refused once the thread has ended: then nobody needs it.
                drop(source.empty.push(full));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counter, Stage};
    use super::*;

    #[test]
    fn what_threads_write_is_added_up_once_a_second_and_at_their_end() {
        let mut collector = Collector::default();
        let mut meters = [meter(&mut collector), meter(&mut collector)];
        meters[0].now.count(Counter::Fills, 2);
        meters[0].turn(SECOND_NS - 1);
        assert!(!collector.collect(), "not yet a second");
        meters[0].turn(SECOND_NS);
        meters[1].now.time(Stage::Desk, 700, 1);
        meters[1].turn(SECOND_NS + 1);
        assert!(collector.collect());
        assert_eq!((collector.last.counter(Counter::Fills), collector.last.stage(Stage::Desk).count()), (2, 1));
        // A collector that does not keep up loses nothing.
        for second in 2..9 {
            meters[0].now.count(Counter::Fills, 1);
            meters[0].turn(second * SECOND_NS + 5);
        }
        drop(meters);
        assert!(collector.collect());
        assert_eq!((collector.total.counter(Counter::Fills), collector.last.counter(Counter::Fills)), (9, 7));
        assert!(!collector.collect());
    }
}
