//! What holds in a replay, on sequences made by hand.

mod support;

use bot4_ticks::book::{Fast, Levels, Naive, Side};
use bot4_ticks::latency::Latency;
use bot4_ticks::queue::Queue;
use bot4_ticks::random::Random;
use bot4_ticks::replay::{Ask, Force, Realism, Refused, Replay, Report, Told, Why};
use support::{Tape, config, limit};

/// Told, lots and why of reports.
fn told(reports: &[Report]) -> Vec<(Told, i64, Why)> {
    reports.iter().map(|report| (report.told, report.lots, report.why)).collect()
}

/// Bid 100 × 50, ask 101 × 40 at time 0.
fn quiet() -> Tape {
    let mut tape = Tape::default();
    tape.snapshot(0, &[(100, 50), (99, 70)], &[(101, 40), (102, 60)]);
    tape
}

#[test]
fn requests_and_reports_take_their_time_and_the_feed_its_own() {
    let mut tape = quiet();
    tape.level(1_000, Side::Bid, 100, 20);
    tape.trade(2_000, Side::Ask, 100, 25);
    let columns = tape.columns(300);
    let mut config = config();
    (config.entry, config.response) = (Latency::Constant(70), Latency::Constant(30));
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    assert!(replay.advance_to(500).is_empty());
    assert_eq!(replay.book().lots(Side::Bid, 100), 50, "the feed takes 300");
    let id = replay.submit(limit(Side::Bid, 100, 10)).unwrap();
    assert!(replay.advance_to(599).is_empty());
    let accepted = replay.advance_to(600)[0];
    assert_eq!((accepted.id, accepted.told, accepted.exch_ns, accepted.local_ns), (id, Told::Accepted, 570, 600));
    replay.advance_to(1_200);
    assert_eq!((replay.book().lots(Side::Bid, 100), replay.venue_book().lots(Side::Bid, 100)), (50, 20), "the venue knows earlier");
    // 20 ahead of us at most since the level shrank; 25 trade: 5 reach us.
    let filled = replay.advance_to(9_999)[0];
    assert_eq!((filled.told, filled.lots, filled.left, filled.why), (Told::Filled, 5, 5, Why::Queue));
    assert_eq!((filled.exch_ns, filled.local_ns, filled.row), (2_000, 2_030, 0));
    assert_eq!((replay.tape().sold, replay.tape().lots, replay.now()), (25, -25, 9_999));
}

#[test]
fn a_cancel_in_flight_loses_against_a_fill_and_is_told_so() {
    let mut tape = quiet();
    tape.trade(1_000, Side::Ask, 99, 90);
    let columns = tape.columns(0);
    let mut config = config();
    config.cancel = Latency::Constant(100);
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    replay.advance_to(10);
    let id = replay.submit(limit(Side::Bid, 100, 3)).unwrap();
    replay.advance_to(950);
    replay.cancel(id);
    assert_eq!(told(replay.advance_to(1_049)), [(Told::Filled, 3, Why::Through)]);
    assert_eq!(told(replay.advance_to(1_050)), [(Told::NotThere, 0, Why::None)]);
    let early = replay.submit(limit(Side::Bid, 98, 3)).unwrap();
    replay.cancel(early);
    assert_eq!(told(replay.advance_to(2_000)), [(Told::Accepted, 0, Why::None), (Told::Cancelled, 0, Why::None)]);
    assert_eq!(replay.resting(), 0);
}

#[test]
fn a_trade_fills_no_more_than_it_holds_among_all_our_orders() {
    let mut tape = quiet();
    tape.trade(1_000, Side::Ask, 99, 100);
    let columns = tape.columns(0);
    let run = |realism| {
        let mut config = config();
        config.realism = realism;
        let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
        replay.advance_to(10);
        for (ticks, lots) in [(99, 30), (100, 80), (99, 60)] {
            replay.submit(limit(Side::Bid, ticks, lots)).unwrap();
        }
        let reports = replay.advance_to(5_000);
        reports.iter().filter(|report| report.told == Told::Filled).map(|report| (report.id, report.lots, report.why)).collect::<Vec<_>>()
    };
    // Our 100 takes 80 of the 100; 20 go on to 99, where 70 are ahead.
    assert_eq!(run(Realism::Strict), [(2, 80, Why::Through)]);
    // As if alone: 100 trade at 99, 70 were ahead, 30 reach each of them.
    assert_eq!(run(Realism::Neutral), [(2, 80, Why::Through), (1, 30, Why::Queue), (3, 30, Why::Queue)]);
    assert_eq!(run(Realism::Naive), [(2, 80, Why::Through), (1, 30, Why::Queue), (3, 60, Why::Queue)]);
}

