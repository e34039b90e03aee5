//! Orders, fills, lists and balances as the venue writes them: REST answers and user data events (Binance Spot, "Trading endpoints", "Account
//! endpoints", "User data stream").

use super::json::Json;
use super::words;
use crate::command::SelfTrade;
use crate::profile::Profile;
use crate::report::{Act, Fill, ListState, Order, Refused};
use crate::text::Text;
use crate::venue::accounts::OwnFill;
use crate::{Amount, Micros, Symbol};

/// Writes symbols and assets by their names.
#[derive(Clone, Copy)]
pub struct Render<'p> {
    /// The venue.
    pub profile: &'p Profile,
}

/// What a report tells of an order.
pub struct Told<'r> {
    /// Why.
    pub act: Act,
    /// The order.
    pub order: &'r Order,
    /// The fill.
    pub fill: Option<&'r Fill>,
    /// Client id before.
    pub original: &'r Text,
    /// Why it was refused.
    pub why: Option<Refused>,
    /// Number of the execution.
    pub execution: u64,
}

/// What is told of a list.
pub struct List<'r> {
    /// Its number.
    pub id: u64,
    /// The client's name of it.
    pub client_id: &'r Text,
    /// Symbol.
    pub symbol: Symbol,
    /// Status.
    pub state: ListState,
    /// Whether its orders all wait for one (OTO, OTOCO), or are one against the other (OCO).
    pub is_oto: bool,
    /// When it last changed.
    pub at: Micros,
}

fn mode(order: &Order, profile: &Profile) -> &'static str {
    let default = || words::read_self_trade(&profile.symbols[usize::from(order.asked.symbol)].default_self_trade_prevention_mode);
    words::self_trade(order.asked.self_trade.or_else(default).unwrap_or(SelfTrade::Allow))
}

/// Returns the quantity an order was asked for; of a market order by quote what it traded.
fn quantity(order: &Order) -> Amount {
    order.asked.quantity.unwrap_or(order.filled)
}

fn is_trailing(order: &Order) -> bool {
    order.asked.trailing_delta.is_some()
}

