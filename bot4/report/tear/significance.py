"""How sure the numbers are: standard errors of the Sharpe ratio, probabilistic Sharpe ratio, minimum track record."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import Floats
from . import hac
from .numbers import NORMAL, chi2_p, normal_p
from .series import Series

LJUNG_BOX_LAGS = 10
CONFIDENCE = 0.95
YEARLY = math.sqrt(formulas.DAYS_PER_YEAR)


@dataclass(frozen=True)
class Significance:
    """Errors and probabilities of the Sharpe ratio and of the mean daily return; annual figures with √365 or 365."""

    days: int
    """Number of daily returns."""
    sharpe: float
    """Annual Sharpe ratio, as in the summary."""
    sharpe_se: float
    """Its standard error for non-normal independent returns (Mertens 2002)."""
    sharpe_se_iid: float
    """Its standard error for normal independent returns (Lo 2002)."""
    sharpe_se_hac: float
    """Its standard error for autocorrelated returns of any distribution (Lo 2002, GMM with Newey-West weights)."""
    hac_lags: int
    """Lags of the Newey-West weights: ⌊4·(T/100)^(2/9)⌋ (Newey and West 1994)."""
    sharpe_lo: float
    """Annual Sharpe ratio with the autocorrelation of daily returns taken into account (Lo 2002), up to `hac_lags`."""
    autocorrelation: float
    """Of daily returns at lag 1."""
    ljung_box_p: float
    """p-value of no autocorrelation up to lag 10 (Ljung and Box 1978); small: there is some."""
    psr: float
    """Probability that the true Sharpe ratio is above 0 (Bailey and López de Prado 2012)."""
    psr_benchmark: float
    """Probability that it is above the benchmark's measured Sharpe ratio."""
    min_track_record_days: float
    """Days for `psr` to reach 95 % with these moments; NaN where the Sharpe ratio is not positive."""
    mean_return: float
    """Mean daily return, a fraction."""
    mean_t: float
    """Its t statistic with Newey-West error."""
    mean_p: float
    """One-sided p-value of a mean that is not positive."""


def significance(series: Series) -> Significance:
    """Returns errors and probabilities of a run's daily returns."""
    returns = series.returns
    count, lags = len(returns), hac.lags_for(len(returns))
    skew, kurt = formulas.skewness(returns), formulas.kurtosis(returns)
    own = formulas.sharpe(returns) / YEARLY
    other = formulas.sharpe(series.benchmark_returns[~np.isnan(series.benchmark_returns)]) / YEARLY
    centre = float(np.mean(returns)) if count else math.nan
    error = hac.mean_se(returns, lags)
    statistic = centre / error if error > 0 else math.nan
    return Significance(
        days=count,
        sharpe=own * YEARLY,
        sharpe_se=formulas.sharpe_se(own, count, skew, kurt) * YEARLY,
        sharpe_se_iid=formulas.sharpe_se_iid(own, count) * YEARLY,
        sharpe_se_hac=hac.sharpe_se(returns, lags) * YEARLY,
        hac_lags=lags,
        sharpe_lo=sharpe_lo(returns, lags),
        autocorrelation=float(autocorrelations(returns, 1)[0]),
        ljung_box_p=ljung_box_p(returns),
        psr=probabilistic_sharpe(own, 0.0, count, skew, kurt),
        psr_benchmark=probabilistic_sharpe(own, other, count, skew, kurt),
        min_track_record_days=min_track_record(own, 0.0, skew, kurt),
        mean_return=centre,
        mean_t=statistic,
        mean_p=normal_p(statistic) / 2.0 if statistic >= 0 else 1.0 - normal_p(statistic) / 2.0,
    )


def probabilistic_sharpe(ratio: float, threshold: float, count: int, skew: float, kurt: float) -> float:
    """Returns the probability that the true Sharpe ratio is above a threshold (Bailey and López de Prado 2012).

    Φ((SR − b)·√(T − 1)/√(1 − γ₃·SR + (γ₄ − 1)/4·SR²)): ratios per period, γ₄ raw, T returns.
    """
    error = formulas.sharpe_se(ratio, count, skew, kurt)
    return NORMAL.cdf((ratio - threshold) / error) if error > 0 and not math.isnan(threshold) else math.nan


def min_track_record(ratio: float, threshold: float, skew: float, kurt: float, level: float = CONFIDENCE) -> float:
    """Returns the periods after which the probabilistic Sharpe ratio reaches a level (same paper); NaN unless SR > threshold.

    1 + (1 − γ₃·SR + (γ₄ − 1)/4·SR²)·(Φ⁻¹(level)/(SR − b))².
    """
    if not ratio > threshold:
        return math.nan
    variance = 1.0 - skew * ratio + (kurt - 1.0) / 4.0 * ratio * ratio
    return 1.0 + variance * (NORMAL.inv_cdf(level) / (ratio - threshold)) ** 2


def autocorrelations(returns: Floats, lags: int) -> Floats:
    """Returns ρ₁ … ρ_lags with the variance of the whole series below; NaN without variation or enough days."""
    centred = returns - np.mean(returns) if len(returns) else returns
    total = float(centred @ centred)
    if not total > 0 or len(returns) <= lags:
        return np.full(lags, np.nan)
    return np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in range(1, lags + 1)])


def ljung_box_p(returns: Floats) -> float:
    """Returns the p-value of Q = T·(T + 2)·Σ ρ_k²/(T − k) against χ² with as many degrees of freedom as lags."""
    count, lags = len(returns), LJUNG_BOX_LAGS
    found = autocorrelations(returns, lags)
    value = count * (count + 2.0) * float(np.sum(found**2 / np.maximum(count - np.arange(1, lags + 1), 1)))
    return chi2_p(value, lags)


def sharpe_lo(returns: Floats, lags: int, q: float = formulas.DAYS_PER_YEAR) -> float:
    """Returns SR·q/√(q + 2·Σ_k (q − k)·ρ_k), q periods a year: what the annual ratio is when returns are autocorrelated (Lo 2002).

    Autocorrelations beyond `lags` count as 0: with 364 of them estimated the sum is noise.
    """
    if len(returns) < 2:
        return math.nan
    steps = np.arange(1, lags + 1)
    under = q + 2.0 * float(np.sum((q - steps) * autocorrelations(returns, lags)))
    return formulas.sharpe(returns) / YEARLY * q / math.sqrt(under) if under > 0 else math.nan
