//! The event host by hand: rows that are decided from outside, with the fills a trader would expect.
use bot4_engine::config::Config;
use bot4_engine::desk::reason::{OrderKind, Reason, Tif};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::want::Expiry;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::events::{Draft, Events, NUMBERS, Refusal};
use bot4_engine::signal::{AssetRows, Program};

const HOUR: i64 = 3_600_000;
const NAN: f64 = f64::NAN;

/// Bars of each asset: (hour, open, high, low, close).
type Bars = Vec<(i64, f64, f64, f64, f64)>;

struct Data {
    columns: Vec<(Vec<i64>, [Vec<f64>; 5])>,
}

impl Data {
    fn new(assets: &[Bars]) -> Self {
        let columns = assets.iter().map(|bars| {
            let column = |pick: fn(&(i64, f64, f64, f64, f64)) -> f64| bars.iter().map(pick).collect::<Vec<f64>>();
            let values = [column(|b| b.1), column(|b| b.2), column(|b| b.3), column(|b| b.4), vec![1e6; bars.len()]];
            (bars.iter().map(|b| b.0 * HOUR).collect(), values)
        });
        Self { columns: columns.collect() }
    }

    fn market(&self) -> Market<'_> {
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
        Market::new(["A", "B"][..self.columns.len()].iter().map(|s| listing(s)).collect(), rows.collect(), HOUR).unwrap()
    }

    fn events(&self, settled: u64, lanes: usize) -> Events<'_> {
        let market = self.market();
        let terms = vec![r#"{"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0}"#; self.columns.len()].join(",");
        let config = Config::from_json(&format!(
            r#"{{"cash":100000000000,"half_spread_e9":0,"impact":0,"volume_share_e9":1000000000,"collar_e9":1000000000,"max_leverage_e9":100000000000,"instruments":[{terms}]}}"#
        ));
        let program = Program::parse(&Events::silent_program(HOUR), &market.symbols()).unwrap();
        let replay = Replay::new(&market, &program, &config.unwrap(), &[], 0).unwrap();
        Events::new(replay, &market, vec![settled; self.columns.len()], lanes).unwrap()
    }
}

fn flat(hours: std::ops::Range<i64>, price: f64) -> Bars {
    hours.map(|hour| (hour, price, price, price, price)).collect()
}

fn draft(side: i64, kind: OrderKind, numbers: [f64; NUMBERS]) -> Draft {
    Draft { side, kind, tif: Tif::Gtc, expiry: Expiry::Never, unit: SizeUnit::Qty, post_only: false, reduce_only: false, oco: 0, numbers }
}

fn limit(side: i64, qty: f64, price: f64) -> Draft {
    draft(side, OrderKind::Limit, [qty, price, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN])
}

#[test]
fn rows_come_once_settled_and_end() {
    let data = Data::new(&[flat(0..5, 100.0), flat(2..5, 10.0)]);
    let mut events = data.events(1, 4);
    let mut seen = vec![];
    while events.advance().unwrap() {
        let present: Vec<(usize, u64)> = events.present().iter().map(|present| (present.asset, present.row)).collect();
        seen.push((events.time() / HOUR, present));
    }
    let expected = vec![(2, vec![(0, 1)]), (3, vec![(0, 2)]), (4, vec![(0, 3), (1, 1)]), (5, vec![(0, 4), (1, 2)])];
    assert_eq!(seen, expected);
    assert!(!events.advance().unwrap() && events.present().is_empty());
    assert_eq!(events.replay().equity_ts.len(), 5);
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
    let mut events = data.events(0, 4);
    let key = events.key("dip");
    assert_eq!((events.key("dip"), events.key("other")), (key, key + 1));

    assert!(events.advance().unwrap());
    let mut want = limit(1, 2.0, 98.0);
    want.numbers[7] = 10.0; // take
    assert_eq!(events.order(0, key, &want), Ok(true));
    assert_eq!(events.order(0, key, &want), Ok(true), "the same again changes nothing");
    assert_eq!(events.working(0).map(|(order, keyed)| (order.id, order.lots, keyed.price_ticks)).collect::<Vec<_>>(), [(0, 2_000, 9_800)]);

    assert!(events.advance().unwrap());
    let fills = events.fills();
    assert_eq!((fills.len(), fills[0].lots, fills[0].ticks), (1, 2_000, 9_800));
    assert_eq!(events.key_of(fills[0].order), Some(key));
    assert_eq!((events.quantity(0, fills[0].lots), events.price(0, fills[0].ticks)), (2.0, 98.0));
    assert_eq!((events.position(0).qty, events.position(0).avg_price), (2.0, 98.0));
    assert_eq!(events.account().unwrap().equity, 1_000.0);

    assert!(events.advance().unwrap());
    let fills = events.fills();
    assert_eq!((fills.len(), fills[0].lots, fills[0].ticks, fills[0].reason), (1, -2_000, 10_800, Reason::Take));
    assert_eq!(events.key_of(fills[0].order), Some(key), "an exit has the key of what it protects");
    assert_eq!(events.key_of(99), None);
    assert_eq!(events.account().unwrap().equity, 1_020.0);
    assert!(events.advance().unwrap() && events.fills().is_empty());
    assert_eq!(events.replay().records.fills.len(), 2);
}

