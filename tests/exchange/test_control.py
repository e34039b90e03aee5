from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot4.cli.exchange import read_speed
from bot4.cli.main import run
from bot4.exchange import Control, Exchange, ExchangeError, serve
from tests.exchange.client import Client, Socket
from tests.exchange.conftest import client_of


def test_time_is_moved_and_stands(exchange: Exchange) -> None:
    control = exchange.control
    control.set_speed(0)
    before = control.state()["time_ms"]
    assert control.advance(3_600_000)["time_ms"] == before + 3_600_000
    assert Client(exchange.url).ok("GET", "/api/v3/time")["serverTime"] == before + 3_600_000
    with pytest.raises(ExchangeError, match="never goes back"):
        control.advance(-1)


def test_balances_are_given_and_taken_and_told(exchange: Exchange, alice: Client) -> None:
    socket = Socket(exchange.url, "/ws-api/v3")
    socket.signed(alice, "userDataStream.subscribe.signature")
    assert exchange.control.credit("alice", "SOL", "5.5")["accounts"]["alice"]["SOL"] == {
        "free": "5.50000000",
        "locked": "0.00000000",
    }
    event = socket.next(lambda message: message.get("event", {}).get("e") == "balanceUpdate")["event"]
    assert (event["a"], event["d"]) == ("SOL", "5.50000000")
    with pytest.raises(ExchangeError, match="insufficient balance"):
        exchange.control.credit("alice", "SOL", "-6")
    with pytest.raises(ExchangeError, match="there is no account `carol`"):
        exchange.control.credit("carol", "SOL", "1")
    socket.close()


def test_a_halted_symbol_takes_no_orders(exchange: Exchange, alice: Client) -> None:
    exchange.control.set_status("BTCUSDT", "HALT")
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
        "price": "50000",
    }
    assert alice.code("POST", "/api/v3/order", **fields) == (400, -2010, "Market is closed.")
    info = alice.ok("GET", "/api/v3/exchangeInfo", symbol="BTCUSDT", signed=False)["symbols"][0]
    assert info["status"] == "HALT"
    exchange.control.set_status("BTCUSDT", "TRADING")
    assert alice.ask("POST", "/api/v3/order", **fields).status == 200


