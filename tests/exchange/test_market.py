"""The synthetic market, bars of a time zone, and faults that follow a script, as clients see them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bot4.exchange import Exchange, serve
from tests.exchange.client import Client, Socket
from tests.exchange.conftest import client_of
from tests.exchange.test_book import LocalBook


def test_agents_trade_and_a_client_trades_with_them() -> None:
    with serve(market="synthetic", seed=3, speed=20) as exchange:
        time.sleep(1.0)
        client = client_of(exchange, "alice")
        top = client.ok("GET", "/api/v3/ticker/bookTicker", symbol="BTCUSDT", signed=False)
        assert 0 < float(top["bidPrice"]) < float(top["askPrice"])
        assert len(client.ok("GET", "/api/v3/trades", symbol="BTCUSDT", signed=False)) > 5
        assert len(client.ok("GET", "/api/v3/depth", symbol="BTCUSDT", signed=False)["bids"]) >= 5
        exchange.control.set_speed(1)
        client.offset_ms = client.ok("GET", "/api/v3/time", signed=False)["serverTime"] - client.now_ms()
        taken = client.ok("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
        assert (taken["status"], taken["executedQty"]) == ("FILLED", "0.01000000")
        rows = client.ok("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1s", signed=False)
        assert len(rows) > 5
        assert all(float(row[3]) <= float(row[1]) <= float(row[2]) for row in rows)


def test_the_same_seed_is_the_same_market_and_survives_a_restart(tmp_path: Path) -> None:
    seen = []
    for folder in ("a", "b"):
        with serve(
            market="synthetic", seed=5, speed=0, start_ms=1_700_000_000_000, state=tmp_path / folder
        ) as exchange:
            seen.append(exchange.control.advance(5_000)["state_hash"])
            time.sleep(0.3)
            seen[-1] = exchange.control.state()["state_hash"]
    assert seen[0] == seen[1]
    with serve(market="synthetic", seed=5, speed=0, start_ms=1_700_000_000_000, state=tmp_path / "a") as exchange:
        assert exchange.control.state()["state_hash"] == seen[0]
    with pytest.raises(ValueError, match="this is the state of another venue"):
        serve(market="synthetic", seed=6, state=tmp_path / "a")


SCRIPT = """
seed = 3

[[fault]]
kind = "lost-answer"
where = "POST /api/v3/order"
most = 1

[[fault]]
kind = "maintenance"
where = "GET /api/v3/avgPrice"

[[fault]]
kind = "late-answer"
where = "GET /api/v3/ping"
least_ms = 300
most_ms = 300

[[fault]]
kind = "clock-skew"
skew_ms = 700

[[fault]]
kind = "drop"
where = "btcusdt@trade"

[[fault]]
kind = "duplicate"
where = "userData"

