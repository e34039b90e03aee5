//! The host of the event class by hand: rows that are decided from outside, with the fills a trader would expect.
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::reason::{Cause, OrderKind, Reason, Tif};
use bot4_engine::desk::rule::{Rule, Unit};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::want::{Exits, Expiry, Want};
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::money::E9;
use bot4_engine::replay::Replay;
use bot4_engine::replay::events::{EventRun, EventSetup, Standing};
use bot4_engine::signal::{AssetRows, Program};

const HOUR: i64 = 3_600_000;
const NAN: f64 = f64::NAN;

/// Bars of each asset: (hour, open, high, low, close).
type Bars = Vec<(i64, f64, f64, f64, f64)>;

struct Data {
    columns: Vec<(Vec<i64>, [Vec<f64>; 5])>,
    realism: Realism,
    compute_ms: i64,
    room: usize,
    from_ms: Option<i64>,
}

impl Data {
    fn new(assets: &[Bars]) -> Self {
        let columns = assets.iter().map(|bars| {
            let column = |pick: fn(&(i64, f64, f64, f64, f64)) -> f64| bars.iter().map(pick).collect::<Vec<f64>>();
            let values = [column(|b| b.1), column(|b| b.2), column(|b| b.3), column(|b| b.4), vec![1e6; bars.len()]];
            (bars.iter().map(|b| b.0 * HOUR).collect(), values)
        });
        Self { columns: columns.collect(), realism: Realism::Strict, compute_ms: 0, room: 8, from_ms: None }
    }

