"""The calendar: months, years, periods, weekdays, hours, streaks. All UTC."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints
from ..periods import YearReturns


@dataclass(frozen=True)
class Period:
    """Returns by day, week (Monday to Sunday), month, quarter or year; the first and last may be incomplete."""

    name: str
    """`day`, `week`, `month`, `quarter` or `year`."""
    ends: Ints
    """Close times, UTC ms, shape (periods,)."""
    returns: Floats
    """Fractions, shape (periods,)."""
    benchmark_returns: Floats
    best: float
    best_ms: int | None
    """Close of the best period; None without one."""
    worst: float
    worst_ms: int | None
    wins: int
    draws: int
    """Periods of exactly 0."""
    losses: int
    win_rate: float
    """wins/all periods."""
    mean: float
    mean_win: float
    mean_loss: float
    longest_wins: int
    """Most winning periods in a row."""
    longest_losses: int


@dataclass(frozen=True)
class Bucket:
    """Returns that fall into one weekday, hour or month of the year."""

    label: str
    count: int
    mean: float
    total: float
    """Sum of simple returns."""
    error: float
    """Standard error of the mean."""
    win_rate: float


@dataclass(frozen=True)
class Trailing:
    """The return from a date to the end of the run; NaN where the run is shorter."""

    label: str
    """`MTD`, `3M`, `6M`, `YTD`, `1Y`, `3Y`, `5Y`, `10Y`, `All`; from 3Y on annualised."""
    total: float
    benchmark: float


@dataclass(frozen=True)
class Calendar:
    """Returns by calendar."""

    years: tuple[YearReturns, ...]
    """The monthly heat map: twelve months and the total, by year."""
    benchmark_years: tuple[YearReturns, ...]
    periods: tuple[Period, ...]
    """Day, week, month, quarter, year."""
    trailing: tuple[Trailing, ...]
    weekdays: tuple[Bucket, ...]
    """Daily returns by weekday, Monday first; seven."""
    hours: tuple[Bucket, ...]
    """Returns from mark to mark by the UTC hour in which they end; 24, empty for bars longer than an hour."""
    months: tuple[Bucket, ...]
    """Monthly returns by month of the year; twelve."""
