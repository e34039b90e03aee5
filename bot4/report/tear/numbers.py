"""Small helpers that say NaN instead of warning: means, quotients, runs, and three distributions without SciPy."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np

from ..columns import Bools, Floats

NORMAL = NormalDist()
"""The standard normal distribution: `cdf`, `inv_cdf`, `pdf`."""


def mean(values: Any) -> float:
    """Returns the arithmetic mean; NaN of nothing."""
    return float(np.mean(values)) if len(values) else math.nan


def deviation(values: Any) -> float:
    """Returns the standard deviation (ddof 1); NaN of fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def ratio(over: float, under: float) -> float:
    """Returns over/under; NaN where `under` is not positive or either is NaN."""
    return over / under if under > 0 else math.nan


def growth(returns: Floats) -> float:
    """Returns ∏(1 + r) − 1, and −1 after a return of −1 or less: a ruined account stays ruined."""
    return float(np.prod(np.maximum(1.0 + returns, 0.0))) - 1.0


def geometric_mean(returns: Floats) -> float:
    """Returns (∏(1 + r))^(1/n) − 1; NaN of nothing, −1 after ruin."""
    if not len(returns):
        return math.nan
    whole = 1.0 + growth(returns)
    return float(whole ** (1.0 / len(returns))) - 1.0


def longest_run(hits: Bools) -> int:
    """Returns the greatest number of True in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hits, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def normal_p(z: float) -> float:
    """Returns the two-sided p-value of a standard normal statistic."""
    return math.erfc(abs(z) / math.sqrt(2.0)) if not math.isnan(z) else math.nan


def student_p(t: float, freedom: int) -> float:
    """Returns the two-sided p-value of Student's t with whole degrees of freedom ≥ 1 (Abramowitz and Stegun 1964, 26.7.3–4)."""
    if math.isnan(t) or freedom < 1:
        return math.nan
    angle = math.atan(abs(t) / math.sqrt(freedom))
    cos2 = math.cos(angle) ** 2
    is_odd = freedom % 2 == 1
    steps = np.arange(1, (freedom - 1) // 2 if is_odd else freedom // 2, dtype=np.float64)
    factors = 2.0 * steps / (2.0 * steps + 1.0) if is_odd else (2.0 * steps - 1.0) / (2.0 * steps)
    series = 1.0 + float(np.cumprod(factors * cos2).sum())
    if not is_odd:
        return max(1.0 - math.sin(angle) * series, 0.0)
    inside = angle if freedom == 1 else angle + math.sin(angle) * math.cos(angle) * series
    return max(1.0 - 2.0 / math.pi * inside, 0.0)


def chi2_p(value: float, freedom: int) -> float:
    """Returns the upper tail of χ² with an even number of degrees of freedom: e^(−x/2)·Σ_{i<ν/2}(x/2)^i/i!."""
    if math.isnan(value):
        return math.nan
    half = value / 2.0
    return math.exp(-half) * sum(half**i / math.factorial(i) for i in range(freedom // 2))
