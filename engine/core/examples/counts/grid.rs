//! Instructions of a grid: twenty working limit buys, each with its take. Counted by `python -m scripts.instructions`.

use crate::lanes;

pub fn main() {
    let fills = lanes::run(&lanes::grid(), lanes::ROWS);
    assert!(fills > lanes::ROWS / 100, "it trades, {fills} fills");
}