#[test]
fn a_level_that_comes_to_stand_across_us_fills_what_it_holds_once() {
    let mut tape = quiet();
    tape.level(1_000, Side::Ask, 100, 8);
    tape.level(1_100, Side::Ask, 100, 8);
    tape.level(1_200, Side::Ask, 100, 11);
    tape.level(9_000, Side::Ask, 100, 11);
    let columns = tape.columns(0);
    let mut config = config();
    config.recovery_ns = 1_000;
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    replay.advance_to(10);
    replay.submit(limit(Side::Bid, 100, 30)).unwrap();
    let reports = replay.advance_to(1_000);
    assert_eq!(told(reports), [(Told::Accepted, 0, Why::None), (Told::Filled, 8, Why::Crossed)]);
    // After 100 of 1,000 ns none of 8 whole lots … 0.8 … has come back; the 3 that are new at 1,200 and the one that came back are.
    assert_eq!(told(replay.advance_to(1_200)), [(Told::Filled, 4, Why::Crossed)]);
    assert_eq!(told(replay.advance_to(9_000)), [(Told::Filled, 11, Why::Crossed)]);
}

#[test]
fn what_a_taker_takes_is_gone_and_comes_back() {
    let columns = quiet().columns(0);
    let mut config = config();
    config.recovery_ns = 1_000;
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    replay.advance_to(10);
    let sweep = Ask { side: Side::Bid, ticks: Some(102), lots: 90, force: Force::Now };
    replay.submit(sweep).unwrap();
    assert_eq!(told(replay.advance_to(20)), [(Told::Filled, 40, Why::Took), (Told::Filled, 50, Why::Took)]);
    replay.submit(sweep).unwrap();
    assert_eq!(told(replay.advance_to(20)), [(Told::Filled, 10, Why::Took), (Told::Expired, 0, Why::None)], "the same time");
    replay.advance_to(10 + 505);
    replay.submit(Ask { side: Side::Bid, ticks: None, lots: 21, force: Force::Now }).unwrap();
    let filled: i64 = replay.advance_to(530).iter().map(|report| report.lots).sum();
    assert_eq!(filled, 21, "half of 40 at 101 is back, the rest from 102");
    assert_eq!(replay.book().lots(Side::Ask, 101), 40, "the recorded book does not know of us");
}

#[test]
fn what_does_not_rest_ends_as_its_force_says() {
    let columns = quiet().columns(0);
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config()).unwrap();
    replay.advance_to(10);
    let mut send = |ticks, lots, force| {
        replay.submit(Ask { side: Side::Bid, ticks, lots, force }).unwrap();
        let now = replay.now() + 1_000_000_000;
        told(replay.advance_to(now))
    };
    assert_eq!(send(Some(101), 5, Force::Post), [(Told::WouldTake, 0, Why::None)]);
    assert_eq!(send(Some(101), 41, Force::All), [(Told::Expired, 0, Why::None)]);
    assert_eq!(send(Some(101), 40, Force::All), [(Told::Filled, 40, Why::Took)]);
    assert_eq!(send(Some(100), 1, Force::Now), [(Told::Expired, 0, Why::None)]);
    assert_eq!(send(Some(100), 1, Force::All), [(Told::Expired, 0, Why::None)]);
    assert_eq!(send(None, 101, Force::All), [(Told::Expired, 0, Why::None)]);
    let market = send(None, 101, Force::Now);
    assert_eq!(market, [(Told::Filled, 40, Why::Took), (Told::Filled, 60, Why::Took), (Told::Expired, 0, Why::None)]);
    let rests = send(Some(101), 45, Force::Rest);
    assert_eq!(rests, [(Told::Filled, 40, Why::Took), (Told::Accepted, 0, Why::None)]);
    assert_eq!(replay.resting(), 1);
}

