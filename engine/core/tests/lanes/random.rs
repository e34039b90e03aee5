//! Random keyed orders over two assets of random bars, from a seed.
use super::case::{HOUR, NAIVE, NEUTRAL, STRICT};
use bot4_engine::config::Config;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::signal::{AssetRows, Program};

const SYMBOLS: [&str; 2] = ["AAA/USD", "BBB/USD:USD"];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Columns of one asset.
#[derive(Clone)]
pub struct Columns {
    ts: Vec<i64>,
    values: [Vec<f64>; 5],
}

/// One random case.
#[derive(Clone)]
pub struct Random {
    pub orders: Vec<String>,
    columns: Vec<Columns>,
    config: String,
}

/// Nodes that orders choose from: prices near the close, distances, conditions, one look at the own position.
const NODES: &str = r#"{"op":"col","s":"close"},{"op":"const","f":[0.995]},{"op":"mul","in":[0,1]},{"op":"const","f":[1.005]},{"op":"mul","in":[0,3]},
    {"op":"roll_min","in":[0],"f":[4]},{"op":"roll_max","in":[0],"f":[4]},{"op":"const","f":[0.7]},{"op":"const","f":[1.5]},{"op":"const","f":[0.4]},
    {"op":"ema","in":[0],"f":[3]},{"op":"gt","in":[0,10]},{"op":"lt","in":[0,10]},{"op":"pos","s":"qty"},{"op":"const","f":[0]},
    {"op":"eq","in":[13,14]},{"op":"const","f":[0.3]},{"op":"hold_when","in":[0,11]}"#;

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let columns = SYMBOLS.iter().map(|_| columns(&mut dice)).collect();
        let count = 2 + dice.below(5);
        let orders = (0..count).map(|number| order(&mut dice, number)).collect();
        let realism = dice.pick(&[STRICT, STRICT, NEUTRAL, NAIVE]);
        let share = dice.pick(&["100000000", "1000000000"]);
        let latency =
            dice.pick(&[r#""latency_ms":0"#, r#""latency_ms":1800000"#, r#""latency_ms":1800000,"latency_sigma":0.8,"latency_seed":5"#]);
        let terms = r#"{"taker_e9":1000000,"maker_e9":200000,"min_lots":1,"min_notional":0}"#;
        let config = format!(
            r#"{{"cash":100000000000,"realism":"{realism}",{latency},"half_spread_e9":200000,"impact":1.0,"volume_share_e9":{share},
            "collar_e9":30000000,"max_leverage_e9":3000000000,"instruments":[{terms},{terms}]}}"#
        );
        Self { orders, columns, config }
    }

    /// Hands market, program and configuration to a host.
    pub fn with<T>(&self, host: impl FnOnce(&Market<'_>, &Program, &Config) -> T) -> T {
        let json = format!(
            r#"{{"version":1,"kind":"strategy","interval_ms":{HOUR},"clocks":[{HOUR}],"nodes":[{NODES}],"orders":[{}]}}"#,
            self.orders.join(",")
        );
        let program = Program::parse(&json, &SYMBOLS).unwrap();
        let listings = SYMBOLS.iter().map(|symbol| Listing {
            symbol: (*symbol).to_string(),
            venue: "test".into(),
            kind: if symbol.contains(':') { InstrumentKind::Linear } else { InstrumentKind::Spot },
            base: symbol[..3].into(),
            quote: "USD".into(),
            tick: (1, 1),
            lot: (1, 2),
            contract: None,
        });
        let rows = self.columns.iter().map(|c| {
            let [open, high, low, close, volume] = &c.values;
            AssetRows { ts: &c.ts, open, high, low, close, volume }
        });
        let market = Market::new(listings.collect(), rows.collect(), HOUR).unwrap();
        host(&market, &program, &Config::from_json(&self.config).unwrap())
    }
}

fn columns(dice: &mut Dice) -> Columns {
    let tenths = |x: f64| (x * 10.0).round() / 10.0;
    let mut out = Columns { ts: vec![], values: Default::default() };
    let mut price: f64 = 100.0;
    for row in 0..300 {
        if dice.unit() < 0.04 {
            continue;
        }
        let open = tenths(price * if dice.unit() < 0.05 { 0.97 + 0.06 * dice.unit() } else { 1.0 });
        price = (open * (1.0 + 0.02 * (dice.unit() - 0.5))).clamp(20.0, 400.0);
        let close = tenths(price);
        let (up, down) = (dice.unit(), dice.unit());
        out.ts.push(row * HOUR);
        let bar = [open, tenths(open.max(close) + up), tenths(open.min(close) - down), close, (dice.unit() * 60.0).floor() / 10.0];
        out.values.iter_mut().zip(bar).for_each(|(column, x)| column.push(x));
    }
    out
}

fn order(dice: &mut Dice, number: usize) -> String {
    let kind = dice.pick(&["market", "limit", "limit", "limit", "stop", "stop_limit", "take_profit", "trailing"]);
    let side = if dice.unit() < 0.6 { 1 } else { -1 };
    let near = |dice: &mut Dice| dice.pick(&["0", "2", "4", "5", "6", "17"]).to_string();
    let mut fields = format!(r#""key":"k{number}","side":{side},"kind":"{kind}""#);
    fields += match dice.below(3) {
        0 => r#","size":{"unit":"weight","node":16}"#,
        1 => r#","size":{"unit":"qty","node":8}"#,
        _ => r#","size":{"unit":"risk","node":16,"per_unit":8}"#,
    };
    if ["limit", "stop_limit"].contains(&kind) {
        fields += &format!(r#","price":{}"#, near(dice));
    }
    if ["stop", "stop_limit", "take_profit"].contains(&kind) {
        fields += &format!(r#","trigger":{}"#, near(dice));
    }
    if kind == "trailing" {
        fields += &format!(r#","distance":{}"#, dice.pick(&["7", "8", "9"]));
    }
    if dice.unit() < 0.5 {
        fields += &format!(r#","when":{}"#, dice.pick(&["11", "12", "15"]));
    }
    if dice.unit() < 0.15 {
        fields += r#","until":12"#;
    }
    let tif = dice.pick(&["gtc", "gtc", "gtc", "ioc", "fok", "gtd"]);
    fields += &format!(r#","tif":"{tif}""#);
    if tif == "gtd" {
        fields += dice.pick(&[r#","expires":{"bars":2}"#, r#","expires":{"ms":7200000}"#]);
    }
    if dice.unit() < 0.3 {
        fields += r#","oco":"group""#;
    }
    if number > 0 && dice.unit() < 0.2 {
        fields += r#","after":"k0""#;
    }
    if dice.unit() < 0.2 {
        fields += r#","reduce_only":true"#;
    } else if dice.unit() < 0.6 {
        fields += &format!(
            r#","exits":{}"#,
            dice.pick(&[r#"{"stop":7,"take":8}"#, r#"{"trail":8}"#, r#"{"stop":8,"trail":7,"take":9}"#, r#"{"take":9}"#])
        );
    }
    format!("{{{fields}}}")
}
