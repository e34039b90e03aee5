"""ccxt trades on a simulated exchange on this machine: markets, orders, amendments, cancels, lists.

Start the exchange in one terminal and this program in another:

    bot4 exchange serve --market synthetic
    python examples/ccxt_client.py

It finds address and keys by itself (`local_client.py`); they can also be given: `URL KEY SECRET`.

Needs `pip install ccxt`. Only addresses are set: everything else is ccxt as it trades on Binance.
"""

import sys
from typing import Any

import ccxt


def client(url: str, key: str = "", secret: str = "") -> Any:
    """Returns ccxt's Binance client, pointed at `url`."""
    streams = "ws" + url.removeprefix("http")
    return ccxt.binance(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "urls": {
                "api": {
                    "public": f"{url}/api/v3",
                    "private": f"{url}/api/v3",
                    "v1": f"{url}/api/v1",
                    "sapi": f"{url}/sapi/v1",
                    "fapiPublic": f"{url}/fapi/v1",
                    "dapiPublic": f"{url}/dapi/v1",
                    "ws": {"spot": f"{streams}/ws", "ws-api": {"spot": f"{streams}/ws-api/v3"}},
                }
            },
            "options": {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot", "fetchMargins": False},
        }
    )


def main() -> None:
    """Places, changes and cancels orders, and says what came of it."""
    from local_client import found

    exchange = client(*found(sys.argv[1:]))
    markets = exchange.load_markets()
    print(f"{len(markets)} markets, among them BTC/USDT: {'BTC/USDT' in markets}")
    print("free:", exchange.fetch_balance()["free"])
    order = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
    print("placed:", order["id"], order["status"], order["price"], order["amount"])
    order = exchange.edit_order(order["id"], "BTC/USDT", "limit", "buy", 0.02, 51_000)
    print("changed:", order["id"], order["status"], order["price"], order["amount"])
    print("open:", [(row["id"], row["price"]) for row in exchange.fetch_open_orders("BTC/USDT")])
    print("book:", exchange.fetch_order_book("BTC/USDT")["bids"][:3])
    print("cancelled:", exchange.cancel_order(order["id"], "BTC/USDT")["status"])
    print("orders:", [(row["id"], row["status"]) for row in exchange.fetch_orders("BTC/USDT")])
    try:
        exchange.create_order("BTC/USDT", "limit", "buy", 50, 50_000)
    except ccxt.InsufficientFunds as error:
        print("refused:", error)


if __name__ == "__main__":
    main()
