//! Instructions of a program that reads its own position, row by row, with a trailing stop. Counted by `python -m scripts.instructions`.

use crate::shared;

const NODES: &str = r#"{"op":"col","in":[],"s":"close"},{"op":"ema","in":[0],"f":[10.0]},{"op":"ema","in":[0],"f":[30.0]},
    {"op":"gt","in":[1,2]},{"op":"pos","in":[],"s":"bars_held"},{"op":"const","in":[],"f":[50.0]},{"op":"le","in":[4,5]},
    {"op":"and","in":[3,6]},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[0.0]},{"op":"where","in":[7,8,9]},
    {"op":"col","in":[],"s":"high"},{"op":"col","in":[],"s":"low"},{"op":"atr","in":[11,12,0],"f":[14.0]},
    {"op":"const","in":[],"f":[3.0]},{"op":"mul","in":[13,14]}"#;

pub fn main() {
    let orders = shared::backtest(NODES, 10, r#"{"kind":"trailing","node":15}"#);
    assert!(orders > shared::ROWS / 100, "it trades, {orders} orders");
}
