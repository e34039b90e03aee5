//! Instructions of a grid: twenty working limit buys, each with its take, re-centred where the price has left it. Counted by `python -m scripts.instructions`.

#[allow(dead_code)]
#[path = "shared/grid.rs"]
mod grid;

fn main() {
    let fills = grid::run(grid::ROWS);
    assert!(fills > grid::ROWS / 100, "it trades, {fills} fills");
}
