//! Execution by hand: each fault that a venue or a connection has, and what an order does about it (docs/orders.md).
use bot4_engine::desk::execution::fence::{Fence, Fenced};
use bot4_engine::desk::execution::live::{Intent, Terms};
use bot4_engine::desk::execution::report::{Outcome, Refused, Report};
use bot4_engine::desk::execution::states::{Effect, Event, State};
use bot4_engine::desk::execution::{Orders, Room};
use bot4_engine::memory::pool::Handle;
use bot4_engine::memory::snapshot::{Reader, Writer};

const ROOM: Room = Room { orders: 8, trades: 32, retention_ms: 1_000, window_ms: 100 };
const OPEN: Fence = Fence::forever(1);

fn orders() -> Orders {
    Orders::new(ROOM, 2, 1, 0xb4)
}

fn intent(number: u64, lots: i64) -> Intent {
    Intent { number, asset: 1, side: lots.signum(), lots: lots.abs(), ticks: 500 }
}

/// An order of ten lots that was sent at time 0.
fn sent(orders: &mut Orders, number: u64) -> Handle {
    let order = orders.open(intent(number, 10)).unwrap();
    assert!(orders.send(order, &OPEN, 0).unwrap().goes_out());
    order
}

fn tell(orders: &mut Orders, order: Handle, event: Event, ts: i64) -> Outcome {
    let id = orders.get(order).unwrap().id;
    orders.report(&Report::plain(id, event, ts))
}

fn fill(orders: &mut Orders, order: Handle, trade: u64, lots: i64) -> Outcome {
    let id = orders.get(order).unwrap().id;
    orders.report(&Report::fill(id, trade, lots, 10))
}

fn answer(orders: &mut Orders, order: Handle, event: Event, request: u32, filled: i64) -> Outcome {
    let id = orders.get(order).unwrap().id;
    orders.report(&Report { request, filled, lots: 10, ticks: 500, ..Report::plain(id, event, 50) })
}

#[test]
fn sent_accepted_filled_in_parts() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    assert_eq!(orders.in_flight(1), [10, 0], "it counts before anything is heard of it");
    assert_eq!(tell(&mut orders, order, Event::Accepted, 1).to, State::Working);
    let part = fill(&mut orders, order, 7, 4);
    assert_eq!((part.to, part.booked, orders.position(1), orders.in_flight(1)), (State::PartlyFilled, 4, 4, [6, 0]));
    let rest = fill(&mut orders, order, 8, 6);
    assert_eq!((rest.to, rest.effect, orders.position(1), orders.in_flight(1)), (State::Filled, Effect::Book, 10, [0, 0]));
}

#[test]
fn a_fill_may_come_before_the_acknowledgement_and_counts_once() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    assert_eq!(fill(&mut orders, order, 7, 4).to, State::PartlyFilled);
    assert_eq!(fill(&mut orders, order, 7, 4).effect, Effect::Ignore);
    assert_eq!(tell(&mut orders, order, Event::Accepted, 2).effect, Effect::Ignore);
    assert_eq!((orders.position(1), orders.get(order).unwrap().state), (4, State::PartlyFilled));
}

#[test]
fn a_fill_after_the_end_counts_late_until_the_order_is_forgotten() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    let id = orders.get(order).unwrap().id;
    assert!(orders.cancel(order, 5).goes_out());
    assert_eq!(tell(&mut orders, order, Event::Cancelled, 6).to, State::Cancelled);
    let late = fill(&mut orders, order, 9, 3);
    assert_eq!((late.effect, late.to, late.booked, orders.position(1)), (Effect::BookLate, State::Cancelled, 3, 3));
    assert_eq!((orders.forget(1_005), orders.forget(1_006), orders.len()), (0, 1, 0));
    assert_eq!(orders.report(&Report::fill(id, 10, 1, 2_000)).effect, Effect::Foreign);
    assert_eq!(orders.open(intent(1, 10)), Err(Refused::Stale), "its number is never used again");
}

#[test]
fn a_lost_acknowledgement_is_found_out_by_asking() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    let lost = tell(&mut orders, order, Event::NoAnswer, 20);
    assert_eq!((lost.to, lost.effect, orders.in_flight(1)), (State::Unknown, Effect::Ask, [10, 0]));
    let question = orders.question(order, 30);
    let open = answer(&mut orders, order, Event::FoundOpen, question, 0);
    assert_eq!((open.to, open.effect), (State::Working, Effect::Note));
}

