//! The venue as its clients meet it.

mod basics;
mod world;
