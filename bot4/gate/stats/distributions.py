"""Tails of χ² without SciPy, so that tests of this kind need no extra."""

from __future__ import annotations

import math

from bot4.report.tear.numbers import chi2_p


def chi2_tail(value: float, freedom: int) -> float:
    """Returns P(χ²_ν > x) for whole ν ≥ 1 (Abramowitz and Stegun 1964, 26.4.4–5); 1 for x ≤ 0, NaN of NaN."""
    if math.isnan(value):
        return math.nan
    if value <= 0:
        return 1.0
    if freedom % 2 == 0:
        return chi2_p(value, freedom)
    total = math.erfc(math.sqrt(value / 2.0))
    term = math.sqrt(2.0 * value / math.pi) * math.exp(-value / 2.0)
    for odd in range(1, freedom - 1, 2):
        total += term
        term *= value / (odd + 2)
    return min(total, 1.0)
