//! Binance Spot's own words: what its clients send and read, without sockets.
//!
//! Requests: [`call`] (the table) → [`params`] → [`trading`] (orders). Answers: [`render`] (orders, accounts), [`public`] (market data),
//! [`streams`] (names). The server (`bot4-server`) puts them together with a venue, keys and limits.

pub mod call;
pub mod fault;
pub mod json;
pub mod params;
pub mod past;
pub mod public;
pub mod render;
pub mod streams;
pub mod trading;
pub mod wallet;
pub mod words;
