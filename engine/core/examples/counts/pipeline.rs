//! Instructions of the way of a bar on one thread: ring, shard, ring, desk, for four instruments over 2,000 rows. Waiting and threads are not in it.
#[path = "../../tests/support/market.rs"]
mod market;

use bot4_engine::memory::ring::{Consumer, Producer, spsc};
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::{Shard, Tick};
use bot4_engine::signal::Program;
use market::{Bars, HOUR, Random, SYMBOLS};

const ROWS: usize = 2_000;
const PROGRAM: &str = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000],"rebalance":null,"nodes":[
    {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"gt","in":[1,2]},
    {"op":"pos","s":"bars_held"},{"op":"const","f":[15]},{"op":"gt","in":[4,5]},{"op":"const","f":[0]},{"op":"const","f":[0.4]},
    {"op":"where","in":[3,8,7]},{"op":"where","in":[6,7,9]}],
    "targets":[{"node":10,"kind":"weight","asset":null,"band":0.01,"budget":2.0,"rearm":{"mode":"immediate"},"stops":[]}]}"#;

struct Rings {
    fed: (Producer<Tick>, Consumer<Tick>),
    decided: (Producer<Tick>, Consumer<Tick>),
}

#[inline(never)]
fn instr_section(rows: &[Vec<Tick>], rings: &mut Rings, shard: &mut Shard, desk: &mut DeskSide<'_>, values: &mut [Vec<f64>]) {
    let mut row: Vec<Tick> = Vec::with_capacity(SYMBOLS.len());
    for ticks in rows {
        ticks.iter().for_each(|tick| assert!(rings.fed.0.push(*tick).is_ok()));
        row.clear();
        row.extend(std::iter::from_fn(|| rings.fed.1.pop()));
        shard.step(row.iter());
        for tick in &row {
            shard.hand_out(tick.asset as usize, &mut values[tick.asset as usize]);
            assert!(rings.decided.0.push(*tick).is_ok());
        }
        row.clear();
        row.extend(std::iter::from_fn(|| rings.decided.1.pop()));
        let at = |asset: usize| row.iter().find(|tick| tick.asset as usize == asset).map(|tick| (tick, values[asset].as_slice()));
        assert!(desk.step(ticks[0].ts, at).is_ok());
    }
}

pub fn main() {
    let mut random = Random(7);
    // Without gaps, so that every row has every instrument.
    let mut price = 100.0;
    let mut walk = || {
        let mut bars = Bars::default();
        for row in 0..ROWS {
            let open = price;
            price *= 1.0 + (random.unit() - 0.5) * 0.04;
            bars.push(row as i64 * HOUR, [open, open.max(price) * 1.001, open.min(price) * 0.999, price, 50.0]);
        }
        bars
    };
    let bars: Vec<Bars> = SYMBOLS.iter().map(|_| walk()).collect();
    let market = market::market(&bars);
    let program = Program::parse(PROGRAM, SYMBOLS).expect("a program");
    let mut shard = Shard::new(&program).expect("a shard");
    let mut desk = DeskSide::new(Replay::new(&market, &program, &market::config(), &[], 1).expect("a run"));
    let mut values = vec![vec![f64::NAN; shard.values()]; SYMBOLS.len()];
    let tick = |row: usize, asset: usize| {
        let bar = std::array::from_fn(|column| bars[asset].columns[column][row]);
        Tick { ts: row as i64 * HOUR, asset: asset as u32, row: row as u64, bar, ..Tick::default() }
    };
    let rows: Vec<Vec<Tick>> = (0..ROWS).map(|row| (0..SYMBOLS.len()).map(|asset| tick(row, asset)).collect()).collect();
    let mut rings = Rings { fed: spsc(64), decided: spsc(64) };
    instr_section(&rows, &mut rings, &mut shard, &mut desk, &mut values);
    let orders = desk.run().records.orders.len();
    assert!(desk.steps() == ROWS as u64 && orders > 500, "{orders} orders");
}
