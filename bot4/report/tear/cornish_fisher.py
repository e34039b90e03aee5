"""Value at risk and expected shortfall of the Cornish-Fisher expansion whose own moments are those measured (Maillard 2012).

The expansion w(z) = z + (z² − 1)·s/6 + (z³ − 3z)·k/24 − (2z³ − 5z)·s²/36 of a standard normal z has neither variance 1 nor skewness s
nor excess kurtosis k: with the measured moments put in for s and k, as is common, tails come out wrong by multiples. Here s and k are
solved for so that w has the measured skewness and kurtosis, and w is divided by its deviation. It is a quantile function only
where it rises everywhere; beyond that there is none, and the result is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..columns import Floats
from .numbers import NORMAL

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
"""Seven points integrate the moments exactly: w⁴ is a polynomial of degree 12 in z."""
STEPS = 20
"""On the way from the normal distribution to the measured moments, so that Newton's method starts near every solution."""
STEP_SIZE = 1e-6
ACCURACY = 1e-9


def cornish_fisher(shares: Sequence[float], skew: float, kurt: float) -> list[tuple[float, float]]:
    """Returns (quantile, mean below it) in standard deviations from the mean for each share; kurt is raw. NaN outside the domain.

    The mean of w below z is −φ(z)/share·(1 + z·s/6 + (z² − 1)·k/24 − (2z² − 1)·s²/36).
    """
    found = parameters(skew, kurt - 3.0)
    if found is None:
        return [(math.nan, math.nan)] * len(shares)
    s, k = found
    size = _moments(s, k)[2]
    return [(_expand(z, s, k) / size, _below(z, share, s, k) / size) for z, share in _points(shares)]


def _points(shares: Sequence[float]) -> list[tuple[float, float]]:
    return [(NORMAL.inv_cdf(share), share) for share in shares]


def _below(z: float, share: float, s: float, k: float) -> float:
    factor = 1 + z * s / 6 + (z**2 - 1) * k / 24 - (2 * z**2 - 1) * s**2 / 36
    return -NORMAL.pdf(z) / share * factor


def _expand(z: Any, s: float, k: float) -> Any:
    return z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36


def _moments(s: float, k: float) -> tuple[float, float, float]:
    """Returns (skewness, excess kurtosis, deviation) of w; its mean is 0."""
    values = _expand(NODES, s, k)
    second, third, fourth = (float(np.sum(WEIGHTS * values**n) / np.sum(WEIGHTS)) for n in (2, 3, 4))
    return third / second**1.5, fourth / second**2 - 3.0, math.sqrt(second)


def parameters(skew: float, excess: float) -> tuple[float, float] | None:
    """Returns (s, k) for which w has this skewness and excess kurtosis; None where there are none or w does not rise everywhere."""
    if math.isnan(skew) or math.isnan(excess):
        return None
    at = np.zeros(2)
    for step in range(1, STEPS + 1):
        at = _newton(at, np.array([skew, excess]) * step / STEPS)
        if not np.isfinite(at).all():
            return None
    s, k = float(at[0]), float(at[1])
    return (s, k) if _is_rising(s, k) else None


def _newton(start: Floats, wanted: Floats) -> Floats:
    """Returns the solution next to a start; NaN where the method does not settle."""
    at = start
    for _ in range(STEPS):
        miss = np.array(_moments(*at)[:2]) - wanted
        if float(np.abs(miss).max()) < ACCURACY:
            return at
        columns = [
            (np.array(_moments(*(at + nudge))[:2]) - wanted - miss) / STEP_SIZE for nudge in np.eye(2) * STEP_SIZE
        ]
        slopes = np.stack(columns, axis=1)
        if abs(float(np.linalg.det(slopes))) < ACCURACY:
            break
        at = at - np.linalg.solve(slopes, miss)
    return np.full(2, np.nan)


def _is_rising(s: float, k: float) -> bool:
    """Returns whether w′ = (k/8 − s²/6)·z² + s/3·z + 1 − k/8 + 5s²/36 is nowhere negative."""
    a, b, c = k / 8 - s**2 / 6, s / 3, 1 - k / 8 + 5 * s**2 / 36
    return (a > 0 and b * b <= 4 * a * c) or (a == 0 and b == 0)
