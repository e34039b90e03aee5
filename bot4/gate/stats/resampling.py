"""Intervals from the series itself, drawn again in blocks so that neighbours stay together. Wraps `arch.bootstrap` (extra `gate`)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats
from bot4.report.tear.bootstrap import block_length

from ..errors import GateError
from .inputs import at_least, between, extra, one_of, series

KINDS = {"stationary": "StationaryBootstrap", "circular": "CircularBlockBootstrap", "moving": "MovingBlockBootstrap"}
STATISTICS: dict[str, Callable[[Floats], float]] = {
    "mean": lambda found: float(np.mean(found)),
    "median": lambda found: float(np.median(found)),
    "volatility": lambda found: float(np.std(found, ddof=1)),
    "sharpe": lambda found: float(np.mean(found) / np.std(found, ddof=1)),
}
"""Those that can be named; all per period."""


@dataclass(frozen=True)
class Resampled:
    """A statistic with its bootstrap distribution."""

    count: int
    """Number of values T."""
    statistic: str
    """Its name."""
    kind: str
    """stationary (Politis and Romano 1994: blocks of random length), circular or moving (fixed length; Künsch 1989)."""
    block: float
    """Length of a block, its mean for stationary."""
    resamples: int
    """How many."""
    seed: int
    """Of the random numbers."""
    level: float
    """Coverage the interval aims at."""
    estimate: float
    """Of the values as they came."""
    error: float
    """Standard deviation over the resamples."""
    low: float
    """Quantile (1 − level)/2 of the resamples (Efron 1979)."""
    high: float
    """Quantile (1 + level)/2."""
    not_above_zero: float
    """Share of the resamples at or below 0."""


def bootstrap(
    values: ArrayLike,
    *,
    statistic: str | Callable[[Floats], float] = "mean",
    kind: str = "stationary",
    block: float | None = None,
    resamples: int = 2_000,
    level: float = 0.95,
    seed: int = 0,
) -> Resampled:
    """Returns a percentile interval of a statistic by resampling blocks.

    statistic: mean, median, volatility, sharpe (per period) or a function of an array. block: without it the length that Patton, Politis
    and White (2009) find for values and squares. values: shape (T,), T ≥ 20. Raises GateError for input that `series` refuses.
    """
    found = series(values, 20)
    one_of("kind", kind, tuple(KINDS))
    if not callable(statistic):
        one_of("statistic", statistic, tuple(STATISTICS))
    name = getattr(statistic, "__name__", "function") if callable(statistic) else statistic
    measure = statistic if callable(statistic) else STATISTICS[statistic]
    length = _length(block, found)
    size = length if kind == "stationary" else max(round(length), 1)
    source = getattr(extra("arch.bootstrap"), KINDS[kind])(size, found, seed=np.random.default_rng(seed))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = source.apply(measure, int(at_least("resamples", resamples, 100)))[:, 0]
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1.0 - between("level", level, 0, 1)) / 2.0, (1.0 + level) / 2.0])
    return Resampled(
        count=len(found),
        statistic=str(name),
        kind=kind,
        block=size,
        resamples=resamples,
        seed=seed,
        level=level,
        estimate=measure(found),
        error=float(np.std(drawn, ddof=1)),
        low=float(low),
        high=float(high),
        not_above_zero=float(np.mean(drawn <= 0)),
    )


def longest_block(table: Floats) -> int:
    """Returns a block length for the columns together: the longest that any of them asks for, rounded up."""
    varying = [column for column in table.T if np.ptp(column) > 0]
    return max(math.ceil(block_length(column)) for column in varying) if varying else 1


def _length(block: float | None, values: Floats) -> float:
    length = block_length(values) if block is None else float(block)
    if not 1 <= length <= len(values) / 2:
        raise GateError(
            f"block is {length:g} for {len(values):,} values; give a length from 1 to {len(values) // 2:,}, or none"
        )
    return length
