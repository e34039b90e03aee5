"""Curves over time: equity, drawdown, moving windows, exposure, costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from ..chart import drawdowns, scale
from ..columns import AMOUNT, Floats, Ints, RunColumns
from ..holding import holding_values
from ..tear import TearSheet
from ..tear.rolling import Window
from ..tear.series import HOLDING
from .spec import Plot, bars, line, plot, points

HELD = "Buy & hold"
NAMED_WEIGHTS = 4


def benchmark_name(tear: TearSheet) -> str:
    """Returns what the benchmark is called on the page."""
    return HELD if tear.series.benchmark_name == HOLDING else tear.series.benchmark_name


def equity(run: RunColumns, tear: TearSheet | None = None) -> Plot:
    """Returns the equity of strategy and holding, and of the benchmark where it is another; logarithmic where a straight scale would
    flatten the lower one."""
    values, held = np.multiply(run.equity, AMOUNT, dtype=np.float64), holding_values(run, run.equity_ts)
    lines = [line(run.equity_ts, held, HELD, "holding", width=1.2)]
    if tear is not None and tear.series.benchmark_name != HOLDING:
        series = tear.series
        lines.append(line(series.times, series.benchmark, series.benchmark_name, "c5", width=1.2))
    lines.append(line(run.equity_ts, values, "Strategy", "strategy"))
    return plot(lines, y="amount", log=scale(values, held) == "log")


def drawdown(run: RunColumns) -> Plot:
    """Returns both drawdowns, a fraction of the peak so far."""
    held = drawdowns(holding_values(run, run.equity_ts))
    lines = [
        line(run.equity_ts, held, HELD, "holding", width=1.2),
        line(run.equity_ts, drawdowns(run.equity), "Strategy", "strategy", "area"),
    ]
    return plot(lines, y="percent")


def underwater(tear: TearSheet) -> Plot:
    """Returns each day's lowest mark below the peak so far, with the troughs of the worst drawdowns."""
    d = tear.drawdowns
    troughs = np.array([row.trough_ms for row in d.worst]), np.array([row.depth for row in d.worst])
    texts = [f"trough {number + 1}" for number in range(len(d.worst))]
    marks = points(*troughs, "Ten worst", "bad", texts=texts, size=3.5, opacity=0.9)
    return plot([line(d.times, d.underwater, "Strategy", "strategy", "area"), marks], y="percent", yTitle="depth")


def rolling(windows: Sequence[Window], what: str) -> Plot:
    """Returns one measure over several windows, the longest on top."""
    lines = [
        line(window.times, getattr(window, what), f"{window.days} days", colour, width=width)
        for window, colour, width in zip(windows, ("holding", "strategy")[-len(windows) :], (1.1, 1.7), strict=False)
    ]
    return plot(
        lines, y="percent" if what == "volatility" else "ratio", levels=[] if what == "volatility" else [{"y": 0}]
    )


def matched(tear: TearSheet) -> Plot:
    """Returns the growth of 1 of the benchmark, and of the strategy scaled to the benchmark's volatility."""
    series = tear.series
    known = np.flatnonzero(np.isfinite(series.matched_returns) & np.isfinite(series.benchmark_returns))
    growth = [
        np.cumprod(1 + returns[known], dtype=np.float64)
        for returns in (series.benchmark_returns, series.matched_returns)
    ]
    names = (benchmark_name(tear), "Strategy at its volatility")
    lines = [
        line(series.times[known + 1], values, name, colour, width=width)
        for values, name, colour, width in zip(growth, names, ("holding", "strategy"), (1.2, 1.5), strict=True)
    ]
    is_log = len(known) > 0 and all(values.min() > 0 for values in growth) and scale(*growth) == "log"
    return plot(lines, y="times", log=is_log)


def against(window: Window, name: str) -> Plot:
    """Returns the Sharpe ratio of strategy and benchmark over one window."""
    lines = [
        line(window.times, window.benchmark_sharpe, name, "holding", width=1.2),
        line(window.times, window.sharpe, "Strategy", "strategy"),
    ]
    return plot(lines, levels=[{"y": 0}])


def exposure(tear: TearSheet) -> Plot:
    """Returns gross and net exposure at the days' closes; one line where they are the same."""
    e = tear.exposure
    if np.array_equal(e.gross, e.net):
        return plot([line(e.times, e.gross, "Long", "strategy", "area", width=1)], y="percent")
    lines = [line(e.times, e.gross, "Gross", "holding", width=1.2), line(e.times, e.net, "Net", "strategy", width=1.2)]
    return plot(lines, y="percent", levels=[{"y": 0}])


def weights(tear: TearSheet) -> Plot:
    """Returns the weights of the assets with most at stake."""
    assets = sorted(tear.exposure.assets, key=lambda asset: -asset.mean_gross)[:NAMED_WEIGHTS]
    most = 2_000 // max(len(assets), 1) * 2
    lines = [
        line(tear.exposure.times, asset.weights, asset.symbol.split("/")[0], f"c{number + 1}", width=1, most=most)
        for number, asset in enumerate(assets)
    ]
    return plot(lines, y="percent")


def positions(tear: TearSheet) -> Plot:
    """Returns the number of assets with a position."""
    counted = tear.exposure.positions.astype(np.float64)
    return plot([line(tear.exposure.times, counted, "Positions", "strategy", "area", step=True, width=1)], y="count")


def turnover(tear: TearSheet) -> Plot:
    """Returns turnover by month, as multiples of equity."""
    starts, sums = by_month(tear.costs.times, np.nan_to_num(tear.costs.turnover))
    return plot([bars(sums, "Turnover", "c1", starts, touching=True)], y="times", legend=False)


def costs(tear: TearSheet) -> Plot:
    """Returns what each kind of cost came to so far; funding is a cost where more was paid than received."""
    c = tear.costs
    kinds = (
        ("Fees", c.fees, "c1"),
        ("Spread", c.spread, "c2"),
        ("Impact", c.impact, "c3"),
        ("Funding", -c.funding, "c4"),
    )
    lines = [line(c.times, np.cumsum(values), name, colour) for name, values, colour in kinds if values.any()]
    return plot(lines, y="amount")


def by_month(times: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Returns (middles of the months, sums of the days that close in them)."""
    if not len(times):
        return np.empty(0, dtype=np.int64), np.empty(0)
    months = (times - 1).astype("datetime64[ms]").astype("datetime64[M]")
    firsts = np.flatnonzero(np.append(True, months[1:] != months[:-1]))
    middle = int(dt.timedelta(days=15) / dt.timedelta(milliseconds=1))
    return months[firsts].astype("datetime64[ms]").astype(np.int64) + middle, np.add.reduceat(values, firsts)
