//! The simulated venue: bars in, fills out, each by a written rule.
pub mod bars;
pub mod conditions;
pub mod latency;
pub mod observed;
