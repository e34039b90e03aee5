"""The calendar: months, years, periods, weekdays, hours, streaks. All UTC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from .. import formulas
from ..columns import DAY_MS, Bools, Floats, Ints, RunColumns
from ..periods import YearReturns, monthly_returns
from .numbers import deviation, longest_run, mean
from .series import Series, known_returns

HOUR_MS = 3_600_000
EPOCH = date(1970, 1, 1)
PERIODS = ("day", "week", "month", "quarter", "year")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEARS_BACK = {"1Y": 1, "3Y": 3, "5Y": 5, "10Y": 10}
THURSDAY = 3
"""The epoch's weekday, Monday being 0."""


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
    """NaN where the benchmark has no value at the period's start; shape (periods,)."""
    best: float
    """Highest return."""
    best_ms: int | None
    """Close of the best period; None without one."""
    worst: float
    """Lowest return."""
    worst_ms: int | None
    """Close of the worst period."""
    wins: int
    """Periods above 0."""
    draws: int
    """Periods of exactly 0."""
    losses: int
    """Periods below 0."""
    win_rate: float
    """wins/all periods."""
    mean: float
    """Mean return."""
    mean_win: float
    """Mean of the periods above 0."""
    mean_loss: float
    """Mean of the periods below 0."""
    longest_wins: int
    """Most winning periods in a row."""
    longest_losses: int
    """Most losing periods in a row."""


@dataclass(frozen=True)
class Bucket:
    """Returns that fall into one weekday, hour or month of the year."""

    label: str
    """`Mon` … `Sun`, `00` … `23`, or `Jan` … `Dec`."""
    count: int
    """Returns in it."""
    mean: float
    """Mean of simple returns."""
    total: float
    """Sum of simple returns."""
    error: float
    """Standard error of the mean."""
    win_rate: float
    """Share above 0."""


@dataclass(frozen=True)
class Trailing:
    """The return from a date to the end of the run; NaN where the run is shorter."""

    label: str
    """`MTD`, `3M`, `6M`, `YTD`, `1Y`, `3Y`, `5Y`, `10Y`, `All`; from 3Y on annualised."""
    total: float
    """Of the run, a fraction."""
    benchmark: float
    """Of the benchmark."""


@dataclass(frozen=True)
class Calendar:
    """Returns by calendar."""

    years: tuple[YearReturns, ...]
    """The monthly heat map: twelve months and the total, by year."""
    benchmark_years: tuple[YearReturns, ...]
    """The same of the benchmark, from its first value on."""
    periods: tuple[Period, ...]
    """Day, week, month, quarter, year."""
    trailing: tuple[Trailing, ...]
    """To the last close; `MTD` and `YTD` from the close before the month and year began."""
    weekdays: tuple[Bucket, ...]
    """Daily returns by weekday, Monday first; seven."""
    hours: tuple[Bucket, ...]
    """Returns from mark to mark by the UTC hour in which they end; 24, empty for bars longer than an hour."""
    months: tuple[Bucket, ...]
    """Monthly returns by month of the year; twelve."""


def calendar(run: RunColumns, series: Series) -> Calendar:
    """Returns the returns of a run by calendar."""
    days = (series.times[1:] - 1) // DAY_MS  # a close at midnight belongs to the day that ends there
    keys = period_keys(days)
    periods = tuple(_period(name, keys[name], series) for name in PERIODS)
    months = periods[PERIODS.index("month")]
    of_year = (months.ends - 1).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64) % 12
    return Calendar(
        years=tuple(monthly_returns(run.equity_ts, run.equity)),
        benchmark_years=tuple(_benchmark_years(series)),
        periods=periods,
        trailing=_trailing(series),
        weekdays=_buckets(WEEKDAYS, (days + THURSDAY) % 7, series.returns),
        hours=_hours(run),
        months=_buckets(MONTHS, of_year, months.returns),
    )


