"""A callback on each bar in backtesting.py's `next`, with a market order on every tenth."""

from __future__ import annotations

from typing import Any

import backtesting
from backtesting.lib import FractionalBacktest

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH, FEE, ORDER_EVERY_BARS, WEIGHT


class EveryTenth(backtesting.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """In on one tenth bar, out on the next."""

    def init(self) -> None:
        """Counts from zero."""
        self.calls = 0

    def next(self) -> None:
        """Decides at one bar's close."""
        self.calls += 1
        if self.calls % ORDER_EVERY_BARS:
            return
        if self.position:
            self.position.close()
        else:
            self.buy(size=WEIGHT)


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing over `rows` bars (its statistics and equity curve included: `run` has no way without them)."""
    backtesting.set_bokeh_output(notebook=False)
    frame = ohlcv(make_bars(rows), capital=True)

    def once() -> Any:
        return FractionalBacktest(frame, EveryTenth, cash=CASH, commission=FEE, fractional_unit=1e-6).run()

    figures = measure(once, repeat).as_figures(rows)
    result = once()
    return {
        **figures,
        "version": backtesting.__version__,
        "final_equity": float(result["Equity Final [$]"]),
        "orders": 2 * int(result["# Trades"]) + len(result["_strategy"].trades),
        "callbacks": result["_strategy"].calls,
    }
