"""Whether a forecast of losses holds: value at risk by Kupiec and Christoffersen, expected shortfall by Acerbi and Székely.

Losses are negative returns, as everywhere in Bot4: a value at risk of −0.05 at 99 % says that one day in a hundred returns less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot4.report.columns import Floats

from ..errors import GateError
from .distributions import chi2_tail
from .inputs import at_least, between, same_length, series

LEAST = 50


@dataclass(frozen=True)
class Coverage:
    """How often losses went beyond the value at risk."""

    test: str
    """kupiec or christoffersen."""
    count: int
    """Periods T."""
    level: float
    """Of the value at risk, such as 0.99."""
    exceedances: int
    """Periods x whose return was below it."""
    expected: float
    """(1 − level)·T."""
    statistic: float
    """kupiec: LR = −2·ln[(1 − p)^(T−x)·p^x/((1 − x/T)^(T−x)·(x/T)^x)], p = 1 − level; christoffersen: that plus `independence`."""
    p_value: float
    """Against χ² with 1 degree of freedom, 2 for christoffersen."""
    independence: float | None
    """Likelihood ratio that an exceedance makes the next one no likelier (Christoffersen 1998); none for kupiec."""
    independence_p: float | None
    """Against χ² with 1 degree of freedom."""


@dataclass(frozen=True)
class ShortfallTest:
    """Losses beyond the value at risk against the expected shortfall forecast for them; negative Z: it was too low."""

    count: int
    """Periods T."""
    level: float
    """Of value at risk and expected shortfall, such as 0.975."""
    exceedances: int
    """Periods below the value at risk."""
    z1: float
    """1 − mean of return/shortfall over the exceedances; NaN without one: how deep."""
    z1_p: float
    """Share of simulations as low or lower, given that number of exceedances."""
    z2: float
    """1 − Σ return/shortfall over the exceedances/((1 − level)·T): how deep and how often."""
    z2_p: float
    """Share of simulations as low or lower."""
    tail: float
    """Shape ξ of the simulated losses beyond the value at risk: 0 as thin as a normal's, 1/3 as of Student's t with 3 degrees."""
    resamples: int
    """Simulations."""
    seed: int
    """Of the random numbers."""


def kupiec(returns: ArrayLike, value_at_risk: ArrayLike, *, level: float = 0.99) -> Coverage:
    """Returns Kupiec's (1995) test of the number of exceedances; null: one in 1/(1 − level) periods.

    value_at_risk: one number or one for each return, below 0. returns: shape (T,), T ≥ 50. Raises GateError as `series` does.
    """
    hits, level = _hits(returns, value_at_risk, level)
    value = unconditional(int(hits.sum()), len(hits), 1.0 - level)
    return _coverage("kupiec", hits, level, value, chi2_tail(value, 1), (None, None))


def christoffersen(returns: ArrayLike, value_at_risk: ArrayLike, *, level: float = 0.99) -> Coverage:
    """Returns Christoffersen's (1998) test of number and independence of exceedances together.

    value_at_risk: one number or one for each return, below 0. returns: shape (T,), T ≥ 50. Raises GateError as `series` does.
    """
    hits, level = _hits(returns, value_at_risk, level)
    together = independence(hits)
    value = unconditional(int(hits.sum()), len(hits), 1.0 - level) + together
    return _coverage("christoffersen", hits, level, value, chi2_tail(value, 2), (together, chi2_tail(together, 1)))


def expected_shortfall(
    returns: ArrayLike,
    value_at_risk: ArrayLike,
    shortfall: ArrayLike,
    *,
    level: float = 0.975,
    tail: float = 0.0,
    resamples: int = 10_000,
    seed: int = 0,
) -> ShortfallTest:
    """Returns Acerbi and Székely's (2014) tests Z1 and Z2 of an expected shortfall; null: both forecasts are right.

    The null is simulated: exceedances with probability 1 − level, losses beyond the value at risk generalised Pareto with the mean that
    the forecasts say and shape `tail` (0 ≤ ξ < 1). value_at_risk, shortfall: one number or one for each return, shortfall below value at
    risk below 0. returns: shape (T,), T ≥ 50. Raises GateError for input that `series` refuses and forecasts in another order.
    """
    found = series(returns, LEAST, "the series of returns")
    bar, mean = (_forecast(v, found, what) for v, what in ((value_at_risk, "value at risk"), (shortfall, "shortfall")))
    between("level", level, 0, 1)
    wrong = np.flatnonzero(mean >= bar)
    if len(wrong):
        row = wrong[0]
        raise GateError(
            f"in row {row + 1:,} the shortfall {mean[row]:g} is not below the value at risk {bar[row]:g}; "
            "both are negative returns and the shortfall is the lower one"
        )
    at_least("tail", tail, 0.0)
    between("tail", tail, -1.0, 1.0)
    at_least("resamples", resamples, 100)
    hits, share = found < bar, 1.0 - level
    ratios = found[hits] / mean[hits]
    z1 = 1.0 - float(np.mean(ratios)) if len(ratios) else math.nan
    z2 = 1.0 - float(np.sum(ratios)) / (share * len(found))
    null = _null(bar / mean, share, tail, resamples, np.random.default_rng(seed))
    z1_null = _null_given(bar / mean, len(ratios), tail, resamples, np.random.default_rng([seed, 1]))
    return ShortfallTest(
        count=len(found),
        level=level,
        exceedances=len(ratios),
        z1=z1,
        z1_p=float(np.mean(z1_null <= z1)) if len(ratios) else math.nan,
        z2=z2,
        z2_p=float(np.mean(null <= z2)),
        tail=tail,
        resamples=resamples,
        seed=seed,
    )


def unconditional(exceedances: int, count: int, share: float) -> float:
    """Returns Kupiec's likelihood ratio of a share against the one seen."""
    seen = exceedances / count
    return max(-2.0 * (_bernoulli(exceedances, count, share) - _bernoulli(exceedances, count, seen)), 0.0)