def period_keys(days: Ints) -> dict[str, Ints]:
    """Returns for each day (number since the epoch) the number of its day, week from Monday, month, quarter and year."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return {
        "day": days,
        "week": (days + THURSDAY) // 7,
        "month": months,
        "quarter": months // 3,
        "year": months // 12,
    }


def _period(name: str, keys: Ints, series: Series) -> Period:
    lasts = np.append(np.flatnonzero(np.diff(keys)), len(keys) - 1) + 1 if len(keys) else np.empty(0, dtype=np.int64)
    rows = np.concatenate([[0], lasts]) if len(keys) else lasts
    ends, returns = series.times[lasts], formulas.simple_returns(series.equity[rows])
    wins, losses = returns > 0, returns < 0
    best, worst = (int(np.argmax(returns)), int(np.argmin(returns))) if len(returns) else (None, None)
    return Period(
        name=name,
        ends=ends,
        returns=returns,
        benchmark_returns=known_returns(series.benchmark[rows]),
        best=math.nan if best is None else float(returns[best]),
        best_ms=None if best is None else int(ends[best]),
        worst=math.nan if worst is None else float(returns[worst]),
        worst_ms=None if worst is None else int(ends[worst]),
        wins=int(np.count_nonzero(wins)),
        draws=int(np.count_nonzero(returns == 0)),
        losses=int(np.count_nonzero(losses)),
        win_rate=mean(wins),
        mean=mean(returns),
        mean_win=mean(returns[wins]),
        mean_loss=mean(returns[losses]),
        longest_wins=longest_run(wins),
        longest_losses=longest_run(losses),
    )


def _benchmark_years(series: Series) -> list[YearReturns]:
    known: Bools = ~np.isnan(series.benchmark)
    return monthly_returns(series.times[known], series.benchmark[known])


def _buckets(labels: tuple[str, ...], numbers: Ints, returns: Floats) -> tuple[Bucket, ...]:
    return tuple(_bucket(label, returns[numbers == number]) for number, label in enumerate(labels))


def _bucket(label: str, returns: Floats) -> Bucket:
    count = len(returns)
    error = deviation(returns) / math.sqrt(count) if count > 1 else math.nan
    return Bucket(label, count, mean(returns), float(returns.sum()), error, mean(returns > 0))


def _hours(run: RunColumns) -> tuple[Bucket, ...]:
    """Returns the returns from hour to hour; a pause of the market counts in the hour that ends it."""
    if run.interval_ms > HOUR_MS or len(run.equity_ts) < 2:
        return ()
    hours = (run.equity_ts - 1) // HOUR_MS
    lasts = np.append(np.flatnonzero(np.diff(hours)), len(hours) - 1)
    rows = np.unique(np.concatenate([[0], lasts]))
    returns = formulas.simple_returns(run.equity[rows].astype(np.float64))
    return _buckets(tuple(f"{hour:02}" for hour in range(24)), hours[rows[1:]] % 24, returns)


def _trailing(series: Series) -> tuple[Trailing, ...]:
    if not series.days:
        return ()
    last = date.fromordinal(EPOCH.toordinal() + int((series.times[-1] - 1) // DAY_MS))
    since = {
        "MTD": last.replace(day=1).toordinal() - 1,
        "3M": months_before(last, 3).toordinal(),
        "6M": months_before(last, 6).toordinal(),
        "YTD": date(last.year, 1, 1).toordinal() - 1,
    } | {label: months_before(last, 12 * years).toordinal() for label, years in YEARS_BACK.items()}
    found = [_since(label, (day + 1 - EPOCH.toordinal()) * DAY_MS, series) for label, day in since.items()]
    return (*found, _since("All", int(series.times[0]), series))


def months_before(day: date, months: int) -> date:
    """Returns the same day some months earlier; the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, date.fromordinal(following.toordinal() - 1).day))


def _since(label: str, start_ms: int, series: Series) -> Trailing:
    if start_ms < series.times[0]:
        return Trailing(label, math.nan, math.nan)
    row = int(np.searchsorted(series.times, start_ms, side="right")) - 1
    span = int(series.times[-1] - start_ms)
    is_yearly = YEARS_BACK.get(label, 0) > 1
    pairs = [(float(v[row]), float(v[-1])) for v in (series.equity, series.benchmark)]
    found = [formulas.cagr(*p, span) if is_yearly else formulas.total_return(*p) for p in pairs]
    return Trailing(label, found[0], found[1])
