"""The crossover in backtesting.py: market orders at the next open, size as a fraction of equity in units of a millionth of a coin.

The averages are computed by pandas before the event loop, as its documentation recommends (`self.I`).
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
from benchmarks.setting import CASH, FAST_BARS, FEE, SETTLED_BARS, SLOW_BARS, WEIGHT


def _ema(values: Any, bars: int) -> Any:
    return pd.Series(np.asarray(values)).ewm(span=bars, adjust=False).mean().to_numpy()


class Crossover(backtesting.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Long 1 % of equity while the fast average is above the slow one, else flat."""

    def init(self) -> None:
        """Declares the two averages."""
        self.fast = self.I(_ema, self.data.Close, FAST_BARS, plot=False)
        self.slow = self.I(_ema, self.data.Close, SLOW_BARS, plot=False)

    def next(self) -> None:
        """Decides at one bar's close."""
        if len(self.data) <= SETTLED_BARS:
            return
        rising = self.fast[-1] > self.slow[-1]
        if rising and not self.position:
            self.buy(size=WEIGHT)
        elif not rising and self.position:
            self.position.close()


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing over `rows` bars (its statistics and equity curve included: `run` has no way without them)."""
    backtesting.set_bokeh_output(notebook=False)
    frame = ohlcv(make_bars(rows), capital=True)

    def once() -> Any:
        return FractionalBacktest(frame, Crossover, cash=CASH, commission=FEE, fractional_unit=1e-6).run()

    figures = measure(once, repeat).as_figures(rows)
    result = once()
    return {
        **figures,
        "version": backtesting.__version__,
        "final_equity": float(result["Equity Final [$]"]),
        "orders": 2 * int(result["# Trades"]) + len(result["_strategy"].trades),
    }
