//! Market data as the venue writes it: REST answers and stream events (Binance Spot, "Market data endpoints", "WebSocket streams").

use super::json::Json;
use crate::feed::{Aggregate, Bar, Diff, INTERVALS, Market, Top, Trade, Window};
use crate::{Amount, Micros};

/// Writes a book of at most `limit` levels a side.
pub fn depth(json: &mut Json<'_>, market: &Market, limit: usize) {
    book(json, market.ladder.update(), market.ladder.bids().take(limit), market.ladder.asks().take(limit));
}

/// Writes a book as it was at a time, as far back as changes are kept.
pub fn old_depth(json: &mut Json<'_>, market: &Market, limit: usize, at: Micros) {
    let (update, bids, asks) = market.ladder.at(at);
    let level = |(price, quantity): (&Amount, &Amount)| (*price, *quantity);
    book(json, update, bids.iter().rev().map(level).take(limit), asks.iter().map(level).take(limit));
}

fn book(json: &mut Json<'_>, update: u64, bids: impl Iterator<Item = (Amount, Amount)>, asks: impl Iterator<Item = (Amount, Amount)>) {
    json.object().key("lastUpdateId").id(update);
    levels(json, "bids", bids);
    levels(json, "asks", asks);
    json.end();
}

fn levels(json: &mut Json<'_>, name: &str, levels: impl Iterator<Item = (Amount, Amount)>) {
    json.key(name).array();
    for level in levels {
        json.level(level);
    }
    json.close();
}

/// Writes a `depthUpdate`.
pub fn diff(json: &mut Json<'_>, symbol: &str, diff: &Diff<'_>, at: Micros) {
    json.object().key("e").text("depthUpdate").key("E").time(at).key("s").text(symbol);
    json.key("U").id(diff.first).key("u").id(diff.last);
    levels(json, "b", diff.bids());
    levels(json, "a", diff.asks());
    json.end();
}

/// Writes a trade as `trades` tells it.
pub fn trade(json: &mut Json<'_>, trade: &Trade) {
    json.object().key("id").id(trade.id).key("price").amount(trade.price).key("qty").amount(trade.quantity);
    json.key("quoteQty").amount(trade.quote()).key("time").time(trade.at).key("isBuyerMaker").bool(trade.buyer_is_maker);
    json.key("isBestMatch").bool(true).end();
}

/// Writes a `trade` event.
pub fn trade_event(json: &mut Json<'_>, symbol: &str, trade: &Trade, at: Micros) {
    json.object().key("e").text("trade").key("E").time(at).key("s").text(symbol).key("t").id(trade.id);
    json.key("p").amount(trade.price).key("q").amount(trade.quantity).key("T").time(trade.at);
    json.key("m").bool(trade.buyer_is_maker).key("M").bool(true).end();
}

/// Writes an aggregate as `aggTrades` tells it.
pub fn aggregate(json: &mut Json<'_>, whole: &Aggregate) {
    json.object();
    aggregate_body(json, whole);
    json.end();
}

fn aggregate_body(json: &mut Json<'_>, whole: &Aggregate) {
    json.key("a").id(whole.id).key("p").amount(whole.price).key("q").amount(whole.quantity).key("f").id(whole.first);
    json.key("l").id(whole.last).key("T").time(whole.at).key("m").bool(whole.buyer_is_maker).key("M").bool(true);
}

/// Writes an `aggTrade` event.
pub fn aggregate_event(json: &mut Json<'_>, symbol: &str, whole: &Aggregate, at: Micros) {
    json.object().key("e").text("aggTrade").key("E").time(at).key("s").text(symbol);
    aggregate_body(json, whole);
    json.end();
}

/// Writes a bar as `klines` tells it; the one after it begins at `next`.
pub fn bar(json: &mut Json<'_>, bar: &Bar, next: Micros) {
    json.array().time(bar.begin).amount(bar.open).amount(bar.high).amount(bar.low).amount(bar.close).amount(bar.volume);
    json.before(next).amount(bar.quote).id(bar.count).amount(bar.taker_volume).amount(bar.taker_quote);
    json.text("0").close();
}

/// Writes a `kline` event.
pub fn bar_event(json: &mut Json<'_>, symbol: &str, place: usize, bar: &Bar, at: Micros) {
    let (name, interval) = INTERVALS[place];
    let next = interval.next(bar.begin);
    json.object().key("e").text("kline").key("E").time(at).key("s").text(symbol).key("k").object();
    json.key("t").time(bar.begin).key("T").before(next).key("s").text(symbol).key("i").text(name);
    let (first, last) = if bar.count == 0 { (-1, -1) } else { (bar.first as i64, (bar.first + bar.count - 1) as i64) };
    json.key("f").number(first).key("L").number(last).key("o").amount(bar.open).key("c").amount(bar.close);
    json.key("h").amount(bar.high).key("l").amount(bar.low).key("v").amount(bar.volume).key("n").id(bar.count);
    json.key("x").bool(at >= next).key("q").amount(bar.quote).key("V").amount(bar.taker_volume).key("Q").amount(bar.taker_quote);
    json.key("B").text("0").end().end();
}

