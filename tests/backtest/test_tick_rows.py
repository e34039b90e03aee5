"""Rows of ticks equal those of the slow replay in `tick_slow`, on a market made by hand and on a stretch of the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.errors import BacktestError
from bot4.backtest.ticks.data import tick_data
from bot4.strategy.ticks import COLUMNS
from tests.backtest.tick_market import made, real
from tests.backtest.tick_slow import slow_rows

if TYPE_CHECKING:
    from bot4.data.ticks import Ticks

EVERY = 100


def compared(ticks: Ticks, every: str = "100ms") -> int:
    """Compares every column at every row and returns the number of rows."""
    data = tick_data(ticks, b4.book(every=every), None, None)
    closed = data.market.columns[0].ts + data.market.interval_ms
    first, every_ms = int(closed[0]), data.market.interval_ms
    # Both begin at the first moment of the ticks: what gathers between rows gathers from there.
    begin = -(-ticks.span_ns[0] // (every_ms * 1_000_000)) * every_ms
    slow = slow_rows(ticks, begin, every_ms, int((closed[-1] - begin) // every_ms) + 1)
    skipped = (first - begin) // every_ms
    for place, name in enumerate(COLUMNS):
        wanted = np.array(slow[name][skipped:])
        assert np.allclose(data.features[place], wanted, rtol=1e-12, atol=1e-12, equal_nan=True), name
    return len(closed)


def test_rows_are_those_of_the_slow_replay() -> None:
    assert compared(made()) > 300
    assert compared(made(seed=7), "250ms") > 100


def test_real_rows_are_those_of_the_slow_replay() -> None:
    assert compared(real(seconds=20)) > 150


def test_a_row_knows_only_what_had_arrived() -> None:
    ticks = made()
    whole = tick_data(ticks, b4.book(every="100ms"), None, None)
    cut_ms = int(whole.market.columns[0].ts[200]) + EVERY
    early = tick_data(_before(ticks, cut_ms * 1_000_000), b4.book(every="100ms"), None, None)
    assert np.array_equal(early.features, whole.features[:, : early.market.rows], equal_nan=True)
    assert early.market.rows >= 200


def _before(ticks: Ticks, local_ns: int) -> Ticks:
    """Returns the ticks that had arrived by a time, and whatever came after it scrambled away."""
    from dataclasses import replace

    depth, trades = ticks.depth, ticks.trades
    return replace(
        ticks,
        depth=depth.take(depth.local_ns <= local_ns),
        trades=trades.take(trades.local_ns <= local_ns),
        best=ticks.best.take(ticks.best.local_ns <= local_ns),
    )


def test_trade_rows_are_the_moments_by_which_one_had_arrived() -> None:
    ticks = made()
    book = tick_data(ticks, b4.book(every="100ms"), None, None)
    trades = tick_data(ticks, b4.trades(every="100ms"), None, None)
    count = book.features[COLUMNS.index("trades.count")]
    assert 0 < trades.market.rows < book.market.rows
    assert np.array_equal(trades.market.columns[0].ts, book.market.columns[0].ts[count > 0])


def test_ticks_without_a_row_are_refused() -> None:
    ticks = made()
    with pytest.raises(BacktestError, match="no row with a book"):
        tick_data(ticks, b4.book(every="100ms"), None, "1970-01-01")
