"""The neighbourhood: every configuration of the grid over all days, in and out of sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bot4.backtest.walkforward.cut import cut
from bot4.backtest.walkforward.evaluate import Row, evaluate
from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import DAY_MS, Floats

from ..registry.make import Made
from .days import edges_of


def neighbours(made: Made, span: Span, tell: Callable[[int], object]) -> tuple[Floats, list[Row]]:
    """Returns daily returns of shape (D_all, K) over a span of whole days, the registered configuration first, and the rows."""
    rows = evaluate(cut(made.setup, span), made.programs, 0, tell)
    return table(rows, span), rows


def table(rows: Sequence[Row], span: Span) -> Floats:
    """Returns rows side by side by day; a day before a run's first decision is flat."""
    edges = edges_of(span)
    found = np.zeros((len(edges) - 1, len(rows)))
    for number, row in enumerate(rows):
        day = -(-(row.times - edges[0]) // DAY_MS) - 1
        inside = (day >= 0) & (day < len(found))
        found[day[inside], number] = row.returns[inside]
    return found
