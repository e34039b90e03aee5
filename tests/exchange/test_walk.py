"""Every spot call that ccxt's Binance class makes for the unified methods it declares is answered, or refused as Binance would."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

import pytest

from bot4.exchange import serve
from tests.exchange.client import Client
from tests.exchange.places import HERE, environment

NOT_PERMITTED = -1002
"""What Binance tells a key that may read and trade spot, and no more."""
REFUSED_METHODS = {
    # The order that the walk names does not exist, or nothing is open.
    "cancelAllOrders": -2011,
    "cancelOrder": -2011,
    "editOrder": -2022,
    "fetchOrder": -2013,
    # A parameter that spot does not know.
    "createReduceOnlyOrder": -1104,
    "borrowCrossMargin": NOT_PERMITTED,
    "borrowIsolatedMargin": NOT_PERMITTED,
    "createConvertTrade": NOT_PERMITTED,
    "fetchConvertQuote": NOT_PERMITTED,
    "fetchConvertTrade": NOT_PERMITTED,
    "fetchDepositAddress": NOT_PERMITTED,
    "repayCrossMargin": NOT_PERMITTED,
    "repayIsolatedMargin": NOT_PERMITTED,
    "transfer": NOT_PERMITTED,
    "withdraw": NOT_PERMITTED,
}
"""Methods that ask spot or its wallet and are refused, and the code; all others that do are answered."""
REFUSED_CALLS = {
    # Nothing is open then.
    "privateDeleteOpenOrders": -2011,
    "privateDeleteOrder": -1102,
    "privateGetOrder": -1102,
    "privatePostOrder": -1102,
    "privatePostOrderCancelReplace": -1102,
    "privatePostOrderTest": -1102,
    "publicGetKlines": -1102,
    # Smart order routing is not done here.
    "privatePostSorOrder": -1020,
    "privatePostSorOrderTest": -1020,
    "sapiGetMarginAccount": -3003,
    "sapiGetMarginAllOrders": -3003,
    "sapiGetMarginMyTrades": -3003,
    "sapiGetMarginOpenOrders": -3003,
    "sapiGetMarginOrder": -3003,
    "sapiGetMarginIsolatedAccount": -11001,
    **dict.fromkeys(
        (
            "sapiDeleteMarginOpenOrders",
            "sapiDeleteMarginOrder",
            "sapiGetCapitalDepositAddress",
            "sapiGetConvertOrderStatus",
            "sapiGetEquityMarketExchangeInfo",
            "sapiGetEquityMarketQuote",
            "sapiGetEquityOrderDetail",
            "sapiGetEquityOrderHistory",
            "sapiGetEquityOrderOpenOrders",
            "sapiGetEquityTokenizedConvertStatus",
            "sapiGetEquityTokenizedHistory",
            "sapiGetEquityTradeHistory",
            "sapiGetGiftcardVerify",
            "sapiPostAssetConvertTransfer",
            "sapiPostAssetTransfer",
            "sapiPostCapitalWithdrawApply",
            "sapiPostConvertAcceptQuote",
            "sapiPostConvertGetQuote",
            "sapiPostEquityOrderCancel",
            "sapiPostEquityOrderCancelAll",
            "sapiPostEquityOrderPlace",
            "sapiPostEquityTokenizedRedeem",
            "sapiPostFuturesTransfer",
            "sapiPostGiftcardCreateCode",
            "sapiPostGiftcardRedeemCode",
            "sapiPostMarginBorrowRepay",
            "sapiPostMarginOrder",
        ),
        NOT_PERMITTED,
    ),
}
"""Calls with a symbol alone, or with nothing: the code of a refusal; all others are answered."""
ELSEWHERE = ("/fapi/", "/dapi/", "/eapi/")
"""Futures and options: other markets, which this venue is not."""


@pytest.fixture(scope="module")
def walk() -> dict[str, Any]:
    python = environment("clients")
    with serve(market="synthetic", seed=2, limits=False) as exchange:
        book = Client(exchange.url)
        while not book.ok("GET", "/api/v3/trades", symbol="BTCUSDT"):
            time.sleep(0.05)
        key = exchange.keys[0]
        words = [str(python), str(HERE / "clients" / "ccxt_walk.py"), exchange.url, key.key, key.secret or ""]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr[-3000:]
        assert exchange.server.is_alive
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def test_every_method_that_ccxt_declares_is_answered_or_refused_as_binance_would(walk: dict[str, Any]) -> None:
    methods = walk["methods"]
    assert len(methods) >= 110
    spot = {
        name: told["ended"]
        for name, told in methods.items()
        if told["asked"] and not any(place in path for path in told["asked"] for place in ELSEWHERE)
    }
    assert {name: ended for name, ended in spot.items() if ended != 0} == REFUSED_METHODS
    assert len(spot) >= 60
    # What is left ccxt refuses by itself, or asks of another market.
    for name, told in methods.items():
        if name not in spot:
            assert isinstance(told["ended"], str), (name, told)


def test_every_spot_call_in_ccxts_source_is_answered_or_refused_as_binance_would(walk: dict[str, Any]) -> None:
    calls = walk["calls"]
    assert len(calls) >= 75
    assert {name: ended for name, ended in calls.items() if ended != 0} == REFUSED_CALLS
