//! The limits in force: weight and requests by address, unfilled orders by account (Binance Spot, "Limits"), in the venue's words.
//!
//! How they count is `bot4_exchange::limits`, the same code that limits the live client.

use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::limits::windows::{MAKER_REFUND, TAKER_REFUND, Window, Windows};
use bot4_exchange::limits::{PerAddress, Verdict};
use bot4_exchange::profile::RateLimit;
use bot4_exchange::report::{Act, Report};
use bot4_exchange::{Account, Micros};
use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;

/// The most addresses remembered; beyond, those that are not banned are forgotten.
const ADDRESSES: usize = 65_536;

/// The limits of a venue.
pub struct Gate {
    /// As the venue states them.
    pub stated: Vec<RateLimit>,
    /// Whether they are in force.
    pub is_on: bool,
    weight: Vec<Window>,
    raw: Vec<Window>,
    addresses: HashMap<IpAddr, PerAddress>,
    accounts: Vec<Windows>,
}

/// Returns a limit in words: `6000 request weight per 1 MINUTE`.
fn worded(limit: &RateLimit, what: &str) -> String {
    format!("current limit is {} {what} per {} {}", limit.limit, limit.interval_num, limit.interval)
}

/// Returns a limit's interval as headers have it: `1M`, `10S`.
fn short(limit: &RateLimit) -> String {
    format!("{}{}", limit.interval_num, limit.interval.chars().next().unwrap_or('M'))
}

impl Gate {
    /// Returns the limits of a venue with so many accounts of clients.
    #[must_use]
    pub fn new(stated: &[RateLimit], accounts: usize, is_on: bool) -> Self {
        let orders = Window::all(stated, "ORDERS");
        Self {
            stated: stated.to_vec(),
            is_on,
            weight: Window::all(stated, "REQUEST_WEIGHT"),
            raw: Window::all(stated, "RAW_REQUESTS"),
            addresses: HashMap::new(),
            accounts: vec![Windows::new(&orders); accounts + 1],
        }
    }

    fn kind(&self, kind: &str) -> impl Iterator<Item = &RateLimit> {
        self.stated.iter().filter(move |limit| limit.rate_limit_type == kind)
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// −1003 with status 429, or 418 where the address is banned.
    pub fn charge(&mut self, peer: IpAddr, weight: u32, now: Micros) -> Result<(), Fault> {
        if !self.is_on {
            return Ok(());
        }
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&peer) {
            self.addresses.retain(|_, address| address.ban.until(now).is_some());
        }
        let address = self.addresses.entry(peer).or_insert_with(|| PerAddress::new(&self.weight, &self.raw));
        let verdict = address.ask(now, weight);
        let (status, text) = match verdict {
            Verdict::Allowed => return Ok(()),
            Verdict::Banned { until } => {
                let until = until.div_euclid(1000);
                (
                    418,
                    format!(
                        "Way too much request weight used; IP banned until {until}. Please use WebSocket Streams for live updates to avoid bans."
                    ),
                )
            }
            Verdict::Wait { limit, .. } => {
                let stated = self.kind("REQUEST_WEIGHT").nth(limit).or_else(|| self.kind("RAW_REQUESTS").next());
                let said = stated.map_or_else(String::new, |stated| worded(stated, "request weight"));
                (
                    429,
                    format!(
                        "Too much request weight used; {said}. Please use WebSocket Streams for live updates to avoid polling the API."
                    ),
                )
            }
        };
        let mut fault = Fault::with(status, -1003, text);
        fault.retry_after = verdict.retry_after_s(now);
        Err(fault)
    }

    /// Counts orders of an account.
    ///
    /// # Errors
    /// −1015 with status 429.
    pub fn place(&mut self, account: Account, orders: u32, now: Micros) -> Result<(), Fault> {
        let Some(windows) = self.accounts.get_mut(account as usize).filter(|_| self.is_on) else { return Ok(()) };
        let verdict = windows.take(now, orders);
        let Verdict::Wait { limit, .. } = verdict else { return Ok(()) };
        let said = self.kind("ORDERS").nth(limit).map_or_else(String::new, |stated| worded(stated, "orders"));
        let mut fault = Fault::with(429, -1015, format!("Too many new orders; {said}."));
        fault.retry_after = verdict.retry_after_s(now);
        Err(fault)
    }

    /// Gives back what first fills give back.
    pub fn heard(&mut self, reports: &[Report], now: Micros) {
        if !self.is_on {
            return;
        }
        for report in reports {
            if let Report::Execution { act: Act::Trade, order, fill: Some(fill), .. } = report
                && order.filled == fill.quantity
                && let Some(windows) = self.accounts.get_mut(order.account as usize)
            {
                windows.refund(now, if fill.is_maker { MAKER_REFUND } else { TAKER_REFUND });
            }
        }
    }

