//! Ticks at the border: recordings parsed to columns, columns replayed.

mod agents;
mod features;
mod orders;
mod parse;
mod replay;

pub use agents::ticks_of_agents;
pub use features::ticks_features;
pub use orders::ticks_levels;
pub use parse::ticks_parse_binance;
pub use replay::PyTickReplay;
