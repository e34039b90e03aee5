"""Equity curves for the tests: daily closes of real coins where the data is, and synthetic ones with the same vices always."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bot4.report.columns import RunColumns
from bot4.report.stats import compute
from bot4.report.tear import TearSheet, tear_sheet

from ..samples import DAY, UNIT, asset, run

REAL = Path(os.environ.get("BOT4_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "bars"
START = 17_897 * DAY  # 2019-01-01
CURVES = ("garch", "crash", "fat", "BTCUSDT", "DOGEUSDT", "FTTUSDT")
"""Synthetic twins first; coins by their file."""


def garch(seed: int = 1, days: int = 1_500) -> np.ndarray:
    """Returns daily returns whose volatility clusters, fat tails on top."""
    rng = np.random.default_rng(seed)
    shocks, returns, variance = rng.standard_t(5, days) * np.sqrt(3 / 5), np.empty(days), 1e-3
    for day in range(days):
        returns[day] = 0.001 + np.sqrt(variance) * shocks[day]
        variance = 2e-5 + 0.12 * (returns[day] - 0.001) ** 2 + 0.86 * variance
    return np.maximum(returns, -0.6)


def returns_of(name: str) -> np.ndarray:
    """Returns daily returns of a curve; skips where a real one is absent."""
    rng = np.random.default_rng(7)
    if name == "garch":
        return garch()
    if name == "crash":
        return np.where(rng.random(900) < 0.01, -0.15, rng.normal(0.003, 0.01, 900))
    if name == "fat":
        return np.maximum(rng.standard_t(2.5, 1_200) * 0.015, -0.7)
    file = REAL / f"binance-{name}-1h.parquet"
    if not file.exists():
        pytest.skip(f"no real bars at {file}; set BOT4_TEST_DATA")
    closes = pl.read_parquet(file)["close"].to_numpy()[::24]
    return np.asarray(closes[1:] / closes[:-1] - 1.0)


def daily_run(
    returns: np.ndarray, other: np.ndarray | None = None, start: int = START, cash: float = 1_000.0
) -> RunColumns:
    """Returns a run with one mark a day at midnight; its asset's closes follow `other`."""
    equity = cash * np.cumprod(np.concatenate([[1.0], 1.0 + returns]))
    prices = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + (returns if other is None else other)]))
    times = start + np.arange(len(equity), dtype=np.int64) * DAY
    bars = asset(prices, opens=np.concatenate([prices[:1], prices[:-1]]), start=start - DAY, interval=DAY, fee=0.0)
    columns: RunColumns = run(equity, ts=times, assets=[bars], interval=DAY)
    assert columns.first_decision_ms == start
    return columns


def sheet(returns: np.ndarray, other: np.ndarray | None = None) -> TearSheet:
    """Returns the tear sheet of daily returns beside a benchmark's."""
    columns = daily_run(returns, other)
    return tear_sheet(columns, compute(columns))


def exact_returns(found: TearSheet) -> np.ndarray:
    """Returns the returns as the run has them: equity is rounded to 1e-8."""
    equity = found.run.equity / UNIT
    return equity[1:] / equity[:-1] - 1.0
