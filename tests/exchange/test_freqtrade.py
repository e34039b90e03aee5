"""freqtrade, unmodified, in the environment of `requirements-freqtrade.txt`, trades live and dry for six hours of the venue's time.

`BOT4_FREQTRADE_HOURS=168` makes it a week.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot4.exchange import serve
from tests.exchange.freqtrade.bot import CASH, PAIRS
from tests.exchange.freqtrade.session import ACCOUNTS, BEGIN_MS, HOUR_MS, Session, trade
from tests.exchange.places import environment

HOURS = float(os.environ.get("BOT4_FREQTRADE_HOURS", "6"))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    python = environment("freqtrade")
    home: Path = tmp_path_factory.mktemp("freqtrade")
    with serve(market="synthetic", seed=4, speed=0, start_ms=BEGIN_MS, accounts=ACCOUNTS) as exchange:
        yield trade(python, home, exchange, HOURS)


def test_freqtrade_trades_live_and_believes_what_the_venue_knows(session: Session) -> None:
    assert session.ended_ms - session.begun_ms >= HOURS * HOUR_MS
    # Every order and fill was compared on the way, and balances at the end (`ledger.py`).
    assert session.ledger.compared >= 15 * HOURS
    assert len(session.ledger.fills) >= 8 * HOURS
    assert {row["ft_pair"] for row in session.live.rows("orders")} == set(PAIRS)
    assert session.live.alarms() == []


def test_freqtrade_killed_with_an_order_open_finds_it_again_and_goes_on(session: Session) -> None:
    assert session.left_open
    orders = session.live.rows("orders")
    for number in session.left_open:
        # An entry withdrawn before anything was filled is forgotten (`ledger.py` holds it to that).
        for row in [row for row in orders if int(row["order_id"]) == number]:
            assert not row["ft_is_open"]
            assert row["status"] in ("closed", "canceled")
    assert session.left_open_then_settled
    assert len(orders) >= session.orders_before + 5 * HOURS


def test_freqtrade_in_dry_run_trades_at_the_venues_prices_and_sends_no_order(session: Session) -> None:
    assert session.dry_account["balances"] == [{"asset": "USDT", "free": f"{CASH}.00000000", "locked": "0.00000000"}]
    checked = 0
    for row in session.dry.rows("orders"):
        filled = row["order_filled_date"]
        if row["status"] != "closed" or row["order_type"] == "market" or row["ft_order_side"] == "stoploss":
            continue
        when = round(datetime.fromisoformat(f"{filled}+00:00").timestamp() * 1000)
        top = session.tops.get((when, row["ft_pair"].replace("/", "")))
        if top is not None:
            checked += 1
            assert row["price"] >= top[1] if row["side"] == "buy" else row["price"] <= top[0], (row, top)
    assert checked >= 8 * HOURS
    assert session.dry.alarms() == []


@pytest.mark.parametrize("mode", ["live", "dry"])
def test_freqtrade_decides_on_the_venues_candles(session: Session, mode: str) -> None:
    shown = (session.live if mode == "live" else session.dry).candles()
    for pair, begins, *values in shown:
        at_ms = round(datetime.fromisoformat(begins).timestamp() * 1000)
        assert session.candles[pair, at_ms] == values
    assert len({(pair, begins) for pair, begins, *_ in shown}) >= 4 * 12 * HOURS - 8
