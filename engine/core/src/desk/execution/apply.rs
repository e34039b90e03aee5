//! The one place where an order changes: an act of ours or a report, through the table.
use super::Orders;
use super::live::{Live, Terms};
use super::report::{Outcome, Report};
use super::states::{Effect, Event, State};
use super::table::cell_of;
use crate::memory::pool::Handle;

impl Orders {
    /// Takes a report.
    pub fn report(&mut self, report: &Report) -> Outcome {
        let Some(handle) = self.find(report.id) else { return self.count(foreign(report.event)) };
        let Some(live) = self.pool.get(handle).copied() else { return self.count(foreign(report.event)) };
        let event = taken_as(&live, report);
        if is_stale(&live, event, report) {
            return self.count(nothing(handle, &live, event));
        }
        if event == Event::Fill && !self.learn(handle, live.intent.asset, report.trade) {
            let known = self.trades.get((u64::from(live.intent.asset), report.trade)).is_some();
            let effect = if known { Effect::Ignore } else { Effect::Full };
            return self.count(Outcome { effect, ..nothing(handle, &live, event) });
        }
        self.change(handle, event, report.ts, |live| {
            live.told = live.told.max(report.filled);
            if event == Event::Fill {
                live.filled += report.lots;
                live.told = live.told.max(live.filled);
            }
            if event == Event::FoundOpen && live.wanted == Some(Terms { lots: report.lots, ticks: report.ticks }) {
                commit(live);
            }
            // What is filled whole is not changed any more: its lots say at which terms.
            if event == Event::FoundFilled {
                if live.wanted.is_some_and(|terms| terms.lots == report.lots) {
                    commit(live);
                }
                live.wanted = None;
            }
            live.held |= tells_of_book(event);
            answer(live, event, report.request);
        })
    }

    /// Does something of our own.
    pub(super) fn act(&mut self, handle: Handle, event: Event, terms: Option<Terms>, now: i64) -> Outcome {
        let Some(live) = self.pool.get(handle).copied() else { return self.count(foreign(event)) };
        let is_taken = cell_of(live.state, event).effect == Effect::Note;
        let (window_ms, request) = (self.room.window_ms, if is_taken { live.requests.last + 1 } else { 0 });
        let outcome = self.change(handle, event, now, |live| {
            if !is_taken {
                return;
            }
            live.requests.last = request;
            match event {
                Event::Send => {
                    live.requests.send = request;
                    live.deadline = now.saturating_add(window_ms);
                }
                Event::Cancel => live.requests.cancel = request,
                Event::Replace => {
                    live.requests.replace = request;
                    live.wanted = terms;
                }
                _ => {}
            }
        });
        Outcome { request, ..outcome }
    }

    /// Takes the loss of every connection for one order.
    pub(super) fn lost_touch(&mut self, handle: Handle, now: i64) -> Outcome {
        let window_ms = self.room.window_ms;
        self.change(handle, Event::NoAnswer, now, |live| {
            // It was recorded, and nobody knows whether it left.
            if live.state == State::New {
                live.deadline = now.saturating_add(window_ms);
            }
            live.requests.ask = 0;
        })
    }

    /// Remembers a trade; returns false where it is known already, or there is no room.
    fn learn(&mut self, handle: Handle, asset: u32, trade: u64) -> bool {
        let key = (u64::from(asset), trade);
        if self.trades.get(key).is_some() {
            return false;
        }
        let list = self.pool.get(handle).and_then(|live| live.trades);
        let Some(first) = self.trades.insert(key, handle.index() as u32, list) else { return false };
        if let Some(live) = self.pool.get_mut(handle) {
            live.trades = Some(first);
        }
        true
    }

    /// Moves an order along the table after `edit` has taken what the event says.
    fn change(&mut self, handle: Handle, event: Event, now: i64, edit: impl FnOnce(&mut Live)) -> Outcome {
        let Some(mut live) = self.pool.get(handle).copied() else { return self.count(foreign(event)) };
        self.fly(&live, -1);
        let (from, before) = (live.state, live.filled);
        let cell = cell_of(from, event);
        edit(&mut live);
        match cell.effect {
            Effect::Commit => commit(&mut live),
            Effect::Revert => live.wanted = None,
            _ => {}
        }
        live.state = cell.next.state(from, live.filled, live.most());
        if live.state == State::Unknown && from != State::Unknown {
            live.requests.ask = 0;
        }
        if live.state.is_ended() {
            live.wanted = None;
            if !from.is_ended() {
                live.ended = now;
            }
            if !live.leaving {
                live.leaving = true;
                self.ended.push_back(handle);
            }
        }
        self.fly(&live, 1);
        let booked = live.intent.side * (live.filled - before);
        self.positions[live.intent.asset as usize] += booked;
        let missing = live.missing();
        #[cfg(feature = "check")]
        self.audit(&live);
        if let Some(slot) = self.pool.get_mut(handle) {
            *slot = live;
        }
        self.count(Outcome { order: Some(handle), event, from, to: live.state, effect: cell.effect, booked, missing, request: 0 })
    }

