//! Fixed pieces of work whose instructions are counted, one a call: `counts NAME [ROWS]` (`python -m scripts.instructions`).
//!
//! One program, so that one is linked and not fourteen; as in the extension every piece finds all the engine's callers beside it.

mod breaker;
mod crossover;
mod decision;
mod depot;
mod entries;
mod every_bar;
mod feedback;
mod gate;
#[path = "../shared/gate.rs"]
mod gate_stand;
mod grid;
#[path = "../shared/lanes.rs"]
mod lanes;
mod pipeline;
mod pool;
mod portfolio;
mod ring;
#[path = "../shared/mod.rs"]
mod shared;
mod sweep;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    match name.as_str() {
        "breaker" => breaker::main(),
        "crossover" => crossover::main(),
        "decision" => decision::main(),
        "depot" => depot::main(),
        "entries" => entries::main(),
        "every_bar" => every_bar::main(),
        "feedback" => feedback::main(),
        "gate" => gate::main(),
        "grid" => grid::main(),
        "pipeline" => pipeline::main(),
        "pool" => pool::main(),
        "portfolio" => portfolio::main(),
        "ring" => ring::main(),
        "sweep" => sweep::main(),
        other => panic!("no piece of work is named {other:?}: see the files beside counts/main.rs"),
    }
}
