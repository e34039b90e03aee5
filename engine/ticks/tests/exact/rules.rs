//! What holds in an exact queue, on rows made by hand.

use super::exact;
use super::orders::{OrderTape, random_orders};
use super::support::limit;
use bot4_ticks::book::{Fast, Naive, Side};
use bot4_ticks::latency::Latency;
use bot4_ticks::orders::Kind;
use bot4_ticks::queue::Queue;
use bot4_ticks::random::Random;
use bot4_ticks::replay::{Ask, Config, Force, Realism, Refused, Replay, Report, Told, Why};

/// Bids at 100: 1 of 5, 2 of 3; an ask at 102.
fn quiet() -> OrderTape {
    let mut tape = OrderTape::default();
    tape.add(0, 1, Side::Bid, 100, 5);
    tape.add(0, 2, Side::Bid, 100, 3);
    tape.add(0, 9, Side::Ask, 102, 6);
    tape
}

fn fills(reports: &[Report]) -> Vec<(u64, i64, Why)> {
    reports.iter().filter(|report| report.told == Told::Filled).map(|report| (report.id, report.lots, report.why)).collect()
}

#[test]
fn only_who_stood_before_us_is_before_us() {
    let mut tape = quiet();
    tape.add(20, 3, Side::Bid, 100, 7);
    tape.row(30, Kind::Change, 1, 1, 100, 4); // less: keeps its place
    tape.row(40, Kind::Change, 2, 1, 100, 9); // more: behind us
    tape.row(50, Kind::Cancel, 3, 1, 100, 7); // was behind us
    tape.row(60, Kind::Fill, 1, 1, 100, 4);
    tape.row(60, Kind::Cancel, 1, 1, 100, 4);
    tape.row(70, Kind::Fill, 2, 1, 100, 2);
    tape.row(70, Kind::Change, 2, 1, 100, 7);
    tape.row(80, Kind::Fill, 2, 1, 100, 7);
    let tape = tape.finish();
    let mut replay = Replay::<Fast>::new(tape.columns(), &exact()).unwrap();
    replay.advance_to(10);
    let id = replay.submit(limit(Side::Bid, 100, 6)).unwrap();
    let mut seen = Vec::new();
    for now in [15, 25, 35, 45, 55] {
        replay.advance_to(now);
        seen.push(replay.ahead(id).unwrap());
    }
    assert_eq!(seen, [8, 8, 7, 4, 4]);
    assert!(replay.advance_to(65).is_empty(), "who was filled stood before us");
    assert_eq!(replay.ahead(id), Some(0));
    replay.amend(id, 100, 5).unwrap();
    let reports = replay.advance_to(75);
    assert_eq!((fills(reports), reports[1].row, reports[1].left), (vec![(id, 2, Why::Queue)], 9, 3), "what the order behind us got");
    assert_eq!(fills(replay.advance_to(90)), [(id, 3, Why::Queue)]);
    assert_eq!(replay.ahead(id), None);
}

#[test]
fn each_realism_fills_what_it_says() {
    let mut tape = quiet();
    tape.add(20, 3, Side::Bid, 99, 4);
    tape.row(30, Kind::Fill, 3, 1, 99, 4);
    tape.add(40, 10, Side::Ask, 99, 3);
    let tape = tape.finish();
    let run = |realism| {
        let mut replay = Replay::<Fast>::new(tape.columns(), &Config { realism, ..exact() }).unwrap();
        replay.advance_to(10);
        for (ticks, lots) in [(101, 3), (99, 5), (99, 9)] {
            replay.submit(limit(Side::Bid, ticks, lots)).unwrap();
        }
        [fills(replay.advance_to(35)), fills(replay.advance_to(50))]
    };
    let (through, queue, crossed) = (Why::Through, Why::Queue, Why::Crossed);
    assert_eq!(run(Realism::Strict), [vec![(1, 3, through), (2, 1, queue)], vec![(2, 3, crossed)]]);
    assert_eq!(run(Realism::Neutral), [vec![(1, 3, through), (2, 4, queue), (3, 4, queue)], vec![(2, 1, crossed), (3, 5, crossed)]]);
    assert_eq!(run(Realism::Naive), [vec![(1, 3, through), (2, 5, queue), (3, 9, queue)], vec![]]);
}

