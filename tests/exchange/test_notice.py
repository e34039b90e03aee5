"""Programs find a running exchange by the file it keeps while it runs: readable by its owner alone, gone at its end."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot4.exchange.notice import place
from tests.exchange.client import Client
from tests.exchange.places import environment

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 60.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    return tmp_path


@contextmanager
def served(home: Path, port: int = 0, market: str = "empty") -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Runs `bot4 exchange serve`, and gives the process and its notice."""
    words = [sys.executable, "-m", "bot4.cli.main", "exchange", "serve", "--market", market, "--port", str(port)]
    process = subprocess.Popen(words, env={**os.environ, "BOT4_HOME": str(home)}, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        yield process, noticed(home, process.pid)
    finally:
        process.kill()
        process.communicate()


def noticed(home: Path, process: int) -> Path:
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        for path in (home / "exchange").glob("exchange-*.json"):
            if json.loads(path.read_text())["process"] == process:
                return path
        time.sleep(0.05)
    raise AssertionError("no notice was put up")


def test_a_notice_has_what_a_program_needs_and_goes_with_the_exchange(home: Path) -> None:
    with served(home) as (process, path):
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        told = json.loads(path.read_text())
        assert path == place(int(told["url"].rpartition(":")[2]))
        assert told["websocket"] == "ws" + told["url"].removeprefix("http")
        key = next(key for key in told["keys"] if key["account"] == "alice")
        assert Client(told["url"], key["key"], key["secret"]).ok("GET", "/api/v3/account")["canTrade"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONGEST_S) == 0
        assert not path.exists()


def test_the_keys_of_an_exchange_that_was_killed_are_never_taken_for_the_next_ones(home: Path) -> None:
    with served(home) as (process, path):
        process.kill()
        process.wait(LONGEST_S)
        before = path.read_text()
    port = int(path.stem.rpartition("-")[2])
    found = runpy.run_path(str(ROOT / "examples" / "local_client.py"))["found"]
    with pytest.raises(SystemExit, match=f"No exchange runs on port {port}; start one: bot4 exchange serve"):
        found([], port, 0.0)
    with served(home, port) as (_, again):
        assert again == path
        assert path.read_text() != before
        url, key, secret = found([], port)
        assert Client(url, key, secret).ok("GET", "/api/v3/account")["uid"] > 0
    assert found(["url", "key", "secret"], port) == ("url", "key", "secret")


def test_without_a_home_the_users_own_folders_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    example = runpy.run_path(str(ROOT / "examples" / "local_client.py"))["place"]
    monkeypatch.delenv("BOT4_HOME", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert place() == example(9000) == tmp_path / "bot4" / "exchange-9000.json"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place(1) == example(1) == tmp_path / ".local" / "state" / "bot4" / "exchange-1.json"


def test_the_examples_find_the_exchange_by_themselves(home: Path) -> None:
    python = environment("clients")
    with served(home, market="synthetic") as (_, path):
        # They look for the port that is served where none is named; here it may be another's.
        path.rename(path.with_name("exchange-9000.json"))
        for name, said in (
            ("ccxt_client", "refused: binance Account has insufficient balance"),
            ("binance_sdk_client", "heard:"),
        ):
            words = [str(python), str(ROOT / "examples" / f"{name}.py")]
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST_S)
            assert done.returncode == 0, done.stderr[-2000:]
            assert said in done.stdout
