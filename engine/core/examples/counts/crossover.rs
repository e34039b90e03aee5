//! Instructions of the EMA 10/30 crossover: long quiet stretches, an order every thirty bars. Counted by `python -m scripts.instructions`.

use crate::shared;

const NODES: &str = r#"{"op":"col","in":[],"s":"close"},{"op":"ema","in":[0],"f":[10.0]},{"op":"ema","in":[0],"f":[30.0]},
    {"op":"gt","in":[1,2]},{"op":"const","in":[],"f":[0.01]},{"op":"const","in":[],"f":[0.0]},{"op":"where","in":[3,4,5]}"#;

pub fn main() {
    let orders = shared::backtest(NODES, 6, "");
    assert!(orders > shared::ROWS / 100, "it trades, {orders} orders");
}
