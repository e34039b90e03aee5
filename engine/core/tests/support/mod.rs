//! What the tests share.

pub mod counting;
pub mod hand;
pub mod market;
pub mod programs;
pub mod told;

pub use market::{Bars, HOUR, Random, SYMBOLS, random_bars};
pub use programs::{Outcome, Run, outcome, random_program, state};
