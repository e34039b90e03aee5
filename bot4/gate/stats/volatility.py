"""Volatility that changes: GARCH, EGARCH and GJR-GARCH of order one, with a constant mean. Wraps `arch` (extra `gate`)."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import extra, one_of, series

LEAST = 100
DISTRIBUTIONS = ("normal", "t", "skewt", "ged")
STARTS = ("smooth", "mean")


@dataclass(frozen=True)
class Coefficient:
    """One estimated coefficient."""

    name: str
    """As in the equation: mu, omega, alpha, gamma, beta, nu …"""
    value: float
    """Estimate, in the units of the returns."""
    error: float
    """Robust standard error (Bollerslev and Wooldridge 1992)."""
    p_value: float
    """Two-sided, of a coefficient of 0."""


@dataclass(frozen=True)
class Garch:
    """A fitted model of volatility; e is the return less its mean, σ² its variance a period."""

    model: str
    """garch, egarch or gjr."""
    distribution: str
    """Of e/σ."""
    count: int
    """Number of returns T."""
    coefficients: tuple[Coefficient, ...]
    """Mean, equation of variance, distribution."""
    persistence: float
    """α + β, with γ/2 for gjr, β for egarch: below 1 variance returns to its mean."""
    half_life: float
    """Periods in which half of a shock to variance is gone, ln ½/ln persistence; NaN at 1 and above."""
    log_likelihood: float
    """In the units of the returns."""
    aic: float
    """2·k − 2·logL."""
    bic: float
    """k·ln T − 2·logL."""
    converged: bool
    """Whether the optimiser says that it found the maximum; if not, the figures are not to be used."""
    next_volatility: float
    """σ of the period after the last."""
    volatility: Floats = field(repr=False, compare=False)
    """σ of each period, known before it, shape (T,)."""
    residuals: Floats = field(repr=False, compare=False)
    """e/σ of each period, shape (T,)."""

    def coefficient(self, name: str) -> Coefficient:
        """Returns a coefficient by its name. Raises GateError for one that the model has not."""
        one_of("the coefficient", name, [one.name for one in self.coefficients])
        return next(one for one in self.coefficients if one.name == name)


def garch(returns: ArrayLike, *, distribution: str = "normal", start: str = "smooth") -> Garch:
    """Returns GARCH(1,1), σ² = ω + α·e₋₁² + β·σ₋₁² (Bollerslev 1986), by maximum likelihood.

    distribution: normal, t, skewt or ged. start: variance before the first period, smooth (arch's exponential mean of the first e²) or
    mean (of all e²). returns: shape (T,), T ≥ 100. Raises GateError for input that `series` refuses.
    """
    return _fit("garch", returns, distribution, start)


def egarch(returns: ArrayLike, *, distribution: str = "normal", start: str = "smooth") -> Garch:
    """Returns EGARCH(1,1,1), ln σ² = ω + α·(|e₋₁/σ₋₁| − √(2/π)) + γ·e₋₁/σ₋₁ + β·ln σ₋₁² (Nelson 1991); see `garch`."""
    return _fit("egarch", returns, distribution, start)


def gjr(returns: ArrayLike, *, distribution: str = "normal", start: str = "smooth") -> Garch:
    """Returns GJR-GARCH(1,1,1), σ² = ω + α·e₋₁² + γ·e₋₁²·1(e₋₁ < 0) + β·σ₋₁² (Glosten, Jagannathan and Runkle 1993); see `garch`."""
    return _fit("gjr", returns, distribution, start)


def _fit(model: str, returns: ArrayLike, distribution: str, start: str) -> Garch:
    found = series(returns, LEAST, "the series of returns")
    one_of("distribution", distribution, DISTRIBUTIONS)
    one_of("start", start, STARTS)
    # The optimiser wants numbers near 1; everything is brought back to the units of the returns below.
    scale = 1.0 / float(np.std(found))
    scaled = found * scale
    before = None if start == "smooth" else float(np.mean((scaled - scaled.mean()) ** 2))
    kind = {"vol": "EGARCH" if model == "egarch" else "GARCH", "p": 1, "o": 0 if model == "garch" else 1, "q": 1}
    made = extra("arch.univariate").arch_model(scaled, mean="Constant", dist=distribution, rescale=False, **kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a failure to converge is a field of the result
            fit = made.fit(disp="off", show_warning=False, backcast=before)
            ahead = math.sqrt(float(fit.forecast(horizon=1).variance.to_numpy()[-1, 0])) / scale
            return _result(model, distribution, fit, scale, ahead)
    except np.linalg.LinAlgError:
        raise GateError(
            f"{model} has no single best fit to these {len(found):,} values, as where most of them are equal or one dwarfs the rest; "
            "give a longer series, or returns of days on which something was held"
        ) from None


def _result(model: str, distribution: str, fit: Any, scale: float, ahead: float) -> Garch:
    """Returns a fit of returns times `scale` in the units of the returns."""
    coefficients = _coefficients(model, fit, scale)
    count, number = int(fit.nobs), len(coefficients)
    likelihood = float(fit.loglikelihood) + count * math.log(scale)
    value = {one.name: one.value for one in coefficients}
    lasting = (
        value["beta"]
        + (0.0 if model == "egarch" else value["alpha"])
        + (value["gamma"] / 2.0 if model == "gjr" else 0.0)
    )
    return Garch(
        model=model,
        distribution=distribution,
        count=count,
        coefficients=coefficients,
        persistence=lasting,
        half_life=math.log(0.5) / math.log(lasting) if 0 < lasting < 1 else math.nan,
        log_likelihood=likelihood,
        aic=2.0 * number - 2.0 * likelihood,
        bic=number * math.log(count) - 2.0 * likelihood,
        converged=fit.convergence_flag == 0,
        next_volatility=ahead,
        volatility=np.asarray(fit.conditional_volatility, dtype=np.float64) / scale,
        residuals=np.asarray(fit.std_resid, dtype=np.float64),
    )


def _coefficients(model: str, fit: Any, scale: float) -> tuple[Coefficient, ...]:
    errors, probabilities = fit.std_err, fit.pvalues
    beta = float(fit.params["beta[1]"])
    found = []
    for name, raw in fit.params.items():
        value, error, plain = float(raw), float(errors[name]), name.removesuffix("[1]")
        if plain == "mu":
            value, error = value / scale, error / scale
        elif plain == "omega" and model != "egarch":
            value, error = value / scale**2, error / scale**2
        elif plain == "omega":  # ln σ² moves by −2·ln scale, of which β·(the same) is in the last term
            value -= 2.0 * math.log(scale) * (1.0 - beta)
        found.append(Coefficient(plain, value, error, float(probabilities[name])))
    return tuple(found)


def standardised(returns: Floats, distribution: str) -> tuple[Floats, Floats, float]:
    """Returns e/σ and σ of every column by GARCH(1,1), each of shape (T, N), and the sum of the log-likelihoods.

    Raises GateError naming a column (from 1) whose model did not converge.
    """
    fits = [garch(returns[:, place], distribution=distribution) for place in range(returns.shape[1])]
    for place, fit in enumerate(fits):
        if not fit.converged:
            raise GateError(
                f"GARCH(1,1) of series {place + 1} did not converge; give more values or leave the series out"
            )
    residuals = np.column_stack([fit.residuals for fit in fits])
    volatility = np.column_stack([fit.volatility for fit in fits])
    return residuals, volatility, sum(fit.log_likelihood for fit in fits)
