"""Daily returns explained by the benchmark's: r = α + β·b + ε by least squares with Newey-West errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import Floats
from . import hac
from .numbers import deviation, geometric_mean, mean, normal_p, ratio
from .series import Series

YEAR = formulas.DAYS_PER_YEAR


@dataclass(frozen=True)
class Regression:
    """Against the benchmark, over the days on which both have a return."""

    benchmark: str
    """Its name."""
    days: int
    """Days on which both have a return."""
    alpha: float
    """Annual, 365·daily intercept, a fraction (Jensen 1968)."""
    alpha_se: float
    """Newey-West (1987) standard error."""
    alpha_t: float
    """alpha/alpha_se."""
    alpha_p: float
    """Two-sided, normal."""
    beta: float
    """Least-squares slope."""
    beta_se: float
    """Newey-West standard error."""
    beta_t: float
    """Of beta = 0."""
    r2: float
    """Share of the variance explained: correlation²."""
    correlation: float
    """Pearson's."""
    hac_lags: int
    """Lags of the Newey-West weights, as in `significance`."""
    residual_volatility: float
    """Annual, of ε."""
    tracking_error: float
    """Annual volatility of r − b."""
    information_ratio: float
    """Annual mean of (r − b)/tracking error (Goodwin 1998)."""
    treynor: float
    """Annual mean return/beta (Treynor 1965)."""
    excess_cagr: float
    """CAGR less the benchmark's."""
    up_capture: float
    """Geometric mean return over days on which the benchmark rose/the benchmark's own."""
    down_capture: float
    """The same over days on which it fell."""
    up_beta: float
    """Beta over days on which the benchmark rose."""
    down_beta: float
    """Beta over days on which it fell."""


def regression(series: Series) -> Regression:
    """Returns the regression of a run's daily returns on its benchmark's; NaN where the benchmark does not vary."""
    both = ~np.isnan(series.benchmark_returns)
    own, other = series.returns[both], series.benchmark_returns[both]
    lags = hac.lags_for(len(own))
    line = hac.fit_line(other, own, lags)
    nothing = hac.Line(math.nan, math.nan, math.nan, math.nan, np.empty(0))
    alpha, beta, alpha_se, beta_se, left = _numbers(line or nothing)
    statistic = alpha / alpha_se if alpha_se > 0 else math.nan
    correlation = _correlation(own, other)
    error = deviation(own - other) * math.sqrt(YEAR)
    is_up, is_down = other > 0, other < 0
    return Regression(
        benchmark=series.benchmark_name,
        days=len(own),
        alpha=alpha,
        alpha_se=alpha_se,
        alpha_t=statistic,
        alpha_p=normal_p(statistic),
        beta=beta,
        beta_se=beta_se,
        beta_t=beta / beta_se if beta_se > 0 else math.nan,
        r2=correlation**2,
        correlation=correlation,
        hac_lags=lags,
        residual_volatility=left,
        tracking_error=error,
        information_ratio=ratio(mean(own - other) * YEAR, error),
        treynor=mean(own) * YEAR / beta if beta != 0 else math.nan,
        excess_cagr=_excess(series),
        up_capture=_capture(own[is_up], other[is_up]),
        down_capture=_capture(own[is_down], other[is_down]),
        up_beta=_slope(other[is_up], own[is_up]),
        down_beta=_slope(other[is_down], own[is_down]),
    )


def _numbers(line: hac.Line) -> tuple[float, float, float, float, float]:
    """Returns alpha, beta, their errors and the residuals' volatility (T − 2 degrees of freedom), annual."""
    count = len(line.residuals)
    left = math.sqrt(float(np.sum(line.residuals**2)) / (count - 2) * YEAR) if count > 2 else math.nan
    return line.intercept * YEAR, line.slope, line.intercept_se * YEAR, line.slope_se, left


def _correlation(own: Floats, other: Floats) -> float:
    if not (deviation(own) > 0 and deviation(other) > 0):
        return math.nan
    return float(np.corrcoef(own, other)[0, 1])


def _slope(x: Floats, y: Floats) -> float:
    line = hac.fit_line(x, y, 0)
    return math.nan if line is None else line.slope


def _capture(own: Floats, other: Floats) -> float:
    under = geometric_mean(other)
    return geometric_mean(own) / under if under != 0 else math.nan


def _excess(series: Series) -> float:
    """Returns the difference of growth rates over the days that both have."""
    known = np.flatnonzero(~np.isnan(series.benchmark))
    if len(known) < 2:
        return math.nan
    first, last = known[0], known[-1]
    span = int(series.times[last] - series.times[first])
    own, other = (formulas.cagr(float(v[first]), float(v[last]), span) for v in (series.equity, series.benchmark))
    return own - other
