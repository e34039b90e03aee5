"""ccxt: markets, orders, filters, limits, a ban, a lost acknowledgement. Runs in the clients' environment."""

import json
import runpy
import sys
import urllib.request

import ccxt

url, key, secret, other_key, other_secret, example = sys.argv[1:7]
client = runpy.run_path(example)["client"]


def control(what, body):
    request = urllib.request.Request(
        f"{url}/control/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


def refused(kind, call, *arguments, **more):
    """Expects an error of a kind and returns its text."""
    try:
        call(*arguments, **more)
    except kind as error:
        return str(error)
    raise AssertionError(f"{call.__name__} was not refused")


exchange = client(url, key, secret)
markets = exchange.load_markets()
assert markets["BTC/USDT"]["limits"]["cost"]["min"] > 0
assert (markets["BTC/USDT"]["precision"]["amount"], markets["BTC/USDT"]["precision"]["price"]) == (1e-05, 0.01)

# Place, ask, amend, list, cancel.
order = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
assert (order["status"], order["amount"], order["price"]) == ("open", 0.01, 50_000)
assert exchange.fetch_order(order["id"], "BTC/USDT")["status"] == "open"
changed = exchange.edit_order(order["id"], "BTC/USDT", "limit", "buy", 0.02, 51_000)
assert [row["id"] for row in exchange.fetch_open_orders("BTC/USDT")] == [changed["id"]]
assert exchange.cancel_order(changed["id"], "BTC/USDT")["status"] == "canceled"
assert [row["status"] for row in exchange.fetch_orders("BTC/USDT")] == ["canceled", "canceled"]
assert len(exchange.fetch_canceled_orders("BTC/USDT")) == 2
stop = exchange.create_order("BTC/USDT", "limit", "sell", 0.01, 70_000, {"stopLossPrice": 40_000})
assert stop["triggerPrice"] == 40_000 or stop["stopPrice"] == 40_000
assert len(exchange.cancel_all_orders("BTC/USDT")) == 1

# An amendment that keeps its place, and an order list.
kept = exchange.create_order("BTC/USDT", "limit", "buy", 0.02, 50_000)
asked = {"symbol": "BTCUSDT", "orderId": kept["id"]}
amended = exchange.request("order/amend/keepPriority", ["private"], "PUT", {**asked, "newQty": "0.01"})["amendedOrder"]
assert (str(amended["orderId"]), amended["qty"]) == (kept["id"], "0.01000000"), amended
(told,) = exchange.request("order/amendments", ["private"], "GET", asked)
assert (told["origQty"], told["newQty"]) == ("0.02000000", "0.01000000"), told
exchange.cancel_order(kept["id"], "BTC/USDT")
legs = {
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "70000",
    "belowType": "STOP_LOSS_LIMIT",
    "belowStopPrice": "40000",
    "belowPrice": "39000",
    "belowTimeInForce": "GTC",
}
pair = exchange.privatePostOrderListOco({"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01", **legs})
assert [row["orderListId"] for row in exchange.privateGetOpenOrderList()] == [pair["orderListId"]]
assert len(exchange.fetch_open_orders("BTC/USDT")) == 2
gone = exchange.privateDeleteOrderList({"symbol": "BTCUSDT", "orderListId": pair["orderListId"]})
assert gone["listOrderStatus"] == "ALL_DONE", gone

# A trade with another account, and the market data that tells of it.
other = client(url, other_key, other_secret)
other.create_order("BTC/USDT", "limit", "sell", 0.5, 60_000)
taken = exchange.create_order("BTC/USDT", "market", "buy", 0.1)
assert (taken["status"], taken["average"], taken["filled"]) == ("closed", 60_000, 0.1), taken
assert taken["fee"]["currency"] == "BTC" or taken["fees"], taken
ticker = exchange.fetch_ticker("BTC/USDT")
assert (ticker["symbol"], ticker["last"]) == ("BTC/USDT", 60_000)
assert [row["amount"] for row in exchange.fetch_my_trades("BTC/USDT")] == [0.1]
assert [row["amount"] for row in exchange.fetch_order_trades(taken["id"], "BTC/USDT")] == [0.1]
assert [row["id"] for row in exchange.fetch_closed_orders("BTC/USDT")] == [taken["id"]]
assert taken["id"] in [row["id"] for row in exchange.fetch_canceled_and_closed_orders("BTC/USDT")]
(deposit,) = exchange.fetch_deposits("USDT")
assert (deposit["currency"], deposit["amount"], deposit["status"]) == ("USDT", 1_000_000, "ok"), deposit
control("balance", {"account": "alice", "asset": "BNB", "amount": "-5"})
(withdrawal,) = exchange.fetch_withdrawals()
assert (withdrawal["currency"], withdrawal["amount"], withdrawal["status"]) == ("BNB", 5, "ok"), withdrawal
assert other.cancel_all_orders("BTC/USDT")[0]["filled"] == 0.1
assert exchange.fetch_order_book("BTC/USDT", 5)["symbol"] == "BTC/USDT"
for call in ("fetch_tickers", "fetch_bids_asks", "fetch_last_prices", "fetch_time", "fetch_status", "fetch_balance"):
    getattr(exchange, call)()
for call in (
    "fetch_trades",
    "fetch_ohlcv",
    "fetch_my_trades",
    "fetch_closed_orders",
    "fetch_trading_fee",
    "fetch_open_orders",
):
    getattr(exchange, call)("BTC/USDT")
assert "BTC/USDT" in exchange.fetch_trading_fees()

# Filters, in the venue's words.
assert "PRICE_FILTER" in refused(
    ccxt.InvalidOrder,
    exchange.privatePostOrder,
    {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": "50000.001",
    },
)
assert "NOTIONAL" in refused(ccxt.BadRequest, exchange.create_order, "BTC/USDT", "limit", "buy", 0.00001, 50_000)
refused(ccxt.InsufficientFunds, exchange.create_order, "BTC/USDT", "limit", "buy", 50, 50_000)
refused(ccxt.OrderNotFound, exchange.fetch_order, "77", "BTC/USDT")
refused(ccxt.BadSymbol, exchange.fetch_order_book, "NO/SUCH")

# A lost acknowledgement: the order is there, and is found by its client id.
control("faults", {"lose_answers": 1})
refused(
    ccxt.NetworkError, exchange.create_order, "BTC/USDT", "limit", "buy", 0.01, 50_000, {"newClientOrderId": "lost-1"}
)
found = exchange.fetch_order(None, "BTC/USDT", {"origClientOrderId": "lost-1"})
assert found["status"] == "open"
assert exchange.cancel_order(found["id"], "BTC/USDT")["status"] == "canceled"
control("faults", {"unknown_answers": 1})
refused(
    ccxt.NetworkError, exchange.create_order, "BTC/USDT", "limit", "buy", 0.01, 50_000, {"newClientOrderId": "lost-2"}
)
assert exchange.fetch_order(None, "BTC/USDT", {"origClientOrderId": "lost-2"})["status"] == "open"

# Limits: 429 and then, going on, a ban; when it is over the client's clock is set anew and it trades on.
codes = []
for _ in range(200):
    try:
        exchange.privateGetOpenOrders()
    except ccxt.DDoSProtection as error:
        codes.append(418 if "banned" in str(error) else 429)
        if codes[-1] == 418:
            break
assert codes[0] == 429 and codes[-1] == 418, codes
control("time", {"advance_ms": 121_000})
exchange.load_time_difference()
exchange.options["adjustForTimeDifference"] = True
assert exchange.fetch_order(None, "BTC/USDT", {"origClientOrderId": "lost-2"})["status"] == "open"
print("ok")
