//! Order lists: place, cancel, ask (Binance Spot, "Order lists").

use super::{Ask, refusal, refused};
use crate::hall::Hall;
use crate::push::{legs, list_of};
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::render::Render;
use bot4_exchange::binance::trading::{self, Told};
use bot4_exchange::command::{Command, Key, Kind};
use bot4_exchange::report::{Fill, ListState, Order, Report};
use bot4_exchange::venue::lists::List as Held;
use bot4_io::net::Wires;

impl Hall {
    pub(super) fn place_list(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let list = match ask.row.call {
            Call::Oco => trading::oco(ask.params, symbol)?,
            Call::OldOco => trading::old_oco(ask.params, symbol)?,
            Call::Oto => trading::oto(ask.params, symbol)?,
            _ => trading::otoco(ask.params, symbol)?,
        };
        let told = trading::told(ask.params, Kind::Limit)?;
        ask.params.finish()?;
        self.command(&Command::PlaceList(ask.account, list), ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        let id = self.floor.reports.iter().find_map(|report| match report {
            Report::List { account, list, .. } if *account == ask.account => Some(*list),
            _ => None,
        });
        let held = id.and_then(|id| self.floor.exchange.list(ask.account, &Key::Order(id))).ok_or_else(Fault::unsupported)?;
        let orders = legs(&self.floor.exchange, &held);
        render.list(json, &list_of(&held, ask.now), orders.iter());
        json.key("orderReports").array();
        for order in &orders {
            json.object();
            match told {
                Told::Ack => render.acknowledged(json, order, ask.now),
                Told::Result => render.placed(json, order, ask.now, None),
                Told::Full => render.placed(json, order, ask.now, Some(&self.fills_of(order))),
            }
            json.end();
        }
        json.close().end();
        Ok(())
    }

    /// Returns the fills the last command made of an order.
    fn fills_of(&self, wanted: &Order) -> Vec<Fill> {
        let own = |report: &Report| match report {
            Report::Execution { order, fill, .. } if order.id == wanted.id => *fill,
            _ => None,
        };
        self.floor.reports.iter().filter_map(own).collect()
    }

    pub(super) fn cancel_list(&mut self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>, wires: &mut Wires) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let key = trading::key(ask.params, "orderListId", "listClientOrderId")?;
        // The name of the cancel itself: the venue's own reports name the cancel of a list.
        ask.params.client_id("newClientOrderId")?;
        ask.params.finish()?;
        self.command(&Command::CancelList(ask.account, symbol, key), ask.now, wires)?;
        if let Some(why) = refusal(&self.floor.reports) {
            return Err(refused(render.profile, why));
        }
        self.write_cancelled(ask, render, json, false);
        Ok(())
    }

    pub(super) fn lists(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let exchange = &self.floor.exchange;
        let write = |json: &mut Json<'_>, held: &Held| {
            render.list(json, &list_of(held, held.created), legs(exchange, held).iter());
            json.end();
        };
        if ask.row.call == Call::ListGet {
            let key = trading::key(ask.params, "orderListId", "origClientOrderId")?;
            ask.params.finish()?;
            let missing = || Fault::new(-2018, "Order list does not exist.");
            write(json, &exchange.list(ask.account, &key).ok_or_else(missing)?);
            return Ok(());
        }
        let is_open = ask.row.call == Call::OpenLists;
        let (mut first, mut limit, mut span) = (None, usize::MAX, (None, None));
        if !is_open {
            (first, limit) = (ask.params.number("fromId")?, ask.params.limit(500, 1000)?);
            span = super::trading::span(ask)?;
        }
        ask.params.finish()?;
        let is_wanted = |held: &&Held| {
            first.is_none_or(|first| held.id >= first as u64)
                && span.0.is_none_or(|from| held.created >= from)
                && span.1.is_none_or(|to| held.created <= to)
                && !(is_open && held.state == ListState::AllDone)
        };
        json.array();
        exchange.all_lists(ask.account).iter().filter(is_wanted).take(limit).for_each(|held| write(json, held));
        json.close();
        Ok(())
    }
}
