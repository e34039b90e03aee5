"""The run through the market's known crises: exact spans, shown only where the data covers them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Crisis:
    """One window, from the close of a UTC day to the close of another."""

    name: str
    start_ms: int
    """Close of the last day before the fall."""
    end_ms: int
    """Close of its last day."""
    source: str
    """Where the event is documented."""
    total: float
    """Return of the run, a fraction."""
    benchmark: float
    max_drawdown: float
    """Deepest fall of equity inside the window, at every mark, ≤ 0."""
    mean_gross: float
    """Mean gross exposure at the days' closes."""


@dataclass(frozen=True)
class Crises:
    """Windows that lie wholly within the run, by time."""

    rows: tuple[Crisis, ...]
