//! Orders as clients word them: parameters in, [`NewOrder`]s, lists and cancels out. Only their form is looked at; the venue knows its rules.

use super::fault::{self, Fault};
use super::params::Params;
use super::words;
use crate::Symbol;
use crate::command::{Cancel, Force, Key, Kind, NewList, NewOrder, Only, Shape, Side};
use crate::text::Text;

/// How much of an order's fate is told (`newOrderRespType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// ACK.
    Ack,
    /// RESULT.
    Result,
    /// FULL.
    Full,
}

/// Returns a word's meaning, or the fault of a word that has none.
fn word<T>(params: &Params<'_>, name: &str, read: impl Fn(&str) -> Option<T>, fault: impl Fn() -> Fault) -> Result<Option<T>, Fault> {
    params.text(name)?.map(|word| read(word).ok_or_else(&fault)).transpose()
}

fn side(params: &Params<'_>, name: &str) -> Result<Side, Fault> {
    word(params, name, words::read_side, || Fault::new(-1117, "Invalid side."))?.ok_or_else(|| Fault::missing(name))
}

fn kind(params: &Params<'_>, name: &str) -> Result<Kind, Fault> {
    word(params, name, words::read_kind, || Fault::new(-1116, "Invalid orderType."))?.ok_or_else(|| Fault::missing(name))
}

fn force(params: &Params<'_>, name: &str) -> Result<Option<Force>, Fault> {
    word(params, name, words::read_force, || Fault::new(-1115, "Invalid timeInForce."))
}

/// Returns how much is to be told; market and limit orders tell all where nothing is said.
///
/// # Errors
/// −1130 for an unknown word.
pub fn told(params: &Params<'_>, kind: Kind) -> Result<Told, Fault> {
    let read = |word: &str| match word {
        "ACK" => Some(Told::Ack),
        "RESULT" => Some(Told::Result),
        "FULL" => Some(Told::Full),
        _ => None,
    };
    let told = word(params, "newOrderRespType", read, || Fault::invalid("newOrderRespType"))?;
    Ok(told.unwrap_or(if matches!(kind, Kind::Market | Kind::Limit) { Told::Full } else { Told::Ack }))
}

/// Returns the symbol that must be there.
///
/// # Errors
/// −1102, −1100 or −1121.
pub fn symbol(params: &Params<'_>, find: impl Fn(&str) -> Option<Symbol>) -> Result<Symbol, Fault> {
    named(params.must("symbol")?, find)
}

/// Returns the symbol of a name.
///
/// # Errors
/// −1100 or −1121.
pub fn named(name: &str, find: impl Fn(&str) -> Option<Symbol>) -> Result<Symbol, Fault> {
    let is_legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    if name.len() > 50 || !name.bytes().all(is_legal) {
        return Err(Fault::illegal("symbol", fault::SYMBOL_RANGE));
    }
    find(name).ok_or_else(Fault::symbol)
}

/// Returns the order of `POST order`.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn order(params: &Params<'_>, symbol: Symbol) -> Result<NewOrder, Fault> {
    leg(params, symbol, &Names::ORDER, None)
}

/// What the parameters of an order are called within a list: `aboveType`, `workingPrice`, …
struct Names {
    prefix: &'static str,
    client: &'static str,
}

impl Names {
    const ORDER: Self = Self { prefix: "", client: "newClientOrderId" };

    fn leg(prefix: &'static str, client: &'static str) -> Self {
        Self { prefix, client }
    }

    fn of(&self, name: &str) -> String {
        let mut letters = name.chars();
        match (self.prefix, letters.next()) {
            ("", _) | (_, None) => name.to_owned(),
            (prefix, Some(first)) => format!("{prefix}{}{}", first.to_ascii_uppercase(), letters.as_str()),
        }
    }
}

/// Returns one order; `shared` are the side and quantity of a list whose legs have them in common.
fn leg(params: &Params<'_>, symbol: Symbol, names: &Names, shared: Option<(Side, crate::Amount)>) -> Result<NewOrder, Fault> {
    let plain = names.prefix.is_empty();
    let name = |name: &'static str| if plain { std::borrow::Cow::Borrowed(name) } else { std::borrow::Cow::Owned(names.of(name)) };
    let side = match shared {
        Some((side, _)) => side,
        None => side(params, &name("side"))?,
    };
    let quantity = match shared {
        Some((_, quantity)) => Some(quantity),
        None => params.amount(&name("quantity"))?,
    };
    // What is given to more than one leg has no prefix.
    let self_trade = word(params, "selfTradePreventionMode", words::read_self_trade, || Fault::invalid("selfTradePreventionMode"))?;
    let order = NewOrder {
        symbol,
        side,
        kind: kind(params, &name("type"))?,
        force: force(params, &name("timeInForce"))?,
        quantity,
        quote_quantity: if plain { params.amount("quoteOrderQty")? } else { None },
        price: params.amount(&name("price"))?,
        stop_price: params.amount(&name("stopPrice"))?,
        trailing_delta: params.number(&name("trailingDelta"))?,
        iceberg: params.amount(&name("icebergQty"))?,
        client_id: params.client_id(names.client)?,
        self_trade,
        strategy_id: params.number(&name("strategyId"))?,
        strategy_type: params.number(&name("strategyType"))?,
    };
    Ok(order)
}