    fn run(&self) -> EventRun<'_> {
        let listing = |symbol: &str| Listing {
            symbol: symbol.into(),
            venue: "test".into(),
            kind: InstrumentKind::Linear,
            base: symbol.into(),
            quote: "USD".into(),
            tick: (1, 2),
            lot: (1, 3),
            contract: None,
        };
        let rows = self.columns.iter().map(|(ts, [open, high, low, close, volume])| AssetRows { ts, open, high, low, close, volume });
        let market = Market::new(["A", "B"][..self.columns.len()].iter().map(|s| listing(s)).collect(), rows.collect(), HOUR).unwrap();
        let terms = vec![r#"{"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0}"#; self.columns.len()].join(",");
        let config = Config::from_json(&format!(
            r#"{{"cash":100000000000,"half_spread_e9":0,"impact":0,"volume_share_e9":1000000000,"collar_e9":1000000000,"max_leverage_e9":100000000000,"instruments":[{terms}]}}"#
        ));
        let config = Config { realism: self.realism, trade_from_ms: self.from_ms, ..config.unwrap() };
        // A signal of every asset that settles at its second row, and one of B alone.
        let only = if self.columns.len() > 1 { r#","only":"B""# } else { "" };
        let program = Program::parse(
            &format!(
                r#"{{"version":1,"kind":"expression","interval_ms":{HOUR},"clocks":[{HOUR}],"nodes":[{{"op":"col","in":[],"s":"close"}},{{"op":"change","in":[0],"f":[1.0]}},{{"op":"col","in":[],"s":"open"{only}}}]}}"#
            ),
            &market.symbols(),
        )
        .unwrap();
        // Blocks of two rows: signals, fills and orders pass their ends.
        let replay = Replay::new(&market, &program, &config, &[1, 2], 2).unwrap();
        let setup = EventSetup { room: self.room, budget_e9: E9, compute_ms: self.compute_ms };
        EventRun::new(replay, vec![(1, None), (2, program.nodes[2].only)], program.settled([1].into_iter()), setup)
    }
}

fn flat(hours: std::ops::Range<i64>, price: f64) -> Bars {
    hours.map(|hour| (hour, price, price, price, price)).collect()
}

fn order(side: i64, kind: OrderKind, lots: i64, price: i64, trigger: i64) -> Want {
    Want {
        side,
        kind,
        tif: Tif::Gtc,
        expiry: Expiry::Never,
        post_only: false,
        reduce_only: false,
        oco: 0,
        unit: SizeUnit::Qty,
        size: lots,
        share: 1,
        per_unit: 0,
        price,
        trigger,
        distance: 0,
        holds: false,
        exits: Exits::default(),
    }
}

fn limit(side: i64, lots: i64, price: i64) -> Want {
    order(side, OrderKind::Limit, lots, price, 0)
}

fn rule(unit: Unit) -> Rule {
    Rule { unit, band_e9: 0, share: 1, settled: 0, rearm: Rearm::Immediate, fixed: true, trailing: false, take: false, age: None }
}

fn standing(raw: f64, fixed: f64) -> Standing {
    Standing { raw, fixed, trailing: NAN, take: NAN }
}

fn end(mut run: EventRun<'_>) -> bot4_engine::desk::records::Records {
    while run.advance().unwrap() {}
    let mut records = std::mem::take(&mut run.replay().records);
    records.sort();
    records
}

#[test]
fn rows_come_with_what_has_arrived_and_end() {
    let mut data = Data::new(&[flat(0..5, 100.0), vec![(2, 9.0, 9.0, 9.0, 10.0), (3, 10.0, 10.0, 10.0, 13.0)]]);
    let mut run = data.run();
    assert_eq!((run.now(), run.is_trading()), (0, true), "before the first row");
    let mut seen = vec![];
    while run.advance().unwrap() {
        let present: Vec<u32> = run.present().iter().map(|entry| entry.asset).collect();
        seen.push((run.now() / HOUR, present, run.arrived(1), run.is_settled(1), run.signal(0, 1), run.signal(1, 0)));
        assert!(run.fills().is_empty());
    }
    let shown: Vec<_> = seen.iter().map(|(t, present, rows, settled, ..)| (*t, present.clone(), *rows, *settled)).collect();
    assert_eq!(
        shown,
        [(1, vec![0], 0, false), (2, vec![0], 0, false), (3, vec![0, 1], 1, false), (4, vec![0, 1], 2, true), (5, vec![0], 2, true)]
    );
    assert!(seen[..3].iter().all(|row| row.4.is_nan()) && seen[3].4 == 3.0 && seen[4].4 == 3.0, "carried past the block's end");
    assert!(seen[1].5.is_nan() && seen[2].5 == 9.0 && seen[4].5 == 10.0, "a signal of B is seen from A");
    assert!(!run.advance().unwrap());
    assert_eq!(run.replay().equity_ts.len(), 5);
    data.from_ms = Some(3 * HOUR);
    let mut late = data.run();
    assert_eq!(late.now(), 2 * HOUR);
    assert!(late.advance().unwrap() && !late.is_trading());
}

#[test]
fn an_order_with_a_bracket_is_told_fill_by_fill() {
    let bars = vec![
        (0, 100.0, 100.0, 100.0, 100.0),
        (1, 100.0, 100.0, 97.0, 98.0),
        (2, 98.0, 111.0, 98.0, 110.0),
        (3, 110.0, 110.0, 110.0, 110.0),
    ];
    let data = Data::new(&[bars]);
    let mut run = data.run();
    assert!(run.advance().unwrap());
    let want = Want { holds: true, exits: Exits { take: 1_000, ..Exits::default() }, ..limit(1, 2_000, 9_800) };
    run.order(0, "dip", &want).unwrap();
    assert_eq!(run.lanes(0).filter(|(_, lane)| lane.order.is_some()).count(), 0, "it is sent by the row's decision");

    assert!(run.advance().unwrap());
    let fills = run.fills().to_vec();
    assert_eq!((fills.len(), fills[0].lots, fills[0].ticks), (1, 2_000, 9_800));
    assert_eq!(run.key_of(&fills[0]), Some("dip"));
    assert_eq!((run.scale(0).quantity(fills[0].lots), run.scale(0).price(fills[0].ticks as f64)), (2.0, 98.0));
    assert_eq!((run.position(0).qty, run.position(0).avg_price, run.account().unwrap().equity), (2.0, 98.0, 1_000.0));
    assert_eq!(run.lanes(0).map(|(key, lane)| (key, lane.bracket.held)).collect::<Vec<_>>(), [("dip", 2_000)]);
    run.order(0, "dip", &want).unwrap(); // Taken: nothing is sent while it holds.

    assert!(run.advance().unwrap());
    let fills = run.fills().to_vec();
    assert_eq!((fills.len(), fills[0].lots, fills[0].ticks, fills[0].reason), (1, -2_000, 10_800, Reason::Take));
    assert_eq!(run.key_of(&fills[0]), Some("dip"), "an exit has the key of what it protects");
    assert_eq!(run.account().unwrap().equity, 1_020.0);
    assert!(run.advance().unwrap() && run.fills().is_empty());
    let records = end(run);
    assert_eq!((records.fills.len(), records.orders.len()), (2, 2));
}

#[test]
fn asks_are_carried_out_by_key_with_reductions_first_whatever_their_order() {
    let data = Data::new(&[flat(0..6, 100.0)]);
    let asks = [("a", limit(1, 500, 9_000)), ("b", limit(-1, 500, 11_000)), ("c", limit(1, 500, 8_000))];
    for asked in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut run = data.run();
        assert!(run.advance().unwrap());
        run.order(0, "m", &order(1, OrderKind::Market, 1_000, 0, 0)).unwrap();
        assert!(run.advance().unwrap());
        asked.iter().for_each(|&at| run.order(0, asks[at].0, &asks[at].1).unwrap());
        assert!(run.advance().unwrap());
        let sent: Vec<(&str, u32)> = run.lanes(0).filter_map(|(key, lane)| lane.order.map(|resting| (key, resting.order.id))).collect();
        assert_eq!(sent, [("a", 2), ("b", 1), ("c", 3)], "the sale reduces and goes first, the others by key");
    }
}

