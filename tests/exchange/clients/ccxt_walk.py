"""ccxt: every unified method that its Binance class declares, and every spot call in that class's source, are made once.

Prints JSON: `methods`, what each asked (method and path) and how it ended, and `calls`, the code each call was answered with (0: no
refusal). Runs in the clients' environment.
"""

import inspect
import json
import re
import sys

import ccxt
import ccxt.abstract.binance

url, key, secret = sys.argv[1:4]
GIVEN = {
    "symbol": "BTC/USDT",
    "code": "BTC",
    "amount": 0.01,
    "fromCode": "USDT",
    "toCode": "BTC",
    "id": "1",
    "ids": ["1", "2"],
    "side": "buy",
    "price": 50_000,
    "type": "limit",
    "cost": 1000,
    "triggerPrice": 62_000,
    "stopLossPrice": 70_000,
    "takeProfitPrice": 40_000,
    "trailingPercent": 1,
    "orders": [{"id": "1", "symbol": "BTC/USDT", "type": "limit", "side": "buy", "amount": 0.01, "price": 50_000}],
    "leverage": 3,
    "marginMode": "cross",
    "hedged": False,
    "fromAccount": "spot",
    "toAccount": "future",
    "address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "timeframe": "5m",
}
"""Arguments by their names."""
OPTIONAL = ("symbol", "code", "amount", "price", "triggerPrice", "stopLossPrice", "takeProfitPrice", "trailingPercent")
"""Those that are given although they need not be."""
MORE = {"createTrailingPercentOrder": {"stopLossOrTakeProfit": "stopLoss"}}
NAMES = {
    "fetchADLRank": "fetch_adl_rank",
    "fetchPositionADLRank": "fetch_position_adl_rank",
    "fetchPositionsADLRank": "fetch_positions_adl_rank",
}
"""Names that ccxt's own rule does not make."""


class Recorded(ccxt.binance):  # type: ignore[misc]
    """Notes what it asks."""

    def fetch(self, url, method="GET", headers=None, body=None):
        self.asked.append(f"{method} /{url.split('://')[1].split('/', 1)[1].split('?')[0]}")
        return super().fetch(url, method, headers, body)


def client():
    apis = {
        name: f"{url}/{address.split('://')[1].split('/', 1)[1]}"
        for name, address in ccxt.binance().urls["api"].items()
        if isinstance(address, str)
    }
    made = Recorded(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "urls": {"api": apis},
            "options": {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}},
        }
    )
    made.asked = []
    return made


def ended(call, *arguments, **more):
    """Makes a call; returns how it ended: 0, the venue's code, or the kind of error ccxt raised by itself."""
    try:
        call(*arguments, **more)
    except ccxt.OrderImmediatelyFillable:
        return -2010
    except ccxt.BaseError as error:
        found = re.search(r'"code":(-?\d+)', str(error))
        return int(found.group(1)) if found else "404" if "404" in str(error) else type(error).__name__
    return 0


def methods(exchange):
    told = {}
    for declared, is_had in sorted(exchange.has.items()):
        method = getattr(exchange, NAMES.get(declared) or exchange.un_camel_case(declared), None)
        if not is_had or not callable(method):
            continue
        wanted = inspect.signature(method).parameters.values()
        given = {one.name: GIVEN[one.name] for one in wanted if one.default is one.empty or one.name in OPTIONAL}
        ended(exchange.cancel_all_orders, "BTC/USDT")  # An account has five stops at most.
        exchange.asked = []
        end = ended(method, **given, params=MORE[declared]) if declared in MORE else ended(method, **given)
        told[declared] = {"asked": list(exchange.asked), "ended": end}
    return told


def calls(exchange):
    """Every call of the class's source on spot's own paths and on sapi's."""
    source = inspect.getsource(ccxt.binance)
    names = sorted(set(re.findall(r"self\.((?:public|private|sapi(?:V\d)?)(?:Get|Post|Put|Delete)\w+)\(", source)))
    alone = [name for name in names if "sapi" in name or name in ("privateGetAccount", "publicGetTime")]
    return {name: ended(getattr(exchange, name), {} if name in alone else {"symbol": "BTCUSDT"}) for name in names}


exchange = client()
exchange.load_markets()
print(json.dumps({"methods": methods(exchange), "calls": calls(exchange)}))