#[test]
fn fewer_lots_keep_the_place_and_anything_else_loses_it() {
    let mut tape = quiet();
    tape.level(500, Side::Bid, 100, 90);
    tape.trade(1_000, Side::Ask, 100, 60);
    let columns = tape.columns(0);
    let run = |ticks, lots| {
        let mut replay = Replay::<Fast>::new(columns.borrow(), &config()).unwrap();
        replay.advance_to(10);
        let id = replay.submit(limit(Side::Bid, 100, 20)).unwrap();
        replay.advance_to(600);
        replay.amend(id, ticks, lots).unwrap();
        told(replay.advance_to(2_000))
    };
    // 50 were ahead when it came, 90 stand there when it is amended.
    assert_eq!(run(100, 7), [(Told::Amended, 0, Why::None), (Told::Filled, 7, Why::Queue)]);
    assert_eq!(run(100, 21), [(Told::Amended, 0, Why::None)]);
    assert_eq!(run(101, 5), [(Told::Filled, 5, Why::Took)]);
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config()).unwrap();
    replay.advance_to(10);
    replay.amend(77, 100, 1).unwrap();
    assert_eq!(told(replay.advance_to(20)), [(Told::NotThere, 0, Why::None)]);
}

#[test]
fn a_stop_at_the_first_report_leaves_the_rest_for_later() {
    let mut tape = quiet();
    tape.trade(1_000, Side::Ask, 99, 10);
    tape.trade(1_000, Side::Ask, 99, 10);
    tape.trade(1_500, Side::Ask, 99, 10);
    let columns = tape.columns(5);
    let mut config = config();
    (config.entry, config.response) = (Latency::Constant(100), Latency::Constant(200));
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    replay.advance_to(10);
    replay.submit(limit(Side::Bid, 100, 30)).unwrap();
    assert_eq!(told(replay.advance_to_report(9_000)), [(Told::Accepted, 0, Why::None)]);
    assert_eq!(replay.now(), 310);
    let two = replay.advance_to_report(9_000);
    assert_eq!(told(two), [(Told::Filled, 10, Why::Through), (Told::Filled, 10, Why::Through)]);
    assert_eq!((replay.now(), replay.tape().count), (1_200, 2));
    // What is sent now arrives at 1,300: before the third trade.
    replay.cancel(1);
    assert_eq!(told(replay.advance_to_report(9_000)), [(Told::Cancelled, 0, Why::None)]);
    assert!(replay.advance_to_report(9_000).is_empty());
    assert_eq!(replay.now(), 9_000);
}

#[test]
fn what_is_sent_later_arrives_later_and_reports_keep_their_order() {
    let columns = quiet().columns(0);
    let mut config = config();
    config.entry = Latency::LogNormal { median_ns: 1_000_000, sigma: 1.0 };
    config.response = config.entry.clone();
    config.cancel = config.entry.clone();
    let run = |seed| {
        let mut config = config.clone();
        (config.seed, config.max_orders) = (seed, 100);
        let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
        replay.advance_to(10);
        for _ in 0..50 {
            let id = replay.submit(limit(Side::Bid, 99, 1)).unwrap();
            replay.cancel(id);
        }
        replay.advance_to(1_000_000_000).to_vec()
    };
    let reports = run(1);
    assert_eq!(reports.len(), 100);
    assert!(reports.windows(2).all(|pair| pair[0].exch_ns <= pair[1].exch_ns && pair[0].local_ns <= pair[1].local_ns));
    assert!(reports.chunks(2).all(|pair| pair[0].id == pair[1].id && pair[1].told == Told::Cancelled));
    assert_eq!(reports, run(1));
    assert_ne!(reports, run(2));
}

