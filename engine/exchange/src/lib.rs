//! The exchange without its sockets: what a venue does between a client's bytes and its answer.
//!
//! Pure: time comes with each command, randomness is seeded, money is integer. Floors, each using only those below it:
//! protocol (a venue's own words) → venue (accounts, orders, rules) → [`command`], [`report`] → the order book of `bot4-engine`.

pub mod agents;
pub mod binance;
pub mod codec;
pub mod command;
pub mod draw;
pub mod faults;
pub mod feed;
pub mod limits;
pub mod profile;
pub mod report;
pub mod text;
pub mod venue;

/// An asset, by its place in the profile.
pub type Asset = u16;
/// A symbol, by its place in the profile.
pub type Symbol = u16;
/// An account, by the order of opening; 0 is the venue's own, which earns the fees.
pub type Account = u32;
/// An amount, a quantity or a price: units of 1e-8.
pub type Amount = i64;
/// Venue time, microseconds since 1970 UTC.
pub type Micros = i64;
