"""How much a Sharpe ratio proves: errors, probabilistic and deflated ratio, shortest track record and backtest.

Ratios given and returned are annual, with `periods_per_year` returns a year (365 days as everywhere in Bot4); the risk-free rate is 0.
The formulas are those of the report (`bot4.report.formulas`, `bot4.report.tear.significance`), here for any series.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bot4.report import formulas
from bot4.report.columns import Floats
from bot4.report.tear import hac
from bot4.report.tear.numbers import NORMAL
from bot4.report.tear.significance import min_track_record as periods_needed
from bot4.report.tear.significance import probabilistic_sharpe as probability
from bot4.report.tear.significance import sharpe_lo

from ..errors import GateError
from .inputs import at_least, between, series

LEAST = 10
"""Fewest returns from which a Sharpe ratio's error is taken."""
EULER = 0.5772156649015329


@dataclass(frozen=True)
class SharpeError:
    """A Sharpe ratio with its errors; all annual."""

    count: int
    """Number of returns."""
    periods_per_year: float
    """Returns in a year."""
    sharpe: float
    """r̄/s·√periods."""
    se_iid: float
    """Standard error for independent normal returns, √((1 + SR²/2)/T) (Lo 2002)."""
    se: float
    """For independent returns of any distribution, √((1 − γ₃·SR + (γ₄ − 1)/4·SR²)/(T − 1)) (Mertens 2002; Christie 2005)."""
    se_hac: float
    """For autocorrelated returns of any distribution (Lo 2002, GMM with Newey-West weights)."""
    lags: int
    """Lags of the Newey-West weights, and of `sharpe_lo`."""
    sharpe_lo: float
    """SR·q/√(q + 2·Σ(q − k)·ρ_k), q periods a year: the annual ratio when returns are autocorrelated (Lo 2002); NaN without a root."""
    level: float
    """Coverage of the interval."""
    low: float
    """Lower end: sharpe − z·max(se, se_hac)."""
    high: float
    """Upper end."""


@dataclass(frozen=True)
class ProbabilisticSharpe:
    """The probability that the true Sharpe ratio is above a threshold."""

    count: int
    """Number of returns."""
    sharpe: float
    """Annual."""
    threshold: float
    """Annual ratio to be exceeded."""
    skewness: float
    """γ₃ = m₃/m₂^1.5."""
    kurtosis: float
    """γ₄ = m₄/m₂², 3 for a normal."""
    statistic: float
    """z = (SR − b)·√(T − 1)/√(1 − γ₃·SR + (γ₄ − 1)/4·SR²)."""
    probability: float
    """Φ(z) (Bailey and López de Prado 2012)."""
    p_value: float
    """1 − Φ(z): of a true ratio at the threshold."""


@dataclass(frozen=True)
class DeflatedSharpe:
    """The probabilistic Sharpe ratio against the best that this many trials without an edge would have shown."""

    count: int
    """Number of returns."""
    sharpe: float
    """Annual."""
    trials: float
    """Number of independent trials N."""
    trial_deviation: float
    """Standard deviation of the trials' annual Sharpe ratios."""
    threshold: float
    """Annual: deviation·[(1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))], γ = 0.5772."""
    statistic: float
    """z of the probabilistic ratio against it."""
    probability: float
    """Φ(z) (Bailey and López de Prado 2014)."""


@dataclass(frozen=True)
class TrackRecord:
    """How long returns like these must go on to prove a Sharpe ratio above a threshold."""

    count: int
    """Number of returns there are."""
    sharpe: float
    """Annual."""
    threshold: float
    """Annual ratio to be exceeded."""
    level: float
    """Probability to be reached."""
    needed: float
    """Returns needed: 1 + (1 − γ₃·SR + (γ₄ − 1)/4·SR²)·(Φ⁻¹(level)/(SR − b))² (Bailey and López de Prado 2012); NaN unless SR > b."""
    years: float
    """The same in years."""


@dataclass(frozen=True)
class BacktestLength:
    """The shortest backtest in which so many trials without an edge do not promise a given Sharpe ratio."""

    trials: float
    """Number of independent trials N."""
    sharpe: float
    """Annual in-sample ratio of the best of them."""
    years: float
    """(E[max_N]/SR)² (Bailey, Borwein, López de Prado and Zhu 2014)."""