    fn count(&mut self, outcome: Outcome) -> Outcome {
        self.counts[outcome.effect as usize] += 1;
        outcome
    }

    /// What must hold of every order after every event.
    #[cfg(feature = "check")]
    fn audit(&self, live: &Live) {
        let trades = self.trades.list(live.trades).count();
        assert!(live.filled >= 0 && (live.filled == 0) == (trades == 0), "{live:?}");
        assert!(live.told >= live.filled && (live.state != State::Filled || live.filled >= live.most()), "{live:?}");
        assert!(self.flights[live.intent.asset as usize].iter().all(|&lots| lots >= 0));
    }
}

/// Returns what a report counts as: an order that the venue has held, or whose message can still arrive, is not certainly lost.
fn taken_as(live: &Live, report: &Report) -> Event {
    let is_certain = live.asked > live.deadline && !live.held && live.filled == 0;
    if report.event == Event::NotFound && !is_certain { Event::NotFoundYet } else { report.event }
}

/// Returns whether a report answers a request that is not outstanding, or was answered.
fn is_stale(live: &Live, event: Event, report: &Report) -> bool {
    let requests = &live.requests;
    match event {
        Event::CancelRefused => report.request != requests.cancel || requests.cancel == 0,
        Event::Replaced | Event::ReplaceRefused => report.request != requests.replace || live.wanted.is_none(),
        Event::FoundOpen
        | Event::FoundFilled
        | Event::FoundCancelled
        | Event::FoundExpired
        | Event::FoundRejected
        | Event::NotFoundYet
        | Event::NotFound => report.request != requests.ask || requests.ask == 0,
        // Of the connection (0), or of a request that still waits.
        Event::NoAnswer => ![0, requests.send, requests.cancel, requests.replace, requests.ask].contains(&report.request),
        _ => false,
    }
}

/// Returns whether the venue says that it has, or had, the order in its book.
fn tells_of_book(event: Event) -> bool {
    matches!(
        event,
        Event::Accepted
            | Event::Fill
            | Event::Cancelled
            | Event::Expired
            | Event::Replaced
            | Event::FoundOpen
            | Event::FoundFilled
            | Event::FoundCancelled
            | Event::FoundExpired
    )
}

/// Notes that a request has its answer.
fn answer(live: &mut Live, event: Event, request: u32) {
    let requests = &mut live.requests;
    match event {
        Event::Accepted | Event::Rejected => requests.send = 0,
        Event::CancelRefused => requests.cancel = 0,
        Event::NoAnswer if request != 0 => {
            for waiting in [&mut requests.send, &mut requests.cancel, &mut requests.ask] {
                if *waiting == request {
                    *waiting = 0;
                }
            }
        }
        _ => {}
    }
}

fn commit(live: &mut Live) {
    if let Some(terms) = live.wanted.take() {
        (live.intent.lots, live.intent.ticks) = (terms.lots, terms.ticks);
    }
}

fn nothing(handle: Handle, live: &Live, event: Event) -> Outcome {
    let effect = Effect::Ignore;
    Outcome { order: Some(handle), event, from: live.state, to: live.state, effect, booked: 0, missing: live.missing(), request: 0 }
}

fn foreign(event: Event) -> Outcome {
    let state = State::Unknown;
    Outcome { order: None, event, from: state, to: state, effect: Effect::Foreign, booked: 0, missing: 0, request: 0 }
}

#[cfg(all(test, feature = "check"))]
mod tests {
    use super::super::fence::Fence;
    use super::super::live::Intent;
    use super::super::{Orders, Room};

    #[test]
    #[should_panic(expected = "lots >= 0")]
    fn lots_in_flight_below_nothing_are_found_by_the_check_build() {
        let mut orders = Orders::new(Room { orders: 2, trades: 8, retention_ms: 0, window_ms: 0 }, 1, 1, 2);
        let order = orders.open(Intent { number: 1, asset: 0, side: 1, lots: 10, ticks: 5 }).unwrap();
        orders.flights[0][0] = -11;
        let _ = orders.send(order, &Fence::forever(1), 0);
    }
}
