"""Stops of targets on ticks, held against the run's own fills and mids: sent at the first row that reaches the level, and at no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4.data.ticks import Ticks
from tests.backtest.tick_market import made

DISTANCE, TICK, CASH = 0.6, 0.1, 1_000_000


@pytest.fixture(scope="module")
def ticks() -> Ticks:
    return made()


@b4.strategy(on=b4.book(every="200ms"))
def stopped(m, size: float = 0.05):
    """Follows the book's lean, and leaves what goes against it."""
    return b4.target(
        qty=b4.where(m.book.imbalance > 0.0, size, -size), band=0.0, stop=b4.stop.fixed(DISTANCE), rearm="immediate"
    )


@b4.strategy(on=b4.book(every="200ms"))
def trailed(m, size: float = 0.05):
    """Buys once, and leaves after a fall of five bips from the best mid."""
    return b4.target(qty=b4.where(m.book.mid > 0, size, 0.0), band=0.0, stop=b4.stop.trailing(pct=0.0005))


@b4.strategy(on=b4.book(every="200ms"))
def timed(m, size: float = 0.05):
    """Leaves after three rows."""
    return b4.target(qty=b4.where(m.book.mid > 0, size, 0.0), band=0.0, stop=b4.stop.time(3))


def run(strategy: Any, ticks: Ticks, **settings: Any) -> Any:
    return b4.backtest(strategy, ticks, cash=CASH, record=False, **settings)


def test_a_fixed_stop_is_sent_at_the_first_row_that_reaches_it(ticks: Ticks) -> None:
    result = run(stopped, ticks)
    fills = result.fills.select("ts", "qty", "price").to_dicts()
    stops = {
        int(ts.timestamp() * 1000 + 0.5) for ts in result.orders.filter(result.orders["reason"] == "stop_fixed")["ts"]
    }
    busy = [
        (
            int(one["ts"].timestamp() * 1000 + 0.5),
            int(one["done_ts"].timestamp() * 1000 + 0.5) if one["done_ts"] else 2**62,
        )
        for one in result.orders.filter(result.orders["reason"] == "stop_fixed").to_dicts()
    ]
    rows = (result.market.columns[0].ts + result.market.interval_ms).tolist()
    mids = result.market.columns[0].close.tolist()
    seen = 0
    for ts, mid in zip(rows, mids, strict=True):
        held = cost = 0.0
        for fill in fills:
            if int(fill["ts"].timestamp() * 1000 + 0.5) > ts:
                break
            qty = fill["qty"]
            if held * qty >= 0:
                cost += qty * fill["price"]
            elif abs(qty) > abs(held):
                cost = (held + qty) * fill["price"]
            else:
                cost *= (held + qty) / held
            held += qty
        if abs(held) < 1e-9:
            assert ts not in stops
            continue
        beyond = -np.sign(held) * (mid - cost / held) - DISTANCE
        if beyond > TICK and not any(since < ts < until for since, until in busy):
            assert ts in stops, (ts, beyond)
        if ts in stops:
            assert beyond >= -TICK, (ts, beyond)
            seen += 1
    assert seen == len(stops) > 3


def test_a_trailing_stop_follows_the_mid_and_holds_flat(ticks: Ticks) -> None:
    result = run(trailed, ticks)
    reasons = result.orders["reason"].to_list()
    assert reasons[0] == "target"
    assert reasons.count("stop_trailing") == 1, "the signal never turns, so it stays flat"
    stop = result.orders.filter(result.orders["reason"] == "stop_trailing").to_dicts()[0]
    at = int(np.searchsorted(result.market.columns[0].ts + result.market.interval_ms, stop["ts"].timestamp() * 1000))
    mids = result.market.columns[0].close
    best = max(mids[1 : at + 1].max(), result.fills["price"][0])
    assert mids[at] <= best * (1 - 0.0005) + 2 * TICK
    assert result.records["counters"]["position"][0] == 0


def test_a_time_stop_counts_rows(ticks: Ticks) -> None:
    result = run(timed, ticks)
    first, second = result.orders.to_dicts()[:2]
    assert (first["reason"], second["reason"]) == ("target", "stop_time")
    assert 2 <= (second["ts"] - first["ts"]).total_seconds() / 0.2 <= 5


def test_a_stopped_run_is_the_same_twice_and_from_its_journal(ticks: Ticks, tmp_path: Any) -> None:
    plain, again = run(stopped, ticks), run(stopped, ticks)
    kept = run(stopped, ticks, journal=tmp_path / "stops.journal")
    for other in (again, kept):
        assert plain.fills.equals(other.fills)
        assert plain.orders.equals(other.orders)
    assert plain.stats.final_equity == again.stats.final_equity