#[test]
fn what_is_no_order_or_no_setting_is_refused() {
    let columns = quiet().columns(0);
    let mut config = config();
    config.max_orders = 2;
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
    replay.advance_to(10);
    assert!(matches!(replay.submit(limit(Side::Bid, 0, 1)), Err(Refused::Order(_))));
    assert!(matches!(replay.submit(limit(Side::Bid, 1, 0)), Err(Refused::Order(_))));
    let market = Ask { side: Side::Bid, ticks: None, lots: 1, force: Force::Post };
    assert!(matches!(replay.submit(market), Err(Refused::Order(_))));
    let first = replay.submit(limit(Side::Bid, 99, 1)).unwrap();
    replay.submit(limit(Side::Bid, 99, 1)).unwrap();
    assert_eq!(replay.submit(limit(Side::Bid, 99, 1)), Err(Refused::Full(2)));
    replay.cancel(first);
    replay.advance_to(20);
    assert!(replay.submit(limit(Side::Bid, 99, 1)).is_ok());
    let refused = |change: &dyn Fn(&mut bot4_ticks::replay::Config)| {
        let mut config = support::config();
        change(&mut config);
        Replay::<Fast>::new(columns.borrow(), &config).err()
    };
    assert!(matches!(refused(&|config| config.entry = Latency::Constant(-1)), Some(Refused::Setting(_))));
    assert!(matches!(refused(&|config| config.queue = Queue::Power(0.0)), Some(Refused::Setting(_))));
    assert!(matches!(refused(&|config| config.recovery_ns = -1), Some(Refused::Setting(_))));
    let mut bad = quiet();
    bad.level(1_000, Side::Bid, 0, 1);
    assert!(matches!(Replay::<Fast>::new(bad.columns(0).borrow(), &support::config()), Err(Refused::Columns(_))));
}

/// A random market and random orders; both books must tell the same, report by report.
#[test]
fn both_books_give_the_same_replay() {
    for seed in 0..12 {
        let columns = support::random_market(seed, 4_000).columns(40);
        let mut config = config();
        config.queue = [Queue::Pessimistic, Queue::Log, Queue::Power(2.0), Queue::Power3(3.0)][seed as usize % 4];
        config.realism = [Realism::Strict, Realism::Neutral, Realism::Naive][seed as usize % 3];
        (config.max_orders, config.recovery_ns, config.entry) = (500, 3_000, Latency::Constant(120));
        let mut naive = Replay::<Naive>::new(columns.borrow(), &config).unwrap();
        let mut fast = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
        let (mut random, mut fills, mut now) = (Random::new(seed), 0, 0);
        while let Some(next) = fast.next_ns() {
            now = now.max(next) + random.below(200) as i64;
            let reports = naive.advance_to(now).to_vec();
            assert_eq!(reports, fast.advance_to(now), "seed {seed} at {now}");
            assert_eq!((naive.book().hash(), naive.venue_book().hash()), (fast.book().hash(), fast.venue_book().hash()));
            fills += reports.iter().filter(|report| report.told == Told::Filled).count();
            let ask = support::random_ask(&mut random, fast.book());
            if fast.submit(ask).is_ok() {
                naive.submit(ask).unwrap();
            }
            let other = 1 + random.below(300);
            if random.below(3) == 0 {
                naive.cancel(other);
                fast.cancel(other);
            }
        }
        assert!(fills > 50, "seed {seed}: {fills} fills prove little");
    }
}

/// Strictly, no trade and no level gives more than it holds, whatever we send.
#[test]
fn strictly_no_liquidity_is_used_twice() {
    for seed in 0..8 {
        let tape = support::random_market(seed, 4_000);
        let columns = tape.columns(0);
        let mut config = config();
        (config.max_orders, config.recovery_ns) = (500, i64::MAX / 4);
        let mut replay = Replay::<Fast>::new(columns.borrow(), &config).unwrap();
        let mut random = Random::new(seed);
        let mut by_trade = std::collections::BTreeMap::<i64, i64>::new();
        let mut now = 0;
        while let Some(next) = replay.next_ns() {
            now = now.max(next) + random.below(200) as i64;
            for report in replay.advance_to(now) {
                if matches!(report.why, Why::Queue | Why::Through) {
                    *by_trade.entry(report.row).or_default() += report.lots;
                }
            }
            let _ = replay.submit(support::random_ask(&mut random, replay.book()));
        }
        assert!(by_trade.len() > 20, "seed {seed}");
        for (row, lots) in by_trade {
            assert!(lots <= columns.borrow().trades.lots[row as usize], "seed {seed}: trade {row} gave {lots}");
        }
    }
}
