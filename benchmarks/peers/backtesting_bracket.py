"""Entries with exits in backtesting.py: a market order with `sl` and `tp`; a trailing stop is moved by the strategy at each bar.

Distances are taken from the deciding bar's close, as the price of the fill is not known when the order is sent. Where a bar reaches
stop and take, its stop comes first.
"""

from __future__ import annotations

from typing import Any

import backtesting
import numpy as np
import pandas as pd
from backtesting.lib import FractionalBacktest

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH, FAST_BARS, FEE, SETTLED_BARS, SLOW_BARS, STOP, TAKE, WEIGHT


def _ema(values: Any, bars: int) -> Any:
    return pd.Series(np.asarray(values)).ewm(span=bars, adjust=False).mean().to_numpy()


class Bracket(backtesting.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Long 1 % of equity when the averages cross, out by stop or take."""

    trail = False

    def init(self) -> None:
        """Declares the two averages."""
        self.fast = self.I(_ema, self.data.Close, FAST_BARS, plot=False)
        self.slow = self.I(_ema, self.data.Close, SLOW_BARS, plot=False)

    def next(self) -> None:
        """Decides at one bar's close."""
        if len(self.data) <= SETTLED_BARS:
            return
        if self.position:
            if self.trail:
                for trade in self.trades:
                    trade.sl = max(trade.sl, self.data.High[-1] * (1 - STOP))
        elif self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2]:
            close = self.data.Close[-1]
            self.buy(size=WEIGHT, sl=close * (1 - STOP), tp=close * (1 + TAKE))


def run(rows: int, repeat: int = 5, trail: bool = False) -> dict[str, Any]:
    """Returns the timing over `rows` bars (its statistics and equity curve included: `run` has no way without them)."""
    backtesting.set_bokeh_output(notebook=False)
    frame = ohlcv(make_bars(rows), capital=True)

    def once() -> Any:
        test = FractionalBacktest(frame, Bracket, cash=CASH, commission=FEE, fractional_unit=1e-6)
        return test.run(trail=trail)

    figures = measure(once, repeat).as_figures(rows)
    result = once()
    return {
        **figures,
        "version": backtesting.__version__,
        "final_equity": float(result["Equity Final [$]"]),
        "orders": 2 * int(result["# Trades"]) + len(result["_strategy"].trades),
    }
