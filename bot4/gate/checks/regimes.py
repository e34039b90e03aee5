"""G1, regimes: whether the days out of sample saw more than one kind of market.

A day's market is rising, falling or sideways by the return of the 90 days before it over their volatility: z = Σr/(s·√90), cut where a
market without trend spends a third of its days in each. Nothing of the day itself is in it.
"""

from __future__ import annotations

import math

import numpy as np

from bot4.report.columns import Floats, Ints
from bot4.report.tear.numbers import NORMAL

from ..evidence import Evidence
from ..finding import Finding, found
from .readings import annual_sharpe, listed

NAME = ("G1c", "regimes")
WINDOW = 90
CUT = NORMAL.inv_cdf(2.0 / 3.0)
KINDS = ("falling", "sideways", "rising")
UNKNOWN = -1


def check(evidence: Evidence) -> Finding:
    """Returns whether enough kinds of market were covered; value: their number. A warning: what is not covered restricts a licence."""
    settings = evidence.registration.settings
    kinds = of_days(evidence)
    counts = {name: int(np.sum(kinds == place)) for place, name in enumerate(KINDS)}
    covered = [name for name, count in counts.items() if count >= settings.regime_days]
    said = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    words = f"Days out of sample by kind of market: {said}."
    if len(covered) >= settings.regimes:
        words += f" Covered: {listed(covered)}."
    elif covered:
        words += f" Only {covered[0]} is covered, with {settings.regime_days} days: nothing is known of the strategy in another market."
    else:
        words += f" None of them lasts {settings.regime_days} days: the market's history is too short to tell."
    by_kind = {name: _measured(evidence.out.returns[kinds == place]) for place, name in enumerate(KINDS)}
    return found(
        NAME, "warn", len(covered) >= settings.regimes, len(covered), ("≥", settings.regimes), "count", words,
        days=counts, covered=covered, by_kind=by_kind, kinds=kinds,
    )  # fmt: skip


def of_days(evidence: Evidence) -> Ints:
    """Returns the kind of market of each day out of sample, an index of `KINDS`, or `UNKNOWN`, shape (D,)."""
    market = evidence.market
    place = np.searchsorted(market.days, evidence.out.days)
    return kinds(market.returns)[place]


def kinds(returns: Floats) -> Ints:
    """Returns the kind of market of each day from the days before it, shape (D,); unknown on the first 90 and without movement."""
    logs = np.log(np.maximum(1.0 + returns, 1e-12))
    made = np.full(len(logs), UNKNOWN, dtype=np.int64)
    if len(logs) <= WINDOW:
        return made
    windows = np.lib.stride_tricks.sliding_window_view(logs, WINDOW)[:-1]
    spread = windows.std(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = windows.sum(axis=1) / (spread * math.sqrt(WINDOW))
    known = np.isfinite(z)
    made[WINDOW:][known] = 1 + (z[known] > CUT).astype(np.int64) - (z[known] < -CUT).astype(np.int64)
    return made


def _measured(returns: Floats) -> dict[str, float]:
    enough = len(returns) > 1
    return {
        "total": float(np.prod(np.maximum(1.0 + returns, 0.0))) - 1.0,
        "sharpe": annual_sharpe(returns) if enough else math.nan,
    }