impl Render<'_> {
    /// Returns a symbol's name.
    #[must_use]
    pub fn symbol(&self, symbol: Symbol) -> &str {
        &self.profile.symbols[usize::from(symbol)].symbol
    }

    /// Returns an asset's name.
    #[must_use]
    pub fn asset(&self, asset: crate::Asset) -> &str {
        &self.profile.assets[usize::from(asset)].name
    }

    fn names(&self, json: &mut Json<'_>, order: &Order) {
        json.key("symbol").text(self.symbol(order.asked.symbol)).key("orderId").id(order.id).key("orderListId").number(order.list);
    }

    /// Writes the acknowledgement of an order; the caller has begun the object and ends it.
    pub fn acknowledged(&self, json: &mut Json<'_>, order: &Order, at: Micros) {
        self.names(json, order);
        json.key("clientOrderId").text(order.asked.client_id.as_str()).key("transactTime").time(at);
    }

    /// Writes price, quantities, status, type.
    fn body(&self, json: &mut Json<'_>, order: &Order) {
        json.key("price").amount(order.asked.price.unwrap_or(0)).key("origQty").amount(quantity(order));
        json.key("executedQty").amount(order.filled).key("origQuoteOrderQty").amount(order.asked.quote_quantity.unwrap_or(0));
        json.key("cummulativeQuoteQty").amount(order.filled_quote).key("status").text(words::state(order.state));
        json.key("timeInForce").text(words::force(order.force())).key("type").text(words::kind(order.kind()));
        json.key("side").text(words::side(order.asked.side));
    }

    /// Writes what only some orders have.
    fn extras(json: &mut Json<'_>, order: &Order, with_stop: bool) {
        if with_stop && order.trigger > 0 {
            json.key("stopPrice").amount(order.trigger);
        }
        if with_stop && order.asked.iceberg.is_some_and(|iceberg| iceberg > 0) {
            json.key("icebergQty").amount(order.asked.iceberg.unwrap_or(0));
        }
        if let Some(delta) = order.asked.trailing_delta {
            json.key("trailingDelta").number(delta);
            json.key("trailingTime").number(if order.working_since > 0 { order.working_since.div_euclid(1000) } else { -1 });
        }
        if let Some(id) = order.asked.strategy_id {
            json.key("strategyId").number(id);
        }
        if let Some(kind) = order.asked.strategy_type {
            json.key("strategyType").number(kind);
        }
        if order.prevented > 0 {
            json.key("preventedQuantity").amount(order.prevented);
        }
    }

    fn working(json: &mut Json<'_>, order: &Order) {
        json.key("workingTime");
        if order.working_since > 0 {
            json.time(order.working_since);
        } else {
            json.number(-1);
        }
    }

    /// Writes an order as `POST order` answers it; the caller has begun the object and ends it. `fills` are given for FULL.
    pub fn placed(&self, json: &mut Json<'_>, order: &Order, at: Micros, fills: Option<&[Fill]>) {
        self.acknowledged(json, order, at);
        self.body(json, order);
        Self::extras(json, order, true);
        Self::working(json, order);
        if let Some(fills) = fills {
            json.key("fills").array();
            for fill in fills {
                json.object().key("price").amount(fill.price).key("qty").amount(fill.quantity).key("commission").amount(fill.fee);
                json.key("commissionAsset").text(self.asset(fill.fee_asset)).key("tradeId").id(fill.trade).end();
            }
            json.close();
        }
        json.key("selfTradePreventionMode").text(mode(order, self.profile));
    }

    /// Writes an order as `GET order` tells it.
    pub fn order(&self, json: &mut Json<'_>, order: &Order) {
        json.object();
        self.names(json, order);
        json.key("clientOrderId").text(order.asked.client_id.as_str());
        self.body(json, order);
        json.key("stopPrice").amount(order.trigger).key("icebergQty").amount(order.asked.iceberg.unwrap_or(0));
        json.key("time").time(order.created).key("updateTime").time(order.updated).key("isWorking").bool(order.working_since > 0);
        Self::working(json, order);
        Self::extras(json, order, false);
        json.key("selfTradePreventionMode").text(mode(order, self.profile)).end();
    }

    /// Writes an order as a cancel answers it; `original` is the client id it had.
    pub fn cancelled(&self, json: &mut Json<'_>, order: &Order, original: &Text, at: Micros) {
        json.object().key("symbol").text(self.symbol(order.asked.symbol)).key("origClientOrderId").text(original.as_str());
        json.key("orderId").id(order.id).key("orderListId").number(order.list);
        json.key("clientOrderId").text(order.asked.client_id.as_str()).key("transactTime").time(at);
        self.body(json, order);
        Self::extras(json, order, true);
        json.key("selfTradePreventionMode").text(mode(order, self.profile)).end();
    }

    /// Writes the `amendedOrder` of an amend.
    pub fn amended(&self, json: &mut Json<'_>, order: &Order, original: &Text) {
        json.object();
        self.names(json, order);
        json.key("origClientOrderId").text(original.as_str()).key("clientOrderId").text(order.asked.client_id.as_str());
        json.key("price").amount(order.asked.price.unwrap_or(0)).key("qty").amount(quantity(order)).key("executedQty").amount(order.filled);
        json.key("preventedQty").amount(order.prevented).key("quoteOrderQty").amount(order.asked.quote_quantity.unwrap_or(0));
        json.key("cumulativeQuoteQty").amount(order.filled_quote).key("status").text(words::state(order.state));
        json.key("timeInForce").text(words::force(order.force())).key("type").text(words::kind(order.kind()));
        json.key("side").text(words::side(order.asked.side));
        Self::working(json, order);
        json.key("selfTradePreventionMode").text(mode(order, self.profile)).end();
    }

    /// Writes a list and its orders' names; the caller ends the object, after the reports where there are any.
    pub fn list<'o>(&self, json: &mut Json<'_>, list: &List<'_>, orders: impl Iterator<Item = &'o Order>) {
        let (kind, state) = words::list_state(list.state);
        json.object().key("orderListId").id(list.id).key("contingencyType").text(if list.is_oto { "OTO" } else { "OCO" });
        json.key("listStatusType").text(kind).key("listOrderStatus").text(state);
        json.key("listClientOrderId").text(list.client_id.as_str()).key("transactionTime").time(list.at);
        json.key("symbol").text(self.symbol(list.symbol)).key("orders").array();
        for order in orders {
            json.object().key("symbol").text(self.symbol(list.symbol)).key("orderId").id(order.id);
            json.key("clientOrderId").text(order.asked.client_id.as_str()).end();
        }
        json.close();
    }

    /// Writes a fill as `myTrades` tells it.
    pub fn own_fill(&self, json: &mut Json<'_>, own: &OwnFill) {
        let fill = &own.fill;
        json.object().key("symbol").text(self.symbol(own.symbol)).key("id").id(fill.trade).key("orderId").id(own.order);
        json.key("orderListId").number(own.list).key("price").amount(fill.price).key("qty").amount(fill.quantity);
        json.key("quoteQty").amount(fill.quote).key("commission").amount(fill.fee).key("commissionAsset").text(self.asset(fill.fee_asset));
        json.key("time").time(own.time).key("isBuyer").bool(matches!(own.side, crate::command::Side::Buy));
        json.key("isMaker").bool(fill.is_maker).key("isBestMatch").bool(true).end();
    }

    /// Writes an `executionReport`.
    pub fn execution(&self, json: &mut Json<'_>, told: &Told<'_>, at: Micros) {
        let order = told.order;
        let renamed = !told.original.is_empty();
        json.object().key("e").text("executionReport").key("E").time(at).key("s").text(self.symbol(order.asked.symbol));
        json.key("c").text(order.asked.client_id.as_str()).key("S").text(words::side(order.asked.side));
        json.key("o").text(words::kind(order.kind())).key("f").text(words::force(order.force())).key("q").amount(quantity(order));
        json.key("p").amount(order.asked.price.unwrap_or(0)).key("P").amount(order.trigger);
        if let Some(delta) = order.asked.trailing_delta {
            json.key("d").number(delta);
        }
        json.key("F").amount(order.asked.iceberg.unwrap_or(0)).key("g").number(order.list);
        json.key("C").text(if renamed { told.original.as_str() } else { "" }).key("x").text(words::act(told.act));
        json.key("X").text(words::state(order.state)).key("r").text(told.why.map_or("NONE", |why| reason(why, self.profile)));
        json.key("i").id(order.id);
        let (last, price, quote, fee) = told.fill.map_or((0, 0, 0, 0), |fill| (fill.quantity, fill.price, fill.quote, fill.fee));
        json.key("l").amount(last).key("z").amount(order.filled).key("L").amount(price);
        match told.fill {
            Some(fill) => json.key("n").amount(fee).key("N").text(self.asset(fill.fee_asset)),
            None => json.key("n").text("0").key("N").raw(b"null"),
        };
        json.key("T").time(order.updated).key("t").number(told.fill.map_or(-1, |fill| fill.trade as i64));
        if order.prevented > 0 {
            json.key("A").amount(order.prevented);
        }
        json.key("I").id(told.execution).key("w").bool(order.is_working).key("m").bool(told.fill.is_some_and(|fill| fill.is_maker));
        json.key("M").bool(told.fill.is_some()).key("O").time(order.created).key("Z").amount(order.filled_quote);
        json.key("Y").amount(quote).key("Q").amount(order.asked.quote_quantity.unwrap_or(0));
        if is_trailing(order) && order.working_since > 0 {
            json.key("D").time(order.working_since);
        }
        if let Some(id) = order.asked.strategy_id {
            json.key("j").number(id);
        }
        if let Some(kind) = order.asked.strategy_type {
            json.key("J").number(kind);
        }
        if order.working_since > 0 {
            json.key("W").time(order.working_since);
        }
        json.key("V").text(mode(order, self.profile)).end();
    }

    /// Writes a `listStatus`.
    pub fn list_status<'o>(&self, json: &mut Json<'_>, list: &List<'_>, orders: impl Iterator<Item = &'o Order>) {
        let (kind, state) = words::list_state(list.state);
        json.object().key("e").text("listStatus").key("E").time(list.at).key("s").text(self.symbol(list.symbol)).key("g").id(list.id);
        json.key("c").text(if list.is_oto { "OTO" } else { "OCO" }).key("l").text(kind).key("L").text(state);
        json.key("r").text("NONE").key("C").text(list.client_id.as_str()).key("T").time(list.at).key("O").array();
        for order in orders {
            json.object().key("s").text(self.symbol(list.symbol)).key("i").id(order.id);
            json.key("c").text(order.asked.client_id.as_str()).end();
        }
        json.close().end();
    }

    /// Writes an `outboundAccountPosition` of the balances that changed: asset, free, locked.
    pub fn position(&self, json: &mut Json<'_>, balances: &[(crate::Asset, Amount, Amount)], at: Micros) {
        json.object().key("e").text("outboundAccountPosition").key("E").time(at).key("u").time(at).key("B").array();
        for (asset, free, locked) in balances {
            json.object().key("a").text(self.asset(*asset)).key("f").amount(*free).key("l").amount(*locked).end();
        }
        json.close().end();
    }

    /// Writes a `balanceUpdate`.
    pub fn transfer(&self, json: &mut Json<'_>, asset: crate::Asset, amount: Amount, at: Micros) {
        json.object().key("e").text("balanceUpdate").key("E").time(at).key("a").text(self.asset(asset));
        json.key("d").amount(amount).key("T").time(at).end();
    }
}

/// Returns the reject reason of an execution report: the enum of the stream, not the code.
fn reason(why: Refused, profile: &Profile) -> &'static str {
    match (why.code, profile.words(why)) {
        (_, text) if text.contains("insufficient balance") => "INSUFFICIENT_BALANCES",
        (_, text) if text.contains("immediately match") => "WOULD_MATCH_IMMEDIATELY",
        (_, text) if text.contains("trigger immediately") => "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
        _ => "NONE",
    }
}
