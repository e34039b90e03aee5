"""ccxt.pro: market and user data by WebSocket, through a cut. Runs in the clients' environment; an assertion that fails ends it."""

import asyncio
import json
import sys
import urllib.request

import ccxt.pro

url, key, secret, other_key, other_secret = sys.argv[1:6]
streams = "ws" + url.removeprefix("http")


def control(what, body):
    request = urllib.request.Request(
        f"{url}/control/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


async def main():
    exchange, other = client(key, secret), client(other_key, other_secret)
    try:
        await trade(exchange, other)
    finally:
        await exchange.close()
        await other.close()
    print("ok")


def client(key, secret):
    return ccxt.pro.binance(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "newUpdates": True,
            "urls": {
                "api": {
                    "public": f"{url}/api/v3",
                    "private": f"{url}/api/v3",
                    "sapi": f"{url}/sapi/v1",
                    "fapiPublic": f"{url}/fapi/v1",
                    "dapiPublic": f"{url}/dapi/v1",
                    "ws": {"spot": f"{streams}/ws", "ws-api": {"spot": f"{streams}/ws-api/v3"}},
                }
            },
            "options": {
                "fetchMarkets": {"types": ["spot"]},
                "defaultType": "spot",
                "fetchMargins": False,
                "fetchCurrencies": False,
            },
        }
    )


async def wait(task):
    return await asyncio.wait_for(task, 20)


async def trade(exchange, other):
    await exchange.load_markets()
    book = asyncio.create_task(exchange.watch_order_book("BTC/USDT"))
    orders = asyncio.create_task(exchange.watch_orders("BTC/USDT"))
    await asyncio.sleep(1.5)
    placed = await exchange.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 50_000)
    seen = await wait(orders)
    assert seen[0]["id"] == placed["id"] and seen[0]["status"] == "open", seen
    told = await wait(book)
    while not told["bids"]:
        told = await wait(exchange.watch_order_book("BTC/USDT"))
    assert told["bids"][0] == [50_000, 0.01], told["bids"]
    control("cut", {})
    await asyncio.sleep(0.5)
    again = asyncio.create_task(exchange.watch_orders("BTC/USDT"))
    try:
        await asyncio.wait_for(asyncio.shield(again), 1.0)
    except (TimeoutError, ccxt.NetworkError):
        pass
    if again.done():
        again = asyncio.create_task(exchange.watch_orders("BTC/USDT"))
        await asyncio.sleep(1.0)
    await exchange.cancel_order(placed["id"], "BTC/USDT")
    seen = await wait(again)
    assert seen[0]["id"] == placed["id"] and seen[0]["status"] == "canceled", seen
    trades = asyncio.create_task(exchange.watch_trades("BTC/USDT"))
    candles = asyncio.create_task(exchange.watch_ohlcv("BTC/USDT", "1m"))
    ticker = asyncio.create_task(exchange.watch_ticker("BTC/USDT"))
    balance = asyncio.create_task(exchange.watch_balance())
    await asyncio.sleep(1.5)
    await other.create_order("BTC/USDT", "limit", "sell", 0.01, 60_000)
    await exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 60_000)
    assert (await wait(trades))[0]["price"] == 60_000
    assert (await wait(candles))[-1][4] == 60_000
    assert (await wait(ticker))["symbol"] == "BTC/USDT"
    assert "BTC" in await wait(balance)
    await amend(exchange)


async def amend(exchange):
    """Amends, lists, cancels and meets a filter, all by the WebSocket API."""
    placed = await exchange.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 50_000)
    placed = await exchange.edit_order_ws(placed["id"], "BTC/USDT", "limit", "buy", 0.02, 50_000)
    assert [row["id"] for row in await exchange.fetch_open_orders_ws("BTC/USDT")] == [placed["id"]]
    other_order = await exchange.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 49_000)
    assert (await exchange.cancel_order_ws(other_order["id"], "BTC/USDT"))["status"] == "canceled"
    try:
        await exchange.create_order_ws("BTC/USDT", "limit", "buy", 0.00001, 50_000)
        raise AssertionError("was not refused")
    except ccxt.BaseError as error:
        assert "NOTIONAL" in str(error), error


asyncio.run(main())
