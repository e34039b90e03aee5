"""Drawdowns: the ten worst, the underwater series, and the measures made from it."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


@dataclass(frozen=True)
class DrawdownRow:
    """One fall below a former peak, measured at every mark (bar close)."""

    depth: float
    """≤ 0, a fraction of the peak."""
    amount: float
    """Peak less trough, account currency."""
    start_ms: int
    trough_ms: int
    end_ms: int | None
    """First mark back at the peak; None if there was none."""
    days: float
    """From the peak to the recovery or the end of the run."""
    fall_days: float
    recovery_days: float
    """From the trough to the recovery; NaN if there was none."""
    start_return: float
    """Total return of the run at the peak (freqtrade: profit at drawdown start)."""
    trough_return: float
    """Total return of the run at the trough."""


@dataclass(frozen=True)
class Drawdowns:
    """Falls below former peaks."""

    worst: tuple[DrawdownRow, ...]
    """The ten deepest, deepest first."""
    count: int
    """Drawdowns in all, by mark."""
    mean_depth: float
    """Mean depth of all drawdowns of the daily series, ≤ 0."""
    mean_days: float
    """Mean length of all drawdowns of the daily series, peak to recovery or end."""
    times: Ints
    """Close times of the days, UTC ms, shape (days + 1,)."""
    underwater: Floats
    """Each day's lowest mark against the highest mark so far, ≤ 0; its minimum is `max_drawdown`, shape (days + 1,)."""
    benchmark_underwater: Floats
    """Daily closes of the benchmark against their peak, shape (days + 1,)."""
    time_under_water: float
    """Share of days that closed below a former daily close."""
    ulcer_index: float
    """√mean of squared drawdowns of daily closes (Martin and McCann 1989), a fraction."""
    pain_index: float
    """Mean of |drawdowns| of daily closes, a fraction."""
    pain_ratio: float
    """CAGR/pain index."""
    recovery_factor: float
    """Total return/|maximum drawdown|."""
    lowest_equity: float
    lowest_ms: int
    highest_equity: float
    highest_ms: int
