//! Another host than the program: it opens lanes by key while it runs and says itself what it wants of them.
use super::case::HOUR;
use bot4_engine::config::Config;
use bot4_engine::desk::asked::Asked;
use bot4_engine::desk::lanes::LaneBook;
use bot4_engine::desk::reason::{Cause, OrderKind, Tif};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::want::{Exits, Expiry, Moment, Want};
use bot4_engine::desk::{Desk, Setup, Source};
use bot4_engine::event::Entry;
use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::Scale;

struct Bars(Vec<[f64; 4]>);

impl Source for Bars {
    fn open(&self, _asset: usize, local: usize) -> f64 {
        self.0[local][0]
    }
    fn high(&self, _asset: usize, local: usize) -> f64 {
        self.0[local][1]
    }
    fn low(&self, _asset: usize, local: usize) -> f64 {
        self.0[local][2]
    }
    fn close(&self, _asset: usize, local: usize) -> f64 {
        self.0[local][3]
    }
    fn volume(&self, _asset: usize, _local: usize) -> f64 {
        1e6
    }
    fn row(&self, _asset: usize, local: usize) -> u64 {
        local as u64
    }
    fn target(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    fn fixed(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    fn trailing(&self, _asset: usize, _local: usize) -> f64 {
        f64::NAN
    }
    fn targets(&self, _asset: usize) -> &[f64] {
        &[]
    }
    fn closes(&self, _asset: usize) -> &[f64] {
        &[]
    }
}

fn desk() -> Desk {
    let config = r#"{"cash":100000000000,"half_spread_e9":0,"impact":0,"volume_share_e9":1000000000,"collar_e9":1000000000,
        "max_leverage_e9":3000000000,"instruments":[]}"#;
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
    let contract = Contract { kind: InstrumentKind::Linear, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 };
    let mut desk = Desk::new(Setup {
        contracts: vec![contract],
        rules: vec![None],
        entries: vec![],
        legs: vec![],
        interval_ms: HOUR,
        budget_e9: 0,
        track_extremes: true,
        config: &Config::from_json(config).unwrap(),
    });
    let mut book = LaneBook::with_room(1, 2);
    book.keys.extend(["b", "a", "c"].map(str::to_string));
    desk.equip(book);
    desk
}

fn limit(price: i64) -> Want {
    Want {
        side: 1,
        kind: OrderKind::Limit,
        tif: Tif::Gtc,
        expiry: Expiry::Never,
        post_only: false,
        reduce_only: false,
        oco: 0,
        unit: SizeUnit::Qty,
        size: 1_000,
        share: 1,
        per_unit: 0,
        price,
        trigger: 0,
        distance: 0,
        holds: true,
        exits: Exits { take: 500, ..Exits::default() },
    }
}

/// The market half of a row; returns its moment.
fn market(desk: &mut Desk, bars: &Bars, row: usize) -> Moment {
    let ts = row as i64 * HOUR;
    desk.market(ts, &[Entry { asset: 0, row: row as u32 }], bars).unwrap();
    Moment { t: ts + HOUR, row: row as u64, close: (bars.0[row][3] * 100.0).round() as i64 }
}

/// The decision half of a row on what is asked of lanes.
fn decide(desk: &mut Desk, bars: &Bars, now: Moment, asks: &[(u32, Option<Want>)]) {
    asks.iter().for_each(|&(lane, want)| desk.ask(Asked { lane, want, now }));
    desk.decide_asked(now.t, &[Entry { asset: 0, row: now.row as u32 }], bars).unwrap();
}

fn at_work(desk: &Desk) -> Vec<(u32, i64)> {
    desk.working().map(|order| (order.id, order.ref_ticks)).collect()
}

#[test]
fn a_host_opens_lanes_wants_keeps_replaces_and_withdraws() {
    let bars = Bars(vec![[100.0; 4], [100.0; 4], [100.0, 100.0, 94.0, 96.0], [96.0, 103.0, 95.0, 102.0]]);
    let mut desk = desk();
    let first = desk.lanes_mut().open(0, 0).expect("there is room");
    let second = desk.lanes_mut().open(0, 1).expect("there is room");
    assert_eq!(desk.lanes_mut().open(0, 0), Some(first), "a key keeps its lane");
    let now = market(&mut desk, &bars, 0);
    desk.ask(Asked { lane: first, want: Some(limit(9_500)), now });
    desk.ask(Asked { lane: second, want: Some(limit(9_000)), now });
    assert_eq!(desk.lanes_mut().open(0, 2), None, "two lanes are all, and both are asked for");
    decide(&mut desk, &bars, now, &[]);
    assert_eq!(at_work(&desk), [(1, 9_500), (0, 9_000)], "sent in the order of their keys: a, b");
    let now = market(&mut desk, &bars, 1);
    decide(&mut desk, &bars, now, &[(second, Some(limit(9_100))), (first, Some(limit(9_500)))]);
    assert_eq!(at_work(&desk), [(1, 9_500), (2, 9_100)], "unchanged, it keeps its number; changed, it is replaced");
    assert_eq!(desk.outbox.orders.last().map(|record| record.order.cause), Some(Cause::Replaced));
    let now = market(&mut desk, &bars, 2);
    assert_eq!(desk.ledger().positions[0].lots, 1_000);
    decide(&mut desk, &bars, now, &[(first, Some(limit(9_400))), (second, None)]);
    assert_eq!(at_work(&desk), [], "the first holds until its take");
    assert_eq!(desk.outbox.orders.last().map(|record| record.order.cause), Some(Cause::Withdrawn));

    // A desk restored here goes on alike.
    let empty = |desk: &mut Desk| {
        desk.outbox.orders.clear();
        desk.outbox.keyed.clear();
        desk.outbox.fills.clear();
        desk.outbox.trades.clear();
    };
    let state = |desk: &Desk| {
        let mut to = Writer::default();
        desk.save(&mut to);
        to.finish()
    };
    empty(&mut desk);
    let mut again = self::desk();
    again.load(&mut Reader::new(&state(&desk))).unwrap();
    for desk in [&mut desk, &mut again] {
        let now = market(desk, &bars, 3);
        assert_eq!(desk.ledger().positions[0].lots, 0, "taken at 100");
        assert_eq!(desk.outbox.fills.last().map(|fill| fill.ticks), Some(10_000));
        let third = desk.lanes_mut().open(0, 2).expect("an idle lane is taken over");
        decide(desk, &bars, now, &[(third, Some(limit(9_900)))]);
        assert_eq!(at_work(desk), [(4, 9_900)]);
        empty(desk);
    }
    assert_eq!(state(&desk), state(&again));
}
