//! What the venue is: time, symbols, rules; and the answers of places clients ask first and this venue has nothing at.

use super::Ask;
use crate::hall::Hall;
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::trading::named;
use bot4_exchange::command::Status;
use bot4_exchange::profile::{Profile, SymbolRules};

/// Returns the word of a symbol's status.
fn status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Trading) => "TRADING",
        Some(Status::Break) => "BREAK",
        _ => "HALT",
    }
}

impl Hall {
    pub(super) fn info(&self, ask: &Ask<'_>, profile: &Profile, json: &mut Json<'_>) -> Result<(), Fault> {
        match ask.row.call {
            Call::Ping => {
                ask.params.finish()?;
                json.object().end();
                Ok(())
            }
            Call::Time => {
                ask.params.finish()?;
                json.object().key("serverTime").time(self.faults.clock(ask.now)).end();
                Ok(())
            }
            Call::ExecutionRules => self.execution_rules(ask, profile, json),
            _ => self.exchange_info(ask, profile, json),
        }
    }

    fn exchange_info(&self, ask: &Ask<'_>, profile: &Profile, json: &mut Json<'_>) -> Result<(), Fault> {
        let wanted = self.wanted(ask, profile)?;
        let permissions = match ask.params.text("permissions")? {
            Some(_) => match ask.params.list("permissions") {
                Ok(list) => list,
                Err(_) => ask.params.text("permissions")?.map(|one| vec![one.to_owned()]),
            },
            None => None,
        };
        ask.params.flag("showPermissionSets")?;
        let state = ask.params.text("symbolStatus")?;
        ask.params.finish()?;
        if state.is_some() && ask.params.has("symbol") {
            return Err(Fault::new(-1128, "Combination of optional parameters invalid."));
        }
        json.object().key("timezone").text("UTC").key("serverTime").time(ask.now);
        json.key("rateLimits").raw(&serde_json::to_vec(&self.limits.stated).unwrap_or_default());
        json.key("exchangeFilters").raw(&serde_json::to_vec(&profile.exchange_filters).unwrap_or_default()).key("symbols").array();
        for (at, rules) in profile.symbols.iter().enumerate() {
            let now = status(self.floor.exchange.status(at as u16));
            let is_permitted = permissions.as_ref().is_none_or(|wanted| {
                wanted.iter().any(|permission| rules.permission_sets.iter().flatten().any(|known| known == permission))
            });
            if wanted.as_ref().is_some_and(|list| !list.contains(&(at as u16))) || !is_permitted || state.is_some_and(|state| state != now)
            {
                continue;
            }
            let told = SymbolRules { status: now.to_owned(), price_range: None, ..rules.clone() };
            json.raw(&serde_json::to_vec(&told).unwrap_or_default());
        }
        json.close().key("sors").array().close().end();
        Ok(())
    }

    /// Returns the symbols asked for by `symbol` or `symbols`; none for all.
    pub(super) fn wanted(&self, ask: &Ask<'_>, profile: &Profile) -> Result<Option<Vec<u16>>, Fault> {
        let one = ask.maybe_symbol(profile)?;
        let many = ask.params.list("symbols")?;
        match (one, many) {
            (Some(_), Some(_)) => Err(Fault::new(-1128, "Combination of optional parameters invalid.")),
            (Some(one), None) => Ok(Some(vec![one])),
            (None, Some(many)) => many.iter().map(|name| named(name, |name| profile.symbol(name))).collect::<Result<_, _>>().map(Some),
            (None, None) => Ok(None),
        }
    }

    fn execution_rules(&self, ask: &Ask<'_>, profile: &Profile, json: &mut Json<'_>) -> Result<(), Fault> {
        let wanted = self.wanted(ask, profile)?;
        ask.params.finish()?;
        json.object().key("symbolRules").array();
        for (at, rules) in profile.symbols.iter().enumerate() {
            let Some(range) = rules.price_range.filter(|_| wanted.as_ref().is_none_or(|list| list.contains(&(at as u16)))) else {
                continue;
            };
            json.object().key("symbol").text(&rules.symbol).key("rules").array().object().key("ruleType").text("PRICE_RANGE");
            for (name, ratio) in [
                ("bidLimitMultUp", range.bid_multiplier_up),
                ("bidLimitMultDown", range.bid_multiplier_down),
                ("askLimitMultUp", range.ask_multiplier_up),
                ("askLimitMultDown", range.ask_multiplier_down),
            ] {
                json.key(name).amount(ratio.0);
            }
            json.end().close().end();
        }
        json.close().end();
        Ok(())
    }

    pub(super) fn stub(&self, ask: &Ask<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        match ask.row.call {
            Call::SystemStatus => {
                json.object().key("status").number(0).key("msg").text("normal").end();
            }
            Call::LinearInfo | Call::InverseInfo => {
                json.object().key("timezone").text("UTC").key("serverTime").time(ask.now).key("rateLimits").array().close();
                json.key("exchangeFilters").array().close().key("assets").array().close().key("symbols").array().close().end();
            }
            _ => {
                json.array().close();
            }
        }
        Ok(())
    }
}
