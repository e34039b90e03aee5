//! What touches files, sockets and keys: the only Rust crate of Bot4 that does.
//!
//! The engine (`bot4-engine`) is pure; its hosts append to the journal here and then step the engine. Not here: what a record's bytes
//! mean (the host's), how an order is made (the engine's).

pub mod disk;
pub mod faulty;
pub mod http;
pub mod journal;
pub mod keys;
pub mod net;
pub mod signing;
pub mod websocket;