[[fault]]
kind = "status"
symbol = "ETHUSDT"
to = "HALT"
"""


def test_a_script_of_faults_is_carried_out(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text(SCRIPT)
    with serve(faults=script) as exchange:
        alice, bob = client_of(exchange, "alice"), client_of(exchange, "bob")
        alice.offset_ms = bob.offset_ms = 700
        fields: dict[str, Any] = {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "1",
            "price": "60000",
        }
        with pytest.raises(OSError):
            alice.ask("POST", "/api/v3/order", newClientOrderId="lost", **fields)
        assert alice.ok("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="lost")["status"] == "NEW"
        assert alice.ask("GET", "/api/v3/avgPrice", symbol="BTCUSDT", signed=False).body["code"] == -1016
        began = time.monotonic()
        assert alice.ok("GET", "/api/v3/ping", signed=False) == {}
        assert time.monotonic() - began > 0.28
        ahead = alice.ok("GET", "/api/v3/time", signed=False)["serverTime"] - time.time() * 1000
        assert 600 < ahead < 800
        info = alice.ok("GET", "/api/v3/exchangeInfo", symbol="ETHUSDT", signed=False)
        assert info["symbols"][0]["status"] == "HALT"
        user, market = Socket(exchange.url, "/ws-api/v3"), Socket(exchange.url, "/ws/btcusdt@trade/btcusdt@aggTrade")
        user.signed(alice, "userDataStream.subscribe.signature")
        bob.limit("BUY", "60000", "0.1")
        assert market.next()["e"] == "aggTrade", "the trade was dropped"
        first, second = (user.next(lambda message: "event" in message) for _ in range(2))
        assert first == second
        user.close()
        market.close()


def test_a_script_that_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\nkind = "late"\n')
    with pytest.raises(ValueError, match=r"fault 1 \(late\) needs most_ms"):
        serve(faults=script)


def test_a_client_at_another_speed_asks_for_the_time() -> None:
    with serve(speed=100) as exchange:
        client = client_of(exchange, "alice")
        time.sleep(0.2)
        assert client.code("GET", "/api/v3/account")[1] == -1021
        client.offset_ms = Client(exchange.url).ok("GET", "/api/v3/time")["serverTime"] - client.now_ms()
        assert client.ask("GET", "/api/v3/account", recvWindow=60_000).status == 200


STALE = """
[[fault]]
kind = "stale-snapshot"
where = "GET /api/v3/depth"
from_s = 10
most = 1
least_ms = 8000
most_ms = 8000
"""


def test_an_old_snapshot_is_noticed_by_a_book_kept_by_the_venues_rule(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text(STALE)
    with serve(faults=script, speed=0) as exchange:
        alice = client_of(exchange, "alice")

        def bid(price: str) -> None:
            alice.offset_ms += exchange.control.state()["time_ms"] - alice.now_ms()
            alice.limit("BUY", price, "0.1")
            exchange.control.advance(200)

        def snapshot() -> Any:
            return alice.ok("GET", "/api/v3/depth", symbol="BTCUSDT", limit=5000, signed=False)

        bid("50000")
        old = snapshot()
        exchange.control.advance(12_000)
        socket = Socket(exchange.url, "/ws/btcusdt@depth@100ms")
        bid("50001")
        socket.next()
        bid("50002")
        book = LocalBook(alice)
        event = socket.next()
        begun: list[Any] = []
        take = book.begin

        def begin() -> None:
            take()
            begun.append(book.last)

        book.begin = begin  # type: ignore[method-assign]
        book.take(event)
        # The first snapshot was that of twelve seconds ago; the event does not follow it, so another is asked for, and that one is fresh.
        assert begun == [old["lastUpdateId"], snapshot()["lastUpdateId"]]
        assert book.gaps == 1
        assert book.is_as(snapshot())
        bid("50003")
        book.take(socket.next())
        assert book.gaps == 1
        assert book.is_as(snapshot())
        socket.close()


def test_bars_of_a_time_zone_begin_with_its_days(exchange: Exchange) -> None:
    alice, bob = client_of(exchange, "alice"), client_of(exchange, "bob")
    exchange.control.set_speed(0)
    hour = 3_600_000
    for at in range(30):
        now = exchange.control.advance(hour)["time_ms"]
        alice.offset_ms = bob.offset_ms = now - int(time.time() * 1000)
        alice.limit("SELL", str(60_000 + at), "0.01")
        bob.limit("BUY", str(60_000 + at), "0.01")
    ask = Client(exchange.url)
    hours = ask.ok("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1h")
    assert len(hours) == 30
    for text, offset in (
        ("0", 0),
        ("8", 8 * hour),
        ("-3:30", -3 * hour - hour // 2),
        ("05:45", 5 * hour + 3 * hour // 4),
    ):
        days = ask.ok("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1d", timeZone=text)
        assert sum(bar[8] for bar in days) == 30
        for bar in days:
            assert (bar[0] + offset) % (24 * hour) == 0
            assert bar[6] == bar[0] + 24 * hour - 1
        if offset % hour == 0:
            inside = [row for row in hours if days[0][0] <= row[0] <= days[0][6]]
            assert (days[0][8], days[0][4]) == (len(inside), inside[-1][4])
    assert ask.code("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1d", timeZone="15")[1] == -1130
