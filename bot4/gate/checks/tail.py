"""G8, tail: whether losses beyond the value at risk come as rarely as they should, and how deep equity fell.

The value at risk of a day is a quantile of the days before it, in sample and out, never of later ones. Where an ARCH test finds changing
variance, returns are first divided by an exponentially weighted volatility (RiskMetrics 1996, λ = 0.94) and the quantile is multiplied by
the day's. The quantile sits at rank (1 − level)·(n + 1) of n days: of exchangeable days exactly that share exceeds it, however few n are,
and independently of each other (Rényi 1962).
"""

from __future__ import annotations

import bisect
import math

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats

from .. import stats
from ..errors import GateError
from ..evidence import Evidence
from ..finding import Finding, found
from .readings import drawdowns

RISK = ("G8a", "value at risk")
DRAWDOWN = ("G8b", "drawdown")
DECAY = 0.94
FIRST = 250
"""Days of history before the first forecast."""
START = 30
"""Days whose mean square the volatility starts from."""
CHANGING_P = 0.05


def check_risk(evidence: Evidence) -> Finding:
    """Returns whether exceedances are not too many (Kupiec 1995); value: p, 1 where there are fewer than expected.

    Days without a return are left out.
    """
    settings = evidence.registration.settings
    before, after = (daily.returns[daily.returns != 0] for daily in (evidence.inside, evidence.out))
    history = np.concatenate([before, after])
    is_changing = _is_changing(history)
    bar = value_at_risk(history, settings.risk_level, is_changing)
    judged = slice(max(len(before), min(FIRST, len(history))), None)
    returns, bars = history[judged], bar[judged]
    try:
        made = stats.kupiec(returns, bars, level=settings.risk_level)
    except GateError as error:
        return found(RISK, "hard", None, None, ("≥", settings.risk_p), "p", f"Not judged: {error}.").waiting()
    p = made.p_value if made.exceedances > made.expected else 1.0
    how = "filtered by volatility, which changes" if is_changing else "plain, as volatility does not change"
    words = (
        f"{made.exceedances} of {made.count:,} days lost more than the {text.percent(settings.risk_level, 0)} value at risk ({how}), "
        f"where {text.ratio(made.expected, 1)} are expected: p is {text.ratio(p, 3)}."
    )
    return found(
        RISK, "hard", p >= settings.risk_p, p, ("≥", settings.risk_p), "p", words,
        exceedances=made.exceedances, expected=made.expected, count=made.count, is_filtered=is_changing,
    )  # fmt: skip


def check_drawdown(evidence: Evidence) -> Finding:
    """Returns whether the deepest fall is within the limit; value: fraction of the peak."""
    limit, falls = evidence.registration.settings.max_drawdown, drawdowns(evidence.out.returns)
    deepest = -float(falls.min())
    day = int(evidence.out.days[int(np.argmin(falls))])
    words = f"The deepest fall out of sample was {text.percent(deepest)}, on {text.date(day)}; the limit is {text.percent(limit, 0)}."
    return found(DRAWDOWN, "hard", deepest <= limit, deepest, ("≤", limit), "fraction", words, day_ms=day)


def value_at_risk(returns: Floats, level: float, is_filtered: bool) -> Floats:
    """Returns each day's value at risk, known before it, a negative return, shape (n,); −1e-12 where no day before lost."""
    spread = _volatility(returns) if is_filtered else np.ones(len(returns))
    scaled = returns / spread
    bars = np.empty(len(returns))
    past: list[float] = []
    for day, value in enumerate(scaled.tolist()):
        bars[day] = _quantile(past, 1.0 - level)
        bisect.insort(past, value)
    forecast: Floats = np.minimum(bars * spread, -1e-12)
    return forecast


def _quantile(past: list[float], share: float) -> float:
    """Returns the value at rank share·(n + 1) of n sorted ones, between two by a straight line (Weibull's plotting position)."""
    if not past:
        return -math.inf
    rank = share * (len(past) + 1) - 1.0
    low = math.floor(rank)
    if low < 0:
        return past[0]
    high = min(low + 1, len(past) - 1)
    return past[low] + (rank - low) * (past[high] - past[low])


def _volatility(returns: Floats) -> Floats:
    """Returns each day's σ from the days before it: σ² = λ·σ₋₁² + (1 − λ)·r₋₁², from the mean square of the first days."""
    made = np.empty(len(returns))
    variance = float(np.mean(returns[:START] ** 2))
    for day, square in enumerate((returns**2).tolist()):
        made[day] = variance
        variance = DECAY * variance + (1.0 - DECAY) * square
    root: Floats = np.sqrt(made)
    return root


def _is_changing(returns: Floats) -> bool:
    """Tells whether an ARCH test rejects constant variance; such a test chooses and never judges."""
    try:
        return stats.arch_lm(returns).p_value < CHANGING_P
    except GateError:  # too few days, which the next step says better
        return False
