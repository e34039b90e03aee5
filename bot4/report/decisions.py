"""`BarDecisions`: what a page knows of the decision at every bar, as plain arrays.

Filled by `backtest`, packed into the page by `bars`, drawn by `assets/bars.js`; the format is in docs/design-pages.md. What a click
shows is what `Decision.to_dict()` says of that bar: values of the expression tree, facts on the way to the order, why it was done or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .columns import Floats, Ints

NO_REASON = -1


@dataclass(frozen=True)
class DecisionNode:
    """One node of the expression tree. `inputs` are positions in the list of nodes, all before its own."""

    label: str
    inputs: tuple[int, ...] = ()
    is_condition: bool = False
    """Whether its value is shown as true or false."""


@dataclass(frozen=True)
class DecisionRoot:
    """Where a tree begins: what for (`target`, `stop trailing`, …), and its node."""

    label: str
    node: int


@dataclass(frozen=True)
class AssetDecisions:
    """The decisions of one asset at some or all of its bars."""

    nodes: Sequence[DecisionNode]
    roots: Sequence[DecisionRoot]
    rows: Ints
    """The asset's bars that are stored, rising, shape (rows,)."""
    values: NDArray[np.float32]
    """Values of nodes; NaN is missing, conditions are 0 and 1; shape (nodes, rows)."""
    facts: Mapping[str, Floats] = field(default_factory=dict)
    """Label to value, in the order shown; NaN is not shown; each of shape (rows,)."""
    reasons: NDArray[np.int16] | None = None
    """Index into `sentences`, why it was done or not; −1 for none; shape (rows,)."""
    sentences: Sequence[str] = ()
    events: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Row to texts beside those of orders and fills, which the page knows."""

    @property
    def size(self) -> int:
        """Returns about how many bytes it takes in a page: four for each number."""
        return 4 * len(self.rows) * (len(self.nodes) + len(self.facts) + 1)

    def take(self, kept: Ints) -> AssetDecisions:
        """Returns the same with some of the stored rows (positions in `rows`)."""
        wanted = set(self.rows[kept].tolist())
        return replace(
            self,
            rows=self.rows[kept],
            values=self.values[:, kept],
            facts={label: values[kept] for label, values in self.facts.items()},
            reasons=None if self.reasons is None else self.reasons[kept],
            events={row: texts for row, texts in self.events.items() if row in wanted},
        )


@dataclass(frozen=True)
class BarDecisions:
    """The decisions of a run; None for an asset that nothing addresses."""

    assets: Sequence[AssetDecisions | None]

    @property
    def size(self) -> int:
        """Returns about how many bytes they take in a page."""
        return sum(one.size for one in self.assets if one is not None)


def fitted(decisions: BarDecisions, active: Sequence[Ints], limit: int) -> BarDecisions:
    """Returns decisions that take at most about `limit` bytes: all bars, or those nearest to the bars where something happened.

    active: for each asset the rows with an order or a fill, rising.
    """
    if decisions.size <= limit:
        return decisions
    distances = [
        np.empty(0, dtype=np.int64) if one is None else _distance(one.rows, rows)
        for one, rows in zip(decisions.assets, active, strict=True)
    ]
    sizes = [0 if one is None or not len(one.rows) else one.size // len(one.rows) for one in decisions.assets]
    low, high = 0, max((int(d.max()) for d in distances if len(d)), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        needed = sum(size * int((d <= middle).sum()) for size, d in zip(sizes, distances, strict=True))
        low, high = (middle, high) if needed <= limit else (low, middle - 1)
    kept = [
        None if one is None else one.take(np.flatnonzero(d <= low))
        for one, d in zip(decisions.assets, distances, strict=True)
    ]
    return BarDecisions(kept)


def _distance(rows: Ints, active: Ints) -> Ints:
    """Returns how many bars each row is away from the nearest active one; the length of the run where there is none."""
    if not len(active):
        return np.full(len(rows), int(rows[-1]) + 1 if len(rows) else 0, dtype=np.int64)
    after = np.clip(np.searchsorted(active, rows), 0, len(active) - 1)
    before = np.maximum(after - 1, 0)
    nearest: Ints = np.minimum(np.abs(active[after] - rows), np.abs(active[before] - rows))
    return nearest
