"""Sharpe, Sortino, volatility and beta over moving windows of days."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import formulas
from ..columns import Floats, Ints
from .series import Series

WINDOWS = (30, 90, 365)
YEARLY = math.sqrt(formulas.DAYS_PER_YEAR)


@dataclass(frozen=True)
class Window:
    """One window length; every array has shape (days of the run − days + 1,), and is empty where the run is shorter."""

    days: int
    """Its length."""
    times: Ints
    """Close of the window's last day, UTC ms."""
    sharpe: Floats
    """Annual; NaN where the window has no variation."""
    sortino: Floats
    """Annual; NaN where the window has no loss."""
    volatility: Floats
    """Annual, a fraction."""
    beta: Floats
    """Against the benchmark; NaN where that has no variation."""
    benchmark_sharpe: Floats
    """The benchmark's own Sharpe ratio."""
    benchmark_volatility: Floats
    """The benchmark's own volatility."""


@dataclass(frozen=True)
class Rolling:
    """Moving windows of 30, 90 and 365 days."""

    windows: tuple[Window, ...]
    """Shortest first."""


def rolling(series: Series) -> Rolling:
    """Returns the moving windows of a run."""
    return Rolling(tuple(_window(days, series) for days in WINDOWS))


def _window(days: int, series: Series) -> Window:
    if series.days < days:
        bare = np.empty(0)
        return Window(days, np.empty(0, dtype=np.int64), bare, bare, bare, bare, bare, bare)
    own = sliding_window_view(series.returns, days)
    other = sliding_window_view(series.benchmark_returns, days)
    mean, spread, other_mean, other_spread = own.mean(axis=1), _spread(own), other.mean(axis=1), _spread(other)
    products = sliding_window_view(series.returns * series.benchmark_returns, days).mean(axis=1)
    downside = np.sqrt(sliding_window_view(np.minimum(series.returns, 0.0) ** 2, days).mean(axis=1))
    covariance = (products - mean * other_mean) * days / (days - 1)
    return Window(
        days=days,
        times=series.times[days:],
        sharpe=_quotient(mean, spread) * YEARLY,
        sortino=_quotient(mean, downside) * YEARLY,
        volatility=spread * YEARLY,
        beta=_quotient(covariance, other_spread**2),
        benchmark_sharpe=_quotient(other_mean, other_spread) * YEARLY,
        benchmark_volatility=other_spread * YEARLY,
    )


def _spread(windows: Floats) -> Floats:
    found: Floats = np.std(windows, axis=1, ddof=1)
    return found


def _quotient(over: Floats, under: Floats) -> Floats:
    found: Floats = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    return found
