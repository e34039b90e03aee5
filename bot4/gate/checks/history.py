"""G1, history: long enough for returns like these, with enough trades."""

from __future__ import annotations

import math

from bot4.report import text

from .. import stats
from ..evidence import Evidence
from ..finding import Finding, found

LENGTH = ("G1a", "length")
ACTIVITY = ("G1b", "activity")


def check_length(evidence: Evidence) -> Finding:
    """Returns whether the days exceed the floor and reach the shortest track record; value and bar in days."""
    settings, days = evidence.registration.settings, len(evidence.out.days)
    record = stats.min_track_record(evidence.out.returns, level=settings.record_level)
    needed = record.needed
    bar = max(settings.least_days + 1, math.ceil(needed)) if math.isfinite(needed) else math.nan
    passed = math.isfinite(bar) and days >= bar
    sure = text.percent(settings.record_level, 0)
    if math.isfinite(needed):
        words = (
            f"{days:,} days out of sample; returns like these need {math.ceil(needed):,} to prove at {sure} that they are not luck, "
            f"and more than {settings.least_days:,} are needed in any case."
        )
    else:
        words = f"{days:,} days out of sample, and they earned nothing on average: no length proves an edge."
    return found(
        LENGTH, "hard", passed, days, ("≥", bar), "days", words, needed=needed, floor=settings.least_days
    ).waiting()


def check_activity(evidence: Evidence) -> Finding:
    """Returns whether there are enough closed trades, or as many rebalances; details: how many a day, the chance of it in 30 days."""
    least, days = evidence.registration.settings.least_trades, len(evidence.out.days)
    closed, changed = len(evidence.trades.pnl), evidence.rebalances
    count = max(closed, changed)
    words = (
        f"{text.plural(closed, 'closed trade')} and {text.plural(changed, 'rebalance')}; "
        f"{least:,} of one of them are needed."
    )
    rate = count / days
    wait = math.ceil((least - count) / rate) if count < least else 0
    if wait:
        words += f" At this rate that takes {text.span(wait)} more."
    return found(
        ACTIVITY, "hard", count >= least, count, ("≥", least), "trades", words,
        closed=closed, rebalances=changed, per_day=rate, wait_days=wait,
    ).waiting()  # fmt: skip


def chance_of_trades(missing: int, expected: float) -> float:
    """Returns the chance of at least `missing` trades where `expected` come on average, if they come independently (Poisson)."""
    term, below = math.exp(-expected), 0.0
    for number in range(missing):
        below += term
        term *= expected / (number + 1)
    return max(1.0 - below, 0.0)
