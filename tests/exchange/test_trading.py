from __future__ import annotations

from typing import Any

import pytest

from bot4.exchange import Exchange
from tests.exchange.client import Client

ORDER = "/api/v3/order"


def balance(client: Client, asset: str) -> tuple[str, str]:
    row = next(row for row in client.ok("GET", "/api/v3/account")["balances"] if row["asset"] == asset)
    return row["free"], row["locked"]


def test_a_trade_moves_both_accounts(alice: Client, bob: Client) -> None:
    resting = alice.limit("SELL", "60000", "0.5", newClientOrderId="mine-1")
    assert (resting["status"], resting["fills"], resting["clientOrderId"]) == ("NEW", [], "mine-1")
    assert balance(alice, "BTC") == ("99.50000000", "0.50000000")
    taking = bob.ok("POST", ORDER, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.2")
    assert (taking["status"], taking["executedQty"], taking["cummulativeQuoteQty"]) == (
        "FILLED",
        "0.20000000",
        "12000.00000000",
    )
    assert [(fill["price"], fill["qty"]) for fill in taking["fills"]] == [("60000.00000000", "0.20000000")]
    seen = alice.ok("GET", ORDER, symbol="BTCUSDT", origClientOrderId="mine-1")
    assert (seen["status"], seen["executedQty"], seen["orderId"]) == (
        "PARTIALLY_FILLED",
        "0.20000000",
        resting["orderId"],
    )
    mine = alice.ok("GET", "/api/v3/myTrades", symbol="BTCUSDT")
    assert [(row["isBuyer"], row["isMaker"], row["qty"], row["orderId"]) for row in mine] == [
        (False, True, "0.20000000", resting["orderId"])
    ]
    assert balance(bob, "USDT")[0] == "988000.00000000"
    public = alice.ok("GET", "/api/v3/trades", symbol="BTCUSDT", signed=False)
    assert [(row["price"], row["qty"], row["isBuyerMaker"]) for row in public] == [
        ("60000.00000000", "0.20000000", False)
    ]
    gone = alice.ok("DELETE", ORDER, symbol="BTCUSDT", orderId=resting["orderId"])
    assert (gone["status"], gone["origClientOrderId"]) == ("CANCELED", "mine-1")
    assert balance(alice, "BTC")[1] == "0.00000000"


def test_orders_are_amended_and_replaced(alice: Client) -> None:
    first = alice.limit("BUY", "50000", "0.5")
    amended = alice.ok(
        "PUT",
        "/api/v3/order/amend/keepPriority",
        symbol="BTCUSDT",
        orderId=first["orderId"],
        newQty="0.3",
        newClientOrderId="less",
    )
    told = amended["amendedOrder"]
    assert (told["qty"], told["clientOrderId"], told["origClientOrderId"]) == (
        "0.30000000",
        "less",
        first["clientOrderId"],
    )
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
    }
    replace = "/api/v3/order/cancelReplace"
    done = alice.ok(
        "POST", replace, cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=first["orderId"], price="51000", **fields
    )
    assert (done["cancelResult"], done["newOrderResult"], done["newOrderResponse"]["status"]) == (
        "SUCCESS",
        "SUCCESS",
        "NEW",
    )
    failed = alice.ask("POST", replace, cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=999, price="51000", **fields)
    assert (failed.status, failed.body["code"]) == (400, -2022)
    assert (failed.body["data"]["newOrderResult"], failed.body["data"]["cancelResponse"]["code"]) == (
        "NOT_ATTEMPTED",
        -2011,
    )
    half = alice.ask("POST", replace, cancelReplaceMode="ALLOW_FAILURE", cancelOrderId=999, price="52000", **fields)
    assert (half.status, half.body["code"], half.body["data"]["newOrderResult"]) == (409, -2021, "SUCCESS")
    assert [row["price"] for row in alice.ok("GET", "/api/v3/openOrders")] == ["51000.00000000", "52000.00000000"]
    assert len(alice.ok("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")) == 2
    assert [row["status"] for row in alice.ok("GET", "/api/v3/allOrders", symbol="BTCUSDT")] == ["CANCELED"] * 3


