"""Each real client meets limits, a ban and a lost acknowledgement, and trades on after both; the venue's clock ends the ban."""

from __future__ import annotations

import subprocess
import time

import pytest

from bot4.exchange import serve
from tests.exchange.places import HERE, environment

BEHIND_MS = 125_000
"""The first ban is of two minutes."""


@pytest.mark.parametrize("client", ["ccxt", "ccxt_pro", "python_binance", "binance_sdk"])
def test_a_client_trades_on_after_a_ban_and_a_lost_acknowledgement(client: str) -> None:
    python = environment("clients")
    # Clients sign with the machine's clock: the venue's is behind, so that both are one when it is moved past the ban.
    with serve(start_ms=int(time.time() * 1000) - BEHIND_MS) as exchange:
        key = exchange.keys[0]
        words = [str(python), str(HERE / "clients" / "recover.py"), client, exchange.url, key.key, key.secret or ""]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=150)
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout == "ok\n"
        assert exchange.control.state()["accounts"][key.account]["USDT"]["locked"] == "1500.00000000"