#[test]
fn an_ask_keeps_replaces_or_withdraws_what_works() {
    let data = Data::new(&[flat(0..7, 100.0)]);
    let mut run = data.run();
    let id = |run: &EventRun<'_>| run.lanes(0).find_map(|(_, lane)| lane.order.map(|resting| resting.order.id));
    assert!(run.advance().unwrap());
    run.order(0, "k", &limit(1, 500, 9_000)).unwrap();
    assert!(run.advance().unwrap());
    assert_eq!(id(&run), Some(0));
    run.order(0, "k", &limit(1, 500, 9_000)).unwrap();
    assert!(run.advance().unwrap());
    assert_eq!(id(&run), Some(0), "the same again changes nothing");
    run.order(0, "k", &limit(1, 500, 8_000)).unwrap();
    run.order(0, "k", &limit(1, 500, 8_500)).unwrap();
    assert!(run.advance().unwrap());
    assert_eq!(id(&run), Some(1), "of two asks the later counts");
    run.order(0, "k", &limit(1, 500, 7_000)).unwrap();
    run.cancel(0, "k").unwrap();
    assert!(run.advance().unwrap());
    assert_eq!(id(&run), None);
    run.cancel(0, "k").unwrap();
    run.order(0, "k", &limit(-1, 500, 12_000)).unwrap(); // Idle: the other side may use the key.
    assert!(run.advance().unwrap());
    assert_eq!(id(&run), Some(2));
    let ended: Vec<(i64, Cause)> = end(run).orders.iter().map(|record| (record.order.ref_ticks, record.order.cause)).collect();
    assert_eq!(ended, [(9_000, Cause::Replaced), (8_500, Cause::Withdrawn)]);
}

