"""Daily returns explained by the benchmark's: r = α + β·b + ε by least squares with Newey-West errors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Regression:
    """Against the benchmark, over the days on which both have a return."""

    benchmark: str
    days: int
    alpha: float
    """Annual, 365·daily intercept, a fraction (Jensen 1968)."""
    alpha_se: float
    """Newey-West (1987) standard error."""
    alpha_t: float
    alpha_p: float
    """Two-sided, normal."""
    beta: float
    beta_se: float
    beta_t: float
    """Of beta = 0."""
    r2: float
    correlation: float
    hac_lags: int
    residual_volatility: float
    """Annual, of ε."""
    tracking_error: float
    """Annual volatility of r − b."""
    information_ratio: float
    """Annual mean of r − b/tracking error (Goodwin 1998)."""
    treynor: float
    """Annual mean return/beta (Treynor 1965)."""
    excess_cagr: float
    """CAGR less the benchmark's."""
    up_capture: float
    """Geometric mean return over days on which the benchmark rose/the benchmark's own."""
    down_capture: float
    up_beta: float
    """Beta over days on which the benchmark rose."""
    down_beta: float
