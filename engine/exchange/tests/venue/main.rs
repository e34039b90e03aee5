//! The venue as its clients meet it.

mod basics;
mod change;
mod counting;
mod drawn;
mod filters;
mod lists;
mod naive;
mod near;
mod past;
mod random;
mod triggers;
mod world;