    /// Writes the headers of an answer: what an address has used, and, where an order was placed, its account.
    pub fn headers(&mut self, peer: IpAddr, account: Option<Account>, now: Micros, out: &mut Vec<u8>) {
        if !self.is_on {
            return;
        }
        // Writing into memory cannot fail.
        if let Some(address) = self.addresses.get_mut(&peer) {
            for (limit, (_, used)) in
                self.stated.iter().filter(|limit| limit.rate_limit_type == "REQUEST_WEIGHT").zip(address.weight.used(now))
            {
                let _ = write!(out, "x-mbx-used-weight: {used}\r\nx-mbx-used-weight-{}: {used}\r\n", short(limit).to_lowercase());
            }
        }
        let Some(windows) = account.and_then(|account| self.accounts.get_mut(account as usize)) else { return };
        for (limit, (_, used)) in self.stated.iter().filter(|limit| limit.rate_limit_type == "ORDERS").zip(windows.used(now)) {
            let _ = write!(out, "x-mbx-order-count-{}: {used}\r\n", short(limit).to_lowercase());
        }
    }

    /// Writes the limits into an answer of the WebSocket API: the weight, and, where an order was placed, its account's orders.
    pub fn api(&mut self, peer: IpAddr, account: Option<Account>, now: Micros, json: &mut Json<'_>) {
        if !self.is_on {
            return;
        }
        if let Some(windows) = account.and_then(|account| self.accounts.get_mut(account as usize)) {
            for (limit, (_, used)) in self.stated.iter().filter(|limit| limit.rate_limit_type == "ORDERS").zip(windows.used(now)) {
                row(json, limit, used);
            }
        }
        if let Some(address) = self.addresses.get_mut(&peer) {
            for (limit, (_, used)) in
                self.stated.iter().filter(|limit| limit.rate_limit_type == "REQUEST_WEIGHT").zip(address.weight.used(now))
            {
                row(json, limit, used);
            }
        }
    }

    /// Writes what an account has used, as `rateLimit/order` tells it.
    pub fn orders(&mut self, account: Account, now: Micros, json: &mut Json<'_>) {
        let Some(windows) = self.accounts.get_mut(account as usize) else { return };
        for (limit, (_, used)) in self.stated.iter().filter(|limit| limit.rate_limit_type == "ORDERS").zip(windows.used(now)) {
            row(json, limit, used);
        }
    }

    /// Forgets what was counted, bans too.
    pub fn forget(&mut self) {
        *self = Self::new(&self.stated, self.accounts.len() - 1, self.is_on);
    }
}

fn row(json: &mut Json<'_>, limit: &RateLimit, used: u32) {
    json.object().key("rateLimitType").text(&limit.rate_limit_type).key("interval").text(&limit.interval);
    json.key("intervalNum").number(i64::from(limit.interval_num)).key("limit").number(i64::from(limit.limit));
    json.key("count").number(i64::from(used)).end();
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn gate() -> Gate {
        let limit = |kind: &str, interval: &str, interval_num, limit| RateLimit {
            rate_limit_type: kind.to_owned(),
            interval: interval.to_owned(),
            interval_num,
            limit,
        };
        Gate::new(&[limit("REQUEST_WEIGHT", "MINUTE", 1, 10), limit("ORDERS", "SECOND", 10, 2)], 1, true)
    }

    #[test]
    fn who_asks_too_much_waits_and_who_goes_on_is_banned() {
        let mut gate = gate();
        assert_eq!(gate.charge(HOME, 10, 1_000_000), Ok(()));
        let first = gate.charge(HOME, 1, 2_000_000).expect_err("too much");
        assert_eq!((first.status, first.code, first.retry_after), (429, -1003, Some(58)));
        assert!(first.text.contains("current limit is 10 request weight per 1 MINUTE"), "{}", first.text);
        let banned = (0..20).find_map(|_| gate.charge(HOME, 1, 3_000_000).err().filter(|fault| fault.status == 418)).expect("banned");
        assert_eq!((banned.code, banned.retry_after), (-1003, Some(120)));
        assert!(banned.text.contains("IP banned until 123000"), "{}", banned.text);
        assert_eq!(gate.charge(HOME, 1, 200_000_000), Ok(()), "after the ban");
        assert_eq!(gate.charge(IpAddr::from([10, 0, 0, 1]), 1, 3_000_000), Ok(()), "another address");
    }

    #[test]
    fn orders_are_counted_by_account_and_told_in_headers() {
        let mut gate = gate();
        assert_eq!((gate.place(1, 2, 0), gate.place(1, 1, 0).map_err(|fault| (fault.status, fault.code))), (Ok(()), Err((429, -1015))));
        assert_eq!(gate.place(1, 1, 10_000_000), Ok(()), "the next window");
        assert_eq!(gate.charge(HOME, 3, 10_000_000), Ok(()));
        let mut out = Vec::new();
        gate.headers(HOME, Some(1), 10_000_000, &mut out);
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "x-mbx-used-weight: 3\r\nx-mbx-used-weight-1m: 3\r\nx-mbx-order-count-10s: 1\r\n");
        gate.is_on = false;
        assert_eq!(gate.place(1, 100, 10_000_000), Ok(()));
    }
}
