//! Plain memory helpers: snapshots as little-endian bytes.
pub mod snapshot;
