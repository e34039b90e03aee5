//! Order states by hand, what reports say about terms, requests and counts (docs/orders.md).
use bot4_engine::desk::execution::fence::Fence;
use bot4_engine::desk::execution::live::{Intent, Terms};
use bot4_engine::desk::execution::report::{Outcome, Refused, Report};
use bot4_engine::desk::execution::states::{Effect, Event, State};
use bot4_engine::desk::execution::table::Next;
use bot4_engine::desk::execution::{Orders, Room};
use bot4_engine::memory::pool::Handle;

const ROOM: Room = Room { orders: 8, trades: 32, retention_ms: 1_000, window_ms: 100 };
const OPEN: Fence = Fence::forever(1);

fn orders() -> Orders {
    Orders::new(ROOM, 2, 1, 0xb4)
}

/// An order of ten lots at 500 that was sent at time 0; negative lots sell.
fn sent(orders: &mut Orders, number: u64, lots: i64) -> Handle {
    let order = orders.open(Intent { number, asset: 1, side: lots.signum(), lots: lots.abs(), ticks: 500 }).unwrap();
    assert!(orders.send(order, &OPEN, 0).unwrap().goes_out());
    order
}

fn tell(orders: &mut Orders, order: Handle, event: Event, request: u32, terms: Terms) -> Outcome {
    let id = orders.get(order).unwrap().id;
    orders.report(&Report { request, lots: terms.lots, ticks: terms.ticks, ..Report::plain(id, event, 50) })
}

fn fill(orders: &mut Orders, order: Handle, trade: u64, lots: i64) -> Outcome {
    let id = orders.get(order).unwrap().id;
    orders.report(&Report::fill(id, trade, lots, 10))
}

const PLAIN: Terms = Terms { lots: 10, ticks: 500 };
const CHANGED: Terms = Terms { lots: 15, ticks: 501 };

/// An order at work whose change to 15 lots at 501 nobody answered, and the number of the question about it.
fn asked_about_a_change(orders: &mut Orders) -> (Handle, u32) {
    let order = sent(orders, 1, 10);
    tell(orders, order, Event::Accepted, 0, PLAIN);
    let change = orders.replace(order, CHANGED, &OPEN, 2).unwrap();
    assert_eq!(tell(orders, order, Event::NoAnswer, change.request, PLAIN).to, State::Unknown);
    let question = orders.question(order, 20);
    (order, question)
}

#[test]
fn an_order_found_open_says_by_its_terms_whether_the_change_was_made() {
    for (told, lots, ticks) in [(CHANGED, 15, 501), (PLAIN, 10, 500), (Terms { lots: 15, ticks: 500 }, 10, 500)] {
        let mut orders = orders();
        let (order, question) = asked_about_a_change(&mut orders);
        assert_eq!(tell(&mut orders, order, Event::FoundOpen, question, told).to, State::Working);
        let live = orders.get(order).unwrap();
        assert_eq!((live.intent.lots, live.intent.ticks), (lots, ticks), "{told:?}");
    }
}

#[test]
fn another_report_of_the_changed_terms_changes_nothing() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    tell(&mut orders, order, Event::Accepted, 0, PLAIN);
    orders.replace(order, CHANGED, &OPEN, 2).unwrap();
    tell(&mut orders, order, Event::Accepted, 0, CHANGED);
    let live = orders.get(order).unwrap();
    assert_eq!((live.state, live.intent.lots, live.intent.ticks), (State::Replacing, 10, 500), "only its answer says that");
}

#[test]
fn an_order_found_filled_says_by_its_lots_at_which_terms() {
    for (told, lots) in [(CHANGED, 15), (PLAIN, 10)] {
        let mut orders = orders();
        let (order, question) = asked_about_a_change(&mut orders);
        tell(&mut orders, order, Event::FoundFilled, question, told);
        assert_eq!(orders.get(order).unwrap().intent.lots, lots);
        let rest = fill(&mut orders, order, 3, lots);
        assert_eq!((rest.to, orders.position(1), orders.in_flight(1)), (State::Filled, lots, [0, 0]));
    }
}

