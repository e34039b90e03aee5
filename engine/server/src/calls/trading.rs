//! Orders: place, test, cancel, cancel-replace, amend, and the questions about them (Binance Spot, "Trading endpoints").

use super::{Ask, refusal, refused};
use crate::hall::Hall;
use crate::push::{legs, list_of};
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::render::Render;
use bot4_exchange::binance::trading::{self, Told};
use bot4_exchange::command::{Command, Key};
use bot4_exchange::report::{Act, Fill, Order, Report};
use bot4_exchange::text::Text;
use bot4_exchange::{Account, Micros};
use bot4_io::net::Wires;

/// Returns the order that reports tell was placed, as it stands after them, and its fills.
pub(super) fn placed(reports: &[Report], account: Account) -> Option<(Order, Vec<Fill>)> {
    let is_own =
        |report: &&Report| matches!(report, Report::Execution { act, order, .. } if order.account == account && *act != Act::Canceled);
    let Some(Report::Execution { order: first, .. }) = reports.iter().find(is_own) else { return None };
    let (mut last, mut fills) = (*first, Vec::new());
    for report in reports {
        if let Report::Execution { order, fill, .. } = report
            && order.id == first.id
        {
            last = *order;
            fills.extend(*fill);
        }
    }
    Some((last, fills))
}

fn write_placed(render: &Render<'_>, json: &mut Json<'_>, told: Told, placed: &(Order, Vec<Fill>), at: Micros) {
    json.object();
    match told {
        Told::Ack => render.acknowledged(json, &placed.0, at),
        Told::Result => render.placed(json, &placed.0, at, None),
        Told::Full => render.placed(json, &placed.0, at, Some(&placed.1)),
    }
    json.end();
}

/// Returns every order that reports tell was cancelled, with the client id it had; those of a list with their list's number.
fn cancelled(reports: &[Report], account: Account) -> Vec<(Order, Text)> {
    let own = |report: &Report| match report {
        Report::Execution { act: Act::Canceled, order, original, .. } if order.account == account => Some((*order, *original)),
        _ => None,
    };
    reports.iter().filter_map(own).collect()
}