#[test]
fn every_kind_reads_the_numbers_that_it_needs() {
    let data = Data::new(&[flat(0..3, 100.0)]);
    let mut events = data.events(0, 8);
    assert!(events.advance().unwrap());
    let price = |at: usize| {
        let mut numbers = [NAN; NUMBERS];
        (numbers[0], numbers[at]) = (1.0, 90.0);
        numbers
    };
    let mut stop_limit = price(2);
    stop_limit[1] = 89.0;
    let cases = [
        (OrderKind::Limit, 1, price(1), 1),
        (OrderKind::Stop, -1, price(2), 2),
        (OrderKind::StopLimit, -1, stop_limit, 1),
        (OrderKind::Trailing, -1, price(3), 3),
    ];
    for (at, (kind, side, numbers, needed)) in cases.into_iter().enumerate() {
        let key = events.key(&format!("k{at}"));
        assert_eq!(events.order(0, key, &draft(side, kind, numbers)), Ok(true), "{kind:?}");
        let mut lacks = numbers;
        lacks[needed] = NAN;
        assert_eq!(events.order(0, key, &draft(side, kind, lacks)), Ok(false), "{kind:?} without its price is withdrawn");
    }
    assert_eq!(events.working(0).count(), 0);
}

#[test]
fn cancels_take_one_key_or_all() {
    let data = Data::new(&[flat(0..2, 100.0)]);
    let mut events = data.events(0, 4);
    assert!(events.advance().unwrap());
    let keys = ["a", "b", "c"].map(|text| events.key(text));
    for key in keys {
        assert_eq!(events.order(0, key, &limit(1, 1.0, 50.0)), Ok(true));
    }
    events.cancel(0, Some(keys[1]));
    assert_eq!(events.working(0).map(|(_, keyed)| keyed.key).collect::<Vec<_>>(), [keys[0], keys[2]]);
    events.cancel(0, None);
    assert_eq!(events.working(0).count(), 0);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let data = Data::new(&[flat(0..3, 100.0), flat(1..3, 10.0)]);
    let mut events = data.events(0, 1);
    assert!(events.advance().unwrap());
    let (a, b) = (events.key("a"), events.key("b"));
    assert_eq!(events.order(1, a, &limit(1, 1.0, 5.0)), Err(Refusal::Absent));
    assert_eq!(events.order(0, a, &limit(1, 1.0, 50.0)), Ok(true));
    assert_eq!(events.order(0, b, &limit(1, 1.0, 50.0)), Err(Refusal::NoLane));
    events.cancel(0, None);
    assert_eq!(events.order(0, b, &limit(1, 1.0, 50.0)), Ok(true), "an idle lane is taken over");
    let market = data.market();
    let program = Program::parse(&Events::silent_program(HOUR), &market.symbols()).unwrap();
    let terms = r#"{"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0}"#;
    let config = Config::from_json(&format!(
        r#"{{"cash":1,"half_spread_e9":0,"impact":0,"volume_share_e9":1,"collar_e9":1,"max_leverage_e9":1,"instruments":[{terms},{terms}]}}"#
    ));
    let replay = Replay::new(&market, &program, &config.unwrap(), &[], 0).unwrap();
    assert_eq!(Events::new(replay, &market, vec![0], 1).err(), Some("settled has 1 rows for 2 assets".to_string()));
}
