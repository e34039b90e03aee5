"""Intervals by resampling days in blocks: what the same days in another order and choice would have given."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import YEAR_MS, Floats, Ints
from .series import Series

LEVEL = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True)
class Interval:
    """A statistic with its bootstrap distribution: measured value, standard error, and the interval at the part's level."""

    estimate: float
    """Of the days as they came."""
    error: float
    """Standard deviation over the resamples."""
    low: float
    """Lower end: quantile (1 − level)/2 of the resamples."""
    high: float
    """Upper end."""


@dataclass(frozen=True)
class Bootstrap:
    """Stationary block bootstrap of daily returns (Politis and Romano 1994)."""

    level: float
    """Coverage the intervals aim at, a fraction."""
    resamples: int
    """How many."""
    seed: int
    """Of the random numbers: the same seed gives the same intervals."""
    block_days: float
    """Mean block length (Politis and White 2004, corrected by Patton, Politis and White 2009): the longer of what returns and what their
    squares ask for, so that clusters of volatility stay whole."""
    sharpe: Interval
    """Annual Sharpe ratio."""
    sortino: Interval
    """Annual Sortino ratio."""
    cagr: Interval
    """Compound annual growth rate."""
    volatility: Interval
    """Annual volatility."""
    max_drawdown: Interval
    """Of daily closes: what another order of the same kind of days would draw down."""
    loss_probability: float
    """Share of the resamples that end at or below their start."""


def bootstrap(series: Series, seed: int = 0, resamples: int = RESAMPLES, level: float = LEVEL) -> Bootstrap:
    """Returns percentile intervals of a run's daily returns (Efron 1979); the same seed gives the same numbers. NaN under two days."""
    returns, span = series.returns, int(series.times[-1] - series.times[0]) if len(series.times) else 0
    block = block_length(returns)
    found = _resampled(returns, block, seed, resamples, span / YEAR_MS) if len(returns) > 1 else {}
    measured = _measured(returns, span)
    intervals = {name: _interval(value, found.get(name, np.empty(0)), level) for name, value in measured.items()}
    ends = found.get("growth", np.empty(0))
    return Bootstrap(
        level=level,
        resamples=resamples,
        seed=seed,
        block_days=block,
        loss_probability=float(np.mean(ends <= 0.0)) if len(ends) else math.nan,
        **intervals,
    )


def _measured(returns: Floats, span_ms: int) -> dict[str, float]:
    """Returns the statistics of the days as they came."""
    path = np.concatenate([[1.0], np.cumprod(np.maximum(1.0 + returns, 0.0))])
    return {
        "sharpe": formulas.sharpe(returns),
        "sortino": formulas.sortino(returns),
        "cagr": formulas.cagr(1.0, float(path[-1]), span_ms),
        "volatility": formulas.volatility(returns),
        "max_drawdown": float(np.min(path / np.maximum.accumulate(path))) - 1.0 if len(returns) else math.nan,
    }


def _resampled(returns: Floats, block: float, seed: int, resamples: int, years: float) -> dict[str, Floats]:
    """Returns each statistic's values, shape (resamples,), and `growth`, the log of the end over the start."""
    count, yearly = len(returns), formulas.DAYS_PER_YEAR
    # A day that ruins is written as a growth of 1e-300: its path stays near 0 and its logarithm finite.
    logs = np.log(np.maximum(1.0 + returns, 1e-300))
    centre = float(np.mean(returns))
    columns = np.stack([returns - centre, (returns - centre) ** 2, np.minimum(returns, 0.0) ** 2, logs], axis=1)
    sums = np.zeros((resamples, columns.shape[1]))
    growth = sums[:, 3]
    peak, fall = np.zeros(resamples), np.zeros(resamples)
    for rows in walk(np.random.default_rng(seed), count, block, resamples):
        sums += columns[rows]
        np.maximum(peak, growth, out=peak)
        np.minimum(fall, growth - peak, out=fall)
    mean = centre + sums[:, 0] / count
    spread = np.sqrt(np.maximum(sums[:, 1] - sums[:, 0] ** 2 / count, 0.0) / (count - 1))
    downside = np.sqrt(sums[:, 2] / count)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {
            "sharpe": np.where(spread > 0, mean / spread, np.nan) * math.sqrt(yearly),
            "sortino": np.where(downside > 0, mean / downside, np.nan) * math.sqrt(yearly),
            "cagr": np.expm1(growth / years) if years > 0 else np.full(resamples, np.nan),
            "volatility": spread * math.sqrt(yearly),
            "max_drawdown": np.expm1(fall),
            "growth": growth,
        }


