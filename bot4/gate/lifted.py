"""The same evidence, had its days earned on average what the last look asks for: tells what luck may still mend from what it cannot.

A check that fails now and is met on lifted evidence fails for want of returns, like the boundary itself, and may be met at a later look.
What fails on lifted evidence too (a cheat one bar later, a neighbourhood that loses, a stake too large) fails for good.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from . import boundary
from .checks.readings import trials
from .evidence import Evidence


def lift(evidence: Evidence) -> float:
    """Returns what each day lacks, c/√T_max deviations less the mean, at least 0.

    At T_max days the boundary asks for c = mean/deviation·√T_max.
    """
    returns = evidence.out.returns
    c = boundary.critical(trials(evidence), evidence.registration.settings.false_pass)
    asked = c / math.sqrt(evidence.first_days + boundary.LAST_DAYS) * float(np.std(returns, ddof=1))
    return max(asked - float(np.mean(returns)), 0.0)


def lifted(evidence: Evidence) -> Evidence:
    """Returns evidence with `lift` added to every day: as it came, under stress, before costs, by asset, and of the neighbourhood."""
    more = lift(evidence)
    return dataclasses.replace(
        evidence,
        out=dataclasses.replace(evidence.out, returns=evidence.out.returns + more),
        stress={name: returns + more for name, returns in evidence.stress.items()},
        gross=evidence.gross + more,
        asset_pnl=evidence.asset_pnl + more / max(evidence.asset_pnl.shape[1], 1),
        neighbours=np.where(np.ptp(evidence.neighbours, axis=0) > 0, evidence.neighbours + more, evidence.neighbours),
    )
