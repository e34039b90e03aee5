//! A run over ticks: the desk at a venue that answers later. The venue here is written out by hand and shares nothing with the engine's.
use bot4_engine::config::Config;
use bot4_engine::desk::reason::{Cause, FillRule, Reason, Status};
use bot4_engine::desk::remote::{Act, Outgoing, Report, What};
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::ticks::{Features, Post, Recorded, Venue};
use bot4_engine::signal::op::FEATURES;
use bot4_engine::signal::{AssetRows, Program};

const EVERY: i64 = 100;
const MS: i64 = 1_000_000;
/// One lot is 0.001, one tick 0.1: a lot at one tick is 0.0001 quote.
const LOT_TICK: i64 = 10_000;

/// A venue that does what a function says of each order: reports after so many ms.
struct Scripted<F: FnMut(&Act, i64) -> Vec<(i64, u32, What)>> {
    answer: F,
    coming: Vec<Report>,
    seen: Vec<(i64, Act)>,
}

impl<F: FnMut(&Act, i64) -> Vec<(i64, u32, What)>> Scripted<F> {
    fn new(answer: F) -> Self {
        Self { answer, coming: Vec::new(), seen: Vec::new() }
    }
}

impl<F: FnMut(&Act, i64) -> Vec<(i64, u32, What)>> Venue for Scripted<F> {
    fn reports(&mut self, local_ns: i64, to: &mut Vec<Report>) {
        self.coming.sort_by_key(|report| report.local_ns);
        while self.coming.first().is_some_and(|report| report.local_ns <= local_ns) {
            to.push(self.coming.remove(0));
        }
    }

    fn act(&mut self, local_ns: i64, act: &Act) {
        self.seen.push((local_ns / MS, *act));
        for (ms, order, what) in (self.answer)(act, local_ns / MS) {
            self.coming.push(Report { order, venue_ns: (local_ns / MS + ms / 2) * MS, local_ns: local_ns + ms * MS, what });
        }
    }
}

struct Data {
    ts: Vec<i64>,
    mid: Vec<f64>,
    zero: Vec<f64>,
    features: Vec<Vec<f64>>,
}

impl Data {
    /// Rows of a mid; the bid stands half a quote unit below, the ask above.
    fn new(mid: &[f64]) -> Self {
        let ts = (0..mid.len() as i64).map(|row| row * EVERY).collect();
        let column = |name: &str| match name {
            "book.mid" => mid.to_vec(),
            "book.bid" => mid.iter().map(|x| x - 0.5).collect(),
            "book.ask" => mid.iter().map(|x| x + 0.5).collect(),
            _ => vec![f64::NAN; mid.len()],
        };
        Self { ts, mid: mid.to_vec(), zero: vec![0.0; mid.len()], features: FEATURES.map(column).to_vec() }
    }

    fn market(&self) -> Market<'_> {
        let rows = AssetRows { ts: &self.ts, open: &self.mid, high: &self.mid, low: &self.mid, close: &self.mid, volume: &self.zero };
        let listing = Listing {
            symbol: "A/USD:USD".into(),
            venue: "test".into(),
            kind: InstrumentKind::Linear,
            base: "A".into(),
            quote: "USD".into(),
            tick: (1, 1),
            lot: (1, 3),
            contract: None,
        };
        Market::new(vec![listing], vec![rows], EVERY).unwrap()
    }

    fn features(&self) -> Features<'_> {
        Features { columns: std::array::from_fn(|at| self.features[at].as_slice()) }
    }
}

fn program(nodes: &str, rest: &str) -> Program {
    let json =
        format!(r#"{{"version":1,"kind":"strategy","interval_ms":{EVERY},"clocks":[{EVERY}],"rows":"book","nodes":[{nodes}],{rest}}}"#);
    Program::parse(&json, &["A/USD:USD"]).unwrap()
}

fn config(leverage: i64) -> Config {
    Config::from_json(&format!(
        r#"{{"cash":100000000000,"half_spread_e9":0,"impact":0.0,"volume_share_e9":1000000000,"collar_e9":1000000000,"max_leverage_e9":{},"instruments":[{{"taker_e9":500000,"maker_e9":0,"min_lots":1,"min_notional":0}}]}}"#,
        leverage * 1_000_000_000
    ))
    .unwrap()
}

/// Runs to the end; returns the run and every report that it took.
fn run<'m>(
    market: &Market<'m>,
    data: &'m Data,
    program: &Program,
    leverage: i64,
    block: usize,
    venue: &mut impl Venue,
) -> (Replay<'m>, Vec<Report>) {
    let replay = Replay::new(market, program, &config(leverage), &[], block).unwrap();
    let mut replay = replay.with_stream().with_features(market, vec![data.features()]).unwrap();
    let (mut witness, mut post) = (Vec::new(), Post::default());
    while replay.advance_ticks(usize::MAX, venue, &mut witness, &mut post).unwrap() > 0 {}
    replay.records.sort();
    (replay, witness)
}