/// Returns the list of `POST orderList/oco`.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn oco(params: &Params<'_>, symbol: Symbol) -> Result<NewList, Fault> {
    let client_id = params.client_id("listClientOrderId")?;
    let shared = (side(params, "side")?, params.amount("quantity")?.ok_or_else(|| Fault::missing("quantity"))?);
    let above = leg(params, symbol, &Names::leg("above", "aboveClientOrderId"), Some(shared))?;
    let below = leg(params, symbol, &Names::leg("below", "belowClientOrderId"), Some(shared))?;
    Ok(NewList { client_id, shape: Shape::OneCancelsOther(above, below) })
}

/// Returns the list of the older `POST order/oco`: a LIMIT_MAKER and a stop order.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn old_oco(params: &Params<'_>, symbol: Symbol) -> Result<NewList, Fault> {
    let client_id = params.client_id("listClientOrderId")?;
    let side = side(params, "side")?;
    let quantity = Some(params.amount("quantity")?.ok_or_else(|| Fault::missing("quantity"))?);
    let self_trade = word(params, "selfTradePreventionMode", words::read_self_trade, || Fault::invalid("selfTradePreventionMode"))?;
    let blank = NewOrder {
        symbol,
        side,
        kind: Kind::LimitMaker,
        force: None,
        quantity,
        quote_quantity: None,
        price: None,
        stop_price: None,
        trailing_delta: None,
        iceberg: None,
        client_id: Text::EMPTY,
        self_trade,
        strategy_id: None,
        strategy_type: None,
    };
    let price = Some(params.amount("price")?.ok_or_else(|| Fault::missing("price"))?);
    let iceberg = params.amount("limitIcebergQty")?;
    let limit = NewOrder { price, iceberg, client_id: params.client_id("limitClientOrderId")?, ..blank };
    let stop_limit = params.amount("stopLimitPrice")?;
    let stop = NewOrder {
        kind: if stop_limit.is_some() { Kind::StopLossLimit } else { Kind::StopLoss },
        force: force(params, "stopLimitTimeInForce")?,
        price: stop_limit,
        stop_price: params.amount("stopPrice")?,
        trailing_delta: params.number("trailingDelta")?,
        iceberg: params.amount("stopIcebergQty")?,
        client_id: params.client_id("stopClientOrderId")?,
        ..blank
    };
    let shape = match side {
        Side::Sell => Shape::OneCancelsOther(limit, stop),
        Side::Buy => Shape::OneCancelsOther(stop, limit),
    };
    Ok(NewList { client_id, shape })
}

/// Returns the list of `POST orderList/oto`.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn oto(params: &Params<'_>, symbol: Symbol) -> Result<NewList, Fault> {
    let client_id = params.client_id("listClientOrderId")?;
    let working = leg(params, symbol, &Names::leg("working", "workingClientOrderId"), None)?;
    let pending = leg(params, symbol, &Names::leg("pending", "pendingClientOrderId"), None)?;
    Ok(NewList { client_id, shape: Shape::OneTriggersOther(working, pending) })
}

/// Returns the list of `POST orderList/otoco`.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn otoco(params: &Params<'_>, symbol: Symbol) -> Result<NewList, Fault> {
    let client_id = params.client_id("listClientOrderId")?;
    let working = leg(params, symbol, &Names::leg("working", "workingClientOrderId"), None)?;
    let quantity = params.amount("pendingQuantity")?.ok_or_else(|| Fault::missing("pendingQuantity"))?;
    let shared = (side(params, "pendingSide")?, quantity);
    let above = leg(params, symbol, &Names::leg("pendingAbove", "pendingAboveClientOrderId"), Some(shared))?;
    let below = leg(params, symbol, &Names::leg("pendingBelow", "pendingBelowClientOrderId"), Some(shared))?;
    Ok(NewList { client_id, shape: Shape::OneTriggersOco(working, above, below) })
}

/// Returns which order is meant by two parameters.
///
/// # Errors
/// −1102 where neither is there.
pub fn key(params: &Params<'_>, id: &str, client: &str) -> Result<Key, Fault> {
    let client_id = params.client_id(client)?;
    match (params.number(id)?, client_id.is_empty()) {
        (Some(number), true) => Ok(Key::Order(number as u64)),
        (None, false) => Ok(Key::Client(client_id)),
        (Some(number), false) => Ok(Key::Both(number as u64, client_id)),
        (None, true) => {
            let text = format!("Param '{client}' or '{id}' must be sent, but both were empty/null!");
            Err(Fault::new(-1102, text))
        }
    }
}

