"""One real client: limits, a ban, its end by the venue's clock, a lost acknowledgement, and trading on after both.

`recover.py CLIENT URL KEY SECRET`: the venue's clock must be behind the machine's by more than a ban, so that it is right again when that
is over. Runs in the clients' environment; an assertion that fails ends it.
"""

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BAN_MS = 120_000
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
MOST = 400
"""Requests until the ban: far fewer are needed."""


def control(what, body):
    request = urllib.request.Request(
        f"{url}/control/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


def end_ban():
    """Moves the venue's clock to the machine's time, past the ban."""
    now_ms = json.load(urllib.request.urlopen(f"{url}/control/state", timeout=10))["time_ms"]
    behind_ms = int(time.time() * 1000) - now_ms
    assert behind_ms > BAN_MS, behind_ms
    control("time", {"advance_ms": behind_ms})


def over_ccxt():
    import ccxt

    def limited(error):
        return 418 if "banned" in str(error) else 429

    made = ccxt.binance({"apiKey": key, "secret": secret, "enableRateLimit": False, "urls": {"api": rest()}})
    return Sync(
        weigh=lambda: made.publicGetExchangeInfo(),
        place=lambda name: made.privatePostOrder({**ORDER, "newClientOrderId": name}),
        find=lambda name: made.privateGetOrder({"symbol": "BTCUSDT", "origClientOrderId": name})["status"],
        limit_error=ccxt.DDoSProtection,
        status=limited,
        lost_error=ccxt.NetworkError,
    )


def over_python_binance():
    import binance.client
    import requests
    from binance.exceptions import BinanceAPIException

    binance.client.Client.API_URL = f"{url}/api"
    made = binance.client.Client(key, secret)
    return Sync(
        weigh=made.get_exchange_info,
        place=lambda name: made.create_order(**ORDER, newClientOrderId=name),
        find=lambda name: made.get_order(symbol="BTCUSDT", origClientOrderId=name)["status"],
        limit_error=BinanceAPIException,
        status=lambda error: error.status_code,
        lost_error=requests.exceptions.RequestException,
    )


def over_binance_sdk():
    from binance_common.configuration import ConfigurationRestAPI
    from binance_common.errors import Error, RateLimitBanError, TooManyRequestsError
    from binance_sdk_spot.spot import Spot

    made = Spot(ConfigurationRestAPI(key, secret, base_path=url, retries=0)).rest_api
    order = {**ORDER, "time_in_force": "GTC", "quantity": 0.01, "price": 50_000}
    del order["timeInForce"]
    return Sync(
        weigh=made.exchange_info,
        place=lambda name: made.new_order(**order, new_client_order_id=name),
        find=lambda name: made.get_order(symbol="BTCUSDT", orig_client_order_id=name).data().status,
        limit_error=(RateLimitBanError, TooManyRequestsError),
        status=lambda error: 418 if isinstance(error, RateLimitBanError) else 429,
        lost_error=Error,
    )


def rest():
    return {"public": f"{url}/api/v3", "private": f"{url}/api/v3", "sapi": f"{url}/sapi/v1"}


@dataclass
class Sync:
    """A client of REST: how it asks, and how it tells of limits and of a lost answer."""

    weigh: Callable[[], Any]
    place: Callable[[str], Any]
    find: Callable[[str], str]
    limit_error: Any
    status: Callable[[Any], int]
    lost_error: Any

    def run(self):
        seen = [self.refusal(self.weigh) for _ in range(MOST)]
        seen = seen[: seen.index(418) + 1]
        assert 429 in seen and set(seen) == {None, 429, 418} and seen == sorted(seen, key=(None, 429, 418).index), seen
        assert self.refusal(lambda: self.place("banned")) == 418
        end_ban()
        self.place("after-the-ban")
        assert self.find("after-the-ban") == "NEW"
        control("faults", {"lose_answers": 1})
        try:
            self.place("lost")
        except self.lost_error:
            pass
        else:
            raise AssertionError("an answer that never came was heard")
        assert self.find("lost") == "NEW"
        self.place("after-the-loss")
        assert self.find("after-the-loss") == "NEW"

    def refusal(self, call):
        try:
            call()
        except self.limit_error as error:
            return self.status(error)
        return None


async def over_ccxt_pro():
    """All of it on WebSockets: a stream that is open goes on through the ban."""
    import ccxt.pro

    streams = "ws" + url.removeprefix("http")
    apis = {**rest(), "ws": {"spot": f"{streams}/ws", "ws-api": {"spot": f"{streams}/ws-api/v3"}}}
    options = {
        "fetchMarkets": {"types": ["spot"]},
        "defaultType": "spot",
        "fetchMargins": False,
        "fetchCurrencies": False,
    }
    made = ccxt.pro.binance(
        {"apiKey": key, "secret": secret, "enableRateLimit": False, "urls": {"api": apis}, "options": options}
    )

    async def refusal(call, *arguments):
        try:
            await call(*arguments)
        except (ccxt.DDoSProtection, ccxt.RateLimitExceeded) as error:
            return 418 if "banned" in str(error) else 429
        return None

    def place(name):
        return made.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 50_000, {"newClientOrderId": name})

    async def status(name):
        return (await made.fetch_order_ws(None, "BTC/USDT", {"origClientOrderId": name}))["status"]

    try:
        await made.load_markets()
        book = asyncio.create_task(made.watch_order_book("BTC/USDT"))
        await asyncio.sleep(1)
        seen: list[int | None] = []
        while 418 not in seen and len(seen) < MOST:
            seen.append(await refusal(made.fetch_trades_ws, "BTC/USDT"))
        assert 429 in seen and seen[-1] == 418, seen
        assert await refusal(place, "banned") == 418
        end_ban()
        assert (await place("after-the-ban"))["status"] == "open"
        assert await status("after-the-ban") == "open"
        told = await asyncio.wait_for(book, 20)
        while not told["bids"]:
            told = await asyncio.wait_for(made.watch_order_book("BTC/USDT"), 20)
        assert told["bids"][0][0] == 50_000
        control("faults", {"lose_answers": 1})
        try:
            await asyncio.wait_for(place("lost"), 20)
        except ccxt.NetworkError:
            pass
        else:
            raise AssertionError("an answer that never came was heard")
        assert await status("lost") == "open"
        assert (await place("after-the-loss"))["status"] == "open"
    finally:
        await made.close()


client, url, key, secret = sys.argv[1:5]
if client == "ccxt_pro":
    asyncio.run(over_ccxt_pro())
else:
    {"ccxt": over_ccxt, "python_binance": over_python_binance, "binance_sdk": over_binance_sdk}[client]().run()
print("ok")
