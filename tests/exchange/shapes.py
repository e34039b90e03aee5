"""What the exchange says, by name, and the shape of a message: its keys and the kinds of its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot4.exchange import Exchange
from tests.exchange.client import Client, Socket

V3 = "/api/v3"


def differences(ours: Any, theirs: Any, at: str = "") -> Iterator[str]:
    """Yields where two messages differ in keys or kinds; null is of any kind, and of arrays the first elements are looked at."""
    if theirs is None or ours is None:
        return
    if isinstance(theirs, dict):
        if not isinstance(ours, dict):
            yield f"{at} is {type(ours).__name__}, not an object"
            return
        yield from (f"{at}.{key} is missing" for key in sorted(set(theirs) - set(ours)))
        yield from (f"{at}.{key} is too many" for key in sorted(set(ours) - set(theirs)))
        for key in sorted(set(ours) & set(theirs)):
            yield from differences(ours[key], theirs[key], f"{at}.{key}")
    elif isinstance(theirs, list):
        if not isinstance(ours, list):
            yield f"{at} is {type(ours).__name__}, not an array"
        elif theirs and ours:
            many = all(not isinstance(value, (dict, list)) for value in theirs)
            if many and len(theirs) != len(ours) and len({type(value) for value in theirs}) > 1:
                yield f"{at} has {len(ours)} elements, not {len(theirs)}"
            for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
                yield from differences(one, other, f"{at}[{place}]")
                if not many:
                    break
    elif kind(ours) != kind(theirs):
        yield f"{at} is {kind(ours)}, not {kind(theirs)}"


def kind(value: Any) -> str:
    """Returns the kind of a value as JSON has it."""
    if isinstance(value, bool):
        return "a yes or no"
    return "a text" if isinstance(value, str) else "a number"


def collect(exchange: Exchange, alice: Client, bob: Client) -> dict[str, Any]:
    """Trades a little and returns an answer of each endpoint and an event of each stream."""
    exchange.control.set_limits(False)
    ours: dict[str, Any] = {}
    topics = "trade aggTrade bookTicker depth@100ms depth5@100ms kline_1m ticker miniTicker avgPrice ticker_1h".split()
    market = Socket(exchange.url, "/stream?streams=" + "/".join(f"btcusdt@{topic}" for topic in topics))
    user = Socket(exchange.url, "/ws-api/v3")
    user.signed(alice, "userDataStream.subscribe.signature")
    alice.limit("SELL", "60000", "1")
    bob.limit("BUY", "59000", "1")
    ours["new_order"] = alice.ok("POST", f"{V3}/order", symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.1")
    bob.ok("POST", f"{V3}/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")
    shape = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.2", "aboveType": "LIMIT_MAKER", "abovePrice": "65000"}
    ours["new_list"] = alice.ok("POST", f"{V3}/orderList/oco", belowType="STOP_LOSS", belowStopPrice="55000", **shape)
    order = alice.limit("SELL", "61000", "0.1")
    ours["order"] = alice.ok("GET", f"{V3}/order", symbol="BTCUSDT", orderId=order["orderId"])
    ours["cancel"] = alice.ok("DELETE", f"{V3}/order", symbol="BTCUSDT", orderId=order["orderId"])
    ours["open_orders"] = alice.ok("GET", f"{V3}/openOrders")
    ours["all_orders"] = alice.ok("GET", f"{V3}/allOrders", symbol="BTCUSDT")
    ours["account"] = alice.ok("GET", f"{V3}/account")
    ours["my_trades"] = alice.ok("GET", f"{V3}/myTrades", symbol="BTCUSDT")
    bob.limit("BUY", "58000", "0.1")
    ours["cancel_all"] = bob.ok("DELETE", f"{V3}/openOrders", symbol="BTCUSDT")
    exchange.control.credit("alice", "BTC", "1")
    bob.limit("BUY", "59000", "1")
    public = {
        "ping": ("ping", {}), "time": ("time", {}), "exchange_info": ("exchangeInfo", {"symbol": "BTCUSDT"}),
        "depth": ("depth", {"symbol": "BTCUSDT"}), "trades": ("trades", {"symbol": "BTCUSDT"}),
        "agg_trades": ("aggTrades", {"symbol": "BTCUSDT"}), "klines": ("klines", {"symbol": "BTCUSDT", "interval": "1m"}),
        "avg_price": ("avgPrice", {"symbol": "BTCUSDT"}), "ticker_24hr": ("ticker/24hr", {"symbol": "BTCUSDT"}),
        "ticker_price": ("ticker/price", {"symbol": "BTCUSDT"}), "book_ticker": ("ticker/bookTicker", {"symbol": "BTCUSDT"}),
    }  # fmt: skip
    for name, (path, params) in public.items():
        ours[name] = alice.ok("GET", f"{V3}/{path}", signed=False, **params)
    while missing := [topic for topic in topics if f"@{topic}" not in ours]:
        message = market.next()
        topic = message["stream"].partition("@")[2]
        if topic in missing and not (topic.startswith("depth5") and not message["data"]["bids"]):
            ours[f"@{topic}"] = message["data"]
    wanted = {
        "executionReport/NEW",
        "executionReport/TRADE",
        "executionReport/CANCELED",
        "outboundAccountPosition",
        "balanceUpdate",
        "listStatus",
    }
    while wanted - set(ours):
        event = user.next(lambda message: "event" in message)["event"]
        name = event["e"] + (f"/{event['x']}" if "x" in event else "")
        ours.setdefault(name, event)
    market.close()
    user.close()
    return ours