#[test]
fn nothing_by_that_id_counts_only_once_the_message_cannot_arrive_any_more() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::NoAnswer, 20);
    let early = orders.question(order, 100);
    let outcome = answer(&mut orders, order, Event::NotFound, early, -1);
    assert_eq!((outcome.event, outcome.effect, outcome.to), (Event::NotFoundYet, Effect::Ask, State::Unknown));
    let certain = orders.question(order, 101);
    assert_eq!(answer(&mut orders, order, Event::NotFound, early, -1).effect, Effect::Ignore, "an answer to an earlier question");
    let outcome = answer(&mut orders, order, Event::NotFound, certain, -1);
    assert_eq!((outcome.effect, outcome.to, orders.in_flight(1)), (Effect::Lost, State::Rejected, [0, 0]));
    assert_eq!(orders.open(intent(1, 10)), Err(Refused::Known(order)), "the intent is never sent again");
}

#[test]
fn what_the_venue_has_held_is_never_lost() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::Accepted, 1);
    tell(&mut orders, order, Event::NoAnswer, 20);
    let question = orders.question(order, 10_000);
    let outcome = answer(&mut orders, order, Event::NotFound, question, -1);
    assert_eq!((outcome.event, outcome.to), (Event::NotFoundYet, State::Unknown));
}

#[test]
fn filled_without_its_trades_stays_unknown_until_they_are_fetched() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::NoAnswer, 20);
    let question = orders.question(order, 30);
    let told = answer(&mut orders, order, Event::FoundFilled, question, 10);
    assert_eq!((told.to, told.missing, orders.position(1), orders.in_flight(1)), (State::Unknown, 10, 0, [10, 0]));
    assert_eq!((fill(&mut orders, order, 3, 10).to, orders.position(1)), (State::Filled, 10));
}

#[test]
fn cancelled_with_trades_unseen_says_how_many_and_is_not_forgotten_before_they_are() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    let id = orders.get(order).unwrap().id;
    let told = orders.report(&Report { filled: 4, ..Report::plain(id, Event::Cancelled, 40) });
    assert_eq!((told.to, told.missing, orders.in_flight(1)), (State::Cancelled, 4, [4, 0]));
    assert_eq!(orders.forget(100_000), 0);
    assert_eq!((fill(&mut orders, order, 3, 4).effect, orders.in_flight(1)), (Effect::BookLate, [0, 0]));
    assert_eq!(orders.forget(300_000), 1);
}

#[test]
fn a_cancel_that_is_refused_is_asked_about() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    let (first, second) = (orders.cancel(order, 1).request, orders.cancel(order, 2).request);
    assert_eq!(answer(&mut orders, order, Event::CancelRefused, first, -1).effect, Effect::Ignore, "another cancel is on its way");
    assert_eq!(answer(&mut orders, order, Event::CancelRefused, second, -1).to, State::Unknown);
    assert!(orders.cancel(order, 3).goes_out(), "cancels are never blocked");
}

#[test]
fn a_change_holds_when_the_venue_says_so_and_both_terms_count_until_then() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::Accepted, 1);
    let change = orders.replace(order, Terms { lots: 15, ticks: 501 }, &OPEN, 2).unwrap();
    assert_eq!((change.to, orders.in_flight(1)), (State::Replacing, [15, 0]));
    let part = fill(&mut orders, order, 1, 10);
    assert_eq!((part.to, part.booked), (State::Replacing, 10), "of ten or of fifteen: the venue will say");
    let refused = answer(&mut orders, order, Event::ReplaceRefused, change.request, -1);
    assert_eq!((refused.to, refused.effect, orders.in_flight(1)), (State::Filled, Effect::Revert, [0, 0]));
    let order = sent(&mut orders, 2);
    tell(&mut orders, order, Event::Accepted, 1);
    let change = orders.replace(order, Terms { lots: 5, ticks: 499 }, &OPEN, 2).unwrap();
    let made = answer(&mut orders, order, Event::Replaced, change.request, -1);
    let live = orders.get(order).unwrap();
    assert_eq!((made.to, live.intent.lots, live.intent.ticks, orders.in_flight(1)), (State::Working, 5, 499, [5, 0]));
}

#[test]
fn an_order_is_sent_once_and_not_outside_the_fence() {
    let mut orders = orders();
    let order = orders.open(intent(1, 10)).unwrap();
    assert_eq!(orders.send(order, &Fence::new(2, i64::MAX), 0), Err(Fenced::OldEpoch));
    assert_eq!(orders.send(order, &Fence::new(1, 5), 5), Err(Fenced::LeaseOver));
    assert_eq!(orders.get(order).unwrap().state, State::New);
    assert!(orders.send(order, &OPEN, 6).unwrap().goes_out());
    let again = orders.send(order, &OPEN, 7).unwrap();
    assert_eq!((again.effect, again.goes_out()), (Effect::Refuse, false));
}