/// Writes the ticker of a window; `with_book` adds what only `ticker/24hr` tells.
pub fn ticker(json: &mut Json<'_>, symbol: &str, market: &Market, window: &Window, now: Micros, with_book: bool) {
    json.object().key("symbol").text(symbol).key("priceChange").amount(window.last - window.open);
    json.key("priceChangePercent").decimal(window.change(), 3).key("weightedAvgPrice").amount(window.average());
    if with_book {
        let top = market.ladder.top();
        let last = market.tape.trades().back().map_or(0, |trade| trade.quantity);
        json.key("prevClosePrice").amount(window.before).key("lastPrice").amount(window.last).key("lastQty").amount(last);
        json.key("bidPrice").amount(top.bid.0).key("bidQty").amount(top.bid.1);
        json.key("askPrice").amount(top.ask.0).key("askQty").amount(top.ask.1);
    }
    json.key("openPrice").amount(window.open).key("highPrice").amount(window.high).key("lowPrice").amount(window.low);
    if !with_book {
        json.key("lastPrice").amount(window.last);
    }
    tail(json, window, now);
}

/// Writes the short form of a ticker (`type=MINI`).
pub fn mini(json: &mut Json<'_>, symbol: &str, window: &Window, now: Micros) {
    json.object().key("symbol").text(symbol).key("openPrice").amount(window.open).key("highPrice").amount(window.high);
    json.key("lowPrice").amount(window.low).key("lastPrice").amount(window.last);
    tail(json, window, now);
}

fn tail(json: &mut Json<'_>, window: &Window, now: Micros) {
    json.key("volume").amount(window.volume).key("quoteVolume").amount(window.quote);
    json.key("openTime").time(window.begin).key("closeTime").time(now);
    let (first, last) = ids(window);
    json.key("firstId").number(first).key("lastId").number(last).key("count").id(window.count).end();
}

fn ids(window: &Window) -> (i64, i64) {
    window.first.map_or((-1, -1), |first| (first as i64, (first + window.count - 1) as i64))
}

/// Writes a `24hrTicker` event, or that of a shorter window (`1hTicker`, `4hTicker`, `1dTicker`).
pub fn ticker_event(json: &mut Json<'_>, symbol: &str, kind: &str, market: &Market, window: &Window, at: Micros) {
    json.object().key("e").text(kind).key("E").time(at).key("s").text(symbol);
    json.key("p").amount(window.last - window.open).key("P").decimal(window.change(), 3);
    let is_day = kind == "24hrTicker";
    let top = market.ladder.top();
    if is_day {
        let last = market.tape.trades().back().map_or(0, |trade| trade.quantity);
        json.key("w").amount(window.average()).key("x").amount(window.before).key("c").amount(window.last).key("Q").amount(last);
        json.key("b").amount(top.bid.0).key("B").amount(top.bid.1).key("a").amount(top.ask.0).key("A").amount(top.ask.1);
    }
    json.key("o").amount(window.open).key("h").amount(window.high).key("l").amount(window.low);
    if !is_day {
        json.key("c").amount(window.last).key("w").amount(window.average());
    }
    let (first, last) = ids(window);
    json.key("v").amount(window.volume).key("q").amount(window.quote).key("O").time(window.begin).key("C").time(at);
    json.key("F").number(first).key("L").number(last).key("n").id(window.count).end();
}

/// Writes a `24hrMiniTicker` event.
pub fn mini_event(json: &mut Json<'_>, symbol: &str, window: &Window, at: Micros) {
    json.object().key("e").text("24hrMiniTicker").key("E").time(at).key("s").text(symbol).key("c").amount(window.last);
    json.key("o").amount(window.open).key("h").amount(window.high).key("l").amount(window.low);
    json.key("v").amount(window.volume).key("q").amount(window.quote).end();
}

/// Writes the best prices as `ticker/bookTicker` tells them.
pub fn top(json: &mut Json<'_>, symbol: &str, top: &Top) {
    json.object().key("symbol").text(symbol).key("bidPrice").amount(top.bid.0).key("bidQty").amount(top.bid.1);
    json.key("askPrice").amount(top.ask.0).key("askQty").amount(top.ask.1).end();
}

/// Writes a `bookTicker` event, which has no type.
pub fn top_event(json: &mut Json<'_>, symbol: &str, top: &Top) {
    json.object().key("u").id(top.update).key("s").text(symbol).key("b").amount(top.bid.0).key("B").amount(top.bid.1);
    json.key("a").amount(top.ask.0).key("A").amount(top.ask.1).end();
}

/// Writes the last price as `ticker/price` tells it.
pub fn price(json: &mut Json<'_>, symbol: &str, market: &Market) {
    json.object().key("symbol").text(symbol).key("price").amount(market.last()).end();
}

/// Minutes of the average price.
pub const AVERAGE_MINUTES: i64 = 5;

/// Writes the average price as `avgPrice` tells it.
pub fn average(json: &mut Json<'_>, market: &Market, now: Micros) {
    let (price, at) = market.average(AVERAGE_MINUTES, now);
    json.object().key("mins").number(AVERAGE_MINUTES).key("price").amount(price).key("closeTime").time(at).end();
}

/// Writes an `avgPrice` event.
pub fn average_event(json: &mut Json<'_>, symbol: &str, market: &Market, now: Micros) {
    let (price, at) = market.average(AVERAGE_MINUTES, now);
    json.object().key("e").text("avgPrice").key("E").time(now).key("s").text(symbol).key("i").text("5m");
    json.key("w").amount(price).key("T").time(at).end();
}
