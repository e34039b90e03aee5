//! Ticks at the border: recordings parsed to columns, columns replayed.

mod parse;
mod replay;

pub use parse::ticks_parse_binance;
pub use replay::PyTickReplay;
