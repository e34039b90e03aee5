"""The Pareto front of a sweep with several metrics: rows that no other row beats in one metric without being beaten in another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .metrics import Metric
from .rows import Ints, Rows


def front(rows: Rows, metrics: Sequence[Metric]) -> Ints:
    """Returns the places of the front's rows, best first by the first metric; equal rows are all on it, rows without a metric are not."""
    values = np.stack([metric.sign * rows.stats[metric.name].astype(np.float64) for metric in metrics], axis=1)
    known = np.flatnonzero(np.isfinite(values).all(axis=1))
    order = known[np.lexsort([-values[known, i] for i in reversed(range(len(metrics)))])]
    kept: list[int] = []
    for place in order.tolist():  # whoever could beat a row stands before it
        above = values[kept] if kept else np.empty((0, len(metrics)))
        is_beaten = ((above >= values[place]).all(axis=1) & (above > values[place]).any(axis=1)).any()
        if not is_beaten:
            kept.append(place)
    return np.array(kept, dtype=np.int64)
