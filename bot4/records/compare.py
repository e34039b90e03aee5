"""Compares runs by their daily returns: how alike they move, and whether their Sharpe ratios differ by more than chance.

Only days that both runs have are compared. The difference of two Sharpe ratios has the standard error of Jobson and Korkie (1981) in the
form of Memmel, "Performance hypothesis testing with the Sharpe ratio", Finance Letters 1 (2003): for returns that are normal and
independent over time, with correlation ρ over T days,

    V = (2 − 2ρ + ½ (SR₁² + SR₂² − 2 SR₁ SR₂ ρ²)) / T

Fat tails and clustered volatility make the true error larger; Ledoit and Wolf (2008) is the test for those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DAY_MS = 86_400_000
YEAR_DAYS = 365.0
FEWEST_DAYS = 3


@dataclass(frozen=True)
class Pair:
    """Two runs on their common days. Sharpe ratios and their difference are annual (365 days); NaN where they cannot be computed."""

    days: int
    correlation: float
    sharpe: float
    other_sharpe: float
    difference: float
    """`other_sharpe` − `sharpe`."""
    standard_error: float

    @property
    def z(self) -> float:
        """Returns the difference in standard errors: beyond ±1.96 it is more than chance at the 5 % level, for one comparison."""
        return self.difference / self.standard_error if self.standard_error > 0 else math.nan


def compare_returns(returns: Floats, start_ms: int, other: Floats, other_start_ms: int) -> Pair:
    """Returns how two series of daily returns compare; each begins at the UTC day that ends at or after its start."""
    one, two = common_days(returns, start_ms, other, other_start_ms)
    days = len(one)
    if days < FEWEST_DAYS:
        return Pair(days, *[math.nan] * 5)
    first, second = _sharpe(one), _sharpe(two)
    if not (math.isfinite(first) and math.isfinite(second)):
        return Pair(days, math.nan, first * math.sqrt(YEAR_DAYS), second * math.sqrt(YEAR_DAYS), math.nan, math.nan)
    rho = float(np.corrcoef(one, two)[0, 1])
    variance = (2 - 2 * rho + 0.5 * (first**2 + second**2 - 2 * first * second * rho**2)) / days
    year = math.sqrt(YEAR_DAYS)
    error = math.sqrt(max(variance, 0.0)) * year
    return Pair(days, rho, first * year, second * year, (second - first) * year, error)


def common_days(returns: Floats, start_ms: int, other: Floats, other_start_ms: int) -> tuple[Floats, Floats]:
    """Returns both series cut to the days they share."""
    first, second = -(-start_ms // DAY_MS), -(-other_start_ms // DAY_MS)
    begin, end = max(first, second), min(first + len(returns), second + len(other))
    length = max(end - begin, 0)
    return returns[begin - first :][:length], other[begin - second :][:length]


def _sharpe(returns: Floats) -> float:
    """Returns the daily Sharpe ratio (ddof 1); NaN without variation."""
    deviation = float(returns.std(ddof=1))
    return float(returns.mean()) / deviation if deviation > 0 else math.nan
