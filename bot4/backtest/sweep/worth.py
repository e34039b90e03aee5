"""What the best of many is worth: the Sharpe ratio that the best of N trials shows without any edge.

Bailey and López de Prado (2014), "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), equation 1: for N independent trials
with ratios of standard deviation s around 0, E[max] ≈ s·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))), γ the Euler–Mascheroni constant.
Trials of a sweep are alike, so their number of independent ones is smaller, and this errs on the careful side. Not here: a verdict (the
gate's).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from bot4.report import text

from .rows import Floats

EULER_MASCHERONI = 0.577_215_664_901_532_9


def expected_maximum(deviation: float, trials: int) -> float:
    """Returns the expected largest Sharpe ratio of trials without edge, in the unit of `deviation`; 0 for one trial, NaN for none."""
    if trials < 1:
        return math.nan
    if trials == 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    gamma = EULER_MASCHERONI
    return deviation * ((1 - gamma) * quantile(1 - 1 / trials) + gamma * quantile(1 - 1 / (trials * math.e)))


def chance_sharpe(ratios: Floats, trials: int | None = None) -> float:
    """Returns the Sharpe ratio expected of the best of these rows by chance alone; `trials` where more were tried than these."""
    known = ratios[np.isfinite(ratios)]
    if not len(known):
        return math.nan
    deviation = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
    return expected_maximum(deviation, max(len(known), trials or 0))


def worth_sentence(ratios: Floats, trials: int | None = None) -> str:
    """Returns how much the best row is worth, in one sentence; empty where no row has a Sharpe ratio."""
    known = ratios[np.isfinite(ratios)]
    if len(known) < 2:
        return ""
    count = max(len(known), trials or 0)
    chance, best = chance_sharpe(ratios, trials), float(known.max())
    verdict = "no more than chance" if best <= chance else "above it, which alone proves no edge"
    return (
        f"The best of {count:,} trials that differ as these do is expected to show a Sharpe ratio of {text.ratio(chance)} without any edge "
        f"(Bailey and López de Prado 2014); the best here shows {text.ratio(best)}, {verdict}."
    )
