"""What is wrong with a request has Binance's own code and text, the same by REST and by the WebSocket API."""

from __future__ import annotations

from typing import Any

import pytest

from bot4.exchange import Exchange
from tests.exchange.client import Client, Socket

ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
MANDATORY = "Mandatory parameter '{}' was not sent, was empty/null, or malformed."
DECIMAL = r"Illegal characters found in parameter '{}'; legal range is '^([0-9]{{1,20}})(\.[0-9]{{1,20}})?$'."
BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"quantity": "99999999999999"}, -1108, "Parameter 'quantity' overflowed."),
    ({"quantity": "1" + "0" * 30}, -1100, DECIMAL.format("quantity")),
    ({"quantity": "-1"}, -1100, DECIMAL.format("quantity")),
    ({"quantity": "1e3"}, -1100, DECIMAL.format("quantity")),
    ({"quantity": "NaN"}, -1100, DECIMAL.format("quantity")),
    ({"quantity": "9001"}, -1013, "Filter failure: LOT_SIZE"),
    ({"price": "10000000"}, -1013, "Filter failure: PRICE_FILTER"),
    ({"price": "0.000000001"}, -1111, "Parameter 'price' has too much precision."),
    ({"symbol": None}, -1102, MANDATORY.format("symbol")),
    ({"symbol": "NOSUCH"}, -1121, "Invalid symbol."),
    ({"side": "HOLD"}, -1117, "Invalid side."),
    ({"type": "GUESS"}, -1116, "Invalid orderType."),
    ({"timeInForce": "GTX"}, -1115, "Invalid timeInForce."),
    ({"newOrderRespType": "LOUD"}, -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
    ({"selfTradePreventionMode": "MAYBE"}, -1130, "Data sent for parameter 'selfTradePreventionMode' is not valid."),
]


@pytest.mark.parametrize(("change", "code", "text"), BAD)
def test_a_bad_order_is_refused_in_the_same_words_by_both_doors(
    exchange: Exchange, alice: Client, change: dict[str, Any], code: int, text: str
) -> None:
    fields = {name: value for name, value in (ORDER | change).items() if value is not None}
    assert alice.code("POST", "/api/v3/order", **fields) == (400, code, text)
    api = Socket(exchange.url, "/ws-api/v3")
    answer = api.signed(alice, "order.place", **fields)
    api.close()
    assert (answer["status"], answer["error"]["code"], answer["error"]["msg"]) == (400, code, text)
    assert alice.ok("GET", "/api/v3/openOrders") == []


@pytest.mark.parametrize(
    ("change", "status", "code", "text"),
    [
        ({"signature": "0" * 64}, 400, -1022, "Signature for this request is not valid."),
        ({"signature": "x"}, 400, -1022, "Signature for this request is not valid."),
        ({"timestamp": 1}, 400, -1021, "Timestamp for this request is outside of the recvWindow."),
        (
            {"timestamp": 9_999_999_999_999},
            400,
            -1021,
            "Timestamp for this request was 1000ms ahead of the server's time.",
        ),
        ({"apiKey": "A" * 64}, 401, -2015, "Invalid API-key, IP, or permissions for action."),
        ({"apiKey": "no key"}, 401, -2014, "API-key format invalid."),
    ],
)
def test_a_request_that_is_not_its_senders_is_refused_in_the_same_words(
    exchange: Exchange, alice: Client, change: dict[str, Any], status: int, code: int, text: str
) -> None:
    sent = {"timestamp": alice.now_ms(), "signature": "0" * 64} | change
    key = str(sent.pop("apiKey", alice.key))
    stranger = Client(exchange.url, key)
    assert stranger.code("GET", "/api/v3/account", signed=False, **sent) == (status, code, text)
    api = Socket(exchange.url, "/ws-api/v3")
    answer = api.send("account.status", {"apiKey": key, **sent})
    api.close()
    assert (answer["status"], answer["error"]["code"], answer["error"]["msg"]) == (status, code, text)


@pytest.mark.parametrize(
    "text", ["{", "[]", '"id"', '{"id":1}', '{"id":1,"method":5}', '{"id":{},"method":"ping"}', "\x01"]
)
def test_a_message_that_is_no_request_is_told_so_and_the_connection_lives(exchange: Exchange, text: str) -> None:
    api = Socket(exchange.url, "/ws-api/v3")
    api.socket.send(text)
    answer = api.next()
    assert (answer["status"], answer["error"]["code"]) == (400, -1135)
    assert api.send("ping")["status"] == 200
    api.close()
