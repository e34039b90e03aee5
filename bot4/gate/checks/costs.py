"""G6, costs: what is left at twice the costs, one bar later, and in a market that feels the orders.

One bar later catches a strategy that knows the bar it trades in: what it earns by that is gone when it acts a bar later.
"""

from __future__ import annotations

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats

from ..evidence import Evidence
from ..finding import Finding, found
from .readings import annual_sharpe, growth

DOUBLED = ("G6a", "twice the costs")
DELAYED = ("G6b", "one bar later")
CAPACITY = ("G6c", "capacity")
KEPT = 0.25
"""Share of its Sharpe ratio that must be left one bar later: of foresight only chance is, and that is above 0 half of the time."""


def check_doubled(evidence: Evidence) -> Finding:
    """Returns whether something is left at twice the fees and slippage; value: annual Sharpe ratio."""
    before, after = annual_sharpe(evidence.out.returns), annual_sharpe(evidence.stress["costs_2x"])
    words = f"With fees and slippage doubled the Sharpe ratio is {text.ratio(after)} instead of {text.ratio(before)}."
    return found(DOUBLED, "hard", after > 0, after, (">", 0.0), "ratio", words, **_totals(evidence, "costs_2x"))


def check_delayed(evidence: Evidence) -> Finding:
    """Returns whether enough is left one bar later; value: annual Sharpe ratio, bar: a quarter of the one before, at least 0."""
    before, after = annual_sharpe(evidence.out.returns), annual_sharpe(evidence.stress["delay_1"])
    bar = max(KEPT * before, 0.0)
    words = f"With every decision carried out a bar later the Sharpe ratio is {text.ratio(after)} instead of {text.ratio(before)}."
    passed = after > bar
    if not passed and before > 0:
        words += (
            " What it earns is gone with one bar: it may know what it cannot know, or live on fills that nobody gets."
        )
    return found(DELAYED, "hard", passed, after, (">", bar), "ratio", words, **_totals(evidence, "delay_1"))


def check_capacity(evidence: Evidence) -> Finding:
    """Returns whether impact by the square-root law is a small enough share of the gross edge; value: that share.

    Cost of a day and asset: Y·σ·√(traded/volume)·traded (Tóth et al. 2011; Almgren et al. 2005), the day's trades as one order.
    """
    settings = evidence.registration.settings
    earned = float(evidence.gross.sum())
    paid = impact(evidence, settings.impact_factor)
    if not np.isfinite(paid):
        words = "It traded on days on which the market traded nothing: the data cannot say what that would have cost."
        return found(CAPACITY, "hard", False, None, ("≤", settings.impact_share), "fraction", words)
    if not earned > 0:
        words = "Before all costs it earned nothing: there is no edge to pay impact from."
        return found(
            CAPACITY, "hard", False, None, ("≤", settings.impact_share), "fraction", words, gross=earned, impact=paid
        )
    share = paid / earned
    capacity = evidence.equity * (settings.impact_share / share) ** 2 if share > 0 else np.inf
    said = (
        f"up to about {float(f'{capacity:.2g}'):,.0f}" if np.isfinite(capacity) else "at any size, as it traded nothing"
    )
    words = (
        f"By the square-root law impact costs {text.percent(share, 2)} of the gross edge at {text.amount(evidence.equity)}; "
        f"it stays within {text.percent(settings.impact_share, 0)} {said}."
    )
    return found(
        CAPACITY, "hard", share <= settings.impact_share, share, ("≤", settings.impact_share), "fraction", words,
        capacity=capacity, equity=evidence.equity, gross=earned, impact=paid,
    )  # fmt: skip


def impact(evidence: Evidence, factor: float) -> float:
    """Returns the sum of each day's impact as a fraction of its opening equity; infinite where a market without volume was traded."""
    opening = evidence.equity * np.concatenate([[1.0], growth(evidence.out.returns)[:-1]])
    known = np.where(np.isfinite(evidence.volatility), evidence.volatility, _usual(evidence.volatility))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = factor * known * np.sqrt(evidence.traded / evidence.volume) * evidence.traded
    each = np.where(evidence.traded == 0, 0.0, each)
    alive = opening > 0
    return float(np.sum(each[alive].sum(axis=1) / opening[alive]))


def _usual(volatility: Floats) -> Floats:
    """Returns each asset's median volatility, for days before it is known; 1 for an asset of which it never is."""
    known = np.isfinite(volatility)
    return np.array(
        [np.median(column[has]) if has.any() else 1.0 for column, has in zip(volatility.T, known.T, strict=True)]
    )


def _totals(evidence: Evidence, name: str) -> dict[str, object]:
    return {
        "before": annual_sharpe(evidence.out.returns),
        "total": float(growth(evidence.stress[name])[-1]) - 1.0,
        "total_before": float(growth(evidence.out.returns)[-1]) - 1.0,
    }
