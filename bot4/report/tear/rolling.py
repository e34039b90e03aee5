"""Sharpe, Sortino, volatility and beta over moving windows of days."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


@dataclass(frozen=True)
class Window:
    """One window length; every array has shape (days of the run − days + 1,), and is empty where the run is shorter."""

    days: int
    times: Ints
    """Close of the window's last day, UTC ms."""
    sharpe: Floats
    """Annual; NaN where the window has no variation."""
    sortino: Floats
    volatility: Floats
    """Annual, a fraction."""
    beta: Floats
    """Against the benchmark; NaN where that has no variation."""
    benchmark_sharpe: Floats
    benchmark_volatility: Floats


@dataclass(frozen=True)
class Rolling:
    """Moving windows of 30, 90 and 365 days."""

    windows: tuple[Window, ...]
