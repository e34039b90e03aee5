"""What every part of the tear sheet reads: equity, returns and benchmark at the close of each UTC day."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


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
