"""The formulas of performance measurement, each in one function with its source.

Inputs are plain arrays of daily returns or of equity; a measure that cannot be computed (too few days, no variation) is NaN, never
0. Conventions: a day is a UTC day, a year has 365, the risk-free rate is 0. `docs/metrics.md` lists them for readers. Not here:
which array belongs to which number of a run (`stats`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .columns import DAY_MS, YEAR_MS, Floats, Ints, blocks

DAYS_PER_YEAR = 365.0


def daily_rows(ts: Ints) -> tuple[Ints, Ints]:
    """Returns (close times, rows): row 0 as base, then the last row of every UTC day; a day without a point repeats the row before.

    A point exactly at midnight closes the day that ends there. The last day may be incomplete: its close is the last point.
    """
    if not len(ts):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    first_day, last_day = (int(ts[0]) - 1) // DAY_MS, (int(ts[-1]) - 1) // DAY_MS
    midnights = np.arange(first_day + 1, last_day + 2, dtype=np.int64) * DAY_MS
    at = np.searchsorted(ts, midnights, side="right") - 1
    if at[0] == 0:  # nothing after the base on the first day
        midnights, at = midnights[1:], at[1:]
    return np.concatenate([ts[:1], np.minimum(midnights, ts[-1])]), np.concatenate([[0], at])


def daily_closes(ts: Ints, equity: Ints | Floats) -> tuple[Ints, Floats]:
    """Returns (close times, values) at `daily_rows`."""
    times, rows = daily_rows(ts)
    return times, equity[rows].astype(np.float64)


def exact_sum(values: Ints) -> int:
    """Returns the sum of integers, exact where it does not fit 64 bits."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFF_FFFF).sum())


def simple_returns(values: Floats) -> Floats:
    """Returns v[t]/v[t−1] − 1; 0 after a value that is not positive (a ruined account earns nothing). Shape (n − 1,)."""
    before, after = values[:-1], values[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, after / before - 1.0, 0.0)


def total_return(first: float, last: float) -> float:
    """Returns last/first − 1, a fraction."""
    return last / first - 1.0 if first > 0 else math.nan


def cagr(first: float, last: float, span_ms: int) -> float:
    """Returns the compound annual growth rate (last/first)^(365 d/span) − 1; −1 after ruin, NaN for spans under a day."""
    if first <= 0 or span_ms < DAY_MS:
        return math.nan
    if last <= 0:
        return -1.0
    exponent = math.log(last / first) * YEAR_MS / span_ms
    return math.expm1(exponent) if exponent < 700 else math.nan


def volatility(returns: Floats) -> float:
    """Returns the annualised standard deviation (ddof 1) of daily returns: s·√365."""
    return float(np.std(returns, ddof=1)) * math.sqrt(DAYS_PER_YEAR) if len(returns) > 1 else math.nan


def sharpe(returns: Floats) -> float:
    """Returns the annualised Sharpe ratio of daily returns, mean/s·√365, risk-free rate 0 (Sharpe 1994)."""
    if len(returns) < 2:
        return math.nan
    deviation = float(np.std(returns, ddof=1))
    return float(np.mean(returns)) / deviation * math.sqrt(DAYS_PER_YEAR) if deviation > 0 else math.nan


def sharpe_se_iid(ratio: float, count: int) -> float:
    """Returns the standard error of a per-period Sharpe ratio under i.i.d. normal returns, √((1 + SR²/2)/T) (Lo 2002, eq. 9)."""
    return math.sqrt((1.0 + ratio * ratio / 2.0) / count) if count > 0 else math.nan


def sharpe_se(ratio: float, count: int, skew: float, kurt: float) -> float:
    """Returns the standard error of a per-period Sharpe ratio for non-normal returns (Mertens 2002; Christie 2005).

    √((1 − γ₃·SR + (γ₄ − 1)/4·SR²)/(T − 1)), with skewness γ₃ and raw kurtosis γ₄ (3 for a normal); equals Lo (2002) for normal
    returns but for T − 1.
    """
    variance = 1.0 - skew * ratio + (kurt - 1.0) / 4.0 * ratio * ratio
    return math.sqrt(variance / (count - 1)) if count > 1 and variance >= 0 else math.nan


def skewness(returns: Floats) -> float:
    """Returns the moment skewness γ₃ = m₃/m₂^1.5 (population moments)."""
    return _moment_ratio(returns, 3)


def kurtosis(returns: Floats) -> float:
    """Returns the raw moment kurtosis γ₄ = m₄/m₂² (population moments; 3 for a normal distribution)."""
    return _moment_ratio(returns, 4)


def _moment_ratio(returns: Floats, order: int) -> float:
    if len(returns) < 2:
        return math.nan
    centred = returns - np.mean(returns)
    second = float(np.mean(centred**2))
    return float(np.mean(centred**order)) / second ** (order / 2) if second > 0 else math.nan


def sortino(returns: Floats) -> float:
    """Returns mean/√(mean(min(r, 0)²))·√365: losses alone count as risk, target return 0 (Sortino and Price 1994)."""
    if len(returns) < 2:
        return math.nan
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2)))
    return float(np.mean(returns)) / downside * math.sqrt(DAYS_PER_YEAR) if downside > 0 else math.nan


def calmar(growth: float, depth: float) -> float:
    """Returns CAGR/|maximum drawdown| over the whole run (Young 1991 takes 36 months)."""
    return growth / -depth if depth < 0 else math.nan


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall below a former peak. `depth` ≤ 0 is a fraction; `end_ms` is the recovery, None if there was none."""

    depth: float
    start_ms: int
    trough_ms: int
    end_ms: int | None
    longest_ms: int
    """The longest time between two new highs, whichever fall caused it (the last one may be unfinished)."""

    def length_ms(self, last_ms: int) -> int:
        """Returns the time from peak to recovery, or to `last_ms`, the end of the data."""
        return (self.end_ms if self.end_ms is not None else last_ms) - self.start_ms


def max_drawdown(ts: Ints, equity: Ints | Floats) -> Drawdown:
    """Returns the deepest drawdown of equity at every mark (bar closes, not daily): min over t of equity/peak − 1."""
    if not len(ts):
        return Drawdown(0.0, 0, 0, None, 0)
    peak, high = equity[0], 0  # the highest value so far, and its latest row
    depth, start, trough, longest = 0.0, 0, 0, 0
    for block in blocks(len(ts)):
        part = equity[block]
        peaks = np.maximum(np.maximum.accumulate(part), peak)
        highs = np.append(high, block.start + np.flatnonzero(part == peaks))
        is_under = np.diff(highs) > 1  # neighbouring highs have no drawdown between them
        longest = max(longest, int(np.diff(ts[highs])[is_under].max(initial=0)))
        falls = part / peaks - 1.0
        lowest = int(np.argmin(falls))
        if falls[lowest] < depth:
            depth, trough = float(falls[lowest]), block.start + lowest
            start = int(highs[np.searchsorted(highs, trough, side="right") - 1])
        peak, high = peaks[-1], int(highs[-1])
    longest = max(longest, int(ts[-1] - ts[high]))
    return Drawdown(depth, int(ts[start]), int(ts[trough]), _recovery(ts, equity, start, trough), longest)


def _recovery(ts: Ints, equity: Ints | Floats, start: int, trough: int) -> int | None:
    """Returns the time of the first row from the trough on that is back at the peak in row `start`; None if there is none."""
    is_back = equity[trough:] >= equity[start]
    first = int(np.argmax(is_back))
    return int(ts[trough + first]) if is_back[first] else None
