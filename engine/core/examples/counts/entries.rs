//! Instructions of entries with a bracket (stop and take) and a trailing stop on crossovers. Counted by `python -m scripts.instructions`.

use crate::shared;

/// Averages that cross, and distances of one, three and five average ranges.
const NODES: &str = r#"{"op":"col","s":"close"},{"op":"ema","in":[0],"f":[10]},{"op":"ema","in":[0],"f":[30]},{"op":"crosses_above","in":[1,2]},
    {"op":"crosses_below","in":[1,2]},{"op":"col","s":"high"},{"op":"col","s":"low"},{"op":"atr","in":[5,6,0],"f":[14]},
    {"op":"const","f":[3]},{"op":"mul","in":[7,8]},{"op":"const","f":[5]},{"op":"mul","in":[7,10]},{"op":"const","f":[0.001]}"#;
const ENTRIES: &str = r#""entries":[{"long":3,"exit":4,"size":{"unit":"risk","node":12},"take":11,
    "stops":[{"kind":"fixed","node":9},{"kind":"trailing","node":9}]}]"#;

pub fn main() {
    let rows = std::env::args().nth(2).map_or(shared::ROWS, |rows| rows.parse().expect("a number of rows"));
    let (seconds, orders) = shared::single(NODES, ENTRIES, rows);
    assert!(orders > rows / 100, "it trades, {orders} orders");
    println!("{{\"rows\": {rows}, \"orders\": {orders}, \"million_rows_per_second\": {:.2}}}", rows as f64 / seconds / 1e6);
}
