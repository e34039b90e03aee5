//! A recording as the market: clients' fills are those of `bot4-ticks`' replay of the same recording, the book is the recorded one.

use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, Side, Status};
use bot4_exchange::report::{Act, Report};
use bot4_exchange::text::Text;
use bot4_server::hall::{Hall, Settings};
use bot4_server::recording::{Changes, Prints};
use bot4_ticks::book::{Fast, Levels, Side as Half};
use bot4_ticks::columns::{Columns, Depth, FIRST, LAST, SNAPSHOT, Trades};
use bot4_ticks::latency::Latency;
use bot4_ticks::queue::Queue;
use bot4_ticks::random::Random;
use bot4_ticks::replay::{Ask, Config, Force as Tif, Realism, Replay, Report as Heard, Told};
use std::collections::BTreeMap;

const TICK: i64 = 10_000_000;
const LOT: i64 = 100_000;
const US: i64 = 1000;
/// 2024-08-08, ns.
const BEGIN: i64 = 1_723_075_200_000_000_000;
const RECOVERY_MS: i64 = 40;
/// The least lots of a trade: as many as rest of clients at most. A trade that passes a price without reaching an order there leaves nobody
/// ahead of it here, and what was ahead there.
const LEAST: i64 = 9;

fn hall(changes: &Changes, prints: &Prints) -> Hall {
    let settings = format!(
        r#"{{"address":"","accounts":[{{"name":"a","balances":{{"USDT":"900000000","BTC":"100000"}}}}],"keys":[],"limits":false,"speed":0,
        "recording":{{"symbol":"BTCUSDT","base":"BTC","quote":"USDT","tick":"0.1","lot":"0.001","recovery_ms":{RECOVERY_MS}}}}}"#
    );
    let settings: Settings = serde_json::from_str(&settings).expect("settings");
    Hall::new(&settings, Some((changes.clone(), prints.clone()))).expect("a venue")
}

/// A market that wanders: levels come, grow, shrink and go, trades at, inside and through the best prices, whole books now and then.
fn drawn(seed: u64, messages: usize) -> (Changes, Prints) {
    let (mut random, mut changes, mut prints) = (Random::new(seed), Changes::default(), Prints::default());
    let (mut mid, mut at) = (600_000_i64, BEGIN);
    let row = |changes: &mut Changes, at, side: i8, ticks, lots, flags| {
        changes.exch_ns.push(at);
        changes.local_ns.push(at);
        changes.side.push(side);
        changes.ticks.push(ticks);
        changes.lots.push(lots);
        changes.flags.push(flags);
    };
    for message in 0..messages {
        at += (1 + random.below(4_000) as i64) * US;
        if message % 200 == 0 {
            for level in 0..20 {
                let flags = SNAPSHOT | if level == 0 { FIRST } else { 0 };
                row(&mut changes, at, 1, mid - 1 - level, 1 + random.below(60) as i64, flags);
            }
            for level in 0..20 {
                let flags = SNAPSHOT | if level == 19 { LAST } else { 0 };
                row(&mut changes, at, -1, mid + 1 + level, 1 + random.below(60) as i64, flags);
            }
            continue;
        }
        if random.below(3) == 0 {
            let sold = random.below(2) == 0;
            let away = random.below(4) as i64 - 1;
            prints.exch_ns.push(at);
            prints.local_ns.push(at);
            prints.ticks.push(if sold { mid - 1 - away } else { mid + 1 + away });
            prints.lots.push(LEAST + random.below(40) as i64);
            prints.buyer_is_maker.push(u8::from(sold));
            continue;
        }
        mid += random.below(3) as i64 - 1;
        // A message tells a price once.
        let rows = 1 + random.below(4) as usize;
        let first = random.below(8);
        for place in 0..rows {
            let side = if random.below(2) == 0 { 1 } else { -1 };
            let ticks = mid + i64::from(-side) * (1 + ((first + place as u64) % 8) as i64);
            let lots = if random.below(3) == 0 { 0 } else { 1 + random.below(60) as i64 };
            let flags = if place == 0 { FIRST } else { 0 } | if place + 1 == rows { LAST } else { 0 };
            row(&mut changes, at, side, ticks, lots, flags);
        }
    }
    (changes, prints)
}

fn replay<'c>(changes: &'c Changes, prints: &'c Prints) -> Replay<'c, Fast> {
    let depth = Depth {
        exch_ns: &changes.exch_ns,
        local_ns: &changes.local_ns,
        side: &changes.side,
        ticks: &changes.ticks,
        lots: &changes.lots,
        flags: &changes.flags,
    };
    let trades = Trades {
        exch_ns: &prints.exch_ns,
        local_ns: &prints.local_ns,
        ticks: &prints.ticks,
        lots: &prints.lots,
        buyer_is_maker: &prints.buyer_is_maker,
    };
    let at_once = Latency::Constant(0);
    let config = Config {
        queue: Queue::Pessimistic,
        realism: Realism::Strict,
        entry: at_once.clone(),
        cancel: at_once.clone(),
        response: at_once,
        recovery_ns: RECOVERY_MS * 1_000_000,
        max_orders: 64,
        seed: 1,
    };
    Replay::new(Columns { depth, trades, ..Columns::default() }, &config).expect("a replay")
}