def test_faults_happen_as_they_are_scripted(exchange: Exchange, alice: Client) -> None:
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
        "price": "50000",
    }
    exchange.control.set_faults(lose_answers=1)
    with pytest.raises(OSError):  # the connection is cut, in whatever way the system tells it
        alice.ask("POST", "/api/v3/order", newClientOrderId="lost", **fields)
    assert alice.ok("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="lost")["status"] == "NEW"
    exchange.control.set_faults(unknown_answers=1)
    assert alice.code("POST", "/api/v3/order", newClientOrderId="unknown", **fields)[:2] == (504, -1007)
    assert alice.ok("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="unknown")["status"] == "NEW"
    exchange.control.set_faults(overloaded=1)
    assert alice.code("POST", "/api/v3/order", newClientOrderId="never", **fields)[:2] == (503, -1008)
    assert alice.code("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="never")[1] == -2013
    exchange.control.set_faults(outage=True)
    assert alice.code("GET", "/api/v3/ping", signed=False)[:2] == (503, -1001)
    exchange.control.set_faults()
    assert alice.ask("GET", "/api/v3/ping", signed=False).status == 200


def test_the_control_api_takes_what_it_knows_and_nothing_else(exchange: Exchange) -> None:
    client = Client(exchange.url)
    json = {"Content-Type": "application/json"}
    assert client.raw("POST", "/control/time", b"{}").status == 415, "a browser's form is refused"
    assert client.raw("GET", "/control/time").status == 405
    assert client.raw("POST", "/control/nothing", b"{}", **json).status == 404
    for body in (
        b"",
        b"[]",
        b'{"speed": "fast"}',
        b'{"speed": -1}',
        b'{"speed": 1e300}',
        b'{"colour": 1}',
        b'{"advance_ms": 9223372036854775807}',
    ):
        assert client.raw("POST", "/control/time", body, **json).status == 400, body
    with pytest.raises(ExchangeError, match="No exchange answers at"):
        Control("http://127.0.0.1:1").state()


def test_limits_are_met_banned_and_over(exchange: Exchange, alice: Client) -> None:
    first = alice.ask("GET", "/api/v3/openOrders")
    assert first.headers["x-mbx-used-weight-1m"] == "80"
    seen = [alice.ask("GET", "/api/v3/openOrders") for _ in range(90)]
    limited = next(answer for answer in seen if answer.status == 429)
    assert limited.body["code"] == -1003
    assert "current limit is 6000 request weight per 1 MINUTE" in limited.body["msg"]
    assert 0 < int(limited.headers["retry-after"]) <= 60
    banned = seen[-1]
    assert (banned.status, banned.body["code"]) == (418, -1003)
    assert re.search(r"IP banned until \d{13}\.", banned.body["msg"])
    exchange.control.advance(121_000)
    alice.offset_ms += 121_000
    assert alice.ask("GET", "/api/v3/openOrders").status == 200


def test_too_many_orders_wait_for_the_next_window(exchange: Exchange, alice: Client) -> None:
    exchange.control.set_speed(0)
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.001",
        "price": "50000",
    }
    alice.offset_ms = exchange.control.state()["time_ms"] - alice.now_ms()
    answers = [alice.ask("POST", "/api/v3/order", recvWindow=60000, **fields) for _ in range(101)]
    assert [answer.status for answer in answers] == [200] * 100 + [429]
    assert answers[99].headers["x-mbx-order-count-10s"] == "100"
    assert answers[100].body == {
        "code": -1015,
        "msg": "Too many new orders; current limit is 100 orders per 10 SECOND.",
    }
    counts = {row["interval"]: row["count"] for row in alice.ok("GET", "/api/v3/rateLimit/order")}
    assert counts == {"SECOND": 100, "DAY": 100}
    exchange.control.advance(10_000)
    alice.offset_ms += 10_000
    assert alice.ask("POST", "/api/v3/order", **fields).status == 200


def test_rsa_and_ed25519_keys_sign(tmp_path: Path) -> None:
    import base64
    import subprocess
    import urllib.parse

    for kind, make in (
        ("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("ed25519", ["-algorithm", "ED25519"]),
    ):
        private, public, message = tmp_path / f"{kind}.pem", tmp_path / f"{kind}.pub", tmp_path / "message"
        subprocess.run(["openssl", "genpkey", *make, "-out", str(private)], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
        with serve(public={"alice": public}) as exchange:
            key = next(key for key in exchange.keys if key.public is not None)
            client = Client(exchange.url, key.key)
            query = f"timestamp={client.now_ms()}"
            message.write_text(query)
            sign = ["-rawin", "-digest", "sha256"] if kind == "rsa" else ["-rawin"]
            done = subprocess.run(
                ["openssl", "pkeyutl", "-sign", "-inkey", str(private), *sign, "-in", str(message)],
                check=True,
                capture_output=True,
            )
            signature = urllib.parse.quote(base64.b64encode(done.stdout).decode(), safe="")
            assert client.raw("GET", f"/api/v3/account?{query}&signature={signature}").status == 200, kind
            wrong = client.raw("GET", f"/api/v3/account?{query}1&signature={signature}")
            assert wrong.body["code"] in (-1022, -1021), kind


def test_what_cannot_be_served_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="`replay` plays a recording"):
        serve(market="replay")
    with pytest.raises(ExchangeError, match="There is no profile `kraken`"):
        serve(profile="kraken")
    with pytest.raises(ExchangeError, match="is no public key in PEM"):
        serve(public={"alice": tmp_path / "none.pem"})
    with serve() as exchange, pytest.raises(ValueError, match=r"cannot listen on .*; name another --port"):
        serve(port=exchange.server.address[1])
    assert read_speed("2.5x") == 2.5
    with pytest.raises(ExchangeError, match="is no speed"):
        read_speed("fast")


def test_two_accounts_never_see_each_other(exchange: Exchange) -> None:
    alice, bob = client_of(exchange, "alice"), client_of(exchange, "bob")
    order = alice.limit("BUY", "50000", "0.1")
    assert bob.code("GET", "/api/v3/order", symbol="BTCUSDT", orderId=order["orderId"])[1] == -2013
    assert bob.code("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=order["orderId"])[1] == -2011
    assert bob.ok("GET", "/api/v3/openOrders") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--host", "0.0.0.0"],
            "0.0.0.0 can be reached by others, and keys travel in the clear; add --open to mean it.",
        ),
        (["--speed", "fast"], "`fast` is no speed; write 1x for the machine's, 60x for a minute a second."),
        (["--public", "alice.pem"], "`alice.pem` names no account; write --public alice=alice.pem."),
        (
            ["--market", "replay"],
            "The market `replay` plays a recording, and no other does; write --market replay PATH.",
        ),
        (
            ["--market", "full"],
            "There is no market `full`; `synthetic` lets agents trade, `replay` plays a recording, `empty` leaves the books to clients.",
        ),
        (
            ["--market", "replay", "none.gz"],
            "none.gz is not there; name a recording, or a folder that `bot4 data import` wrote.",
        ),
        (["--faults", "none.toml"], "none.toml: no such file or directory."),
    ],
)
def test_a_wrong_command_is_one_sentence(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exchange", "serve", "--port", "0", *words]) == 2
    assert capsys.readouterr().err == f"error: {sentence}\n"
