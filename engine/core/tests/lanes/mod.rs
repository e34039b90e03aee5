//! Keyed orders by hand: small tables of bars with the fills a trader would expect, one rule at a time.
mod case;
mod exits;
mod followed;
mod guard;
mod host;
mod limits;
mod orders;
mod random;
mod stream;
mod whole;