#[test]
fn an_answer_to_a_change_that_is_settled_says_nothing() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    tell(&mut orders, order, Event::Accepted, 0, PLAIN);
    let change = orders.replace(order, CHANGED, &OPEN, 2).unwrap();
    assert_eq!(tell(&mut orders, order, Event::Replaced, change.request, CHANGED).to, State::Working);
    for event in [Event::Replaced, Event::ReplaceRefused] {
        let again = tell(&mut orders, order, event, change.request, PLAIN);
        assert_eq!((again.effect, again.to), (Effect::Ignore, State::Working), "{event:?} twice");
    }
    let next = orders.replace(order, Terms { lots: 12, ticks: 502 }, &OPEN, 3).unwrap();
    for event in [Event::Replaced, Event::ReplaceRefused] {
        assert_eq!(tell(&mut orders, order, event, change.request, PLAIN).effect, Effect::Ignore, "{event:?} to the change before");
    }
    assert_eq!(tell(&mut orders, order, Event::Replaced, next.request, PLAIN).effect, Effect::Commit);
    assert_eq!((orders.get(order).unwrap().intent.lots, orders.in_flight(1)), (12, [12, 0]));
}

#[test]
fn only_a_request_that_still_waits_can_go_without_an_answer() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    let send = orders.get(order).unwrap().requests.send;
    tell(&mut orders, order, Event::Accepted, 0, PLAIN);
    let late = tell(&mut orders, order, Event::NoAnswer, send, PLAIN);
    assert_eq!((late.effect, late.to), (Effect::Ignore, State::Working), "it was answered");
    let cancel = orders.cancel(order, 5).request;
    assert_eq!(tell(&mut orders, order, Event::CancelRefused, cancel, PLAIN).to, State::Unknown);
    let twice = tell(&mut orders, order, Event::CancelRefused, cancel, PLAIN);
    assert_eq!(twice.effect, Effect::Ignore, "a refusal counts once");
    let late = tell(&mut orders, order, Event::NoAnswer, cancel, PLAIN);
    assert_eq!(late.effect, Effect::Ignore, "so does its silence");
    let question = orders.question(order, 200);
    assert_eq!(tell(&mut orders, order, Event::FoundOpen, question, PLAIN).to, State::Working);
    let again = orders.cancel(order, 210).request;
    assert_eq!(tell(&mut orders, order, Event::NoAnswer, again, PLAIN).to, State::Unknown, "this one waits");
    // The connection itself (0) is lost whatever waits, and nothing that waits is answered by that.
    let question = orders.question(order, 300);
    tell(&mut orders, order, Event::NoAnswer, 0, PLAIN);
    assert_eq!(tell(&mut orders, order, Event::FoundOpen, question, PLAIN).to, State::Working);
}

#[test]
fn a_rejected_order_has_no_request_that_waits() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    let send = orders.get(order).unwrap().requests.send;
    assert_eq!(tell(&mut orders, order, Event::Rejected, send, PLAIN).to, State::Rejected);
    assert_eq!(orders.get(order).unwrap().requests.send, 0);
}

#[test]
fn lots_in_flight_are_kept_by_side_and_leave_with_the_order() {
    let mut orders = orders();
    let (buy, sell) = (sent(&mut orders, 1, 10), sent(&mut orders, 2, -7));
    assert_eq!(orders.in_flight(1), [10, 7]);
    fill(&mut orders, sell, 1, 3);
    assert_eq!((orders.in_flight(1), orders.position(1)), ([10, 4], -3));
    let id = orders.get(buy).unwrap().id;
    // Two lots filled whose trades are not known yet: they stay in flight, and the order is kept.
    orders.report(&Report { filled: 2, ..Report::plain(id, Event::Cancelled, 40) });
    assert_eq!((orders.in_flight(1), orders.forget(10_000)), ([2, 4], 0));
    fill(&mut orders, buy, 2, 2);
    assert_eq!((orders.forget(20_000), orders.len(), orders.is_empty(), orders.in_flight(1)), (1, 1, false, [0, 4]));
    tell(&mut orders, sell, Event::Cancelled, 0, PLAIN);
    assert_eq!((orders.forget(30_000), orders.is_empty(), orders.in_flight(1)), (1, true, [0, 0]));
}

