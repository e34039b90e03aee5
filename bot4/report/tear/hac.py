"""Errors that stay right under autocorrelation and changing variance: Newey and West (1987), Bartlett weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..columns import Floats

BARTLETT = 1.1447
"""Of the rate of lags that suits Bartlett weights (Newey and West 1994, table II)."""


def lags_for(count: int) -> int:
    """Returns the number of lags for T observations, ⌊4·(T/100)^(2/9)⌋, below T (Newey and West 1994, as most software takes it)."""
    return min(int(4.0 * (count / 100.0) ** (2.0 / 9.0)), max(count - 1, 0))


def autocovariances(values: Floats, most: int) -> Floats:
    """Returns Γ₀ … Γ_most, Γ_k = Σ_t (x_t − x̄)(x_{t−k} − x̄)/T, shape (most + 1,)."""
    centred = values - np.mean(values)
    count = len(centred)
    return np.array([float(centred[lag:] @ centred[: count - lag]) / count for lag in range(most + 1)])


def lags_chosen(covariances: Floats, count: int, most: int) -> int:
    """Returns the number of lags that the autocovariances of T observations ask for, between `lags_for(T)` and `most`.

    ⌊1.1447·((s₁/s₀)²·T)^(1/3)⌋, s₀ = Γ₀ + 2·Σ Γ_k, s₁ = 2·Σ k·Γ_k over the first `lags_for(T)` lags (Newey and West 1994, Bartlett
    weights): few where returns are white, so that the error is known well, more the further their memory reaches. `most` where s₀ is 0.
    """
    first = min(lags_for(count), most)
    known = covariances[1 : first + 1]
    level = float(covariances[0] + 2.0 * np.sum(known))
    slope = float(2.0 * np.sum(np.arange(1, first + 1) * known))
    if level == 0.0:
        return most
    return min(max(int(BARTLETT * ((slope / level) ** 2 * count) ** (1.0 / 3.0)), first), most)


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
