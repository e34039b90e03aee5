"""What was acknowledged is there after `kill -9`, and the venue goes on from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot4.exchange import ExchangeError, keys, serve
from tests.exchange.client import Client


def start(folder: Path) -> tuple[subprocess.Popen[str], str, list[str]]:
    """Starts `bot4 exchange serve` on a free port; returns process, address, what it printed."""
    command = [sys.executable, "-m", "bot4.cli.main", "exchange", "serve", "--market", "empty", "--port", "0"]
    command += ["--state", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    if not (folder / "seen").exists():
        lines += [process.stdout.readline() for _ in range(3)]
        (folder / "seen").touch()
    return process, lines[0].split()[2].rstrip(","), lines


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)


def end(process: subprocess.Popen[str]) -> int:
    process.terminate()
    process.communicate(timeout=10)
    return process.returncode


def clients(url: str, folder: Path) -> tuple[Client, Client]:
    made = {key.account: Client(url, key.key, key.secret or "") for key in keys.read(folder / "keys.json")}
    return made["alice"], made["bob"]


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    process, url, said = start(tmp_path)
    assert "keys, shown this once:" in said[2]
    alice, bob = clients(url, tmp_path)
    placed = [alice.limit("SELL", str(60000 + at), "0.1")["orderId"] for at in range(20)]
    bob.limit("BUY", "60003", "0.35")
    alice.ok("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=placed[-1])
    questions = [
        ("/api/v3/account", {}),
        ("/api/v3/allOrders", {"symbol": "BTCUSDT"}),
        ("/api/v3/myTrades", {"symbol": "BTCUSDT"}),
    ]
    public = [
        ("/api/v3/depth", {"symbol": "BTCUSDT"}),
        ("/api/v3/trades", {"symbol": "BTCUSDT"}),
        ("/api/v3/aggTrades", {"symbol": "BTCUSDT"}),
    ]

    def answers(client: Client) -> list[object]:
        told = [client.ok("GET", path, **params) for path, params in questions]
        told[0].pop("updateTime")
        return told + [client.ok("GET", path, signed=False, **params) for path, params in public]

    before = answers(alice), answers(bob)
    kill(process)
    process, url, said = start(tmp_path)
    try:
        assert "keys" not in said[1], "keys are printed once"
        alice, bob = clients(url, tmp_path)
        assert (answers(alice), answers(bob)) == before
        after = alice.limit("SELL", "70000", "0.1")
        assert after["orderId"] > max(placed), "numbers go on"
    finally:
        assert end(process) == 0


def test_kill_9_under_load_loses_nothing_acknowledged(tmp_path: Path) -> None:
    process, url, _ = start(tmp_path)
    alice, _ = clients(url, tmp_path)
    known: list[int] = []
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        known.append(alice.limit("BUY", "50000", "0.001", newOrderRespType="RESULT")["orderId"])
        if len(known) % 3 == 0:
            alice.ok("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=known[-1])
        if len(known) % 90 == 0:
            alice.ok("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
        if len(known) == 95:
            break
    kill(process)
    process, url, _ = start(tmp_path)
    try:
        alice, _ = clients(url, tmp_path)
        there = {row["orderId"] for row in alice.ok("GET", "/api/v3/allOrders", symbol="BTCUSDT", limit=1000)}
        assert len(known) > 20
        assert set(known) <= there
    finally:
        end(process)


def test_a_reset_begins_anew_and_its_journal_too(tmp_path: Path) -> None:
    with serve(state=tmp_path) as exchange:
        alice, _ = clients(exchange.url, tmp_path)
        alice.limit("BUY", "50000", "0.5")
        began = exchange.control.state()["state_hash"]
        exchange.control.reset()
        assert alice.ok("GET", "/api/v3/openOrders") == []
        empty = exchange.control.state()["state_hash"]
        assert began != empty
    with serve(state=tmp_path) as exchange:
        assert exchange.control.state()["state_hash"] == empty
        assert not exchange.is_new


def test_another_venues_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[1]")
    with pytest.raises(ExchangeError, match=r"holds no keys .*; remove it to have new ones made"):
        serve(state=tmp_path)


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    with serve(state=tmp_path) as exchange:
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
        assert len({key.key for key in exchange.keys}) == 2
