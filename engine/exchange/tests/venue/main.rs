//! The venue as its clients meet it.

mod basics;
mod filters;
mod lists;
mod triggers;
mod world;
