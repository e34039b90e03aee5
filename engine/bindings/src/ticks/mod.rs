//! Ticks at the border: recordings parsed to columns, columns replayed.

mod parse;

pub use parse::ticks_parse_binance;