def test_lists_are_placed_and_cancelled(alice: Client, bob: Client) -> None:
    alice.limit("SELL", "60100", "1")
    bob.limit("BUY", "59900", "1")
    bob.ok("POST", ORDER, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")
    shape = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.2", "aboveType": "LIMIT_MAKER", "abovePrice": "65000"}
    made = alice.ok("POST", "/api/v3/orderList/oco", belowType="STOP_LOSS", belowStopPrice="55000", **shape)
    assert (made["contingencyType"], made["listStatusType"], len(made["orders"])) == ("OCO", "EXEC_STARTED", 2)
    assert {report["type"] for report in made["orderReports"]} == {"LIMIT_MAKER", "STOP_LOSS"}
    assert len(alice.ok("GET", "/api/v3/openOrderList")) == 1
    gone = alice.ok("DELETE", "/api/v3/orderList", symbol="BTCUSDT", orderListId=made["orderListId"])
    assert (gone["listStatusType"], {report["status"] for report in gone["orderReports"]}) == ("ALL_DONE", {"CANCELED"})
    assert alice.ok("GET", "/api/v3/openOrderList") == []
    assert alice.ok("GET", "/api/v3/orderList", orderListId=made["orderListId"])["listOrderStatus"] == "ALL_DONE"


def test_a_test_order_changes_nothing(alice: Client) -> None:
    fields = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
        "price": "50000",
    }
    assert alice.ok("POST", "/api/v3/order/test", **fields) == {}
    told = alice.ok("POST", "/api/v3/order/test", computeCommissionRates="true", **fields)
    assert set(told) >= {"standardCommissionForOrder", "taxCommissionForOrder", "discount"}
    assert alice.ok("GET", "/api/v3/openOrders") == []


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"symbol": "XYZUSDT"}, -1121, "Invalid symbol."),
        (
            {"symbol": "btcusdt"},
            -1100,
            r"Illegal characters found in parameter 'symbol'; legal range is '^[\w\-._&&[^a-z]]{1,50}$'.",
        ),
        ({"side": "UP"}, -1117, "Invalid side."),
        ({"type": "BEST"}, -1116, "Invalid orderType."),
        ({"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
        ({"timeInForce": None}, -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."),
        ({"quantity": ""}, -1105, "Parameter 'quantity' was empty."),
        (
            {"quantity": "1e3"},
            -1100,
            r"Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.",
        ),
        ({"quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        ({"price": "50000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"quantity": "0.0000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        ({"quantity": "90"}, -2010, "Account has insufficient balance for requested action."),
        ({"colour": "blue"}, -1104, "Not all sent parameters were read; read '8' parameter(s) but was sent '9'."),
    ],
)
def test_what_is_wrong_is_refused_in_the_venues_words(
    alice: Client, change: dict[str, Any], code: int, text: str
) -> None:
    fields = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
        "price": "50000",
    }
    assert alice.code("POST", ORDER, **fields | change) == (400, code, text)


def test_who_asks_must_sign_in_time(exchange: Exchange, alice: Client) -> None:
    account = "/api/v3/account"
    assert alice.code("GET", account, signed=False)[:2] == (400, -1102)
    assert Client(exchange.url).code("GET", account)[:2] == (401, -2014)
    assert Client(exchange.url, "A" * 64, alice.secret).code("GET", account)[:2] == (401, -2015)
    assert Client(exchange.url, alice.key, "wrong").code("GET", account) == (
        400,
        -1022,
        "Signature for this request is not valid.",
    )
    assert alice.code("GET", account, recvWindow=60001) == (400, -1131, "recvWindow must be less than 60000.")
    alice.offset_ms = 2_000
    assert alice.code("GET", account) == (
        400,
        -1021,
        "Timestamp for this request was 1000ms ahead of the server's time.",
    )
    alice.offset_ms = -6_000
    assert alice.code("GET", account) == (400, -1021, "Timestamp for this request is outside of the recvWindow.")
    assert alice.ask("GET", account, recvWindow=10_000).status == 200


def test_what_is_not_there_says_so(alice: Client) -> None:
    assert alice.code("GET", ORDER, symbol="BTCUSDT", orderId=77) == (400, -2013, "Order does not exist.")
    assert alice.code("DELETE", ORDER, symbol="BTCUSDT", orderId=77) == (400, -2011, "Unknown order sent.")
    assert alice.ask("GET", "/api/v3/nothing").status == 404
    assert alice.ask("PATCH", ORDER).status == 405
    assert alice.code("POST", "/api/v3/sor/order", symbol="BTCUSDT")[:2] == (400, -1020)
