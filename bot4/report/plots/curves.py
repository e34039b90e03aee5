"""Equity against holding, and how far below the peak each is."""

from __future__ import annotations

import numpy as np

from ..chart import drawdowns, scale
from ..columns import AMOUNT, RunColumns
from ..holding import holding_values
from .spec import Plot, line, plot


def equity(run: RunColumns) -> Plot:
    """Returns the equity of strategy and holding; logarithmic where a straight scale would flatten the lower one."""
    values, held = np.multiply(run.equity, AMOUNT, dtype=np.float64), holding_values(run, run.equity_ts)
    lines = [
        line(run.equity_ts, held, "Buy & hold", "holding", width=1.2),
        line(run.equity_ts, values, "Strategy", "strategy"),
    ]
    return plot(lines, y="amount", log=scale(values, held) == "log")


def drawdown(run: RunColumns) -> Plot:
    """Returns both drawdowns, a fraction of the peak so far."""
    held = drawdowns(holding_values(run, run.equity_ts))
    lines = [
        line(run.equity_ts, held, "Buy & hold", "holding", width=1.2),
        line(run.equity_ts, drawdowns(run.equity), "Strategy", "strategy", "area"),
    ]
    return plot(lines, y="percent")
