"""Whether returns know their past: autocorrelation, changing variance, variance over longer horizons."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats
from bot4.report.tear.significance import autocorrelations

from ..errors import GateError
from .distributions import chi2_tail
from .inputs import at_least, extra, series


@dataclass(frozen=True)
class Portmanteau:
    """A test of several lags at once; a small p-value: the past matters."""

    test: str
    """ljung_box or arch_lm."""
    count: int
    """Number of values T."""
    lags: int
    """Lags tested, the degrees of freedom."""
    statistic: float
    """Ljung-Box: T·(T + 2)·Σ ρ_k²/(T − k); ARCH-LM: (T − lags)·R²."""
    p_value: float
    """Against χ²."""


@dataclass(frozen=True)
class VarianceRatio:
    """The variance of returns over `horizon` periods against that of single ones; 1 for a random walk."""

    count: int
    """Number of returns."""
    horizon: int
    """Periods q."""
    ratio: float
    """VR(q) = Var(r over q)/(q·Var(r)), overlapping, unbiased: above 1 trends, below 1 returns to the mean."""
    statistic: float
    """z, robust to changing variance (Lo and MacKinlay 1988)."""
    p_value: float
    """Two-sided, of a random walk."""


def ljung_box(values: ArrayLike, *, lags: int = 10, fitted: int = 0) -> Portmanteau:
    """Returns the Ljung-Box test (1978); null: no autocorrelation up to `lags`.

    fitted: parameters of the model whose residuals these are; they cost degrees of freedom. values: shape (T,), T > 2·lags.
    Raises GateError for input that `series` refuses.
    """
    lags, found = _with_lags(values, lags)
    if not 0 <= fitted < lags:
        raise GateError(f"fitted is {fitted} with {lags} lags; give more lags than fitted parameters")
    count = len(found)
    rho = autocorrelations(found, lags)
    value = count * (count + 2.0) * float(np.sum(rho**2 / (count - np.arange(1, lags + 1))))
    return Portmanteau("ljung_box", count, lags, value, chi2_tail(value, lags - fitted))


def arch_lm(values: ArrayLike, *, lags: int = 5, demean: bool = True) -> Portmanteau:
    """Returns Engle's (1982) Lagrange-multiplier test on squares; null: the variance is constant.

    Wraps `statsmodels` (extra `gate`). demean: whether the mean is taken off first, as for returns; residuals have none.
    values: shape (T,), T > 2·lags. Raises GateError for input that `series` refuses.
    """
    lags, found = _with_lags(values, lags)
    less = found - found.mean() if demean else found
    series(less**2, 0, "the series of squares")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lags that are sums of others change neither R² nor the test
        test = extra("statsmodels.stats.diagnostic").het_arch(less, nlags=lags, result_object=True)
    return Portmanteau("arch_lm", len(found), lags, float(test[0]), float(test[1]))


def variance_ratio(returns: ArrayLike, *, horizon: int = 2) -> VarianceRatio:
    """Returns the Lo-MacKinlay (1988) variance ratio of returns; null: their sum is a random walk.

    Wraps `arch.unitroot` (extra `gate`). returns: shape (T,), T > 2·horizon and ≥ 20. Raises GateError for input that `series` refuses.
    """
    at_least("horizon", horizon, 2)
    found = series(returns, max(20, 2 * horizon + 1), "the series of returns")
    test = extra("arch.unitroot").VarianceRatio(np.concatenate([[0.0], np.cumsum(found)]), lags=horizon)
    statistic = float(test.stat)
    p_value = math.erfc(abs(statistic) / math.sqrt(2.0))
    return VarianceRatio(len(found), horizon, float(test.vr), statistic, p_value)


def _with_lags(values: ArrayLike, lags: int) -> tuple[int, Floats]:
    at_least("lags", lags, 1)
    return int(lags), series(values, 2 * int(lags) + 2)
