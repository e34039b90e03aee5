"""What the market did on the days: traded value and volatility of each instrument, and holding all of them in equal parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bot4.report import formulas
from bot4.report.columns import DAY_MS, Floats, Ints, RunColumns, rows_at
from bot4.report.holding import holding_values

from ..evidence import Daily

if TYPE_CHECKING:
    from bot4.data import Market

BEHIND = 30
"""Days that a volatility is computed from."""


def volumes(market: Market, edges: Ints) -> Floats:
    """Returns the market's traded value by day and instrument, close × volume of the bars that open in it, shape (D, A)."""
    found = np.zeros((len(edges) - 1, len(market)))
    for number, columns in enumerate(market.columns):
        cuts = np.searchsorted(columns.ts, edges)
        value = np.concatenate([[0.0], np.cumsum(columns.close * columns.volume)])
        found[:, number] = np.diff(value[cuts])
    return np.maximum(found, 0.0)


def volatilities(run: RunColumns, edges: Ints) -> Floats:
    """Returns the standard deviation of the 30 daily returns before each day, shape (D, A); NaN unless each of them had a bar.

    run: of the whole universe in its order.
    """
    days = len(edges) - 1
    wide = np.arange(
        edges[0] - BEHIND * DAY_MS, edges[-1], DAY_MS, dtype=np.int64
    )  # the last is the start of the last day
    found = np.full((days, len(run.assets)), np.nan)
    for number, asset in enumerate(run.assets):
        rows = rows_at(asset, run.interval_ms, wide)
        close = np.where(rows >= 0, asset.close[np.maximum(rows, 0)], np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            returns = np.where(np.diff(rows) > 0, close[1:] / close[:-1] - 1.0, np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(returns, BEHIND)
        found[:, number] = np.std(windows, axis=1, ddof=1)
    return found


def held(run: RunColumns, edges: Ints) -> Daily:
    """Returns the daily returns of buying equal parts of every instrument at the first decision and keeping them."""
    return Daily(edges[:-1], formulas.simple_returns(holding_values(run, edges)))