fn filled(lots: i64, ticks: i64, base: i64, rule: FillRule) -> What {
    What::Filled { lots, ticks, base, rule }
}

/// Long 10 lots while the mid is above 100.
fn taker() -> Program {
    program(
        r#"{"op":"col","in":[],"s":"book.mid"},{"op":"const","in":[],"f":[100]},{"op":"gt","in":[0,1]},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[0]},{"op":"where","in":[2,3,4]}"#,
        r#""targets":[{"node":5,"kind":"qty","asset":null,"band":0.0}]"#,
    )
}

#[test]
fn a_stop_is_watched_at_each_row_and_holds_flat_until_a_new_signal() {
    // In at 101.5 with a stop 2 below it: 99.5 at the mid of a row is reached, 99.6 is not.
    let data = Data::new(&[101.0, 101.0, 101.0, 99.6, 103.0, 99.5, 99.8, 101.0, 99.0, 102.0, 102.0]);
    let market = data.market();
    let stopped = program(
        r#"{"op":"col","in":[],"s":"book.mid"},{"op":"const","in":[],"f":[99.2]},{"op":"gt","in":[0,1]},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[0]},{"op":"where","in":[2,3,4]},{"op":"const","in":[],"f":[2]}"#,
        r#""targets":[{"node":5,"kind":"qty","asset":null,"band":0.0,"stops":[{"kind":"fixed","node":6}],"rearm":{"mode":"new_signal"}}]"#,
    );
    let mut venue = Scripted::new(|act, at| match act {
        // The stop's own order is filled in two parts; the first after a row has passed.
        Act::Send(out) if at == 600 => {
            vec![(120, out.order, filled(4, 985, 985, FillRule::Took)), (130, out.order, filled(6, 984, 984, FillRule::Took))]
        }
        Act::Send(out) => vec![(20, out.order, filled(out.lots, 1_015, 1_010, FillRule::Took))],
        Act::Cancel(_) => panic!("nothing is cancelled"),
    });
    let (run, _) = run(&market, &data, &stopped, 3, 0, &mut venue);
    let sends: Vec<(i64, i64)> =
        venue.seen.iter().map(|(at, act)| (*at, if let Act::Send(out) = act { out.side * out.lots } else { 0 })).collect();
    assert_eq!(sends, [(100, 10), (600, -10), (1_000, 10)], "the signal stays long at 800, and is held; at 900 it is flat, then new");
    let orders: Vec<_> = run.records.orders.iter().map(|record| (record.order.reason, record.order.ts, record.order.ref_ticks)).collect();
    assert_eq!(orders[1], (Reason::StopFixed, 600, 995));
    assert_eq!(run.desk().ledger().positions[0].lots, 10);
}

#[test]
fn a_trailing_stop_follows_the_rows_and_takes_back_what_a_quote_may_still_get() {
    let data = Data::new(&[101.0, 101.0, 104.0, 102.1, 102.0, 102.0, 102.0]);
    let market = data.market();
    let stopped = program(
        r#"{"op":"col","in":[],"s":"book.mid"},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[2]}"#,
        r#""targets":[{"node":1,"kind":"qty","asset":null,"band":0.0,"stops":[{"kind":"trailing","node":2}],"rearm":{"mode":"new_signal"}}]"#,
    );
    let mut venue = Scripted::new(|act, at| match act {
        Act::Send(out) if at == 100 => vec![(20, out.order, filled(6, 1_012, 1_010, FillRule::Took))],
        Act::Send(out) => vec![(20, out.order, filled(out.lots, 1_019, 1_020, FillRule::Took))],
        // The rest of the first order is filled while its cancel travels.
        Act::Cancel(order) => vec![(10, *order, filled(4, 1_020, 1_020, FillRule::Took))],
    });
    let (run, _) = run(&market, &data, &stopped, 3, 0, &mut venue);
    let seen: Vec<(i64, i64)> =
        venue.seen.iter().map(|(at, act)| (*at, if let Act::Send(out) = act { out.side * out.lots } else { 0 })).collect();
    // 104 lifts the stop to 102: at 102.0 it is reached, and what came after is sold too.
    assert_eq!(seen, [(100, 10), (500, 0), (500, -6), (600, -4)]);
    assert_eq!(run.desk().ledger().positions[0].lots, 0);
}

