//! Instructions of a sweep: 40 crossovers (5 fast by 8 slow windows) over 20,000 bars, as one tile. Counted by `python -m scripts.instructions`.

use crate::shared;

pub fn main() {
    let fast: Vec<usize> = (5..30).step_by(5).collect();
    let slow: Vec<usize> = (60..220).step_by(20).collect();
    let orders = shared::sweep(&fast, &slow, shared::ROWS, (40, 0)).1;
    assert!(orders > shared::ROWS as i64 / 100, "they trade, {orders} orders");
}
