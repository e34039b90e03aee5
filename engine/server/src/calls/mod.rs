//! What each call does: parameters in, the JSON of its answer out. The same for REST and the WebSocket API.

mod account;
mod info;
mod lists;
mod market;
mod past;
mod trading;

use crate::hall::Hall;
use bot4_exchange::binance::call::{Call, Row};
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::params::Params;
use bot4_exchange::binance::render::Render;
use bot4_exchange::binance::trading::symbol;
use bot4_exchange::command::Command;
use bot4_exchange::profile::Profile;
use bot4_exchange::report::{Refused, Report};
use bot4_exchange::{Account, Micros, Symbol};
use bot4_io::net::Wires;

/// A request that may be answered: the call, who asks, when.
pub struct Ask<'a> {
    /// The call.
    pub row: &'static Row,
    /// Its parameters.
    pub params: &'a Params<'a>,
    /// Who asks; 0 for anybody.
    pub account: Account,
    /// The venue's time.
    pub now: Micros,
    /// Whether times are told in microseconds.
    pub is_micros: bool,
}

impl Ask<'_> {
    fn symbol(&self, profile: &Profile) -> Result<Symbol, Fault> {
        symbol(self.params, |name| profile.symbol(name))
    }

    /// Returns the symbol, where it was sent.
    fn maybe_symbol(&self, profile: &Profile) -> Result<Option<Symbol>, Fault> {
        if self.params.has("symbol") { self.symbol(profile).map(Some) } else { Ok(None) }
    }
}

/// Returns the fault of what the venue refused, with the status that belongs to its code.
fn refused(profile: &Profile, why: Refused) -> Fault {
    Fault::new(i32::from(why.code), profile.words(why))
}

/// Returns the first refusal among reports.
fn refusal(reports: &[Report]) -> Option<Refused> {
    reports.iter().find_map(|report| match report {
        Report::Refused(why) => Some(*why),
        _ => None,
    })
}

impl Hall {
    /// Answers a call: appends its JSON.
    ///
    /// # Errors
    /// The venue's refusal; nothing is appended then.
    pub fn perform(&mut self, ask: &Ask<'_>, out: &mut Vec<u8>, wires: &mut Wires) -> Result<(), Fault> {
        let from = out.len();
        let done = self.dispatch(ask, out, wires);
        if done.is_err() {
            out.truncate(from);
        }
        done
    }

    fn dispatch(&mut self, ask: &Ask<'_>, out: &mut Vec<u8>, wires: &mut Wires) -> Result<(), Fault> {
        let profile = self.floor.profile.clone();
        let render = Render { profile: &profile };
        let mut json = Json::new(out, ask.is_micros);
        let json = &mut json;
        match ask.row.call {
            Call::OrderPlace | Call::OrderTest => self.place(ask, &render, json, wires),
            Call::OrderCancel => self.cancel(ask, &render, json, wires),
            Call::OrderReplace => self.replace(ask, &render, json, wires),
            Call::OrderAmend => self.amend(ask, &render, json, wires),
            Call::CancelAll => self.cancel_all(ask, &render, json, wires),
            Call::OrderGet => self.order(ask, &render, json),
            Call::OpenOrders => self.open_orders(ask, &render, json),
            Call::AllOrders => self.all_orders(ask, &render, json),
            Call::Oco | Call::OldOco | Call::Oto | Call::Otoco => self.place_list(ask, &render, json, wires),
            Call::ListCancel => self.cancel_list(ask, &render, json, wires),
            Call::ListGet | Call::AllLists | Call::OpenLists => self.lists(ask, &render, json),
            Call::Account | Call::MyTrades | Call::Commission | Call::Currencies | Call::TradeFees => self.account_call(ask, &render, json),
            Call::OrderLimits => self.order_limits(ask, json),
            Call::Prevented | Call::Allocations | Call::Amendments | Call::MyFilters => self.past(ask, &render, json),
            Call::Deposits | Call::Withdrawals | Call::Elsewhere => self.past(ask, &render, json),
            Call::SorOrder | Call::SorTest | Call::Opo | Call::Opoco => Err(Fault::unsupported()),
            Call::Ping | Call::Time | Call::ExchangeInfo | Call::ExecutionRules => self.info(ask, &profile, json),
            Call::MarginPairs | Call::IsolatedPairs | Call::Delistings | Call::SystemStatus | Call::LinearInfo | Call::InverseInfo => {
                self.stub(ask, json)
            }
            _ => self.market(ask, &profile, json),
        }
    }

    /// Lets the agents act until `now`, and tells everybody.
    pub fn catch_up(&mut self, now: Micros, wires: &mut Wires) -> Result<(), Fault> {
        if self.floor.let_act(now)? {
            while let Some(at) = self.floor.act(now) {
                self.limits.heard(&self.floor.reports, at);
                self.push.after(&mut self.floor, &self.sessions, wires, &mut self.faults, at);
            }
        }
        Ok(())
    }

    /// Does a command and tells everybody; what it told stands in `floor.reports`.
    pub fn command(&mut self, command: &Command, now: Micros, wires: &mut Wires) -> Result<(), Fault> {
        self.catch_up(now, wires)?;
        self.floor.run(command, now)?;
        self.limits.heard(&self.floor.reports, now);
        self.push.after(&mut self.floor, &self.sessions, wires, &mut self.faults, now);
        Ok(())
    }
}
