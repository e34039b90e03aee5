"""A recording as the market: its book, trades and times, with clients' orders in it; its end; a restart in the middle of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot4.exchange import Exchange, ExchangeError, serve
from bot4.exchange.recording import read
from tests.exchange.client import Client, Socket
from tests.exchange.conftest import client_of
from tests.ticks.recordings import SPOT, depth, snapshot, trade, write

LINES = [
    snapshot(1_009, 5, [("10.4", "100"), ("10.3", "200")], [("10.5", "100"), ("10.6", "50")], at=1_004),
    trade(1_104, 1, "10.4", "60", True),
    depth(1_155, 6, 6, 5, bids=[("10.4", "40")]),
    trade(1_204, 2, "10.4", "50", True),
    trade(1_254, 3, "10.5", "7.5", False),
    depth(1_305, 7, 8, 6, bids=[("10.4", "0")], asks=[("10.4", "30")]),
    depth(2_405, 9, 9, 8, asks=[("10.6", "51")]),
    trade(2_504, 4, "10.3", "1.25", True),
]
"""Of a symbol ABCUSDT: venue times are 1004, 1100, 1150, 1200, 1250, 1300, 2400 and 2500 ms of 1970."""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write(tmp_path, LINES)


@pytest.fixture
def played(recording: Path) -> Iterator[Exchange]:
    with serve(
        market="replay", recording=recording, speed=0, accounts={"alice": {"USDT": "9000", "ABC": "5"}}
    ) as running:
        yield running


def to(exchange: Exchange, ms: int, *clients: Client) -> None:
    """Moves the venue's time on, and the clients' clocks with it."""
    exchange.control.advance(ms - exchange.control.state()["time_ms"])
    asked = Client(exchange.url).ok("GET", "/api/v3/time")["serverTime"]
    assert asked == ms
    for client in clients:
        client.now_ms = lambda: ms  # type: ignore[method-assign]


def book(exchange: Exchange) -> dict[str, list[list[str]]]:
    told = Client(exchange.url).ok("GET", "/api/v3/depth", symbol="ABCUSDT")
    return {side: [[price[:4], f"{float(quantity):g}"] for price, quantity in told[side]] for side in ("bids", "asks")}


def test_the_market_is_the_recorded_one_and_orders_wait_in_its_queues(played: Exchange) -> None:
    alice = client_of(played, "alice")
    info = Client(played.url).ok("GET", "/api/v3/exchangeInfo")["symbols"]
    assert [row["symbol"] for row in info] == ["ABCUSDT"]
    filters = {row["filterType"]: row for row in info[0]["filters"]}
    assert float(filters["PRICE_FILTER"]["tickSize"]) == 0.1
    to(played, 1_050, alice)
    recorded = {"bids": [["10.4", "100"], ["10.3", "200"]], "asks": [["10.5", "100"], ["10.6", "50"]]}
    assert book(played) == recorded
    market, user = Socket(played.url, "/ws/abcusdt@trade/abcusdt@bookTicker"), Socket(played.url, "/ws-api/v3")
    user.signed(alice, "userDataStream.subscribe.signature")
    order = alice.limit("BUY", "10.4", "20", symbol="ABCUSDT")
    assert book(played)["bids"][0] == ["10.4", "120"]
    # 100 are ahead: 60 trade, 40 are left, 50 trade, and 10 of them reach us.
    to(played, 1_210, alice)
    fill = user.next(lambda event: event.get("event", {}).get("x") == "TRADE")["event"]
    assert (fill["l"], fill["L"], fill["T"], fill["m"]) == ("10.00000000", "10.40000000", 1_200, True)
    told: list[Any] = []
    while sum(float(event["q"]) for event in told) < 110:
        told.append(market.next(lambda event: event.get("e") == "trade"))
    assert {(event["T"], event["p"], event["m"]) for event in told} == {
        (1_100, "10.40000000", True),
        (1_200, "10.40000000", True),
    }
    # The recorded asks come down to our bid: 30 meet what is left of it.
    to(played, 1_310, alice)
    fill = user.next(lambda event: event.get("event", {}).get("x") == "TRADE")["event"]
    assert (fill["l"], fill["L"], fill["X"], fill["T"]) == ("10.00000000", "10.40000000", "FILLED", 1_300)
    assert book(played) == {"bids": [["10.3", "200"]], "asks": [["10.4", "20"], ["10.5", "100"], ["10.6", "50"]]}
    # What we took comes back within a second; what we take is gone.
    to(played, 2_410, alice)
    assert book(played)["asks"] == [["10.4", "30"], ["10.5", "100"], ["10.6", "51"]]
    taken = alice.ok("POST", "/api/v3/order", symbol="ABCUSDT", side="BUY", type="MARKET", quantity="40")
    at = {
        price: sum(float(row["qty"]) for row in taken["fills"] if row["price"] == price)
        for price in ("10.40000000", "10.50000000")
    }
    assert at == {"10.40000000": 30.0, "10.50000000": 10.0}
    assert book(played)["asks"] == [["10.5", "90"], ["10.6", "51"]]
    assert alice.ok("GET", "/api/v3/order", symbol="ABCUSDT", orderId=order["orderId"])["status"] == "FILLED"
    bar = Client(played.url).ok("GET", "/api/v3/klines", symbol="ABCUSDT", interval="1s")[0]
    assert (bar[0], float(bar[1]), float(bar[2]), float(bar[5])) == (1_000, 10.4, 10.5, 60 + 50 + 7.5 + 10)
    market.close()
    user.close()


def test_other_orders_do_what_they_do_elsewhere_and_the_end_is_told(played: Exchange) -> None:
    alice = client_of(played, "alice")
    to(played, 1_050, alice)
    fields: dict[str, Any] = {"symbol": "ABCUSDT", "side": "SELL", "quantity": "2", "type": "STOP_LOSS"}
    stop = alice.ok("POST", "/api/v3/order", stopPrice="10.3", **fields)
    assert (
        alice.code(
            "POST",
            "/api/v3/order",
            **(fields | {"quantity": "0.1", "type": "LIMIT", "price": "10.6", "timeInForce": "GTC"}),
        )[1]
        == -1013
    )
    state = played.control.state()["recording"]
    assert state == {"symbol": "ABCUSDT", "ends_ms": 2_500, "is_over": False}
    to(played, 2_600, alice)
    # The last trade, at 10.3, sets it off.
    assert alice.ok("GET", "/api/v3/order", symbol="ABCUSDT", orderId=stop["orderId"])["status"] == "FILLED"
    assert played.control.state()["recording"]["is_over"] is True
    assert Client(played.url).ok("GET", "/api/v3/exchangeInfo")["symbols"][0]["status"] == "BREAK"
    assert alice.code("POST", "/api/v3/order", stopPrice="10.1", **fields)[1:] == (-2010, "Market is closed.")


def test_a_restart_goes_on_where_the_recording_was(recording: Path, tmp_path: Path) -> None:
    def again() -> Exchange:
        return serve(
            market="replay",
            recording=recording,
            speed=0,
            state=tmp_path / "venue",
            accounts={"alice": {"USDT": "9000"}},
        )

    with again() as first:
        alice = client_of(first, "alice")
        to(first, 1_050, alice)
        alice.limit("BUY", "10.4", "20", symbol="ABCUSDT")
        to(first, 1_210, alice)
        before = first.control.state()
    with again() as second:
        after = second.control.state()
        assert (after["state_hash"], after["time_ms"], after["accounts"]) == (
            before["state_hash"],
            1_200,
            before["accounts"],
        )
        to(second, 1_310)
        assert second.control.state()["accounts"]["alice"]["ABC"]["free"] == "19.98000000"
    with pytest.raises(ValueError, match="this is the state of another venue"):
        serve(state=tmp_path / "venue")


def test_the_command_plays_a_recording_and_says_when_it_is_over(recording: Path, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "bot4.cli.main",
        "exchange",
        "serve",
        "--market",
        "replay",
        str(recording),
        "--port",
        "0",
    ]
    home = os.environ | {"BOT4_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*words, "--speed", "max"], stdout=subprocess.PIPE, text=True, env=home) as process:
        assert process.stdout is not None
        told = [next(process.stdout) for _ in range(7)]
        process.terminate()
    assert told[-1] == "the recording is over: its symbol is closed (BREAK), everything else goes on\n"
    assert process.returncode == 0


def test_what_cannot_be_played_is_refused(recording: Path, tmp_path: Path) -> None:
    assert read(recording).fastest == 200.0
    (tmp_path / "both").mkdir()
    write(tmp_path / "both", LINES)
    write(tmp_path / "both", SPOT, "spot-abcusdt.gz")
    with pytest.raises(ExchangeError, match="plays one market; name the folder of one"):
        read(tmp_path / "both")
    with pytest.raises(ExchangeError, match="plays a recording, and no other does"):
        serve(market="empty", recording=recording)
