//! Times keyed orders over a million bars, one thread: `cargo run --release --example lane_bench`.

#[path = "shared/lanes.rs"]
mod lanes;

fn main() {
    for (name, program) in [("grid", lanes::grid()), ("brackets", lanes::brackets())] {
        for _ in 0..3 {
            eprint!("{name}: ");
            lanes::run(&program, 1_000_000);
        }
    }
}
