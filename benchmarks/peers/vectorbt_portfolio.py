"""A cross-section in vectorbt: ranks and volatilities by pandas, `Portfolio.from_orders` with target percentages on shared cash.

The signals are computed once for all rows with pandas' vectorised methods, weights only on the rows that rebalance. Orders fill whole at
the next open, sells before buys; quantities are not rounded to lots, margin and volume are not looked at.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.clock import measure
from benchmarks.market import make_universe
from benchmarks.setting import (
    ASSETS,
    BUCKETS,
    CASH,
    FEE,
    MOMENTUM_BARS,
    PORTFOLIO_INTERVAL_MS,
    REBALANCE_BARS,
    SIDE_WEIGHT,
    VOL_BARS,
)


def target_weights(close: Any, settled: int) -> Any:
    """Returns the weights on the rows at which an order fills (one after the deciding row), missing on all others."""
    rising = close / close.shift(MOMENTUM_BARS) - 1
    volatility = np.log(close / close.shift(1)).ewm(span=VOL_BARS, adjust=False).std()
    rows = np.arange(len(close))
    deciding = rows[(rows >= settled) & ((rows + 1) % REBALANCE_BARS == 0) & (rows + 1 < len(close))]
    strength, risk = rising.to_numpy()[deciding], volatility.to_numpy()[deciding]
    place = strength.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") * BUCKETS // strength.shape[1]
    side = np.where(place == BUCKETS - 1, 1.0, np.where(place == 0, -1.0, 0.0)) / risk
    for sign in (1, -1):
        chosen = np.where(side * sign > 0, side, 0.0)
        side = np.where(chosen != 0, SIDE_WEIGHT * chosen / np.abs(chosen).sum(axis=1, keepdims=True), side)
    weights = np.full(close.shape, np.nan)
    weights[deciding + 1] = side
    return weights


def run(rows: int, assets: int = ASSETS, repeat: int = 5, engine: str = "numba") -> dict[str, Any]:
    """Returns the timing over `rows` bars of each of `assets` coins in rows per second, and the share of the time that pandas took."""
    if "engine" in vbt.settings:  # vectorbt 1.0 has Numba only
        vbt.settings["engine"] = engine
    vbt.settings["caching"]["enabled"] = False  # a repetition must compute, not look up
    universe = make_universe(assets, rows, PORTFOLIO_INTERVAL_MS)
    index = pd.to_datetime(universe[0].ts, unit="ms")
    names = [f"C{number:02}" for number in range(assets)]
    close = pd.DataFrame(np.column_stack([bars.close for bars in universe]), index, names)
    opens = pd.DataFrame(np.column_stack([bars.open for bars in universe]), index, names)
    settled = 10 * VOL_BARS
    signal_s = []

    def once() -> tuple[Any, Any]:
        start = time.perf_counter()
        weights = pd.DataFrame(target_weights(close, settled), index, names)
        signal_s.append(time.perf_counter() - start)
        portfolio = vbt.Portfolio.from_orders(
            close,
            weights,
            size_type="targetpercent",
            price=opens,
            fees=FEE,
            init_cash=CASH,
            cash_sharing=True,
            group_by=True,
            call_seq="auto",
            freq="1h",
        )
        return portfolio, portfolio.value()

    figures = measure(once, repeat).as_figures(rows * assets)
    portfolio, equity = once()
    return {
        **figures,
        "version": vbt.__version__,
        "engine": engine,
        "final_equity": float(equity.iloc[-1]),
        "orders": int(portfolio.orders.count()),
        "signal_wall_s": float(np.median(signal_s)),
    }