#[test]
fn an_eighth_of_the_room_for_trades_is_kept_for_orders_that_work() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 40);
    // 32 trades fit, four of them are kept: with 27 a new order is taken, with 28 it is not.
    (0..27).for_each(|trade| assert_eq!(fill(&mut orders, order, trade, 1).booked, 1));
    let next = |number| Intent { number, asset: 0, side: 1, lots: 1, ticks: 5 };
    assert!(orders.open(next(2)).is_ok());
    fill(&mut orders, order, 27, 1);
    assert_eq!(orders.open(next(3)), Err(Refused::Full));
    assert_eq!(fill(&mut orders, order, 28, 1).booked, 1, "its own trades go on");
}

#[test]
fn equal_orders_have_equal_hashes_and_any_difference_shows() {
    let made = |lots: i64, fills: u64| {
        let mut orders = orders();
        let order = sent(&mut orders, 1, lots);
        (0..fills).for_each(|trade| assert_eq!(fill(&mut orders, order, trade, 1).booked, 1));
        orders.hash()
    };
    assert_eq!(made(10, 1), made(10, 1));
    assert!(made(10, 1) != made(10, 2) && made(10, 1) != made(11, 1) && made(10, 0) != made(10, 1));
}

#[test]
fn a_plain_report_says_neither_price_nor_fill() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    let report = Report::plain(orders.get(order).unwrap().id, Event::Accepted, 7);
    assert_eq!((report.ticks, report.filled, report.request, report.lots, report.trade, report.ts), (-1, -1, 0, 0, 0, 7));
    let refused = orders.send(order, &OPEN, 1).unwrap();
    assert_eq!((refused.effect, refused.request, refused.goes_out()), (Effect::Refuse, 0, false));
    let dropped = Outcome { request: 3, effect: Effect::Drop, ..refused };
    assert!(!dropped.goes_out() && !Outcome { effect: Effect::Note, ..refused }.goes_out());
    assert!(Outcome { request: 3, effect: Effect::Note, ..refused }.goes_out());
}

#[test]
fn next_states_have_the_words_of_the_table_in_the_docs() {
    let words = [Next::Stay, Next::To(State::Filled), Next::ByLots, Next::FilledOrStay, Next::FilledOrUnknown].map(Next::word);
    assert_eq!(words, ["stay", "filled", "by_lots", "filled_or_stay", "filled_or_unknown"]);
    let state = |next: Next, filled: i64| next.state(State::Working, filled, 10);
    assert_eq!([9, 10, 11].map(|filled| state(Next::FilledOrUnknown, filled)), [State::Unknown, State::Filled, State::Filled]);
    assert_eq!([9, 10, 11].map(|filled| state(Next::FilledOrStay, filled)), [State::Working, State::Filled, State::Filled]);
    assert_eq!(
        [0, 1, 9, 10].map(|filled| state(Next::ByLots, filled)),
        [State::Working, State::PartlyFilled, State::PartlyFilled, State::Filled]
    );
}

#[test]
fn a_question_asked_before_it_was_unknown_says_nothing_about_it() {
    let mut orders = orders();
    let order = sent(&mut orders, 1, 10);
    tell(&mut orders, order, Event::Accepted, 0, PLAIN);
    let early = orders.question(order, 5);
    assert_eq!(fill(&mut orders, order, 1, 2).to, State::PartlyFilled);
    assert_eq!(tell(&mut orders, order, Event::NoAnswer, 0, PLAIN).to, State::Unknown);
    let late = tell(&mut orders, order, Event::FoundOpen, early, PLAIN);
    assert_eq!((late.effect, late.to), (Effect::Ignore, State::Unknown));
    let fresh = orders.question(order, 9);
    assert_eq!(fill(&mut orders, order, 2, 1).to, State::Unknown, "a fill answers no question");
    assert_eq!(tell(&mut orders, order, Event::FoundOpen, fresh, PLAIN).to, State::PartlyFilled);
}