#[test]
fn a_cancel_before_sending_lets_nothing_leave() {
    let mut orders = orders();
    let order = orders.open(intent(1, -10)).unwrap();
    let dropped = orders.cancel(order, 0);
    assert_eq!((dropped.effect, dropped.to, dropped.goes_out(), orders.in_flight(1)), (Effect::Drop, State::Cancelled, false, [0, 0]));
    assert_eq!(orders.send(order, &OPEN, 1).unwrap().effect, Effect::Refuse);
}

#[test]
fn after_a_restart_everything_open_is_unknown_and_no_order_of_the_old_epoch_is_sent() {
    let mut before = orders();
    let (recorded, working) = (before.open(intent(1, 10)).unwrap(), sent(&mut before, 2));
    tell(&mut before, working, Event::Accepted, 1);
    fill(&mut before, working, 5, 3);
    let ended = sent(&mut before, 3);
    tell(&mut before, ended, Event::Rejected, 1);
    let mut after = orders();
    let mut to = Writer::default();
    before.save(&mut to);
    let bytes = to.finish();
    let mut from = Reader::new(&bytes);
    after.load(&mut from).unwrap();
    from.finish().unwrap();
    assert_eq!(after.hash(), before.hash());
    let mut asked = 0;
    after.recover(2, 1_000, |outcome| asked += usize::from(outcome.to == State::Unknown && outcome.effect == Effect::Ask));
    assert_eq!((asked, after.position(1)), (2, 3));
    let id = before.get(recorded).unwrap().id;
    let recorded = after.find(id).unwrap();
    assert_eq!(after.send(recorded, &Fence::new(2, i64::MAX), 1_001), Err(Fenced::OldEpoch));
    assert_eq!(after.open(intent(1, 10)), Err(Refused::Known(recorded)));
    let question = after.question(recorded, 1_101);
    let answered = after.report(&Report { request: question, ..Report::plain(id, Event::NotFound, 1_102) });
    assert_eq!(answered.effect, Effect::Lost, "asked after it could still arrive");
    let next = after.open(intent(4, 1)).unwrap();
    assert_eq!(after.get(next).unwrap().id.epoch(), 2);
}

#[test]
fn what_there_is_no_room_for_is_refused_and_not_forgotten() {
    let mut orders = orders();
    for number in 0..8 {
        sent(&mut orders, number);
    }
    assert_eq!(orders.open(intent(8, 1)), Err(Refused::Full));
    let order = orders.iter().next().unwrap().0;
    for trade in 0..40 {
        let outcome = fill(&mut orders, order, trade, 1);
        assert_eq!(outcome.effect == Effect::Full, trade >= 32, "trade {trade}");
    }
    assert_eq!(orders.position(1), 32);
}

#[test]
fn what_stays_unknown_keeps_its_question() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::NoAnswer, 10);
    let certain = orders.question(order, 200);
    assert_eq!(tell(&mut orders, order, Event::NoAnswer, 210).to, State::Unknown, "told again");
    let outcome = answer(&mut orders, order, Event::NotFound, certain, -1);
    assert_eq!((outcome.effect, outcome.to), (Effect::Lost, State::Rejected), "the answer to a question asked before");
}

#[test]
fn the_largest_number_of_an_intent_is_taken_and_no_larger_one() {
    let mut orders = orders();
    assert!(orders.open(intent((1 << 40) - 1, 10)).is_ok());
    for number in [1 << 40, (1 << 40) + 1, u64::MAX] {
        assert_eq!(orders.open(intent(number, 10)), Err(Refused::Number));
    }
}

#[test]
fn a_question_that_nobody_answered_has_no_late_answer() {
    let mut orders = orders();
    let order = sent(&mut orders, 1);
    tell(&mut orders, order, Event::NoAnswer, 10);
    let asked = orders.question(order, 200);
    assert_eq!(answer(&mut orders, order, Event::NoAnswer, asked, -1).to, State::Unknown);
    let late = answer(&mut orders, order, Event::NotFound, asked, -1);
    assert_eq!((late.effect, late.to), (Effect::Ignore, State::Unknown), "it was given up");
    let again = orders.question(order, 300);
    assert_eq!(answer(&mut orders, order, Event::NotFound, again, -1).effect, Effect::Lost);
}
