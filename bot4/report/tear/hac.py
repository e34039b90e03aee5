"""Errors that stay right under autocorrelation and changing variance: Newey and West (1987), Bartlett weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..columns import Floats


def lags_for(count: int) -> int:
    """Returns the number of lags for T observations, ⌊4·(T/100)^(2/9)⌋, below T (Newey and West 1994, as most software takes it)."""
    return min(int(4.0 * (count / 100.0) ** (2.0 / 9.0)), max(count - 1, 0))


def long_run(scores: NDArray[np.float64], lags: int) -> NDArray[np.float64]:
    """Returns Γ₀ + Σ_k (1 − k/(lags + 1))·(Γ_k + Γ_kᵀ), Γ_k = Σ_t s_t s_{t−k}ᵀ/T, of scores with mean 0 of shape (T, m); shape (m, m)."""
    count = len(scores)
    total: NDArray[np.float64] = scores.T @ scores / count
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag] / count
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return total


def sharpe_se(returns: Floats, lags: int) -> float:
    """Returns the standard error of the per-period Sharpe ratio by GMM and the delta method (Lo 2002, appendix), NaN without variation.

    The influence of one return is d − SR·(d² − 1)/2, d = (r − mean)/s: its long-run variance over T is the square of the error.
    """
    if len(returns) < 2:
        return math.nan
    spread = float(np.std(returns))
    if not spread > 0:
        return math.nan
    centre = float(np.mean(returns))
    scaled = (returns - centre) / spread
    influence = scaled - centre / spread * (scaled**2 - 1.0) / 2.0
    return math.sqrt(max(float(long_run(influence[:, None], lags)[0, 0]), 0.0) / len(returns))


def mean_se(returns: Floats, lags: int) -> float:
    """Returns the standard error of the mean."""
    if len(returns) < 2:
        return math.nan
    centred = returns - np.mean(returns)
    return math.sqrt(max(float(long_run(centred[:, None], lags)[0, 0]), 0.0) / len(returns))


@dataclass(frozen=True)
class Line:
    """y = intercept + slope·x + residuals, with Newey-West errors of both (no small-sample factor, as statsmodels' default)."""

    intercept: float
    slope: float
    intercept_se: float
    slope_se: float
    residuals: Floats


def fit_line(x: Floats, y: Floats, lags: int) -> Line | None:
    """Returns the least-squares line; None for fewer than three points or an x that does not vary."""
    count = len(x)
    if count < 3:
        return None
    centre = float(np.mean(x))
    spread = float(np.sum((x - centre) ** 2))
    if not spread > 0:
        return None
    slope = float(np.sum((x - centre) * (y - np.mean(y)))) / spread
    intercept = float(np.mean(y)) - slope * centre
    residuals = y - intercept - slope * x
    design = np.column_stack([np.ones(count), x])
    inverse = np.linalg.inv(design.T @ design / count)
    covariance = inverse @ long_run(design * residuals[:, None], lags) @ inverse / count
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Line(intercept, slope, float(errors[0]), float(errors[1]), residuals)
