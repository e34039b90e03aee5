//! The venue as its clients meet it.

mod basics;
mod filters;
mod lists;
mod naive;
mod random;
mod triggers;
mod world;
