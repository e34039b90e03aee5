//! The exact queue, proven: an order put into the venue itself, and the same order in a replay of what the venue told without it, stand at the same
//! place in the queue at every moment and are filled at the same time by the same lots.
//!
//! Until its first fill an order changes nothing for the others, but that a post-only order which would meet it is refused, where the tape, without ours,
//! has it resting across us; none of these orders lives to see that. `BOT4_PROBES=1000` plays as many orders as that; the pipeline plays fewer.

#[path = "../support/orders.rs"]
mod orders;
#[path = "../support/mod.rs"]
mod support;

mod market;
mod rules;

use bot4_exchange::Micros;
use bot4_exchange::command::{Command, Force, Kind, NewOrder, Side as VenueSide};
use bot4_exchange::feed::{OrderFeed, OrderTold};
use bot4_exchange::profile::Profile;
use bot4_exchange::report::{Act, Report};
use bot4_exchange::text::Text;
use bot4_ticks::book::orders::{FastOrders, NaiveOrders, Orders};
use bot4_ticks::book::{Fast, Levels, Side};
use bot4_ticks::orders::Kind as RowKind;
use bot4_ticks::queue::Queue;
use bot4_ticks::random::Random;
use bot4_ticks::replay::{Ask, Config, Replay, Report as Own, Told, Why};
use market::{Grid, START, Tape, World, profile};
use support::limit;

const SECOND: Micros = 1_000_000;

/// What became of an order: what stood before it each time anything happened, and when its first fill was, of how many lots.
#[derive(Debug, Default, PartialEq)]
struct Fate {
    ahead: Vec<(i64, i64)>,
    filled: Option<(i64, i64)>,
}

#[derive(Debug, Clone, Copy)]
struct Probe {
    at: Micros,
    ask: Ask,
}

fn exact() -> Config {
    Config { queue: Queue::Exact, ..support::config() }
}

/// The order in a replay of the tape; also why it was filled first.
fn in_the_replay(tape: &Tape, probe: Probe, times: &[i64]) -> (Fate, Option<Why>) {
    let mut replay = Replay::<Fast>::new(tape.orders.columns(), &exact()).expect("a tape");
    replay.advance_to(probe.at * 1_000);
    let id = replay.submit(probe.ask).expect("an order");
    let (mut fate, mut why) = (Fate::default(), None);
    for &now in times {
        let reports = replay.advance_to(now);
        let first = reports.iter().find(|report| report.told == Told::Filled);
        if let Some(first) = first {
            let of = |report: &&Own| report.told == Told::Filled && report.exch_ns == first.exch_ns;
            fate.filled = Some((first.exch_ns, reports.iter().filter(of).map(|report| report.lots).sum()));
            why = Some(first.why);
            break;
        }
        fate.ahead.push((now, replay.ahead(id).expect("it rests")));
    }
    (fate, why)
}

/// The order in the venue itself, beside the same commands.
fn in_the_venue(profile: &Profile, seed: u64, tape: &Tape, probe: Probe) -> Fate {
    let mut world = World::new(profile, seed);
    let (mut fate, mut feed) = (Fate::default(), OrderFeed::new(0));
    let mut book = NaiveOrders::new(0, 0, 0);
    let mut own = 0;
    let Grid { tick, step } = world.grid;
    for (at, command) in &tape.commands {
        if own == 0 && *at > probe.at {
            let Ask { side, ticks, lots, .. } = probe.ask;
            let order = NewOrder {
                symbol: 0,
                side: if side == Side::Bid { VenueSide::Buy } else { VenueSide::Sell },
                kind: Kind::Limit,
                force: Some(Force::Gtc),
                quantity: Some(lots * step),
                quote_quantity: None,
                price: ticks.map(|ticks| ticks * tick),
                stop_price: None,
                trailing_delta: None,
                iceberg: None,
                client_id: Text::EMPTY,
                self_trade: None,
                strategy_id: None,
                strategy_type: None,
            };
            world.venue.apply(probe.at, &Command::Place(world.ours, order), &mut |report| {
                feed.take(&report);
                if let Report::Execution { act: Act::New, order, .. } = report {
                    own = order.id;
                }
            });
            assert!(own != 0, "our order was taken");
            follow(&mut feed, &mut book, world.grid);
        }
        let mut filled = 0;
        world.venue.apply(*at, command, &mut |report| {
            feed.take(&report);
            if let Report::Execution { act: Act::Trade, order, fill: Some(fill), .. } = report
                && order.id == own
            {
                filled += fill.quantity / step;
            }
        });
        follow(&mut feed, &mut book, world.grid);
        if own == 0 {
            continue;
        }
        if filled > 0 {
            fate.filled = Some((at * 1_000, filled));
            break;
        }
        let us = book.get(own).expect("it rests");
        fate.ahead.push((at * 1_000, book.ahead(us.side, us.ticks, us.turn - 1)));
    }
    fate
}

