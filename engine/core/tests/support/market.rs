//! Random bars of four assets, and a market made of them: what the tests of whole runs share, the host's as well.
#![allow(dead_code)]

use bot4_engine::config::Config;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::signal::AssetRows;

pub const HOUR: i64 = 3_600_000;

pub const SYMBOLS: &[&str] = &["AAA", "BBB", "CCC", "DDD"];

/// SplitMix64: small, seeded, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// One asset's bars.
#[derive(Default, Clone)]
pub struct Bars {
    pub ts: Vec<i64>,
    pub columns: [Vec<f64>; 5],
}

impl Bars {
    pub fn push(&mut self, ts: i64, bar: [f64; 5]) {
        self.ts.push(ts);
        self.columns.iter_mut().zip(bar).for_each(|(column, x)| column.push(x));
    }
    pub fn rows(&self) -> AssetRows<'_> {
        let [open, high, low, close, volume] = &self.columns;
        AssetRows { ts: &self.ts, open, high, low, close, volume }
    }
    /// Bars whose close is given and whose other columns follow from it.
    pub fn closes(closes: &[f64]) -> Self {
        let mut bars = Self::default();
        closes.iter().enumerate().for_each(|(i, &x)| bars.push(i as i64 * HOUR, [x, x, x, x, 1.0]));
        bars
    }
}

/// A walk with gaps: single missing bars and long stretches.
pub fn random_bars(random: &mut Random, rows: usize) -> Bars {
    let mut bars = Bars::default();
    let mut price = 100.0;
    let mut hour = random.below(30) as i64;
    while bars.ts.len() < rows {
        let open = price;
        price *= 1.0 + (random.unit() - 0.5) * 0.04;
        let high = open.max(price) * (1.0 + random.unit() * 0.01);
        let low = open.min(price) * (1.0 - random.unit() * 0.01);
        let volume = if random.below(20) == 0 { 0.0 } else { random.unit() * 50.0 };
        bars.push(hour * HOUR, [open, high, low, price, volume]);
        hour += match random.below(40) {
            0 => 9 + random.below(40) as i64,
            1..4 => 2,
            _ => 1,
        };
    }
    bars
}

/// Returns the costs and limits of a run on four assets.
pub fn config() -> Config {
    let terms = [r#"{"taker_e9":1000000,"maker_e9":0,"min_lots":1,"min_notional":0}"#; 4].join(",");
    Config::from_json(&format!(
        r#"{{"cash":1000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":300000000,"collar_e9":30000000,"max_leverage_e9":3000000000,"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

/// Returns the four assets as listed, with these bars.
pub fn market(bars: &[Bars]) -> Market<'_> {
    let listings = SYMBOLS.iter().map(|symbol| Listing {
        symbol: (*symbol).to_string(),
        venue: "test".into(),
        kind: InstrumentKind::Linear,
        base: (*symbol).to_string(),
        quote: "USDT".into(),
        tick: (1, 8),
        lot: (1, 4),
        contract: None,
    });
    Market::new(listings.collect(), bars.iter().map(Bars::rows).collect(), HOUR).unwrap()
}