fn order(side: Side, ticks: i64, lots: i64, force: Force) -> NewOrder {
    NewOrder {
        symbol: 0,
        side,
        kind: Kind::Limit,
        force: Some(force),
        quantity: Some(lots * LOT),
        quote_quantity: None,
        price: Some(ticks * TICK),
        stop_price: None,
        trailing_delta: None,
        iceberg: None,
        client_id: Text::EMPTY,
        self_trade: None,
        strategy_id: None,
        strategy_type: None,
    }
}

/// Fills by time (µs), number of the order and price: lots.
type Fills = BTreeMap<(i64, u64, i64), i64>;

/// Orders by the venue's id: their number.
type Numbers = BTreeMap<u64, u64>;

fn note(hall: &Hall, now: i64, numbers: &Numbers, fills: &mut Fills) {
    for report in &hall.floor.reports {
        if let Report::Execution { act: Act::Trade, order, fill: Some(fill), .. } = report
            && let Some(number) = numbers.get(&order.id)
        {
            *fills.entry((now, *number, fill.price / TICK)).or_default() += fill.quantity / LOT;
        }
    }
}

fn hear(reports: &[Heard], fills: &mut Fills) {
    for report in reports.iter().filter(|report| report.told == Told::Filled) {
        *fills.entry((report.exch_ns / US, report.id, report.ticks)).or_default() += report.lots;
    }
}

/// Plays the recording on both, sends the same orders, and returns the fills of both.
fn both(seed: u64, messages: usize) -> (Fills, Fills, u64) {
    let (changes, prints) = drawn(seed, messages);
    let (mut hall, mut run) = (hall(&changes, &prints), replay(&changes, &prints));
    let (mut random, mut numbers) = (Random::new(seed ^ 0x5eed), Numbers::new());
    let (mut ours, mut theirs, mut open) = (Fills::new(), Fills::new(), Vec::new());
    let (mut number, end) = (0, *changes.exch_ns.last().expect("rows"));
    // Bids rest, or take asks: what one side takes is never what the other waits behind.
    let mut at = BEGIN;
    loop {
        at += (1 + random.below(9_000) as i64) * US;
        if at >= end {
            break;
        }
        let now = at / US;
        while let Some(acted) = hall.floor.act(now) {
            note(&hall, acted, &numbers, &mut ours);
        }
        hear(run.advance_to(at), &mut theirs);
        let (Some(bid), Some(ask)) = (run.venue_book().best(Half::Bid), run.venue_book().best(Half::Ask)) else { continue };
        let sent = match random.below(10) {
            0..=4 => (bid.ticks - random.below(4) as i64, 1 + random.below(3) as i64, Tif::Rest, Force::Gtc),
            // Where an order of ours stands at the ask, nothing of what comes back is shown there: it would trade with it.
            5 if hall.floor.exchange.best(0, Side::Buy).is_none_or(|(best, _)| best < ask.ticks * TICK) => {
                (ask.ticks + random.below(3) as i64, 1 + random.below(50) as i64, Tif::Now, Force::Ioc)
            }
            6 if !open.is_empty() => {
                let (id, key) = open.swap_remove(random.below(open.len() as u64) as usize);
                run.cancel(id);
                let cancel = Cancel { symbol: 0, key: Key::Order(key), client_id: Text::EMPTY, only: None };
                hall.floor.run(&Command::Cancel(1, cancel), now).expect("done");
                continue;
            }
            _ => continue,
        };
        if sent.2 == Tif::Rest && run.resting() as i64 >= LEAST / 3 {
            continue;
        }
        let (ticks, lots, tif, force) = sent;
        number += 1;
        assert_eq!(run.submit(Ask { side: Half::Bid, ticks: Some(ticks), lots, force: tif }), Ok(number));
        hear(run.advance_to(at), &mut theirs);
        hall.floor.run(&Command::Place(1, order(Side::Buy, ticks, lots, force)), now).expect("done");
        let id = hall.floor.reports.iter().find_map(|report| match report {
            Report::Execution { act: Act::New, order, .. } => Some(order.id),
            _ => None,
        });
        let id = id.unwrap_or_else(|| panic!("order {number} was refused: {:?}", hall.floor.reports));
        numbers.insert(id, number);
        open.push((number, id));
        note(&hall, now, &numbers, &mut ours);
    }
    (ours, theirs, number)
}

