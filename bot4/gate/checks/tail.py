"""G8, tail: whether losses beyond the value at risk are as rare out of sample as the days in sample promise, and how deep equity fell.

The value at risk is a quantile of the days in sample alone, so that worse days out of sample cannot hide in it, of returns divided by an
exponentially weighted volatility (RiskMetrics 1996, λ = 0.94), times that of the day. The count of exceedances is Kupiec's (1995); its
p-value counts the error of the quantile too, which his does not: if days are exchangeable, of T new ones BetaBinomial(T, k, n + 1 − k) are
below the k-th lowest of n (Gumbel and von Schelling 1950). Without the volatility, clusters of it would refuse one good strategy in ten.
"""

from __future__ import annotations

import math

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats

from .. import stats
from ..evidence import Evidence
from ..finding import Finding, found
from ..stats.inputs import extra
from .readings import drawdowns

RISK = ("G8a", "value at risk")
DRAWDOWN = ("G8b", "drawdown")
DECAY = 0.94
FIRST = 250
"""Days from which the quantile is taken at least; missing ones are the first out of sample, which then are not judged."""
START = 30
"""Days whose mean square the volatility starts from."""
LEAST = 50
"""Days to be judged."""


def check_risk(evidence: Evidence) -> Finding:
    """Returns whether exceedances are not too many; value: one-sided p. Days without a return are left out."""
    settings = evidence.registration.settings
    before, after = (daily.returns[daily.returns != 0] for daily in (evidence.inside, evidence.out))
    returns = np.concatenate([before, after])
    known = max(len(before), FIRST)
    count = len(returns) - known
    if count < LEAST:
        words = (
            f"Not judged: there are {len(after):,} days with a return out of sample and {len(before):,} in sample, and {FIRST + LEAST} "
            "are needed together."
        )
        return found(RISK, "hard", None, None, ("≥", settings.risk_p), "p", words).waiting()
    rank, bars = value_at_risk(returns, known, settings.risk_level)
    hits = int(np.sum(returns[known:] < bars))
    p = exceedance_p(hits, count, rank, known)
    expected = count * rank / (known + 1)
    kupiec = stats.kupiec(returns[known:], bars, level=settings.risk_level)
    words = (
        f"{hits} of {count:,} days lost more than the {text.percent(settings.risk_level, 0)} value at risk of the {known:,} days before "
        f"promised, where {text.ratio(expected, 1)} are expected: p is {text.ratio(p, 3)}."
    )
    return found(
        RISK, "hard", p >= settings.risk_p, p, ("≥", settings.risk_p), "p", words,
        exceedances=hits, expected=expected, count=count, history=known, kupiec=kupiec.p_value,
    )  # fmt: skip


def check_drawdown(evidence: Evidence) -> Finding:
    """Returns whether the deepest fall is within the limit; value: fraction of the peak."""
    limit, falls = evidence.registration.settings.max_drawdown, drawdowns(evidence.out.returns)
    deepest = -float(falls.min())
    day = int(evidence.out.days[int(np.argmin(falls))])
    words = f"The deepest fall out of sample was {text.percent(deepest)}, on {text.date(day)}; the limit is {text.percent(limit, 0)}."
    return found(DRAWDOWN, "hard", deepest <= limit, deepest, ("≤", limit), "fraction", words, day_ms=day)


def value_at_risk(returns: Floats, known: int, level: float) -> tuple[int, Floats]:
    """Returns (rank k, value at risk of each day after the first `known`, a negative return).

    k = ⌊(1 − level)·(n + 1)⌋, at least 1, of the n known days. A quantile above 0 becomes −1e-12: what is no loss exceeds nothing.
    """
    spread = _volatility(returns)
    rank = max(math.floor((1.0 - level) * (known + 1) + 1e-9), 1)
    quantile = float(np.sort(returns[:known] / spread[:known])[rank - 1])
    bars: Floats = np.minimum(quantile * spread[known:], -1e-12)
    return rank, bars


def exceedance_p(hits: int, count: int, rank: int, known: int) -> float:
    """Returns the chance of at least so many of `count` exchangeable days below the rank-th lowest of `known` others."""
    return float(extra("scipy.stats").betabinom.sf(hits - 1, count, rank, known + 1 - rank))


def _volatility(returns: Floats) -> Floats:
    """Returns each day's σ from the days before it: σ² = λ·σ₋₁² + (1 − λ)·r₋₁², from the mean square of the first days."""
    made = np.empty(len(returns))
    variance = float(np.mean(returns[:START] ** 2))
    for day, square in enumerate((returns**2).tolist()):
        made[day] = variance
        variance = DECAY * variance + (1.0 - DECAY) * square
    root: Floats = np.sqrt(made)
    return root
