//! Plain memory helpers: snapshots as little-endian bytes, and hints about what is read next.
pub mod prefetch;
pub mod snapshot;