#[test]
fn a_book_that_is_told_anew_puts_us_behind_all_of_it() {
    let mut tape = quiet();
    tape.row(20, Kind::Clear, 0, 0, 0, 0);
    tape.add(20, 2, Side::Bid, 100, 3);
    tape.add(20, 1, Side::Bid, 100, 5);
    tape.add(20, 9, Side::Ask, 102, 6);
    tape.add(30, 4, Side::Bid, 100, 2);
    tape.row(40, Kind::Change, 4, 1, 101, 2);
    tape.row(50, Kind::Clear, 0, -1, 0, 0);
    let tape = tape.finish();
    let mut replay = Replay::<Naive>::new(tape.columns(), &exact()).unwrap();
    replay.advance_to(10);
    let bid = replay.submit(limit(Side::Bid, 100, 6)).unwrap();
    let ask = replay.submit(limit(Side::Ask, 101, 1)).unwrap();
    replay.advance_to(25);
    assert_eq!((replay.ahead(bid), replay.ahead(ask)), (Some(8), Some(0)));
    replay.advance_to(35);
    assert_eq!(replay.ahead(bid), Some(8), "4 came later");
    assert_eq!(fills(replay.advance_to(45)), [(ask, 1, Why::Crossed)], "4 moved to our ask's price");
    replay.submit(Ask { side: Side::Bid, ticks: None, lots: 3, force: Force::Now }).unwrap();
    assert_eq!(fills(replay.advance_to(45)), [(3, 3, Why::Took)]);
    replay.advance_to(60);
    replay.submit(Ask { side: Side::Bid, ticks: None, lots: 3, force: Force::Now }).unwrap();
    assert!(fills(replay.advance_to(60)).is_empty(), "there are no asks");
}

#[test]
fn levels_alone_have_no_exact_queue() {
    let tape = super::support::random_market(1, 50).columns(0);
    let refused = Replay::<Fast>::new(tape.borrow(), &exact()).err().unwrap();
    assert!(matches!(refused, Refused::Setting(text) if text.contains("by number")), "{refused}");
    assert_eq!(Queue::named("exact", 1.0), Some(Queue::Exact));
}

#[test]
fn both_books_of_levels_fill_alike_and_stops_change_nothing() {
    let tape = random_orders(3, 6_000);
    let mut config = exact();
    (config.entry, config.cancel, config.response) = (Latency::Constant(40), Latency::Constant(90), Latency::Constant(25));
    fn play<B: bot4_ticks::book::Levels>(tape: &OrderTape, config: &Config, is_stepping: bool) -> Vec<Report> {
        let mut replay = Replay::<B>::new(tape.columns(), config).unwrap();
        let (mut random, mut told, mut now) = (Random::new(5), Vec::new(), 0);
        for number in 0..900 {
            now += 150;
            if is_stepping {
                while replay.now() < now {
                    told.extend_from_slice(replay.advance_to_report(now));
                }
            } else {
                told.extend_from_slice(replay.advance_to(now));
            }
            if number % 3 == 2 {
                replay.cancel(number - 1);
            }
            let side = Side::of(random.below(2) as i8);
            let ticks = 1_000 - side as i64 * (random.below(6) as i64 - 1);
            let force = [Force::Rest, Force::Post, Force::Now, Force::All][random.below(4) as usize];
            let _ = replay.submit(Ask { side, ticks: Some(ticks), lots: 1 + random.below(20) as i64, force });
        }
        told.extend_from_slice(replay.advance_to(i64::MAX / 2));
        told
    }
    let plain = play::<Naive>(&tape, &config, false);
    assert_eq!(plain, play::<Fast>(&tape, &config, false));
    assert_eq!(plain, play::<Fast>(&tape, &config, true));
    let why = |why| plain.iter().filter(|report| report.why == why).count();
    assert!(why(Why::Queue) > 30 && why(Why::Took) > 20, "{} {}", why(Why::Queue), why(Why::Took));
}