#[test]
fn a_target_stands_with_its_stop_and_acts_by_the_desks_rules() {
    let bars = vec![
        (0, 100.0, 100.0, 100.0, 100.0),
        (1, 100.0, 100.0, 100.0, 100.0),
        (2, 100.0, 100.0, 93.0, 94.0),
        (3, 94.0, 94.0, 94.0, 94.0),
        (4, 94.0, 94.0, 94.0, 94.0),
    ];
    let data = Data::new(&[bars]);
    let mut run = data.run();
    assert!(run.advance().unwrap());
    run.target(0, rule(Unit::Weight), standing(0.5, 5.0)).unwrap();
    run.target(0, rule(Unit::Weight), standing(0.5, 5.0)).unwrap();
    let records = end(run);
    let told: Vec<(i64, i64, Reason)> = records.fills.iter().map(|fill| (fill.ts / HOUR, fill.ticks, fill.reason)).collect();
    // In at the next open, stopped 5 below, and in again: the target stands and rearms at once.
    assert_eq!(told, [(1, 10_000, Reason::Target), (2, 9_500, Reason::StopFixed), (3, 9_400, Reason::Target)]);
    assert_eq!(records.fills[0].lots, 5_000);
}

#[test]
fn the_time_to_decide_delays_orders_where_latency_counts() {
    for (realism, hour) in [(Realism::Strict, 3), (Realism::Neutral, 3), (Realism::Naive, 1)] {
        let data = Data { realism, compute_ms: 2 * HOUR, ..Data::new(&[flat(0..5, 100.0)]) };
        let mut run = data.run();
        assert!(run.advance().unwrap());
        run.order(0, "k", &order(1, OrderKind::Market, 100, 0, 0)).unwrap();
        assert_eq!(end(run).fills[0].ts, hour * HOUR, "{realism:?}");
    }
}

#[test]
fn an_absent_asset_is_sent_its_orders_and_waits_with_its_target() {
    let data = Data::new(&[flat(0..6, 100.0), vec![(0, 10.0, 10.0, 10.0, 10.0), (4, 10.0, 10.0, 10.0, 10.0), (5, 10.0, 10.0, 10.0, 10.0)]]);
    for (is_order, hour) in [(true, 4), (false, 5)] {
        let mut run = data.run();
        assert!(run.advance().unwrap() && run.advance().unwrap());
        if is_order {
            run.order(1, "k", &order(1, OrderKind::Market, 100, 0, 0)).unwrap();
        } else {
            run.target(1, rule(Unit::Quantity), standing(0.1, NAN)).unwrap();
        }
        let fills = end(run).fills;
        assert_eq!((fills.len(), fills[0].ts / HOUR), (1, hour));
    }
}

#[test]
fn what_cannot_be_asked_is_refused_in_a_sentence() {
    let data = Data { room: 1, ..Data::new(&[flat(0..4, 100.0), flat(2..4, 10.0)]) };
    let mut run = data.run();
    assert!(run.advance().unwrap());
    let refused = |found: Result<(), String>| found.unwrap_err();
    assert!(refused(run.order(1, "k", &limit(1, 100, 900))).contains("no bar yet"));
    assert!(refused(run.cancel(0, "k")).contains("no order k to cancel; no order was asked for yet"));
    run.order(0, "k", &limit(1, 100, 9_000)).unwrap();
    assert!(refused(run.order(0, "k", &limit(-1, 100, 11_000))).contains("belongs to a buy"));
    assert!(refused(run.order(0, "other", &limit(1, 100, 9_000))).contains("set room = 2"));
    assert!(refused(run.cancel(0, "kk")).contains("keys are k"));
    assert!(refused(run.target(0, rule(Unit::Weight), standing(0.1, NAN))).contains("beside orders"));
    assert!(run.advance().unwrap());
    assert!(refused(run.order(0, "k", &limit(-1, 100, 11_000))).contains("belongs to a buy"));
    run.cancel(0, "k").unwrap();
    assert!(run.advance().unwrap());
    run.order(0, "other", &limit(1, 100, 9_000)).unwrap(); // The idle lane is taken over.
    run.cancel(0, "k").unwrap(); // Known, and long ended.
    run.target(1, rule(Unit::Weight), standing(0.1, NAN)).unwrap();
    assert!(refused(run.target(1, rule(Unit::Notional), standing(10.0, NAN))).contains("changes its unit"));
    assert!(refused(run.order(1, "k", &limit(1, 100, 900))).contains("beside a target"));
    assert_eq!((run.group("a"), run.group("b"), run.group("a")), (1, 2, 1));
}
