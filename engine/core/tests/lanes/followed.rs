//! Orders followed on the simulated venue: what each of them was told comes to what the desk knows of it, to the lot.
use super::random::Random;
use crate::support::hand::*;
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::execution::simulated::{Change, Simulated};
use bot4_engine::desk::execution::states::{Event, State};
use bot4_engine::desk::operator::{Action, Command};
use bot4_engine::desk::reason::{Cause, Status};
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::replay::Replay;
use std::collections::BTreeMap;

/// Returns the state in which an order must have ended.
fn end_of(status: Status, cause: Cause) -> State {
    match (status, cause) {
        (Status::Rejected, _) => State::Rejected,
        (Status::Filled, _) => State::Filled,
        (_, Cause::Expired) => State::Expired,
        _ => State::Cancelled,
    }
}

/// Follows a whole stream, each change against what the desk told; returns positions, and how many ended, were cut and traded in part.
fn follow(stream: &[DeskEvent], assets: usize) -> (Vec<i64>, [usize; 3]) {
    let (mut orders, mut cuts, mut parts) = (0, 0, 0);
    let mut followed = Simulated::new(4_096, assets, 0, 7);
    let mut told: BTreeMap<u32, Vec<Change>> = BTreeMap::new();
    let (mut lots, mut filled): (BTreeMap<u32, i64>, BTreeMap<u32, i64>) = Default::default();
    for event in stream {
        followed.take(event, |change| told.entry(change.order).or_default().push(change)).unwrap();
        match event {
            DeskEvent::Sent(sent) => _ = lots.insert(sent.order.id, sent.order.lots),
            DeskEvent::Cut { order, ts } => {
                lots.insert(order.id, order.lots);
                let [.., asked, done] = told[&order.id][..] else { panic!("a cut is asked for and done") };
                assert_eq!((asked.outcome.to, done.outcome.event, done.ts), (State::Replacing, Event::Replaced, *ts));
                assert!(!done.outcome.to.is_ended() && done.outcome.to != State::Replacing, "{done:?}");
                cuts += 1;
            }
            DeskEvent::Filled(fill) => {
                let sum = filled.entry(fill.order).or_default();
                *sum += fill.lots.abs();
                let last = told[&fill.order].last().unwrap();
                assert_eq!((last.filled, last.outcome.booked, last.ts), (*sum, fill.lots, fill.ts));
                let is_whole = *sum == lots[&fill.order];
                assert_eq!(last.outcome.to, if is_whole { State::Filled } else { State::PartlyFilled });
                parts += usize::from(!is_whole);
            }
            DeskEvent::Ended(record) => {
                let Some(changes) = told.get(&record.order.id) else {
                    assert_eq!(record.status, Status::Rejected, "only what was never sent is unknown");
                    continue;
                };
                let last = changes.last().unwrap();
                assert_eq!(last.outcome.to, end_of(record.status, record.order.cause), "{record:?}");
                let was_taken = changes.iter().any(|change| change.outcome.to == State::Working);
                let was_traded = changes.iter().any(|change| change.outcome.to == State::PartlyFilled);
                assert!(was_taken || was_traded || record.status != Status::Cancelled, "{record:?} was working before");
                orders += 1;
            }
            DeskEvent::Cash(_) => {}
        }
    }
    followed.settle(|_| {});
    ((0..assets).map(|asset| followed.orders.position(asset)).collect(), [orders, cuts, parts])
}

fn held(desk: &Desk) -> Vec<i64> {
    desk.ledger().positions.iter().map(|position| position.lots).collect()
}

#[test]
fn every_keyed_order_goes_its_way_and_ends_as_the_desk_says() {
    let mut seen = [0; 3];
    for seed in 0..120 {
        Random::new(seed).with(|market, program, config| {
            let mut replay = Replay::new(market, program, config, &[], 0).unwrap().with_stream();
            replay.run(|_| true).unwrap();
            let (positions, counts) = follow(&replay.records.stream, market.listings.len());
            assert_eq!(positions, held(replay.desk()), "seed {seed}");
            (0..3).for_each(|i| seen[i] += counts[i]);
        });
    }
    assert!(seen[0] > 2_000 && seen[2] > 200, "{seen:?}");
}

#[test]
fn what_the_guard_cuts_is_replaced_on_its_way() {
    // A tenth of a coin trades in each bar: a short order turns three tenths that are held, and somebody pauses after its first part.
    let pause = Command::new(5 * HOUR, Action::Pause, "ada".to_owned());
    let config = Config { commands: vec![pause], ..config(Realism::Strict) };
    let target = vec![0.5, 0.5, 0.5, -0.5];
    let table = Table { bars: flat_bars(&[100.0; 9]), volume: 1.0, target, ..Table::default() };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, 1), &config, false);
    desk.tell();
    let records = play(&mut desk, &World(vec![table]));
    let (positions, [_, cuts, parts]) = follow(&records.stream, 1);
    assert_eq!(positions, held(&desk));
    assert!(cuts > 0 && parts > 0, "{cuts} cuts, {parts} parts");
}