/// Takes what the venue told into a plain book of orders.
fn follow(feed: &mut OrderFeed, book: &mut NaiveOrders, grid: Grid) {
    feed.settle();
    for news in feed.news() {
        let (side, ticks, lots) =
            (if news.side == VenueSide::Buy { Side::Bid } else { Side::Ask }, news.price / grid.tick, news.quantity / grid.step);
        match news.told {
            OrderTold::Added => assert!(book.add(news.id, side, ticks, lots)),
            OrderTold::Changed => assert!(book.change(news.id, ticks, lots).is_some()),
            OrderTold::Left => assert!(book.remove(news.id).is_some()),
            OrderTold::Filled => {}
        }
    }
}

/// An order at or near the best of its side at a random moment; none that would take.
fn probe(tape: &Tape, random: &mut Random, from: Micros, until: Micros) -> Probe {
    let at = from + random.below((until - from) as u64 / 4_000) as Micros * 4_000 + 2_000;
    let mut replay = Replay::<Fast>::new(tape.orders.columns(), &exact()).expect("a tape");
    replay.advance_to(at * 1_000);
    let side = Side::of(random.below(2) as i8);
    let mut level = replay.book().best(side).expect("a market");
    for _ in 0..random.below(4) {
        level = replay.book().next(side, level.ticks).unwrap_or(level);
    }
    // Now and then a tick before the level: alone at its price.
    let better = if random.below(6) == 0 { side as i64 } else { 0 };
    let other = replay.book().best(side.other()).expect("a market").ticks;
    let ticks = if side.crosses(level.ticks + better, other) { level.ticks } else { level.ticks + better };
    Probe { at, ask: limit(side, ticks, 20 + random.below(2_000) as i64) }
}

#[test]
fn an_order_in_the_venue_and_in_a_replay_of_its_tape_have_one_fate() {
    let probes: u64 = std::env::var("BOT4_PROBES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut random = Random::new(11);
    let (mut seen, mut behind) = ([0_u64; 4], 0);
    for seed in 1..=probes.div_ceil(20) {
        let profile = profile(seed % 3 > 0);
        let mut world = World::new(&profile, seed);
        let until = START + 9 * SECOND;
        let tape = Tape::record(&mut world, until);
        let times: Vec<i64> = tape.commands.iter().map(|(at, _)| at * 1_000).collect();
        for number in 0..20 {
            let probe = probe(&tape, &mut random, START + 2 * SECOND, until - 3 * SECOND);
            let times: Vec<i64> = times.iter().copied().filter(|&now| now > probe.at * 1_000).collect();
            let (theory, why) = in_the_replay(&tape, probe, &times);
            let fact = in_the_venue(&profile, seed, &tape, probe);
            let told = format!("seed {seed} number {number} {probe:?} {why:?}");
            assert_eq!(theory, fact, "{told}");
            behind += u64::from(fact.ahead.first().is_some_and(|first| first.1 > 0));
            seen[why.map_or(0, |why| why as usize - 1)] += 1;
        }
    }
    println!("not filled {}, queue {}, through {}, crossed {}; {behind} stood behind others", seen[0], seen[1], seen[2], seen[3]);
    assert!(seen[0] > 0 && seen[1] > probes / 5 && behind > probes / 5, "{seen:?}, {behind} stood behind others");
}

#[test]
fn both_books_follow_the_venue_and_its_own_levels_are_theirs() {
    let mut world = World::new(&profile(true), 5);
    let tape = Tape::record(&mut world, START + 20 * SECOND);
    let rows = tape.orders.rows();
    let (low, high) = rows.check().expect("rows");
    let (mut naive, mut fast, mut levels) = (NaiveOrders::new(low, high, 0), FastOrders::new(low, high, rows.room()), Fast::new(low, high));
    let columns = tape.orders.columns();
    let mut at = 0;
    for row in 0..rows.exch_ns.len() {
        let (id, side, ticks, lots) = (rows.id[row] as u64, Side::of(rows.side[row]), rows.ticks[row], rows.lots[row]);
        match RowKind::of(rows.kind[row]).expect("a kind") {
            RowKind::Add => assert!(naive.add(id, side, ticks, lots) && fast.add(id, side, ticks, lots)),
            RowKind::Change => assert_eq!(naive.change(id, ticks, lots), fast.change(id, ticks, lots)),
            RowKind::Cancel => assert_eq!(naive.remove(id), fast.remove(id)),
            _ => assert_eq!(naive.get(id), fast.get(id)),
        }
        while at < columns.depth.exch_ns.len() && tape.orders.level_row(at) == row {
            levels.set(Side::of(columns.depth.side[at]), columns.depth.ticks[at], columns.depth.lots[at]);
            at += 1;
        }
        if row % 97 == 0 {
            assert_eq!(naive.hash(), fast.hash(), "row {row}");
        }
    }
    assert_eq!(naive.hash(), fast.hash());
    for (side, venue_side) in [(Side::Bid, VenueSide::Buy), (Side::Ask, VenueSide::Sell)] {
        let (mut told, mut ours, mut level) = (Vec::new(), Vec::new(), fast.best(side));
        world.venue.depth(0, venue_side, 10_000, |price, quantity| told.push((price / world.grid.tick, quantity / world.grid.step)));
        while let Some(found) = level {
            assert_eq!(levels.lots(side, found.ticks), found.lots, "the levels made of the rows");
            ours.push((found.ticks, found.lots));
            level = fast.next(side, found.ticks);
        }
        assert!(told.len() > 10 && told == ours, "{side:?}");
    }
}