impl Hall {
    pub(super) fn place(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let order = trading::order(ask.params, symbol)?;
        let told = trading::told(ask.params, order.kind)?;
        let is_test = ask.row.call == Call::OrderTest;
        let with_fees = is_test && ask.params.flag("computeCommissionRates")? == Some(true);
        ask.params.finish()?;
        let command = if is_test { Command::Test(ask.account, order) } else { Command::Place(ask.account, order) };
        self.command(&command, ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        if is_test {
            json.object();
            if with_fees {
                let (maker, taker) = self.floor.exchange.fees(ask.account);
                json.key("standardCommissionForOrder").object().key("maker").amount(maker).key("taker").amount(taker).end();
                json.key("specialCommissionForOrder").object().key("maker").amount(0).key("taker").amount(0).end();
                json.key("taxCommissionForOrder").object().key("maker").amount(0).key("taker").amount(0).end();
                json.key("discount").object().key("enabledForAccount").bool(false).key("enabledForSymbol").bool(false);
                json.key("discountAsset").text("BNB").key("discount").amount(0).end();
            }
            json.end();
            return Ok(());
        }
        let placed = placed(&self.floor.reports, ask.account).ok_or_else(Fault::unsupported)?;
        write_placed(render, json, told, &placed, ask.now);
        Ok(())
    }

    pub(super) fn cancel(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let cancel = trading::cancel(ask.params, symbol, false)?;
        ask.params.finish()?;
        self.command(&Command::Cancel(ask.account, cancel), ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        self.write_cancelled(ask, render, json, false);
        Ok(())
    }

    /// Writes what was cancelled: an order, or a list with its reports; as an array where all of a symbol was.
    pub(super) fn write_cancelled(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, is_all: bool) {
        let orders = cancelled(&self.floor.reports, ask.account);
        let mut done: Vec<i64> = Vec::new();
        if is_all {
            json.array();
        }
        for (order, original) in &orders {
            if order.list < 0 {
                render.cancelled(json, order, original, ask.now);
            } else if !done.contains(&order.list)
                && let Some(held) = self.floor.exchange.list(ask.account, &Key::Order(order.list as u64))
            {
                done.push(order.list);
                render.list(json, &list_of(&held, ask.now), legs(&self.floor.exchange, &held).iter());
                json.key("orderReports").array();
                for (leg, original) in orders.iter().filter(|(leg, _)| leg.list == order.list) {
                    render.cancelled(json, leg, original, ask.now);
                }
                json.close().end();
            }
        }
        if is_all {
            json.close();
        }
    }

    pub(super) fn cancel_all(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        ask.params.finish()?;
        self.command(&Command::CancelAll(ask.account, symbol), ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        self.write_cancelled(ask, render, json, true);
        Ok(())
    }

    /// Cancels and places; each half says how it went, and where one failed the whole is an error with both in its data.
    pub(super) fn replace(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let is_always = match ask.params.must("cancelReplaceMode")? {
            "STOP_ON_FAILURE" => false,
            "ALLOW_FAILURE" => true,
            _ => return Err(Fault::invalid("cancelReplaceMode")),
        };
        ask.params.text("orderRateLimitExceededMode")?;
        let cancel = trading::cancel(ask.params, symbol, true)?;
        let order = trading::order(ask.params, symbol)?;
        let told = trading::told(ask.params, order.kind)?;
        ask.params.finish()?;
        self.command(&Command::CancelReplace(ask.account, cancel, order, is_always), ask.now, wires)?;
        let reports = &self.floor.reports;
        let gone = cancelled(reports, ask.account);
        let made = placed(reports, ask.account);
        let mut whys = reports.iter().filter_map(|report| if let Report::Refused(why) = report { Some(*why) } else { None });
        // A half that failed tells its refusal in its turn: the cancel's comes first.
        let (cancel_why, new_why) = if gone.is_empty() { (whys.next(), whys.next()) } else { (None, whys.next()) };
        let was_tried = made.is_some() || new_why.is_some();
        let mut data = Vec::new();
        let mut half = Json::new(&mut data, ask.is_micros);
        half.object().key("cancelResult").text(if gone.is_empty() { "FAILURE" } else { "SUCCESS" });
        half.key("newOrderResult").text(match (&made, was_tried) {
            (Some(_), _) => "SUCCESS",
            (None, true) => "FAILURE",
            (None, false) => "NOT_ATTEMPTED",
        });
        half.key("cancelResponse");
        match cancel_why {
            Some(why) => {
                half.object().key("code").number(i64::from(why.code)).key("msg").text(render.profile.words(why)).end();
            }
            None => self.write_cancelled(ask, render, &mut half, false),
        }
        half.key("newOrderResponse");
        match (&made, new_why) {
            (Some(made), _) => write_placed(render, &mut half, told, made, ask.now),
            (None, Some(why)) => {
                half.object().key("code").number(i64::from(why.code)).key("msg").text(render.profile.words(why)).end();
            }
            (None, None) => {
                half.raw(b"null");
            }
        }
        half.end();
        if cancel_why.is_none() && new_why.is_none() {
            json.raw(&data);
            return Ok(());
        }
        let mut fault = if made.is_none() && gone.is_empty() {
            Fault::new(-2022, "Order cancel-replace failed.")
        } else {
            Fault::with(409, -2021, "Order cancel-replace partially failed.")
        };
        fault.data = Some(data);
        Err(fault)
    }

    pub(super) fn amend(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let key = trading::key(ask.params, "orderId", "origClientOrderId")?;
        let quantity = ask.params.amount("newQty")?.ok_or_else(|| Fault::missing("newQty"))?;
        let client_id = ask.params.client_id("newClientOrderId")?;
        ask.params.finish()?;
        self.command(&Command::Amend(ask.account, symbol, key, quantity, client_id), ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        let amended = self.floor.reports.iter().find_map(|report| match report {
            Report::Execution { act: Act::Replaced, order, original, execution, .. } => Some((*order, *original, *execution)),
            _ => None,
        });
        let (order, original, execution) = amended.ok_or_else(Fault::unsupported)?;
        json.object().key("transactTime").time(ask.now).key("executionId").id(execution).key("amendedOrder");
        let before = if original.is_empty() { &order.asked.client_id } else { &original };
        render.amended(json, &order, before);
        if order.list >= 0
            && let Some(held) = self.floor.exchange.list(ask.account, &Key::Order(order.list as u64))
        {
            json.key("listStatus");
            render.list(json, &list_of(&held, ask.now), legs(&self.floor.exchange, &held).iter());
            json.end();
        }
        json.end();
        Ok(())
    }

    pub(super) fn order(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let key = trading::key(ask.params, "orderId", "origClientOrderId")?;
        ask.params.finish()?;
        let order = self.floor.exchange.order(ask.account, symbol, &key).map_err(|why| refused(render.profile, why))?;
        render.order(json, &order);
        Ok(())
    }

    pub(super) fn open_orders(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.maybe_symbol(render.profile)?;
        ask.params.finish()?;
        json.array();
        self.floor.exchange.open_orders(ask.account, symbol, |order| render.order(json, order));
        json.close();
        Ok(())
    }

    pub(super) fn all_orders(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let (first, limit) = (ask.params.number("orderId")?, ask.params.limit(500, 1000)?);
        let (from, to) = span(ask)?;
        ask.params.finish()?;
        let is_in = |order: &&Order| {
            first.is_none_or(|first| order.id >= first as u64)
                && from.is_none_or(|from| order.created >= from)
                && to.is_none_or(|to| order.created <= to)
        };
        let all = self.floor.exchange.all_orders(ask.account, symbol);
        let wanted: Vec<&Order> = all.iter().filter(is_in).collect();
        // From an id or a time on the first ones, else the newest.
        let is_forward = first.is_some() || from.is_some();
        let skip = if is_forward { 0 } else { wanted.len().saturating_sub(limit) };
        json.array();
        wanted.iter().skip(skip).take(limit).for_each(|order| render.order(json, order));
        json.close();
        Ok(())
    }
}

/// Longest span of a question about the past.
const LONGEST: Micros = 24 * 3_600_000_000;

/// Returns `startTime` and `endTime`, at most 24 hours apart.
///
/// # Errors
/// −1127 where they are further apart, −1128 where they are the wrong way round.
pub(super) fn span(ask: &Ask<'_>) -> Result<(Option<Micros>, Option<Micros>), Fault> {
    // The whole last millisecond belongs to it.
    let (from, to) = (ask.params.time("startTime")?, ask.params.time("endTime")?.map(|to| to.saturating_add(999)));
    if let (Some(from), Some(to)) = (from, to) {
        if to < from {
            return Err(Fault::new(-1128, "Start time is greater than end time."));
        }
        if to - from > LONGEST + 999 {
            return Err(Fault::new(-1127, "More than 24 hours between startTime and endTime."));
        }
    }
    Ok((from, to))
}