def independence(hits: NDArray[np.bool_]) -> float:
    """Returns Christoffersen's likelihood ratio of one probability against two, after a hit and after none."""
    before, now = hits[:-1], hits[1:]
    after_none, after_hit = now[~before], now[before]
    free = sum(
        _bernoulli(int(part.sum()), len(part), float(part.mean())) for part in (after_none, after_hit) if len(part)
    )
    return max(-2.0 * (_bernoulli(int(now.sum()), len(now), float(now.mean())) - free), 0.0)


def _bernoulli(hits: int, count: int, share: float) -> float:
    """Returns the log-likelihood of hits among trials; 0·ln 0 is 0."""
    first = hits * math.log(share) if hits else 0.0
    return first + ((count - hits) * math.log1p(-share) if count > hits else 0.0)


def _hits(returns: ArrayLike, value_at_risk: ArrayLike, level: float) -> tuple[NDArray[np.bool_], float]:
    found = series(returns, LEAST, "the series of returns")
    return found < _forecast(value_at_risk, found, "value at risk"), between("level", level, 0, 1)


def _forecast(values: ArrayLike, returns: Floats, what: str) -> Floats:
    """Returns a forecast for each return, from one for all or one for each. Raises GateError unless all are below 0."""
    found = np.full(len(returns), float(values)) if isinstance(values, (int, float)) else values
    checked = series(found, 1, f"the series of {what}", varies=False)
    same_length(**{"the series of returns": returns, f"the series of {what}": checked})
    wrong = np.flatnonzero(checked >= 0)
    if len(wrong):
        raise GateError(
            f"the {what} in row {wrong[0] + 1:,} is {checked[wrong[0]]:g}; a loss is a negative return: give it below 0"
        )
    return checked


def _coverage(
    test: str,
    hits: NDArray[np.bool_],
    level: float,
    value: float,
    p_value: float,
    alone: tuple[float | None, float | None],
) -> Coverage:
    return Coverage(test, len(hits), level, int(hits.sum()), (1.0 - level) * len(hits), value, p_value, *alone)


def _null(bars: Floats, share: float, tail: float, resamples: int, rng: np.random.Generator) -> Floats:
    """Returns Z2 of simulated periods under right forecasts, shape (resamples,); `bars` is value at risk over shortfall."""
    numbers = rng.binomial(len(bars), share, size=resamples)
    losses = _losses(bars, int(numbers.sum()), tail, rng)
    owner = np.repeat(np.arange(resamples), numbers)
    found: Floats = 1.0 - np.bincount(owner, weights=losses, minlength=resamples) / (share * len(bars))
    return found


def _null_given(bars: Floats, hits: int, tail: float, resamples: int, rng: np.random.Generator) -> Floats:
    """Returns Z1 of simulated periods with a given number of exceedances, shape (resamples,)."""
    if not hits:
        return np.zeros(0)
    found: Floats = 1.0 - _losses(bars, hits * resamples, tail, rng).reshape(resamples, hits).mean(axis=1)
    return found


def _losses(bars: Floats, number: int, tail: float, rng: np.random.Generator) -> Floats:
    """Returns losses over their shortfall: value at risk plus a generalised Pareto excess with mean shortfall − value at risk."""
    bar = bars[rng.integers(0, len(bars), size=number)]
    drawn = rng.exponential(size=number)
    excess = drawn if tail == 0 else np.expm1(tail * drawn) / tail * (1.0 - tail)
    found: Floats = bar + (1.0 - bar) * excess
    return found
