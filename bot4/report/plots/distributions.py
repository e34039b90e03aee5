"""Clouds and histograms: tails, regression on the benchmark, excursions of trades."""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal

import numpy as np

from .. import text
from ..columns import Floats, Ints, RunColumns
from ..tear import TearSheet
from ..tear.excursions import Excursions
from .curves import benchmark_name
from .spec import Plot, bars, line, plot, points

MOST_CLOUD = 2_000
"""Points of a cloud; of more, every n-th is shown and all extremes."""
MOST_BINS = 80
MANY_ZEROS = 0.25
"""Share of days without a return from which they are left out of the histogram."""
FINE_POINTS = 161


def histogram(tear: TearSheet) -> tuple[Plot, str]:
    """Returns (plot, caption): daily returns in bins of Scott (1979), with the normal curve of the same mean and deviation.

    Where a strategy is often out of the market, the days of exactly 0 are counted in the caption alone: they would hide the rest.
    """
    returns = tear.series.returns
    zeros = int((returns == 0).sum())
    caption = "Daily returns; the line is normal."
    if MANY_ZEROS * len(returns) < zeros < len(returns):
        returns = returns[returns != 0]
        caption = f"Daily returns other than 0; the line is normal. On {text.count(zeros)} days more there was none."
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    width = 3.49 * deviation / len(returns) ** (1 / 3)
    span = float(returns.max() - returns.min())
    counts, edges = np.histogram(returns, bins=int(np.clip(np.ceil(span / width), 8, MOST_BINS)) if width > 0 else 8)
    drawn = [bars(counts.astype(np.float64), "Days", "c1", (edges[1:] + edges[:-1]) / 2)]
    if deviation > 0:
        normal = NormalDist(float(returns.mean()), deviation)
        at = np.linspace(edges[0], edges[-1], FINE_POINTS)
        expected = np.array([normal.pdf(value) for value in at]) * len(returns) * (edges[1] - edges[0])
        drawn.append(line(at, expected, "Normal", "soft"))
    return plot(drawn, x="number", y="count", xFormat="percent", touching=True), caption


def quantiles(tear: TearSheet) -> Plot:
    """Returns sorted daily returns over the quantiles of a normal distribution of the same mean and deviation."""
    returns = np.sort(tear.series.returns)
    count, deviation = len(returns), float(returns.std(ddof=1))
    if not deviation > 0:
        return plot([], x="number", y="percent", xFormat="percent")
    normal = NormalDist(float(returns.mean()), deviation)
    kept = spread_out(np.arange(count), MOST_CLOUD // 2)
    expected = np.array([normal.inv_cdf((rank + 0.5) / count) for rank in kept.tolist()])
    ends = expected[[0, -1]]
    drawn = [line(ends, ends, "Normal", "soft"), points(expected, returns[kept], "Days", "c1")]
    return plot(drawn, x="number", y="percent", xFormat="percent", xTitle="normal", yTitle="measured")


def regression(tear: TearSheet) -> Plot:
    """Returns daily returns over the benchmark's, with the line through them."""
    series, fit = tear.series, tear.regression
    known = np.flatnonzero(np.isfinite(series.benchmark_returns) & np.isfinite(series.returns))
    kept = known[spread_out(series.returns[known], MOST_CLOUD)]
    x, y = series.benchmark_returns[kept], series.returns[kept]
    ends = np.array([x.min(), x.max()])
    days = [text.date(int(ms) - 1) for ms in series.times[kept + 1]]
    drawn = [
        points(x, y, "Days", "c1", texts=days, opacity=0.4),
        line(ends, fit.alpha / 365 + fit.beta * ends, f"Slope {text.ratio(fit.beta)}", "c2"),
    ]
    return plot(drawn, x="number", y="percent", xFormat="percent", xTitle=benchmark_name(tear), yTitle="strategy")


def excursions(found: Excursions, run: RunColumns, what: Literal["mae", "mfe"]) -> Plot:
    """Returns each closed trade's result over its worst (`mae`) or best (`mfe`) moment; wins and losses apart."""
    kept = spread_out(found.result, MOST_CLOUD)
    x, y = getattr(found, what)[kept], found.result[kept]
    entries = run.table("trades")["entry_ts"][found.trade[kept]]
    symbols = [run.assets[number].symbol for number in found.asset[kept]]
    texts = np.array([f"{symbol} {text.minute(int(ms))}" for symbol, ms in zip(symbols, entries, strict=True)])
    drawn = [
        points(x[side], y[side], name, colour, texts=texts[side].tolist())
        for name, colour, side in (("Won", "good", y > 0), ("Lost", "bad", y <= 0))
        if side.any()
    ]
    if len(x):
        low, high = max(float(x.min()), float(y.min())), min(float(x.max()), float(y.max()))
        if low < high:
            ends = np.array([low, high])
            drawn.append(line(ends, ends, "", "soft", dash="4 3", width=1))
    title = {"mae": "maximum adverse excursion", "mfe": "maximum favourable excursion"}[what]
    return plot(drawn, x="number", y="percent", xFormat="percent", xTitle=title, yTitle="result")


def spread_out(values: Floats | Ints, most: int) -> Ints:
    """Returns at most about `most` row numbers: all where they are few, else every n-th with the fifty lowest and highest values."""
    if len(values) <= most:
        return np.arange(len(values), dtype=np.int64)
    order = np.argsort(values, kind="stable")
    return np.unique(np.concatenate([np.arange(0, len(values), -(-len(values) // most)), order[:50], order[-50:]]))
