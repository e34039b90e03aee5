"""Every metric of the exchange stands in the catalogue as it is told, and is driven here by what it counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import websockets.exceptions

from bot4.exchange import Exchange, serve
from bot4.observe.catalogue import EXCHANGE
from tests.exchange.client import Client, Socket
from tests.exchange.conftest import client_of


def told(exchange: Exchange) -> dict[str, int]:
    """Returns every metric by its name, less what all names begin with."""
    text = Client(exchange.url).raw("GET", "/metrics").body
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name.removeprefix("bot4_exchange_"): int(value) for name, value in rows}


def test_the_catalogue_is_what_is_told(exchange: Exchange) -> None:
    text = Client(exchange.url).raw("GET", "/metrics").body
    rows = re.findall(r"# HELP (\S+) (.*)\n# TYPE \1 (\S+)\n\1 \d+\n", text)
    assert rows == [(metric.name, metric.meaning, metric.kind) for metric in EXCHANGE]
    assert text.count("\n") == 3 * len(EXCHANGE) == 42


def orders(exchange: Exchange) -> Callable[[], None]:
    alice = client_of(exchange, "alice")
    answers = [
        alice.ask("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")
        for _ in range(101)
    ]
    assert [answer.status for answer in answers[-2:]] == [200, 429]
    assert alice.code("GET", "/api/v3/order", symbol="BTCUSDT", orderId=999)[1] == -2013
    return lambda: None


def asks_the_api(exchange: Exchange) -> Callable[[], None]:
    socket = Socket(exchange.url, "/ws-api/v3")
    assert socket.send("ping")["status"] == 200
    return socket.close


def subscribes(exchange: Exchange) -> Callable[[], None]:
    socket = Socket(exchange.url, "/ws/btcusdt@trade/ethusdt@trade")
    assert socket.send("LIST_SUBSCRIPTIONS")["result"] == ["btcusdt@trade", "ethusdt@trade"]
    return socket.close


def floods(exchange: Exchange) -> Callable[[], None]:
    socket = Socket(exchange.url, "/ws")
    for _ in range(5):
        assert socket.send("LIST_SUBSCRIPTIONS")["result"] == []
    with pytest.raises(websockets.exceptions.ConnectionClosed):
        socket.send("LIST_SUBSCRIPTIONS")
    return socket.close


def trades(exchange: Exchange) -> Callable[[], None]:
    alice, bob = client_of(exchange, "alice"), client_of(exchange, "bob")
    user, market = Socket(exchange.url, "/ws-api/v3"), Socket(exchange.url, "/ws/btcusdt@trade")
    user.signed(alice, "userDataStream.subscribe.signature")
    alice.limit("BUY", "60000", "0.1")
    bob.limit("SELL", "60000", "0.1")
    assert market.next()["e"] == "trade"

    def end() -> None:
        user.close()
        market.close()

    return end


def moves_time(exchange: Exchange) -> Callable[[], None]:
    exchange.control.advance(3_600_000)
    return lambda: None


@pytest.mark.parametrize(
    ("happens", "grown"),
    [
        # What grows: at least by so much, at most by so much.
        (orders, {"requests_total": (102, 102), "requests_refused_total": (2, 2), "requests_limited_total": (1, 1)}),
        (orders, {"commands_total": (100, 100)}),
        (
            asks_the_api,
            {"api_calls_total": (1, 1), "connections": (1, 1), "websockets": (1, 1), "subscriptions": (0, 0)},
        ),
        (subscribes, {"stream_messages_total": (1, 1), "subscriptions": (2, 2), "websockets": (1, 1)}),
        (floods, {"floods_total": (1, 1), "websockets": (0, 0)}),
        # An order is told as new and as filled, and the balances of both: four events.
        (trades, {"user_events_total": (4, 4), "stream_events_total": (1, 1), "commands_total": (2, 2)}),
        (moves_time, {"time_seconds": (3_600, 3_620)}),
    ],
)
def test_what_happens_is_counted(
    exchange: Exchange, happens: Callable[[Exchange], Callable[[], None]], grown: dict[str, tuple[int, int]]
) -> None:
    before = told(exchange)
    end = happens(exchange)
    after = told(exchange)
    for name, (least, most) in grown.items():
        assert least <= after[name] - before[name] <= most, name
    end()


def test_what_the_journal_held_is_counted(tmp_path: Path) -> None:
    with serve(state=tmp_path / "venue") as exchange:
        assert told(exchange)["commands_restored"] == 0
        commands = told(exchange)["commands_total"]
    with serve(state=tmp_path / "venue") as again:
        assert told(again)["commands_restored"] == commands == 8
