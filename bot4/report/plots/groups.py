"""Bars by name: hours, weekdays, reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..tear import TearSheet
from ..tear.breakdown import Group
from ..tear.calendar import Bucket
from .curves import benchmark_name
from .spec import Plot, bars, numbers, plot


def buckets(found: Sequence[Bucket]) -> Plot:
    """Returns mean returns with two standard errors."""
    mean, error = (np.array([getattr(bucket, name) for bucket in found]) for name in ("mean", "error"))
    drawn = bars(mean, "Mean return", is_signed=True, low=numbers(mean - 2 * error), high=numbers(mean + 2 * error))
    return plot([drawn], x="names", y="percent", names=[bucket.label for bucket in found], legend=False)


def years(tear: TearSheet) -> Plot:
    """Returns the strategy's returns by year beside the benchmark's."""
    own, other = tear.calendar.years, {row.year: row.total for row in tear.calendar.benchmark_years}
    names = [str(row.year) for row in own]
    held = bars(np.array([other.get(row.year, np.nan) for row in own]), benchmark_name(tear), "holding")
    return plot(
        [bars(np.array([row.total for row in own]), "Strategy", "strategy"), held], x="names", y="percent", names=names
    )


def profits(found: Sequence[Group]) -> Plot:
    """Returns the profit of each group."""
    drawn = bars(np.array([group.profit for group in found]), "Profit", is_signed=True)
    return plot([drawn], x="names", y="amount", names=[group.label for group in found], legend=False)