#[test]
fn clients_are_filled_as_in_a_replay_of_the_same_recording() {
    let (mut fills, mut orders) = (0, 0);
    for seed in 0..12 {
        let (ours, theirs, sent) = both(seed, 1_500);
        let differing: Vec<_> = ours
            .iter()
            .filter(|(key, lots)| theirs.get(key) != Some(lots))
            .map(|fill| ("server", fill))
            .chain(theirs.iter().filter(|(key, lots)| ours.get(key) != Some(lots)).map(|fill| ("replay", fill)))
            .collect();
        assert!(differing.is_empty(), "seed {seed}: {} of {}, {:?}", differing.len(), theirs.len(), &differing[..differing.len().min(8)]);
        (fills, orders) = (fills + ours.len(), orders + sent);
    }
    assert!(fills > 500 && orders > 1_500, "{fills} fills of {orders} orders");
}

#[test]
fn without_clients_the_book_is_the_recorded_one_and_so_are_the_trades() {
    let (changes, prints) = drawn(99, 2_000);
    let (mut hall, mut run) = (hall(&changes, &prints), replay(&changes, &prints));
    let mut told: Vec<(i64, i64, i64, bool)> = Vec::new();
    let mut checked = 0;
    for at in (BEGIN..=*changes.exch_ns.last().expect("rows")).step_by(37 * 1_000_000) {
        while let Some(acted) = hall.floor.act(at / US) {
            let mut whole: Option<(i64, i64, i64, bool)> = None;
            for report in &hall.floor.reports {
                if let Report::Trade { price, quantity, buyer_is_maker, .. } = *report {
                    let before = whole.map_or(0, |(_, _, lots, _)| lots);
                    whole = Some((acted, price / TICK, before + quantity / LOT, buyer_is_maker));
                }
            }
            told.extend(whole);
        }
        run.advance_to(at);
        let side = |half: Half| {
            let (mut levels, mut next) = (Vec::new(), run.venue_book().best(half));
            while let Some(level) = next {
                levels.push((level.ticks * TICK, level.lots * LOT));
                next = run.venue_book().next(half, level.ticks);
            }
            levels
        };
        let ladder = &hall.floor.feed.market(0).ladder;
        assert_eq!((ladder.bids().collect::<Vec<_>>(), ladder.asks().collect::<Vec<_>>()), (side(Half::Bid), side(Half::Ask)), "{at}");
        checked += 1;
    }
    let recorded =
        (0..prints.ticks.len()).map(|row| (prints.exch_ns[row] / US, prints.ticks[row], prints.lots[row], prints.buyer_is_maker[row] != 0));
    assert_eq!(told, recorded.take(told.len()).collect::<Vec<_>>());
    assert!(checked > 50 && told.len() > 500, "{checked} {}", told.len());
}

#[test]
fn the_end_closes_the_symbol_and_is_told() {
    let (changes, prints) = drawn(5, 300);
    let mut hall = hall(&changes, &prints);
    assert_eq!(hall.floor.recording().map(|(name, _, is_over)| (name.to_owned(), is_over)), Some(("BTCUSDT".to_owned(), false)));
    while hall.floor.act(i64::MAX).is_some() {}
    assert_eq!(hall.floor.exchange.status(0), Some(Status::Break));
    assert_eq!(hall.floor.recording().map(|(_, _, is_over)| is_over), Some(true));
    let end = changes.exch_ns.last().expect("rows").max(prints.exch_ns.last().expect("rows")) / US;
    assert_eq!(hall.floor.recording().map(|(_, end, _)| end), Some(end));
    hall.floor.run(&Command::Place(1, order(Side::Buy, 590_000, 1_000, Force::Gtc)), end + 1).expect("done");
    assert!(matches!(hall.floor.reports[0], Report::Refused(why) if hall.floor.profile.words(why) == "Market is closed."));
}

#[test]
fn after_a_halt_the_book_is_the_recorded_one_again() {
    let (changes, prints) = drawn(7, 900);
    let (mut hall, mut run) = (hall(&changes, &prints), replay(&changes, &prints));
    let status = |hall: &mut Hall, status, now| hall.floor.run(&Command::SetStatus(0, status), now).expect("done");
    let step = |hall: &mut Hall, from: usize, to: usize| {
        for row in from..to {
            while hall.floor.act(changes.exch_ns[row] / US).is_some() {}
        }
        changes.exch_ns[to - 1]
    };
    let at = step(&mut hall, 0, 600);
    status(&mut hall, Status::Halt, at / US);
    let at = step(&mut hall, 600, 900);
    status(&mut hall, Status::Trading, at / US);
    let at = step(&mut hall, 900, 910);
    run.advance_to(at);
    let ladder = &hall.floor.feed.market(0).ladder;
    let best = |half| run.venue_book().best(half).map(|level| (level.ticks * TICK, level.lots * LOT));
    assert_eq!((ladder.bids().next(), ladder.asks().next()), (best(Half::Bid), best(Half::Ask)));
    assert!(ladder.bids().count() > 5 && ladder.asks().count() > 5);
}
