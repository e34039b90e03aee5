"""Clients that break rules: each is answered or ended, and nobody else notices."""

from __future__ import annotations

import contextlib
import random
import socket
import time

import pytest

from bot4.exchange import Exchange
from tests.exchange.client import Client, Socket


def plug(exchange: Exchange) -> socket.socket:
    return socket.create_connection(exchange.server.address, timeout=10)


def said(wire: socket.socket) -> bytes:
    """Returns everything until the other end closes."""
    wire.settimeout(10)
    parts = []
    try:
        while part := wire.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\0\1\2\3\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"GET /" + b"a" * 20_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100 + b"\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_ends(exchange: Exchange, sent: bytes, status: bytes) -> None:
    with plug(exchange) as wire:
        wire.sendall(sent)
        assert said(wire).split(b" ")[1] == status
    assert Client(exchange.url).ok("GET", "/api/v3/ping") == {}


def test_a_half_closed_connection_still_gets_its_answers(exchange: Exchange) -> None:
    with plug(exchange) as wire:
        wire.sendall(b"GET /api/v3/time HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        wire.shutdown(socket.SHUT_WR)
        assert said(wire).count(b"HTTP/1.1 200 OK") == 2


def test_two_thousand_idle_connections_hold_nobody_up(exchange: Exchange, alice: Client) -> None:
    wires = [plug(exchange) for _ in range(2_000)]
    for at, wire in enumerate(wires):
        wire.sendall((b"GET /api/v3/ti", b"", b"\r\n")[at % 3])
    began = time.monotonic()
    for at in range(20):
        alice.limit("BUY", str(50_000 + at), "0.01")
    assert time.monotonic() - began < 5
    for wire in wires:
        wire.close()


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x05hello",  # not masked
        b"\xc1\x80\0\0\0\0",  # a reserved bit
        b"\x82\x80\0\0\0\0",  # binary
        b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0",  # endless
        b"\x81\x81\0\0\0\0\xff",  # no UTF-8
        b"\x80\x80\0\0\0\0",  # a piece of nothing
    ],
)
def test_a_broken_frame_ends_its_connection_alone(exchange: Exchange, frame: bytes) -> None:
    other = Socket(exchange.url, "/ws-api/v3")
    with plug(exchange) as wire:
        wire.sendall(
            b"GET /ws-api/v3 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + frame
        )
        assert b"101 Switching" in said(wire)
    assert other.send("ping")["status"] == 200
    other.close()


def websockets(exchange: Exchange) -> int:
    text = Client(exchange.url).raw("GET", "/metrics").body
    return int(text.split("\nbot4_exchange_websockets ")[1].split("\n")[0])


def upgraded(exchange: Exchange, path: bytes) -> socket.socket:
    """Returns a bare WebSocket."""
    wire = plug(exchange)
    wire.sendall(
        b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    return wire


def test_a_client_that_does_not_read_is_ended_and_the_others_go_on(
    exchange: Exchange, alice: Client, bob: Client
) -> None:
    exchange.control.set_limits(False)
    for at in range(25):
        alice.limit("SELL", str(60_000 + at), "0.01")
        alice.limit("BUY", str(50_000 + at), "0.01")
    deaf = upgraded(exchange, b"/stream?streams=btcusdt@depth20@100ms/btcusdt@depth20")
    other = Socket(exchange.url, "/ws/btcusdt@depth@100ms")
    assert websockets(exchange) == 2
    # A minute is 660 messages of a book, about a megabyte; the venue keeps sixteen for who does not read.
    for _ in range(30):
        exchange.control.advance(60_000)
    assert websockets(exchange) == 1
    bob.offset_ms = exchange.control.state()["time_ms"] - bob.now_ms()
    bought = bob.ok("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")
    assert bought["status"] == "FILLED"
    assert other.next()["e"] == "depthUpdate"
    other.close()
    deaf.close()


def test_a_message_too_long_whole_or_in_pieces_is_told_so(exchange: Exchange) -> None:
    mask = b"\0\0\0\0"
    piece = b"a" * 60_000
    head = b"\xfe" + len(piece).to_bytes(2, "big") + mask
    whole = b"\x81\xff" + (32 << 20).to_bytes(8, "big") + mask + piece
    for sent in (whole, b"\x01" + head + piece + b"\x00" + head + piece):
        wire = upgraded(exchange, b"/ws-api/v3")
        with contextlib.suppress(OSError):
            wire.sendall(sent)
        # 1009: a message too big (RFC 6455, 7.4.1).
        assert b"\x88\x02" + (1009).to_bytes(2, "big") in said(wire)
        wire.close()
    assert websockets(exchange) == 0
    assert Client(exchange.url).ok("GET", "/api/v3/ping") == {}


def test_a_half_closed_websocket_gets_what_it_asked_for_and_ends(exchange: Exchange) -> None:
    wire = upgraded(exchange, b"/ws-api/v3")
    text = b'{"id":1,"method":"time"}'
    wire.sendall(b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text)
    wire.shutdown(socket.SHUT_WR)
    assert b'"serverTime":' in said(wire)
    wire.close()
    assert websockets(exchange) == 0


def test_random_bytes_and_mutated_requests_end_nothing(exchange: Exchange, alice: Client) -> None:
    dice = random.Random(11)
    query = b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1&timestamp=1&signature=0"
    order = b"POST /api/v3/order?" + query + b" HTTP/1.1\r\nX-MBX-APIKEY: a\r\n\r\n"
    for _ in range(300):
        data = bytearray(dice.randbytes(dice.randint(1, 200)) if dice.random() < 0.3 else order)
        for _ in range(dice.randint(1, 5)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with plug(exchange) as wire:
            wire.sendall(data)
            if dice.random() < 0.5:
                wire.shutdown(socket.SHUT_WR)
    assert exchange.server.is_alive
    assert alice.ok("GET", "/api/v3/account")["accountType"] == "SPOT"


@pytest.mark.parametrize("time_ms", ["9223372036854775807", "99999999999999", "0"])
def test_times_at_the_ends_of_the_number_line_are_answered(
    exchange: Exchange, alice: Client, bob: Client, time_ms: str
) -> None:
    alice.limit("SELL", "60000", "0.1")
    bob.limit("BUY", "60000", "0.1")
    for path, more in (
        ("allOrders", {}),
        ("myTrades", {}),
        ("aggTrades", {}),
        ("klines", {"interval": "1M"}),
        ("klines", {"interval": "1s"}),
    ):
        for name in ("startTime", "endTime"):
            signed = path in ("allOrders", "myTrades")
            answer = alice.ask("GET", f"/api/v3/{path}", signed=signed, symbol="BTCUSDT", **{name: time_ms}, **more)
            assert answer.status == 200, (path, name, answer)
    assert exchange.server.is_alive
