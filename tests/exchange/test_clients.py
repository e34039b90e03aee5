"""Real clients, unmodified, each in the environment of `requirements-clients.txt`, trade on the exchange; only addresses are set."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot4.exchange import Exchange, serve
from tests.exchange.places import HERE, ROOT, environment

LONGEST_S = 150


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter of the clients' environment."""
    return environment("clients")


def trade(python: Path, exchange: Exchange, script: Path, *more: str) -> str:
    """Runs a client's script with the accounts' keys; returns what it said."""
    keys = [word for key in exchange.keys for word in (key.key, key.secret or "")]
    command = [str(python), str(script), exchange.url, *keys, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_ccxt_trades_through_filters_limits_a_ban_and_a_lost_acknowledgement(python: Path) -> None:
    with serve() as exchange:
        said = trade(python, exchange, HERE / "clients" / "ccxt_sync.py", str(ROOT / "examples" / "ccxt_client.py"))
        assert said.endswith("ok\n")
        assert exchange.server.is_alive


def test_ccxt_pro_hears_market_and_user_data_through_a_cut(python: Path) -> None:
    with serve() as exchange:
        assert trade(python, exchange, HERE / "clients" / "ccxt_pro.py").endswith("ok\n")


def test_python_binance_trades_and_listens(python: Path) -> None:
    with serve() as exchange:
        assert trade(python, exchange, HERE / "clients" / "python_binance.py").endswith("ok\n")


def test_binance_sdk_trades_through_limits_a_ban_and_a_lost_acknowledgement(python: Path) -> None:
    with serve() as exchange:
        said = trade(
            python, exchange, HERE / "clients" / "binance_sdk.py", str(ROOT / "examples" / "binance_sdk_client.py")
        )
        assert said.endswith("ok\n")


def test_the_examples_run_as_their_first_lines_say(python: Path) -> None:
    with serve() as exchange:
        said = trade(python, exchange, ROOT / "examples" / "ccxt_client.py")
        assert "refused: binance Account has insufficient balance for requested action." in said
    with serve() as exchange:
        said = trade(python, exchange, ROOT / "examples" / "binance_sdk_client.py")
        assert said.count("heard:") == 3
