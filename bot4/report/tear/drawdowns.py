"""Drawdowns: the ten worst, the underwater series, and the measures made from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import AMOUNT, DAY_MS, Floats, Ints, RunColumns
from ..stats import Stats
from .numbers import mean, ratio
from .series import Series

SHOWN = 10
"""How many drawdowns the table has."""


@dataclass(frozen=True)
class DrawdownRow:
    """One fall below a former peak, measured at every mark (bar close)."""

    depth: float
    """≤ 0, a fraction of the peak."""
    amount: float
    """Peak less trough, account currency."""
    start_ms: int
    """Time of the peak, UTC ms."""
    trough_ms: int
    """Time of the lowest mark."""
    end_ms: int | None
    """First mark back at the peak; None if there was none."""
    days: float
    """From the peak to the recovery or the end of the run."""
    fall_days: float
    """From the peak to the trough."""
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
    """Lowest mark, account currency."""
    lowest_ms: int | None
    """Its time; None without a mark."""
    highest_equity: float
    """Highest mark."""
    highest_ms: int | None
    """Its time."""


@dataclass(frozen=True)
class Falls:
    """Every drawdown of a series as rows: peak (the latest high before it), trough, and the first row back at the peak (the number of
    rows where it never came back); shape (falls,) each."""

    start: Ints
    trough: Ints
    end: Ints
    depth: Floats


def find_falls(values: Floats) -> Falls:
    """Returns all drawdowns of a series that starts above 0, by time."""
    peaks = np.maximum.accumulate(values)
    is_under = values < peaks
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_under, [False]]).astype(np.int8)))
    first, end = edges[::2], edges[1::2]
    if not len(first):
        nothing = np.empty(0, dtype=np.int64)
        return Falls(nothing, nothing, nothing, np.empty(0))
    depths = values / peaks - 1.0
    bounds = np.stack([first, end], axis=1).ravel()
    depth = np.minimum.reduceat(np.append(depths, 0.0), bounds)[::2]
    lows = np.flatnonzero(is_under)
    lows = lows[depths[lows] == np.repeat(depth, end - first)]
    return Falls(first - 1, lows[np.searchsorted(lows, first)], end, depth)


def drawdowns(run: RunColumns, stats: Stats, series: Series) -> Drawdowns:
    """Returns the drawdowns of a run: rows and underwater series from every mark, means and indices from daily closes."""
    ts, marks = run.equity_ts, run.equity.astype(np.float64)
    if not len(marks) or not marks[0] > 0:
        return _nothing(series)
    falls, daily = find_falls(marks), find_falls(series.equity)
    deepest = np.argsort(falls.depth, kind="stable")[:SHOWN]
    under = below_peak(series.equity)
    ends = np.minimum(daily.end, len(series.times) - 1)
    pain = float(np.mean(-under))
    low, high = int(np.argmin(marks)), int(np.argmax(marks))
    return Drawdowns(
        worst=tuple(_row(ts, marks, falls, int(number)) for number in deepest),
        count=len(falls.depth),
        mean_depth=mean(daily.depth),
        mean_days=mean((series.times[ends] - series.times[daily.start]) / DAY_MS),
        times=series.times,
        underwater=_lowest_by_day(ts, marks),
        benchmark_underwater=below_peak(series.benchmark),
        time_under_water=mean(under[1:] < 0),
        ulcer_index=math.sqrt(float(np.mean(under**2))),
        pain_index=pain,
        pain_ratio=ratio(stats.cagr, pain),
        recovery_factor=ratio(stats.total_return, -stats.max_drawdown),
        lowest_equity=float(marks[low]) * AMOUNT,
        lowest_ms=int(ts[low]),
        highest_equity=float(marks[high]) * AMOUNT,
        highest_ms=int(ts[high]),
    )


def below_peak(values: Floats) -> Floats:
    """Returns value/highest value so far − 1, ≤ 0; NaN before the first value. Shape of `values`."""
    peaks = np.fmax.accumulate(values) if len(values) else values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(peaks > 0, values / peaks - 1.0, np.nan)


def _lowest_by_day(ts: Ints, marks: Floats) -> Floats:
    """Returns each day's lowest mark against the highest so far, at the rows of `daily_rows`; a day without a mark repeats its close."""
    under = below_peak(marks)
    rows = formulas.daily_rows(ts)[1]
    lowest = under[rows]
    has_marks = np.flatnonzero(np.diff(rows) > 0)
    if len(has_marks):
        lowest[has_marks + 1] = np.minimum.reduceat(under, rows[has_marks] + 1)
    return lowest


def _row(ts: Ints, marks: Floats, falls: Falls, number: int) -> DrawdownRow:
    start, trough, end = int(falls.start[number]), int(falls.trough[number]), int(falls.end[number])
    is_over = end < len(ts)
    return DrawdownRow(
        depth=float(falls.depth[number]),
        amount=float(marks[start] - marks[trough]) * AMOUNT,
        start_ms=int(ts[start]),
        trough_ms=int(ts[trough]),
        end_ms=int(ts[end]) if is_over else None,
        days=float(ts[min(end, len(ts) - 1)] - ts[start]) / DAY_MS,
        fall_days=float(ts[trough] - ts[start]) / DAY_MS,
        recovery_days=float(ts[end] - ts[trough]) / DAY_MS if is_over else math.nan,
        start_return=float(marks[start] / marks[0]) - 1.0,
        trough_return=float(marks[trough] / marks[0]) - 1.0,
    )


def _nothing(series: Series) -> Drawdowns:
    bare = np.full(len(series.times), np.nan)
    unknown = math.nan
    return Drawdowns(
        worst=(),
        count=0,
        mean_depth=unknown,
        mean_days=unknown,
        times=series.times,
        underwater=bare,
        benchmark_underwater=bare,
        time_under_water=unknown,
        ulcer_index=unknown,
        pain_index=unknown,
        pain_ratio=unknown,
        recovery_factor=unknown,
        lowest_equity=unknown,
        lowest_ms=None,
        highest_equity=unknown,
        highest_ms=None,
    )