#[test]
fn a_target_waits_for_what_its_order_comes_to() {
    let data = Data::new(&[99.0, 101.0, 102.0, 103.0, 104.0, 105.0]);
    let market = data.market();
    let mut venue = Scripted::new(|act, _| match act {
        Act::Send(out) => vec![(150, out.order, filled(4, 1_015, 1_010, FillRule::Took)), (160, out.order, What::Ended(Cause::Ioc))],
        Act::Cancel(_) => panic!("nothing is cancelled"),
    });
    let (run, _) = run(&market, &data, &taker(), 3, 0, &mut venue);
    let sends: Vec<(i64, i64)> = venue.seen.iter().map(|(at, act)| (*at, if let Act::Send(out) = act { out.lots } else { 0 })).collect();
    assert_eq!(sends, [(200, 10), (400, 6), (600, 2)], "decided at the row's end, what was had less each time, never two at once");
    assert_eq!(run.desk().ledger().positions[0].lots, 8);
    let fill = &run.records.fills[0];
    assert_eq!((fill.ts, fill.row, fill.lots, fill.maker, fill.rule), (350, 3, 4, false, FillRule::Took));
    // 8 lots bought at 1015 ticks, held at 1050; 5 bp of each fill, rounded against us.
    let fee = 2 * (4 * 1_015 * LOT_TICK * 5 / 10_000);
    assert_eq!(run.desk().equity(), 100_000_000_000 + 8 * (1_050 - 1_015) * LOT_TICK - fee);
    assert_eq!(*run.equity.last().unwrap(), run.desk().equity());
}

