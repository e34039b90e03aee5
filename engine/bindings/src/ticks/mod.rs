//! Ticks at the border: recordings parsed to columns, columns replayed.

mod features;
mod parse;
mod replay;

pub use features::ticks_features;
pub use parse::ticks_parse_binance;
pub use replay::PyTickReplay;
