"""Neighbourhood stability: is the best row a plateau or a needle?

Neighbours of a grid's row differ by at most one step of the grid in every numeric parameter (with more than five of those: by one step in
one of them); other parameters are equal. Neighbours of a searched row differ by at most a tenth of the tried range in every numeric
parameter (of its logarithm where it is declared so). A row is not its own neighbour. Not here: how it is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .axis import Axis
from .metrics import Metric
from .rows import Floats, Ints, Rows
from .space import Space

if TYPE_CHECKING:
    import polars as pl

DIAGONAL_AXES = 5
REACH = 0.1
"""How far a neighbour in a search may be, as a share of the tried range."""
PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class Stability:
    """By row, in the order of the rows: how many neighbours, and the metric's mean, worst, best and standard deviation (ddof 0) over them,
    NaN without any; `within_se` is the share of them whose Sharpe ratio lies within one standard error of the row's own."""

    neighbours: Ints
    mean: Floats
    worst: Floats
    best: Floats
    std: Floats
    within_se: Floats

    def columns(self) -> dict[str, pl.Series]:
        """Returns the numbers as columns of a frame, null where there is no neighbour."""
        import polars as pl

        names = ("mean", "worst", "best", "std", "within_se")
        found = {"neighbours": pl.Series(self.neighbours)}
        return found | {name: pl.Series(getattr(self, name)).fill_nan(None) for name in names}


def stability(rows: Rows, space: Space, metric: Metric) -> Stability:
    """Returns the stability of every row for a metric."""
    pairs = _lattice_pairs(rows, space) if space.size else _near_pairs(rows, space)
    count = len(rows)
    values = rows.stats[metric.name].astype(np.float64)
    ratio, error = rows.stats["sharpe"], rows.stats["sharpe_se"]
    found = np.zeros(count, dtype=np.int64)
    valued = np.zeros(count)
    total, squares, near = np.zeros(count), np.zeros(count), np.zeros(count)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    centre = np.nanmean(values) if np.isfinite(values).any() else 0.0  # squares of what is left lose no digits
    for own, other in pairs:
        np.add.at(found, own, 1)
        known = np.isfinite(values[other])
        own_known, value = own[known], values[other][known]
        np.add.at(valued, own_known, 1.0)
        np.add.at(total, own_known, value - centre)
        np.add.at(squares, own_known, (value - centre) ** 2)
        np.minimum.at(low, own_known, value)
        np.maximum.at(high, own_known, value)
        np.add.at(near, own, (np.abs(ratio[other] - ratio[own]) <= error[own]).astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / valued
        std = np.sqrt(np.maximum(squares / valued - mean**2, 0.0))
        within = near / found
    has = valued > 0
    worst, best = (low, high) if metric.sign > 0 else (high, low)
    return Stability(found, mean + centre, np.where(has, worst, np.nan), np.where(has, best, np.nan), std, within)


def _lattice_pairs(rows: Rows, space: Space) -> Iterator[tuple[Ints, Ints]]:
    """Yields (row, neighbour) places for every direction of the grid."""
    places = np.stack(np.unravel_index(rows.ordinals, [len(axis.values) for axis in space.axes]), axis=1)
    ranks = [_ranks(axis) for axis in space.axes]
    ranked = np.stack([rank[places[:, i]] for i, rank in enumerate(ranks)], axis=1)
    shape = [len(axis.values) for axis in space.axes]
    numbers = np.ravel_multi_index(tuple(ranked.T), shape)
    order = np.argsort(numbers)
    for step in _steps([axis.is_number and len(axis.values) > 1 for axis in space.axes]):
        moved = ranked + step
        inside = ((moved >= 0) & (moved < shape)).all(axis=1)
        own = np.flatnonzero(inside)
        wanted = np.ravel_multi_index(tuple(moved[own].T), shape)
        at = np.searchsorted(numbers[order], wanted)
        at = np.minimum(at, len(order) - 1)
        hit = numbers[order[at]] == wanted
        yield own[hit], order[at[hit]]


def _ranks(axis: Axis) -> Ints:
    """Returns each value's place in ascending order; of texts as listed."""
    if not axis.is_number:
        return np.arange(len(axis.values))
    return np.argsort(np.argsort(np.array(axis.values, dtype=np.float64), kind="stable"), kind="stable")


def _steps(is_numeric: list[bool]) -> Iterator[Ints]:
    numeric = [i for i, yes in enumerate(is_numeric) if yes]
    if len(numeric) > DIAGONAL_AXES:
        moves = [[sign if j == i else 0 for j in numeric] for i in numeric for sign in (-1, 1)]
    else:
        moves = [list(move) for move in itertools.product((-1, 0, 1), repeat=len(numeric)) if any(move)]
    for move in moves:
        step = np.zeros(len(is_numeric), dtype=np.int64)
        step[numeric] = move
        yield step


def _near_pairs(rows: Rows, space: Space) -> Iterator[tuple[Ints, Ints]]:
    """Yields (row, neighbour) places of scattered rows."""
    count = len(rows)
    coordinates = np.stack([_coordinates(rows, axis) for axis in space.axes], axis=1) if count else np.empty((0, 1))
    at_once = max(1, PAIRS_AT_ONCE // max(count, 1))
    for start in range(0, count, at_once):
        block = coordinates[start : start + at_once]
        is_near = np.ones((len(block), count), dtype=np.bool_)
        for axis in range(coordinates.shape[1]):
            is_near &= np.abs(block[:, axis, None] - coordinates[None, :, axis]) <= REACH
        is_near[np.arange(len(block)), np.arange(start, start + len(block))] = False
        own, other = np.nonzero(is_near)
        yield own + start, other


def _coordinates(rows: Rows, axis: Axis) -> Floats:
    """Returns an axis' values of all rows as shares of the tried range; other values are a whole range apart."""
    values = [row[axis.name] for row in rows.params]
    if not axis.is_number:
        listed = list(axis.values)
        return np.array([listed.index(value) for value in values], dtype=np.float64)
    numbers = np.array(values, dtype=np.float64)
    if axis.log:
        numbers = np.log(numbers)
    low, high = float(numbers.min()), float(numbers.max())
    return (numbers - low) / (high - low) if math.isfinite(high - low) and high > low else np.zeros(len(numbers))
