"""What every part of the tear sheet reads: equity, returns and benchmark at the close of each UTC day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import AMOUNT, DAY_MS, Floats, Ints, RunColumns
from ..holding import holding_values
from .numbers import deviation

HOLDING = "holding"
"""Name of the default benchmark: equal parts of every asset, bought once and kept."""


@dataclass(frozen=True)
class Benchmark:
    """A series to compare with, by any clock: the value known at a time is the last one at or before it."""

    name: str
    ts: Ints
    """Times, UTC ms, increasing, shape (points,)."""
    values: Floats
    """Prices or values, positive, shape (points,)."""


@dataclass(frozen=True)
class Series:
    """Daily closes of the run and of its benchmark from the first possible decision on; the first point is the base."""

    times: Ints
    """Close times, UTC ms, shape (days + 1,)."""
    equity: Floats
    """Equity, account currency, shape (days + 1,)."""
    returns: Floats
    """Simple returns of equity by day, fractions, shape (days,)."""
    benchmark_name: str
    """`holding`, or the name given."""
    benchmark: Floats
    """The benchmark's value with the same start as equity, account currency; NaN before its first value, shape (days + 1,)."""
    benchmark_returns: Floats
    """Simple returns of the benchmark by day; NaN before its first value, shape (days,)."""
    matched_returns: Floats
    """Returns scaled to the benchmark's volatility over the same days; NaN where either has none, shape (days,)."""

    @property
    def days(self) -> int:
        """Returns the number of daily returns."""
        return len(self.returns)


def daily_series(run: RunColumns, benchmark: Benchmark | None) -> Series:
    """Returns the daily series of a run beside a benchmark, or beside buying and holding its assets in equal parts (`holding`)."""
    times, closes = formulas.daily_closes(run.equity_ts, run.equity)
    equity = closes * AMOUNT
    returns = formulas.simple_returns(closes)
    if benchmark is None:
        name, other = HOLDING, holding_values(run, times)
    else:
        name, other = benchmark.name, _scaled(_known(benchmark, times), equity)
    other_returns = known_returns(other)
    return Series(times, equity, returns, name, other, other_returns, _matched(returns, other_returns))


def _known(benchmark: Benchmark, times: Ints) -> Floats:
    """Returns the benchmark's last value at each time; NaN before its first and from a day after its last."""
    if not len(benchmark.ts):
        return np.full(len(times), np.nan)
    at = np.searchsorted(benchmark.ts, times, side="right") - 1
    is_known = (at >= 0) & (times < benchmark.ts[-1] + DAY_MS)
    return np.where(is_known, np.asarray(benchmark.values, dtype=np.float64)[np.maximum(at, 0)], np.nan)


def known_returns(values: Floats) -> Floats:
    """Returns v[t]/v[t−1] − 1; NaN where either value is unknown. Shape (n − 1,)."""
    is_known = ~np.isnan(values)
    return np.where(is_known[1:] & is_known[:-1], formulas.simple_returns(values), np.nan)


def _scaled(values: Floats, equity: Floats) -> Floats:
    """Returns values that start where equity stood when they did."""
    known = np.flatnonzero(values > 0)
    return values * (equity[known[0]] / values[known[0]]) if len(known) else np.full(len(values), np.nan)


def _matched(returns: Floats, other: Floats) -> Floats:
    both = ~np.isnan(other)
    own, theirs = deviation(returns[both]), deviation(other[both])
    scale = theirs / own if own > 0 else np.nan
    return np.where(both, returns * scale, np.nan)