/// Returns the cancel of `DELETE order`; within a cancel-replace the parameters have other names.
///
/// # Errors
/// The fault of the first parameter that is wrong.
pub fn cancel(params: &Params<'_>, symbol: Symbol, is_replace: bool) -> Result<Cancel, Fault> {
    let [id, client, new] = match is_replace {
        true => ["cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId"],
        false => ["orderId", "origClientOrderId", "newClientOrderId"],
    };
    let read = |word: &str| match word {
        "ONLY_NEW" => Some(Only::New),
        "ONLY_PARTIALLY_FILLED" => Some(Only::PartlyFilled),
        _ => None,
    };
    let only = word(params, "cancelRestrictions", read, || Fault::invalid("cancelRestrictions"))?;
    Ok(Cancel { symbol, key: key(params, id, client)?, client_id: params.client_id(new)?, only })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T>(query: &str, read: impl Fn(&Params<'_>) -> Result<T, Fault>) -> Result<T, i32> {
        let params = Params::form(query, "").map_err(|fault| fault.code)?;
        let made = read(&params).map_err(|fault| fault.code)?;
        params.finish().map(|()| made).map_err(|fault| fault.code)
    }

    #[test]
    fn an_order_is_read_as_it_is_worded() {
        let made = parse(
            "side=BUY&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.5&price=10&stopPrice=11&newClientOrderId=a-1&selfTradePreventionMode=DECREMENT",
            |params| order(params, 3),
        )
        .expect("good");
        assert_eq!((made.symbol, made.side, made.kind, made.force), (3, Side::Buy, Kind::StopLossLimit, Some(Force::Gtc)));
        assert_eq!((made.quantity, made.price, made.stop_price), (Some(50_000_000), Some(1_000_000_000), Some(1_100_000_000)));
        assert_eq!(made.client_id.as_str(), "a-1");
        for (query, code) in [
            ("type=LIMIT", -1102),
            ("side=UP&type=LIMIT", -1117),
            ("side=BUY&type=BEST", -1116),
            ("side=BUY&type=LIMIT&timeInForce=DAY", -1115),
            ("side=BUY&type=LIMIT&colour=blue", -1104),
            ("side=BUY&type=LIMIT&selfTradePreventionMode=X", -1130),
        ] {
            assert_eq!(parse(query, |params| order(params, 0)).err(), Some(code), "{query}");
        }
    }

    #[test]
    fn the_legs_of_a_list_have_their_own_names() {
        let made = parse(
            "workingType=LIMIT&workingSide=BUY&workingPrice=5&workingQuantity=1&workingTimeInForce=GTC&pendingSide=SELL&pendingQuantity=1\
             &pendingAboveType=LIMIT_MAKER&pendingAbovePrice=6&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=4&pendingBelowClientOrderId=low",
            |params| otoco(params, 0),
        )
        .expect("good");
        let Shape::OneTriggersOco(working, above, below) = made.shape else { panic!("{made:?}") };
        assert_eq!((working.kind, above.kind, below.kind), (Kind::Limit, Kind::LimitMaker, Kind::StopLoss));
        assert_eq!((below.side, below.quantity, below.client_id.as_str()), (Side::Sell, Some(100_000_000), "low"));
        let old =
            parse("side=SELL&quantity=1&price=6&stopPrice=4&stopLimitPrice=3.9&stopLimitTimeInForce=GTC", |params| old_oco(params, 0));
        let Ok(NewList { shape: Shape::OneCancelsOther(above, below), .. }) = old else { panic!("{old:?}") };
        assert_eq!((above.kind, below.kind, below.price), (Kind::LimitMaker, Kind::StopLossLimit, Some(390_000_000)));
    }

    #[test]
    fn a_cancel_needs_one_name_of_the_order() {
        assert_eq!(parse("orderId=5", |params| cancel(params, 0, false)).map(|made| made.key), Ok(Key::Order(5)));
        assert_eq!(parse("", |params| cancel(params, 0, false)).err(), Some(-1102));
        assert_eq!(
            parse("cancelOrderId=5&cancelRestrictions=ONLY_NEW", |params| cancel(params, 0, true)).map(|made| made.only),
            Ok(Some(Only::New))
        );
        let text = Text::new("mine").expect("short");
        assert_eq!(
            parse("orderId=5&origClientOrderId=mine", |params| cancel(params, 0, false)).map(|made| made.key),
            Ok(Key::Both(5, text))
        );
    }

    #[test]
    fn a_symbol_in_other_letters_is_illegal_and_a_strange_one_invalid() {
        let code = |name: &str| named(name, |name| (name == "BTCUSDT").then_some(0)).map_err(|fault| fault.code);
        assert_eq!([code("BTCUSDT"), code("btcusdt"), code("BTC/USDT"), code("XYZ")], [Ok(0), Err(-1100), Err(-1100), Err(-1121)]);
    }
}
