//! A case by hand: bars of one asset, keyed orders whose numbers are written out row by row, and the fills they get.
use bot4_engine::config::Config;
use bot4_engine::desk::order::{KeyedRecord, OrderRecord};
use bot4_engine::desk::reason::{Cause, Evidence, FillRule, Reason, Status};
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::{AssetRows, Program};

pub const HOUR: i64 = 3_600_000;
pub const NAN: f64 = f64::NAN;
pub const STRICT: &str = "strict";
pub const NEUTRAL: &str = "neutral";
pub const NAIVE: &str = "naive";

/// Nodes and orders of a program. Ticks are 0.01, lots 0.001.
pub struct Case {
    pub nodes: Vec<String>,
    pub orders: Vec<String>,
    pub bars: Vec<[f64; 4]>,
    pub volume: Vec<f64>,
    pub kind: InstrumentKind,
    pub realism: &'static str,
    /// Further keys of the configuration, each with a comma behind it.
    pub settings: &'static str,
    pub maker_e9: i64,
    pub taker_e9: i64,
    pub cash: i64,
}

impl Case {
    pub fn new(realism: &'static str, bars: &[[f64; 4]]) -> Self {
        let nodes = [
            r#"{"op":"state","in":[2],"f":[0]}"#,
            r#"{"op":"const","f":[1]}"#,
            r#"{"op":"add","in":[0,1]}"#,
            r#"{"op":"const","f":[-1]}"#,
            r#"{"op":"sqrt","in":[3]}"#,
        ];
        Self {
            nodes: nodes.map(str::to_string).to_vec(),
            orders: vec![],
            bars: bars.to_vec(),
            volume: vec![1e6; bars.len()],
            kind: InstrumentKind::Linear,
            realism,
            settings: "",
            maker_e9: 0,
            taker_e9: 0,
            cash: 1_000_000,
        }
    }

    fn node(&mut self, json: String) -> usize {
        self.nodes.push(json);
        self.nodes.len() - 1
    }

    /// A node with one number for ever; NaN is missing.
    pub fn constant(&mut self, x: f64) -> usize {
        if x.is_nan() { 4 } else { self.node(format!(r#"{{"op":"const","f":[{x:?}]}}"#)) }
    }

    /// A node with a number for each row; the last one stays.
    pub fn series(&mut self, values: &[f64]) -> usize {
        let mut rest = self.constant(*values.last().unwrap());
        for (row, &value) in values.iter().enumerate().rev().skip(1) {
            let (row, value) = (self.constant(row as f64), self.constant(value));
            let before = self.node(format!(r#"{{"op":"le","in":[0,{row}]}}"#));
            rest = self.node(format!(r#"{{"op":"where","in":[{before},{value},{rest}]}}"#));
        }
        rest
    }

    /// A condition that is true at these rows.
    pub fn at(&mut self, rows: &[usize]) -> usize {
        let last = self.bars.len();
        let values: Vec<f64> = (0..=last).map(|row| if rows.contains(&row) { 1.0 } else { 0.0 }).collect();
        self.series(&values)
    }

    /// Adds an order of `qty` coins; `fields` are written as in the program, nodes as numbers.
    pub fn order(&mut self, key: &str, side: i64, kind: &str, qty: f64, fields: &str) -> &mut Self {
        let size = self.constant(qty);
        self.orders.push(format!(
            r#"{{"key":"{key}","side":{side},"kind":"{kind}","size":{{"unit":"qty","node":{size}}}{}{fields}}}"#,
            if fields.is_empty() { "" } else { "," }
        ));
        self
    }

    pub fn program(&self) -> Program {
        let json = format!(
            r#"{{"version":1,"kind":"strategy","interval_ms":{HOUR},"clocks":[{HOUR}],"nodes":[{}],"orders":[{}]}}"#,
            self.nodes.join(","),
            self.orders.join(",")
        );
        Program::parse(&json, &["A/USD"]).unwrap()
    }

    pub fn config(&self) -> Config {
        let Self { realism, settings, maker_e9, taker_e9, cash, .. } = self;
        let cash = cash * 100_000_000;
        let rest = |key: &str, value: &str| if settings.contains(key) { String::new() } else { format!("\"{key}\":{value},") };
        Config::from_json(&format!(
            r#"{{"cash":{cash},"realism":"{realism}",{settings}{}{}{}{}{}"instruments":[{{"taker_e9":{taker_e9},"maker_e9":{maker_e9},"min_lots":1,"min_notional":0}}]}}"#,
            rest("half_spread_e9", "0"),
            rest("impact", "0"),
            rest("volume_share_e9", "1000000000"),
            rest("collar_e9", "1000000000"),
            rest("max_leverage_e9", "100000000000"),
        ))
        .unwrap()
    }

    /// Plays the case and checks the books.
    pub fn play(&self) -> Played {
        let ts: Vec<i64> = (0..self.bars.len() as i64).map(|row| row * HOUR).collect();
        let column = |at: usize| self.bars.iter().map(|bar| bar[at]).collect::<Vec<f64>>();
        let [open, high, low, close] = [0, 1, 2, 3].map(column);
        let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &self.volume };
        let listing = Listing {
            symbol: "A/USD".into(),
            venue: "test".into(),
            kind: self.kind,
            base: "A".into(),
            quote: "USD".into(),
            tick: (1, 2),
            lot: (1, 3),
            contract: None,
        };
        let market = Market::new(vec![listing], vec![rows], HOUR).unwrap();
        let mut replay = Replay::new(&market, &self.program(), &self.config(), &[], 0).unwrap();
        assert_eq!(replay.run(|_| true), Ok(true));
        let mut records = std::mem::take(&mut replay.records);
        let working = replay.desk().working().map(|&order| OrderRecord { order, status: Status::Working, done_ts: -1 });
        records.orders.extend(working);
        records.keyed.extend(replay.desk().working_keyed());
        records.sort();
        // What the guard sends has no lane.
        let of_lanes = records.orders.iter().filter(|o| !matches!(o.order.reason, Reason::RiskFlatten | Reason::RiskReduce));
        assert!(of_lanes.map(|o| o.order.id).eq(records.keyed.iter().map(|k| k.order)), "each order has its details");
        let sum = |id| records.fills.iter().filter(|f| f.order == id).map(|f| f.lots.abs()).sum::<i64>();
        assert!(records.orders.iter().all(|o| sum(o.order.id) == o.order.filled), "an order's fills add up");
        Played { fills: records.fills, orders: records.orders, keyed: records.keyed }
    }
}

pub struct Played {
    pub fills: Vec<bot4_engine::desk::order::FillRecord>,
    pub orders: Vec<OrderRecord>,
    pub keyed: Vec<KeyedRecord>,
}

/// (bar, lots, price in ticks, rule, reason)
pub type Brief = (i64, i64, i64, FillRule, Reason);

impl Played {
    pub fn brief(&self) -> Vec<Brief> {
        self.fills.iter().map(|f| (f.ts / HOUR, f.lots, f.ticks, f.rule, f.reason)).collect()
    }

    /// (status, cause, lots sent, lots filled)
    pub fn ends(&self) -> Vec<(Status, Cause, i64, i64)> {
        self.orders.iter().map(|o| (o.status, o.order.cause, o.order.lots, o.order.filled)).collect()
    }

    pub fn evidence(&self) -> Vec<(Evidence, i64)> {
        self.keyed.iter().map(|k| (k.evidence, k.evidence_row)).collect()
    }
}
