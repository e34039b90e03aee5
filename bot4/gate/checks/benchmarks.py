"""G5, benchmarks: better than cash, and than holding the universe at the same volatility (Hansen's SPA, 2005).

Only the registered configuration is tested: that it may be the best of many is counted in G2 and G3.
"""

from __future__ import annotations

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats

from .. import stats
from ..errors import GateError
from ..evidence import Evidence
from ..finding import Finding, found
from .readings import on_days, whole_seed

CASH = ("G5a", "against cash")
HOLDING = ("G5b", "against holding")
DIRECTIONAL = 0.2
"""Correlation with the market from which a strategy is compared with holding it."""


def check_cash(evidence: Evidence) -> Finding:
    """Returns whether SPA's consistent p-value against cash is low enough; value: p."""
    settings = evidence.registration.settings
    made = stats.spa(evidence.out.returns[:, None], resamples=settings.resamples, seed=whole_seed(evidence, "cash"))
    words = f"p is {_p(made.p_value)} in {settings.resamples:,} resamples (blocks of {made.block} days)."
    return found(
        CASH, "hard", made.p_value <= settings.cash_p, made.p_value, ("≤", settings.cash_p), "p", words,
        block=made.block, excess=made.excess,
    ).waiting()  # fmt: skip


def check_holding(evidence: Evidence) -> Finding:
    """Returns whether the strategy beats holding the universe, scaled to its volatility; value: p. A warning."""
    settings, out = evidence.registration.settings, evidence.out
    held = on_days(evidence.market.days, evidence.market.returns, out.days)
    if not np.std(held) > 0:
        return found(
            HOLDING, "warn", None, None, ("≤", settings.holding_p), "p", "Not judged: the market did not move."
        )
    together = float(np.corrcoef(out.returns, held)[0, 1])
    if abs(together) < DIRECTIONAL:
        words = f"Not judged: the days go their own way (correlation {text.ratio(together)}), and holding is no measure of them."
        return found(HOLDING, "warn", None, None, ("≤", settings.holding_p), "p", words, correlation=together)
    matched = scaled(held, out.returns)
    try:
        made = stats.spa(
            out.returns[:, None], matched, resamples=settings.resamples, seed=whole_seed(evidence, "holding")
        )
    except GateError as error:
        return found(HOLDING, "warn", None, None, ("≤", settings.holding_p), "p", f"Not judged: {error}.")
    better = "" if made.p_value <= settings.holding_p else " It may be no better than holding less of the market."
    words = (
        f"Against the universe held at the same volatility ({text.percent(float(np.std(out.returns) / np.std(held)), 0)} of it invested) "
        f"p is {_p(made.p_value)}.{better}"
    )
    return found(
        HOLDING, "warn", made.p_value <= settings.holding_p, made.p_value, ("≤", settings.holding_p), "p", words,
        correlation=together, excess=made.excess,
    )  # fmt: skip


def scaled(held: Floats, returns: Floats) -> Floats:
    """Returns holding's returns times the constant that gives them the deviation of the strategy's."""
    matched: Floats = held * (np.std(returns) / np.std(held))
    return matched


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else text.ratio(value, 3)
