"""A grid in backtesting.py: one limit order with `sl` and `tp` for each level, withdrawn and sent anew at each day's start.

A limit fills where the bar touches it, and the stop or take of a filled level is looked for from the next bar on.
"""

from __future__ import annotations

from typing import Any

import backtesting
from backtesting.lib import FractionalBacktest

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH, FEE, GRID_DAY_BARS, GRID_LEVELS, GRID_STEP, GRID_STOP, GRID_WEIGHT


class Grid(backtesting.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Buys `GRID_LEVELS` steps below the day's first close; each filled level is sold one step higher, or at its stop."""

    def init(self) -> None:
        """Has no anchor before the first bar."""
        self.anchor = 0.0

    def next(self) -> None:
        """Keeps every level's order working."""
        if not self.anchor or (len(self.data) - 1) % GRID_DAY_BARS == 0:
            self.anchor = self.data.Close[-1]
            for order in self.orders:
                if not order.is_contingent:
                    order.cancel()
        busy = {order.tag for order in self.orders if not order.is_contingent} | {trade.tag for trade in self.trades}
        for level in range(1, GRID_LEVELS + 1):
            if level not in busy:
                price = self.anchor * (1 - GRID_STEP * level)
                exits = {"sl": price * (1 - GRID_STOP), "tp": price * (1 + GRID_STEP)}
                self.buy(size=GRID_WEIGHT, limit=price, tag=level, **exits)


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing over `rows` bars (its statistics and equity curve included: `run` has no way without them)."""
    backtesting.set_bokeh_output(notebook=False)
    frame = ohlcv(make_bars(rows), capital=True)

    def once() -> Any:
        return FractionalBacktest(frame, Grid, cash=CASH, commission=FEE, fractional_unit=1e-6, hedging=True).run()

    figures = measure(once, repeat).as_figures(rows)
    result = once()
    return {
        **figures,
        "version": backtesting.__version__,
        "final_equity": float(result["Equity Final [$]"]),
        "orders": 2 * int(result["# Trades"]) + len(result["_strategy"].trades),
    }
