//! Instructions of an order on every bar: in on one, out on the next. Counted by `python -m scripts.instructions`.

use crate::shared;

const NODES: &str = r#"{"op":"state","in":[4],"f":[0.0]},{"op":"const","in":[],"f":[0.001]},{"op":"mul","in":[0,1]},
    {"op":"const","in":[],"f":[1.0]},{"op":"sub","in":[3,0]}"#;

pub fn main() {
    let orders = shared::backtest(NODES, 2, "");
    assert!(orders > shared::ROWS * 9 / 10, "it trades on every bar, {orders} orders");
}
