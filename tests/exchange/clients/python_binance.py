"""python-binance: REST and sockets. Runs in the clients' environment; an assertion that fails ends it."""

import asyncio
import sys

import binance.client
import binance.ws.streams
from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException

url, key, secret = sys.argv[1:4]
streams = "ws" + url.removeprefix("http")
for kind in (binance.client.Client, AsyncClient):
    kind.API_URL, kind.MARGIN_API_URL, kind.WS_API_URL = f"{url}/api", f"{url}/sapi", f"{streams}/ws-api/v3"
BinanceSocketManager.STREAM_URL = f"{streams}/"


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except BinanceAPIException as error:
        assert error.code == code, error
        return
    raise AssertionError("was not refused")


def over_rest():
    client = binance.client.Client(key, secret)
    assert client.get_symbol_info("BTCUSDT")["status"] == "TRADING"
    order = client.order_limit_buy(symbol="BTCUSDT", quantity="0.01", price="50000")
    assert client.get_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "NEW"
    assert len(client.get_open_orders(symbol="BTCUSDT")) == 1
    replaced = client.cancel_replace_order(
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrderId=order["orderId"],
        symbol="BTCUSDT",
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity="0.01",
        price="51000",
    )
    order = replaced["newOrderResponse"]
    assert [row["orderId"] for row in client.get_open_orders()] == [order["orderId"]]
    assert [row["status"] for row in client.get_all_orders(symbol="BTCUSDT")] == ["CANCELED", "NEW"]
    pair = client.create_oco_order(
        symbol="BTCUSDT",
        side="SELL",
        quantity="0.01",
        aboveType="LIMIT_MAKER",
        abovePrice="70000",
        belowType="STOP_LOSS",
        belowStopPrice="40000",
    )
    assert len(pair["orderReports"]) == 2, pair
    assert client.cancel_order(symbol="BTCUSDT", orderId=pair["orders"][0]["orderId"])["listOrderStatus"] == "ALL_DONE"
    assert client.cancel_order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "CANCELED"
    refused(-1013, client.order_limit_buy, symbol="BTCUSDT", quantity="0.01", price="50000.001")
    refused(-2010, client.order_limit_buy, symbol="BTCUSDT", quantity="50", price="50000")
    refused(-2011, client.cancel_order, symbol="BTCUSDT", orderId=order["orderId"])
    assert client.get_asset_balance("USDT")["free"] == "1000000.00000000"
    assert client.get_klines(symbol="BTCUSDT", interval="1m") == []
    assert client.get_orderbook_ticker(symbol="BTCUSDT")["symbol"] == "BTCUSDT"


async def over_sockets():
    client = await AsyncClient.create(key, secret)
    manager = BinanceSocketManager(client)
    async with manager.user_socket() as user, manager.depth_socket("BTCUSDT", interval=100) as depth:
        order = await client.create_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="50000"
        )
        while True:
            event = await asyncio.wait_for(user.recv(), 10)
            event = event.get("event", event)
            if event.get("e") == "executionReport":
                break
        assert (event["i"], event["X"]) == (order["orderId"], "NEW"), event
        diff = await asyncio.wait_for(depth.recv(), 10)
        assert diff["e"] == "depthUpdate" and diff["b"] == [["50000.00000000", "0.01000000"]], diff
    made = await client.ws_create_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="49000"
    )
    assert made["status"] == "NEW", made
    await client.close_connection()


over_rest()
asyncio.run(over_sockets())
print("ok")
