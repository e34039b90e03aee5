"""The measures of a walk-forward: growth rates, efficiency, degradation. Plain numbers in, NaN for what cannot be computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot4.report.columns import Floats

DAYS_PER_YEAR = 365.0


def growth(first: float, last: float, days: float) -> float:
    """Returns the growth rate a year, ln(last/first)·365/days: rates of neighbouring spans average, which compound returns do not.

    −∞ after ruin, NaN for no time at all.
    """
    if first <= 0 or days <= 0:
        return math.nan
    return math.log(last / first) * DAYS_PER_YEAR / days if last > 0 else -math.inf


def growth_of(stats: Mapping[str, float | int | None]) -> float:
    """Returns the growth rate a year of one run."""
    return growth(_number(stats["start_equity"]), _number(stats["final_equity"]), _number(stats["days"]))


def efficiency(outside: float, inside: float) -> float:
    """Returns the walk-forward efficiency: what a measure kept of itself out of sample (Pardo 2008, chapter 11); NaN unless inside > 0."""
    return outside / inside if inside > 0 else math.nan


@dataclass(frozen=True, slots=True)
class Slope:
    """A line through points by least squares, y = level + slope·x, and the slope's standard error; NaN below three points."""

    slope: float
    level: float
    error: float
    points: int


def degradation(inside: Floats, outside: Floats) -> Slope:
    """Returns the line of a measure out of sample against the same in sample, over windows where both are finite.

    A slope of 1 says that what was better inside was better outside by as much; 0 that it said nothing.
    """
    both = np.isfinite(inside) & np.isfinite(outside)
    x, y = inside[both], outside[both]
    count = len(x)
    spread = float(np.sum((x - x.mean()) ** 2)) if count else 0.0
    if count < 3 or spread <= 0:
        return Slope(math.nan, math.nan, math.nan, count)
    slope = float(np.sum((x - x.mean()) * (y - y.mean()))) / spread
    level = float(y.mean()) - slope * float(x.mean())
    rest = y - level - slope * x
    return Slope(slope, level, math.sqrt(float(np.sum(rest**2)) / (count - 2) / spread), count)


def _number(value: float | int | None) -> float:
    return math.nan if value is None else float(value)
