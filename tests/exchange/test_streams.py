from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from bot4.exchange import Exchange
from tests.exchange.client import Client, Socket


@pytest.fixture
def api(exchange: Exchange) -> Iterator[Socket]:
    socket = Socket(exchange.url, "/ws-api/v3")
    yield socket
    socket.close()


def test_streams_are_subscribed_listed_and_left(exchange: Exchange, alice: Client, bob: Client) -> None:
    socket = Socket(exchange.url, "/ws")
    assert socket.send("SUBSCRIBE", ["btcusdt@trade", "btcusdt@aggTrade", "btcusdt@bookTicker"]) == {
        "result": None,
        "id": 1,
    }
    assert socket.send("LIST_SUBSCRIPTIONS")["result"] == ["btcusdt@trade", "btcusdt@aggTrade", "btcusdt@bookTicker"]
    alice.limit("SELL", "60000", "1")
    top = socket.next(lambda event: "u" in event)
    assert (top["s"], top["a"], top["A"], top["b"]) == ("BTCUSDT", "60000.00000000", "1.00000000", "0.00000000")
    bob.limit("BUY", "60000", "0.25")
    trade = socket.next(lambda event: event.get("e") == "trade")
    assert (trade["p"], trade["q"], trade["m"], trade["t"]) == ("60000.00000000", "0.25000000", False, 1)
    whole = socket.next(lambda event: event.get("e") == "aggTrade")
    assert (whole["f"], whole["l"], whole["q"]) == (1, 1, "0.25000000")
    assert socket.send("UNSUBSCRIBE", ["btcusdt@trade"])["result"] is None
    socket.close()


def test_combined_streams_wrap_their_events(exchange: Exchange, alice: Client) -> None:
    socket = Socket(exchange.url, "/stream?streams=btcusdt@depth@100ms/btcusdt@depth5@100ms")
    alice.limit("SELL", "60000", "1")
    diff = socket.next(lambda event: event["stream"] == "btcusdt@depth@100ms")["data"]
    assert (diff["e"], diff["U"], diff["u"], diff["a"], diff["b"]) == (
        "depthUpdate",
        1,
        1,
        [["60000.00000000", "1.00000000"]],
        [],
    )
    book = socket.next(lambda event: event["stream"] == "btcusdt@depth5@100ms" and event["data"]["asks"])["data"]
    assert book == {"lastUpdateId": 1, "bids": [], "asks": [["60000.00000000", "1.00000000"]]}
    socket.close()


def test_a_bar_is_told_while_it_is_made(exchange: Exchange, alice: Client, bob: Client) -> None:
    socket = Socket(exchange.url, "/ws/btcusdt@kline_1s")
    alice.limit("SELL", "60000", "1")
    bob.limit("BUY", "60000", "0.25")
    closed = socket.next(lambda event: event["k"]["x"] and event["k"]["n"] == 1)["k"]
    assert (closed["o"], closed["v"], closed["q"], closed["V"]) == (
        "60000.00000000",
        "0.25000000",
        "15000.00000000",
        "0.25000000",
    )
    rows = alice.ok("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1s", signed=False)
    assert [row[1:6] for row in rows if row[8] == 1] == [["60000.00000000"] * 4 + ["0.25000000"]]
    socket.close()


def test_orders_go_through_the_api_and_user_data_comes(api: Socket, alice: Client, bob: Client) -> None:
    assert api.send("ping")["status"] == 200
    assert api.signed(alice, "userDataStream.subscribe.signature")["result"] == {"subscriptionId": 0}
    order = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.5",
        "price": "60000",
    }
    made = api.signed(alice, "order.place", **order, newClientOrderId="from-api")
    assert (made["status"], made["result"]["status"], made["result"]["clientOrderId"]) == (200, "NEW", "from-api")
    bob.limit("BUY", "60000", "0.1")
    fill = api.next(lambda message: message.get("event", {}).get("x") == "TRADE")
    event = fill["event"]
    assert (fill["subscriptionId"], event["e"], event["X"], event["l"], event["L"], event["m"]) == (
        0, "executionReport", "PARTIALLY_FILLED", "0.10000000", "60000.00000000", True,
    )  # fmt: skip
    position = api.next(lambda message: message.get("event", {}).get("e") == "outboundAccountPosition")["event"]
    assert {"a": "BTC", "f": "99.50000000", "l": "0.40000000"} in position["B"]
    gone = api.signed(alice, "order.cancel", symbol="BTCUSDT", origClientOrderId="from-api")
    assert gone["result"]["status"] == "CANCELED"
    assert (
        api.signed(alice, "order.status", symbol="BTCUSDT", orderId=made["result"]["orderId"])["result"]["status"]
        == "CANCELED"
    )
    assert api.send("userDataStream.unsubscribe", {"subscriptionId": 0})["result"] == {}
    assert api.send("session.subscriptions")["result"] == []


def test_a_session_is_logged_on_once(api: Socket, alice: Client) -> None:
    assert api.send("userDataStream.subscribe")["error"]["code"] == -2015
    assert api.signed(alice, "session.logon")["result"]["apiKey"] == alice.key
    assert api.send("userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert api.send("account.status", {"timestamp": alice.now_ms()})["result"]["accountType"] == "SPOT"
    assert api.send("session.logout")["result"]["apiKey"] is None


def test_a_wrong_message_is_answered_and_the_connection_lives(api: Socket, exchange: Exchange) -> None:
    for text in ("", "{", "[]", '{"id": {}, "method": "ping"}', '{"id": 1}', '{"id": 1, "method": 5}'):
        api.socket.send(text)
        answer = api.next()
        assert (answer["status"], answer["error"]["code"]) == (400, -1135), text
    assert api.send("no.such")["error"]["code"] == -1000
    assert api.send("depth", {"symbol": "XYZ"})["error"]["code"] == -1121
    assert api.send("depth", {"symbol": "BTCUSDT"})["result"] == {"lastUpdateId": 0, "bids": [], "asks": []}
    socket = Socket(exchange.url, "/ws")
    socket.socket.send("{")
    assert socket.next()["error"]["code"] == 2
    socket.close()


def test_more_than_five_messages_a_second_end_a_stream_connection(exchange: Exchange) -> None:
    socket = Socket(exchange.url, "/ws")

    def flood() -> None:
        for _ in range(20):
            socket.send("LIST_SUBSCRIPTIONS")

    with pytest.raises(ConnectionClosed):
        flood()
    other = Socket(exchange.url, "/ws")
    assert other.send("LIST_SUBSCRIPTIONS")["result"] == []
    other.close()