def walk(rng: np.random.Generator, count: int, block: float, resamples: int) -> Iterator[Ints]:
    """Yields for each of `count` days the row that every resample draws, shape (resamples,): the next one, or with probability 1/block
    any, round the end of the series. Day by day over all resamples needs no memory and is as fast as whole arrays."""
    rows = rng.integers(0, count, size=resamples)
    yield rows
    for _ in range(count - 1):
        rows = rows + 1
        rows[rows == count] = 0
        jumps = np.flatnonzero(rng.random(resamples, dtype=np.float32) < 1.0 / block)
        rows[jumps] = rng.integers(0, count, size=len(jumps))
        yield rows


def _interval(value: float, values: Floats, level: float) -> Interval:
    values = values[np.isfinite(values)]
    if math.isnan(value) or len(values) < 2:
        return Interval(value, math.nan, math.nan, math.nan)
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    with np.errstate(over="ignore"):  # the yearly growth of a few days may be beyond what a number holds once squared
        error = float(np.std(values, ddof=1))
    return Interval(value, error if math.isfinite(error) else math.nan, float(low), float(high))


def block_length(returns: Floats) -> float:
    """Returns the mean block length in days for returns: the longer of the optimal ones of returns and of their squares, at least 1."""
    if len(returns) < 2:
        return 1.0
    return max(1.0, optimal_block(returns), optimal_block(returns**2))


def optimal_block(values: Floats) -> float:
    """Returns the mean block length that minimises the error of the mean's variance (Patton, Politis and White 2009).

    (2·G²/D)^(1/3)·T^(1/3), G = Σ λ(k/M)·|k|·R(k), D = 2·g(0)², g(0) = Σ λ(k/M)·R(k), with the flat-top kernel λ; M is twice the first lag
    from which K autocorrelations in a row are insignificant. At most min(3·√T, T/3). 0 without variation.
    """
    count = len(values)
    centred = values - np.mean(values)
    run = max(5, int(math.log10(count)))
    top = min(math.ceil(math.sqrt(count)) + run, count - 1)
    covariances = np.array([float(centred[lag:] @ centred[: count - lag]) / count for lag in range(top + 1)])
    if not covariances[0] > 0:
        return 0.0
    bandwidth = min(2 * _first_small(covariances / covariances[0], run, count, top), top)
    steps = np.arange(1, bandwidth + 1)
    weights = np.clip(2.0 * (1.0 - steps / bandwidth), 0.0, 1.0)
    slope = 2.0 * float(np.sum(weights * steps * covariances[1 : bandwidth + 1]))
    level = float(covariances[0] + 2.0 * np.sum(weights * covariances[1 : bandwidth + 1]))
    longest = math.ceil(min(3.0 * math.sqrt(count), count / 3.0))
    return min((slope**2 / level**2) ** (1 / 3) * count ** (1 / 3), longest) if level != 0 else float(longest)


def _first_small(correlations: Floats, run: int, count: int, top: int) -> int:
    """Returns the first lag from which `run` autocorrelations are within 2·√(log₁₀ T/T); the largest lag if there is none."""
    is_small = np.abs(correlations) < 2.0 * math.sqrt(math.log10(count) / count)
    for lag in range(1, top - run + 1):
        if is_small[lag : lag + run].all():
            return lag
    return top
