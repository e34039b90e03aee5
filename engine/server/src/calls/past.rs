//! What was: amendments, prevented matches, deposits, withdrawals; and what a spot account has nothing of.

use super::Ask;
use crate::hall::Hall;
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::render::Render;
use bot4_exchange::binance::{past, wallet};
use bot4_exchange::venue::past::{Amendment, Prevented, Transfer};

impl Hall {
    pub(super) fn past(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        match ask.row.call {
            Call::Amendments => self.amendments(ask, render, json),
            Call::Prevented => self.prevented(ask, render, json),
            Call::Allocations => allocations(ask, render, json),
            Call::MyFilters => my_filters(ask, render, json),
            Call::Elsewhere => {
                let place = wallet::find(ask.row.method, ask.row.path).ok_or_else(Fault::unsupported)?;
                json.raw(place.said.answer()?.as_bytes());
                Ok(())
            }
            _ => self.transfers(ask, render, json),
        }
    }

    fn amendments(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let order = ask.params.number("orderId")?.ok_or_else(|| Fault::missing("orderId"))?;
        let (first, limit) = (ask.params.number("fromExecutionId")?, ask.params.limit(500, 1000)?);
        ask.params.finish()?;
        let mut found: Vec<Amendment> = Vec::new();
        self.floor.exchange.amendments(ask.account, symbol, |what| {
            if what.order == order as u64 && first.is_none_or(|first| what.execution >= first as u64) {
                found.push(*what);
            }
        });
        json.array();
        found.iter().take(limit).for_each(|what| past::amendment(render, json, what));
        json.close();
        Ok(())
    }

    /// Answers by `preventedMatchId`, or by `orderId` with or without `fromPreventedMatchId`; other questions are none.
    fn prevented(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let (id, order) = (ask.params.number("preventedMatchId")?, ask.params.number("orderId")?);
        let (first, limit) = (ask.params.number("fromPreventedMatchId")?, ask.params.limit(500, 1000)?);
        ask.params.finish()?;
        if id.is_some() == order.is_some() || (id.is_some() && first.is_some()) {
            return Err(Fault::new(-1128, "Combination of optional parameters invalid."));
        }
        let mut found: Vec<Prevented> = Vec::new();
        self.floor.exchange.prevented_matches(ask.account, symbol, |what| {
            let is_it = id.is_none_or(|id| what.id == id as u64)
                && order.is_none_or(|order| [what.taker, what.maker].contains(&(order as u64)))
                && first.is_none_or(|first| what.id >= first as u64);
            if is_it {
                found.push(*what);
            }
        });
        json.array();
        found.iter().take(limit).for_each(|what| past::prevented(render, json, what));
        json.close();
        Ok(())
    }

    /// Answers the deposits or the withdrawals, newest first; there are those of the operator alone, done at once.
    fn transfers(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let is_deposits = ask.row.call == Call::Deposits;
        let done = if is_deposits { 1 } else { 6 };
        let coin = ask.params.text("coin")?;
        let state = ask.params.number("status")?;
        let (skip, limit) = (ask.params.number("offset")?.unwrap_or(0), ask.params.limit(1000, 1000)?);
        let (from, to) = (ask.params.time("startTime")?, ask.params.time("endTime")?.map(|to| to.saturating_add(999)));
        let is_wanted = |what: &Transfer| {
            (what.amount >= 0) == is_deposits
                && state.is_none_or(|state| state == done)
                && coin.is_none_or(|coin| coin == render.asset(what.asset))
                && from.is_none_or(|from| what.time >= from)
                && to.is_none_or(|to| what.time <= to)
        };
        let mut found: Vec<Transfer> = Vec::new();
        self.floor.exchange.transfers(ask.account, |what| {
            if is_wanted(what) {
                found.push(*what);
            }
        });
        json.array();
        found.iter().skip(skip as usize).take(limit).for_each(|what| past::transfer(render, json, what));
        json.close();
        Ok(())
    }
}

/// Answers the allocations of smart order routing, which this venue does not do: there are none.
fn allocations(ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
    ask.symbol(render.profile)?;
    ask.params.number("fromAllocationId")?;
    ask.params.number("orderId")?;
    ask.params.limit(500, 1000)?;
    super::trading::span(ask)?;
    ask.params.finish()?;
    json.array().close();
    Ok(())
}

/// Answers the filters of an account: it has none of its own.
fn my_filters(ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
    ask.symbol(render.profile)?;
    ask.params.finish()?;
    json.object();
    for name in ["exchangeFilters", "symbolFilters", "assetFilters"] {
        json.key(name).array().close();
    }
    json.end();
    Ok(())
}
