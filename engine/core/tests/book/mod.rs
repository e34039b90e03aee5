//! One suite on both books, and random streams on both at once.
mod contract;
mod random;
