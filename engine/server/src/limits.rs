//! The limits of the venue, asked by address and by account; `off` for load tests.

use bot4_exchange::binance::fault::Fault;
use bot4_exchange::profile::{Profile, RateLimit};
use bot4_exchange::report::Order;
use bot4_exchange::{Account, Micros};
use std::net::IpAddr;

/// The limits.
#[derive(Default)]
pub struct Gate {}

impl Gate {
    pub fn stated(&self, profile: &Profile) -> Vec<RateLimit> {
        profile.rate_limits.clone()
    }
    pub fn charge(&mut self, _peer: IpAddr, _weight: u32, _now: Micros) -> Result<(), Fault> {
        Ok(())
    }
    pub fn place(&mut self, _account: Account, _orders: u32, _now: Micros) -> Result<(), Fault> {
        Ok(())
    }
    pub fn placed(&mut self, _account: Account, _order: &Order, _now: Micros) {}
    pub fn headers(&self, _peer: IpAddr, _account: Option<Account>, _now: Micros, _out: &mut Vec<u8>) {}
    pub fn api(&self, _peer: IpAddr, _now: Micros, _json: &mut bot4_exchange::binance::json::Json<'_>) {}
    pub fn orders(&self, _account: Account, _now: Micros, _tell: impl FnMut(&RateLimit, u32)) {}
}