/// One bid of 10 lots at the best bid, key `bid`.
fn bidder(size: &str) -> Program {
    program(
        &format!(r#"{{"op":"col","in":[],"s":"book.bid"}},{{"op":"const","in":[],"f":[{size}]}}"#),
        r#""targets":[],"orders":[{"key":"bid","side":1,"kind":"limit","asset":null,"size":{"unit":"qty","node":1},"price":0,"tif":"gtc","post_only":true}]"#,
    )
}

#[test]
fn an_unchanged_key_stays_and_a_leaving_order_may_still_be_filled() {
    let data = Data::new(&[100.0, 100.0, 101.0, 101.0, 101.0, 101.0]);
    let market = data.market();
    // The first order fills 3 lots while its cancel is on its way; the second rests.
    let mut venue = Scripted::new(|act, _| match act {
        Act::Cancel(order) => vec![(50, *order, filled(3, 995, 995, FillRule::Queue)), (120, *order, What::Ended(Cause::None))],
        Act::Send(_) => vec![],
    });
    let (run, _) = run(&market, &data, &bidder("0.01"), 3, 0, &mut venue);
    let bid = |order, price| {
        Act::Send(Outgoing {
            order,
            asset: 0,
            side: 1,
            lots: 10,
            price: Some(price),
            tif: bot4_engine::desk::reason::Tif::Gtc,
            post_only: true,
        })
    };
    assert_eq!(venue.seen, [(100, bid(0, 995)), (300, Act::Cancel(0)), (300, bid(1, 1_005))]);
    let ended = &run.records.orders[0];
    assert_eq!(
        (ended.order.id, ended.order.filled, ended.status, ended.order.cause, ended.done_ts),
        (0, 3, Status::Cancelled, Cause::Replaced, 420)
    );
    assert!(run.records.fills[0].maker);
    assert_eq!(run.desk().ledger().positions[0].lots, 3);
    assert_eq!(run.desk().working().map(|order| order.id).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_leaves_counts_in_every_limit() {
    // 1000 quote of cash at leverage 1 and prices of about 100: 10 coins of 6 and then 6 do not fit beside each other.
    let data = Data::new(&[100.0, 101.0, 101.0, 101.0, 101.0]);
    let market = data.market();
    let mut venue = Scripted::new(|act, _| match act {
        Act::Cancel(order) => vec![(130, *order, What::Ended(Cause::None))],
        Act::Send(_) => vec![],
    });
    let (_, _) = run(&market, &data, &bidder("6"), 1, 0, &mut venue);
    let sends: Vec<(i64, i64)> =
        venue.seen.iter().filter_map(|(at, act)| if let Act::Send(out) = act { Some((*at, out.lots)) } else { None }).collect();
    assert_eq!(sends[0], (100, 6_000));
    assert_eq!(sends[1].0, 200);
    assert!(sends[1].1 <= 1_000_000 * 1_000 / 100_500 - 6_000 + 1, "cut to what the leaving order leaves: {sends:?}");
}

#[test]
fn a_post_only_order_that_would_take_is_asked_for_again() {
    let data = Data::new(&[100.0; 5]);
    let market = data.market();
    let mut venue = Scripted::new(|act, at| match act {
        Act::Send(out) if at == 100 => vec![(10, out.order, What::Ended(Cause::WouldTake))],
        _ => vec![],
    });
    let (run, _) = run(&market, &data, &bidder("0.01"), 3, 0, &mut venue);
    assert_eq!(venue.seen.iter().map(|seen| seen.0).collect::<Vec<_>>(), [100, 200]);
    assert_eq!((run.records.orders[0].status, run.records.orders[0].order.cause), (Status::Cancelled, Cause::WouldTake));
}

fn busy(act: &Act, at: i64) -> Vec<(i64, u32, What)> {
    let order = match act {
        Act::Send(out) => out.order,
        Act::Cancel(order) => *order,
    };
    match (act, (at / 100 + i64::from(order)) % 4) {
        (Act::Send(out), 0) => vec![(30, order, filled(out.lots, out.price.unwrap_or(1_000), 1_000, FillRule::Queue))],
        (Act::Send(_), 1) => vec![(230, order, filled(1, 999, 999, FillRule::Crossed))],
        (Act::Cancel(_), 2) => vec![(30, order, filled(1, 998, 998, FillRule::Queue)), (330, order, What::Ended(Cause::None))],
        (Act::Cancel(_), _) => vec![(90, order, What::Ended(Cause::None))],
        _ => vec![],
    }
}

#[test]
fn blocks_of_any_length_and_a_recorded_venue_give_the_same_state() {
    let mids: Vec<f64> = (0..300).map(|row| 100.0 + f64::from(row * 7 % 13) / 10.0).collect();
    let data = Data::new(&mids);
    let market = data.market();
    let (whole, reports) = run(&market, &data, &bidder("0.01"), 3, 0, &mut Scripted::new(busy));
    assert!(whole.records.fills.len() > 50 && whole.desk().ledger().positions[0].lots > 0);
    for block in [1, 7] {
        let (cut, again) = run(&market, &data, &bidder("0.01"), 3, block, &mut Scripted::new(busy));
        assert_eq!((cut.hash(), &again), (whole.hash(), &reports));
    }
    let (recorded, again) = run(&market, &data, &bidder("0.01"), 3, 0, &mut Recorded::new(reports.clone()));
    assert_eq!((recorded.hash(), again), (whole.hash(), reports));
    assert_eq!(recorded.records.fills, whole.records.fills);
}

#[test]
fn a_saved_state_knows_what_leaves() {
    let data = Data::new(&[100.0, 101.0, 102.0]);
    let market = data.market();
    let (run, _) = run(&market, &data, &bidder("0.01"), 3, 0, &mut Scripted::new(|_, _| vec![]));
    assert_eq!(run.desk().working().count(), 3, "two leave, one works");
    let fresh = Replay::new(&market, &bidder("0.01"), &config(3), &[], 0).unwrap();
    let mut fresh = fresh.with_features(&market, vec![data.features()]).unwrap();
    fresh.load(&run.save()).unwrap();
    assert_eq!(fresh.hash(), run.hash());
    assert_eq!(fresh.desk().working().count(), 3);
    assert_eq!(fresh.desk().position_view(0).pending, run.desk().position_view(0).pending);
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let (data, short) = (Data::new(&[100.0, 101.0]), Data::new(&[100.0]));
    let market = data.market();
    let replay = |features| Replay::new(&market, &taker(), &config(3), &[], 0).unwrap().with_features(&market, features).err().unwrap();
    assert!(replay(vec![short.features()]).contains("different lengths"));
    assert!(replay(vec![]).contains("0 instruments"));
    let slow =
        r#"{"version":1,"kind":"strategy","interval_ms":100,"clocks":[100,200],"nodes":[{"op":"col","in":[],"s":"book.mid","clock":1}]}"#;
    assert!(Program::parse(slow, &["A/USD:USD"]).err().unwrap().contains("base clock only"));
    assert_ne!(
        taker().identity(),
        {
            let json = r#"{"version":1,"kind":"strategy","interval_ms":100,"clocks":[100],"rows":"trade","nodes":[{"op":"col","in":[],"s":"book.mid"},{"op":"const","in":[],"f":[100]},{"op":"gt","in":[0,1]},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[0]},{"op":"where","in":[2,3,4]}],"targets":[{"node":5,"kind":"qty","asset":null,"band":0.0}]}"#;
            Program::parse(json, &["A/USD:USD"]).unwrap().identity()
        },
        "what a row is made of is part of the identity"
    );
}