def sharpe(returns: ArrayLike, *, periods_per_year: float = 365, level: float = 0.95) -> SharpeError:
    """Returns the annual Sharpe ratio with three standard errors and an interval (Lo 2002; Mertens 2002).

    returns: fractions a period, shape (T,), T ≥ 10. Raises GateError for input that `series` refuses.
    """
    found = series(returns, LEAST, "the series of returns")
    yearly, lags = _yearly(periods_per_year), hac.lags_for(len(found))
    ratio, skew, kurt = _moments(found)
    plain, robust = formulas.sharpe_se(ratio, len(found), skew, kurt), hac.sharpe_se(found, lags)
    wide = NORMAL.inv_cdf((1.0 + between("level", level, 0, 1)) / 2.0) * max(plain, robust) * yearly
    return SharpeError(
        count=len(found),
        periods_per_year=periods_per_year,
        sharpe=ratio * yearly,
        se_iid=formulas.sharpe_se_iid(ratio, len(found)) * yearly,
        se=plain * yearly,
        se_hac=robust * yearly,
        lags=lags,
        sharpe_lo=sharpe_lo(found, lags, periods_per_year),
        level=level,
        low=ratio * yearly - wide,
        high=ratio * yearly + wide,
    )


def probabilistic_sharpe(
    returns: ArrayLike, *, threshold: float = 0.0, periods_per_year: float = 365
) -> ProbabilisticSharpe:
    """Returns the probability that the true Sharpe ratio is above `threshold`, an annual ratio (Bailey and López de Prado 2012).

    returns: fractions a period, shape (T,), T ≥ 10. Raises GateError for input that `series` refuses.
    """
    found = series(returns, LEAST, "the series of returns")
    yearly = _yearly(periods_per_year)
    ratio, skew, kurt = _moments(found)
    error = formulas.sharpe_se(ratio, len(found), skew, kurt)
    if not error > 0:
        raise GateError(
            "the returns take two values only, and this ratio has no error by its formula; give more of them"
        )
    z = (ratio - threshold / yearly) / error
    return ProbabilisticSharpe(
        count=len(found),
        sharpe=ratio * yearly,
        threshold=threshold,
        skewness=skew,
        kurtosis=kurt,
        statistic=z,
        probability=probability(ratio, threshold / yearly, len(found), skew, kurt),
        p_value=NORMAL.cdf(-z),
    )


def deflated_sharpe(
    returns: ArrayLike, *, trials: float, trial_deviation: float | None = None, periods_per_year: float = 365
) -> DeflatedSharpe:
    """Returns the probabilistic Sharpe ratio against the expected best of `trials` (Bailey and López de Prado 2014).

    trial_deviation: standard deviation of the trials' annual Sharpe ratios; at least, and without it, that of the error alone, √(1/T)
    a period: correlated trials lie closer together than the error they share. Raises GateError for input that `series` refuses.
    """
    found = series(returns, LEAST, "the series of returns")
    yearly = _yearly(periods_per_year)
    deviation = max(trial_deviation or 0.0, yearly / math.sqrt(len(found)))
    threshold = deviation * expected_maximum(trials)
    inner = probabilistic_sharpe(found, threshold=threshold, periods_per_year=periods_per_year)
    return DeflatedSharpe(
        len(found), inner.sharpe, trials, deviation, threshold, inner.statistic, probability=inner.probability
    )


def min_track_record(
    returns: ArrayLike, *, threshold: float = 0.0, level: float = 0.95, periods_per_year: float = 365
) -> TrackRecord:
    """Returns how many returns like these prove a Sharpe ratio above an annual `threshold` (Bailey and López de Prado 2012).

    returns: fractions a period, shape (T,), T ≥ 10. Raises GateError for input that `series` refuses.
    """
    found = series(returns, LEAST, "the series of returns")
    yearly = _yearly(periods_per_year)
    ratio, skew, kurt = _moments(found)
    needed = periods_needed(ratio, threshold / yearly, skew, kurt, between("level", level, 0, 1))
    return TrackRecord(len(found), ratio * yearly, threshold, level, needed, years=needed / periods_per_year)


def min_backtest_length(*, trials: float, sharpe: float = 1.0) -> BacktestLength:
    """Returns the years after which the best of `trials` without an edge is expected to show less than `sharpe` (Bailey et al. 2014).

    Raises GateError for fewer than 1 trial or a Sharpe ratio that is not positive.
    """
    at_least("sharpe", sharpe, 1e-9)
    return BacktestLength(trials, sharpe, years=(expected_maximum(trials) / sharpe) ** 2)


def expected_maximum(trials: float) -> float:
    """Returns about how high the highest of N independent standard normals is expected to be; 0 for one (Bailey et al. 2014).

    (1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e)), γ = 0.5772; N need not be whole. Raises GateError below 1.
    """
    at_least("trials", trials, 1)
    if trials == 1:
        return 0.0
    high = (1.0 - EULER) * NORMAL.inv_cdf(1.0 - 1.0 / trials) + EULER * NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return max(high, 0.0)  # below N = 1.6 the approximation is negative


def _moments(returns: Floats) -> tuple[float, float, float]:
    """Returns Sharpe ratio per period, skewness, raw kurtosis."""
    ratio = float(np.mean(returns) / np.std(returns, ddof=1))
    return ratio, formulas.skewness(returns), formulas.kurtosis(returns)


def _yearly(periods_per_year: float) -> float:
    return math.sqrt(at_least("periods_per_year", periods_per_year, 1))
