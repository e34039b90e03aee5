//! Raw recordings to columns: a text goes in, integers come out, and every line that could not be read is counted.

pub mod binance;
mod decimal;
mod scan;

pub use decimal::{SCALE_DECIMALS, parse_scaled};
