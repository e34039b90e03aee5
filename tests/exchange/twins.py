"""Messages made by hand from Binance's documents ("Spot REST API", "WebSocket streams", "User data streams",
2026-09): twins of the recordings."""

from __future__ import annotations

from typing import Any

LEVELS = [["4.0", "431.0"]]
ORDER: dict[str, Any] = {
    "symbol": "A", "orderId": 1, "orderListId": -1, "clientOrderId": "a", "price": "0.1", "origQty": "1.0", "executedQty": "0.0",
    "origQuoteOrderQty": "0.0", "cummulativeQuoteQty": "0.0", "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
    "stopPrice": "0.0", "icebergQty": "0.0", "time": 1, "updateTime": 1, "isWorking": True, "workingTime": 1,
    "selfTradePreventionMode": "NONE",
}  # fmt: skip
CANCEL: dict[str, Any] = {
    "symbol": "A", "origClientOrderId": "a", "orderId": 4, "orderListId": -1, "clientOrderId": "b", "transactTime": 1, "price": "2.0",
    "origQty": "1.0", "executedQty": "0.0", "origQuoteOrderQty": "0.0", "cummulativeQuoteQty": "0.0", "status": "CANCELED",
    "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "selfTradePreventionMode": "NONE",
}  # fmt: skip
EXECUTION: dict[str, Any] = {
    "e": "executionReport", "E": 1, "s": "A", "c": "a", "S": "BUY", "o": "LIMIT", "f": "GTC", "q": "1.0", "p": "0.1",
    "P": "0.0", "F": "0.0",
    "g": -1, "C": "", "x": "NEW", "X": "NEW", "r": "NONE", "i": 1, "l": "0.0", "z": "0.0", "L": "0.0", "n": "0", "N": None, "T": 1, "t": -1,
    "I": 1, "w": True, "m": False, "M": False, "O": 1, "Z": "0.0", "Y": "0.0", "Q": "0.0", "W": 1, "V": "NONE",
}  # fmt: skip
TWINS: dict[str, Any] = {
    "ping": {},
    "time": {"serverTime": 1},
    "depth": {"lastUpdateId": 1, "bids": LEVELS, "asks": LEVELS},
    "trades": [{"id": 1, "price": "4", "qty": "12", "quoteQty": "48", "time": 1, "isBuyerMaker": True, "isBestMatch": True}],
    "agg_trades": [{"a": 1, "p": "0.1", "q": "4.7", "f": 1, "l": 1, "T": 1, "m": True, "M": True}],
    "klines": [[1, "0.1", "0.8", "0.1", "0.1", "148976.1", 1, "2434.1", 308, "1756.8", "28.4", "0"]],
    "avg_price": {"mins": 5, "price": "9.3", "closeTime": 1},
    "ticker_24hr": {
        "symbol": "A", "priceChange": "-94.9", "priceChangePercent": "-95.960", "weightedAvgPrice": "0.2", "prevClosePrice": "0.1",
        "lastPrice": "4.0", "lastQty": "200.0", "bidPrice": "4.0", "bidQty": "100.0", "askPrice": "4.0", "askQty": "100.0",
        "openPrice": "99.0",
        "highPrice": "100.0", "lowPrice": "0.1", "volume": "8913.3", "quoteVolume": "15.3", "openTime": 1, "closeTime": 1, "firstId": 28385,
        "lastId": 28460, "count": 76,
    },
    "ticker_price": {"symbol": "A", "price": "4.0"},
    "book_ticker": {"symbol": "A", "bidPrice": "4.0", "bidQty": "431.0", "askPrice": "4.0", "askQty": "9.0"},
    "new_order": {
        **{key: value for key, value in ORDER.items() if key not in ("stopPrice", "icebergQty", "time", "updateTime", "isWorking")},
        "transactTime": 1,
        "fills": [{"price": "4000.0", "qty": "1.0", "commission": "4.0", "commissionAsset": "USDT", "tradeId": 56}],
    },
    "order": ORDER,
    "open_orders": [ORDER],
    "all_orders": [ORDER],
    "cancel": CANCEL,
    "cancel_all": [CANCEL],
    "my_trades": [{
        "symbol": "A", "id": 1, "orderId": 1, "orderListId": -1, "price": "4.0", "qty": "12.0", "quoteQty": "48.0", "commission": "10.1",
        "commissionAsset": "BNB", "time": 1, "isBuyer": True, "isMaker": False, "isBestMatch": True,
    }],
    "@trade": {"e": "trade", "E": 1, "s": "A", "t": 1, "p": "0.001", "q": "100", "T": 1, "m": True, "M": True},
    "@aggTrade": {"e": "aggTrade", "E": 1, "s": "A", "a": 1, "p": "0.001", "q": "100", "f": 1, "l": 1, "T": 1, "m": True, "M": True},
    "@bookTicker": {"u": 1, "s": "A", "b": "25.3", "B": "31.2", "a": "25.3", "A": "40.6"},
    "@depth@100ms": {"e": "depthUpdate", "E": 1, "s": "A", "U": 157, "u": 160, "b": LEVELS, "a": LEVELS},
    "@depth5@100ms": {"lastUpdateId": 160, "bids": LEVELS, "asks": LEVELS},
    "@kline_1m": {"e": "kline", "E": 1, "s": "A", "k": {
        "t": 1, "T": 1, "s": "A", "i": "1m", "f": 100, "L": 200, "o": "0.1", "c": "0.2", "h": "0.2", "l": "0.1", "v": "1000", "n": 100,
        "x": False, "q": "1.0", "V": "500", "Q": "0.5", "B": "123456",
    }},
    "@miniTicker": {"e": "24hrMiniTicker", "E": 1, "s": "A", "c": "0.1", "o": "0.1", "h": "0.2", "l": "0.1", "v": "10000", "q": "18"},
    "@ticker": {
        "e": "24hrTicker", "E": 1, "s": "A", "p": "0.1", "P": "250.00", "w": "0.1", "x": "0.1", "c": "0.1", "Q": "10",
        "b": "0.1", "B": "10",
        "a": "0.1", "A": "100", "o": "0.1", "h": "0.1", "l": "0.1", "v": "10000", "q": "18", "O": 0, "C": 86400000, "F": 0, "L": 18150,
        "n": 18151,
    },
    "@ticker_1h": {
        "e": "1hTicker", "E": 1, "s": "A", "p": "0.1", "P": "250.00", "o": "0.1", "h": "0.1", "l": "0.1", "c": "0.1",
        "w": "0.1", "v": "10000",
        "q": "18", "O": 0, "C": 1, "F": 0, "L": 18150, "n": 18151,
    },
    "@avgPrice": {"e": "avgPrice", "E": 1, "s": "A", "i": "5m", "w": "25776.8", "T": 1},
    "executionReport/NEW": EXECUTION,
    "executionReport/TRADE": EXECUTION,
    "executionReport/CANCELED": EXECUTION,
    "outboundAccountPosition": {"e": "outboundAccountPosition", "E": 1, "u": 1, "B": [{"a": "ETH", "f": "10000.0", "l": "0.0"}]},
    "balanceUpdate": {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "100.0", "T": 1},
    "listStatus": {
        "e": "listStatus", "E": 1, "s": "A", "g": 2, "c": "OCO", "l": "EXEC_STARTED", "L": "EXECUTING", "r": "NONE", "C": "F", "T": 1,
        "O": [{"s": "A", "i": 17, "c": "a"}],
    },
}  # fmt: skip
"""By the names of `shapes.collect`."""
