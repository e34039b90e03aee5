//! Instructions of a cross-sectional portfolio of fifty assets, rebalanced weekly. Counted by `python -m scripts.instructions`.

use crate::shared;

pub fn main() {
    let rows = std::env::args().nth(2).map_or(shared::PORTFOLIO_ROWS, |rows| rows.parse().expect("a number of rows"));
    let (seconds, orders) = shared::portfolio(rows);
    assert!(orders > shared::ASSETS, "it trades, {orders} orders");
    let asset_rows = rows * shared::ASSETS;
    println!("{{\"rows\": {asset_rows}, \"orders\": {orders}, \"million_rows_per_second\": {:.2}}}", asset_rows as f64 / seconds / 1e6);
}
