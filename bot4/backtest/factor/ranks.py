"""Ranks and correlations row by row, with missing values left out; ties share their mean rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bot4.report.columns import Floats, Ints


def ranks(values: Floats) -> Floats:
    """Returns the rank of each value within its row, from 1, ties at their mean, NaN where the value is; shape of `values`."""
    order = np.argsort(values, axis=1, kind="stable")  # NaN last
    ordered = np.take_along_axis(values, order, axis=1)
    begins = np.ones(ordered.shape, dtype=np.bool_)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    groups = np.cumsum(begins.reshape(-1)) - 1
    starts = np.flatnonzero(begins.reshape(-1))
    ends = np.append(starts[1:], begins.size)
    width = values.shape[1]
    means = (starts % width + (ends - 1) % width) / 2.0 + 1.0
    found = np.empty(values.shape)
    np.put_along_axis(found, order, means[groups].reshape(values.shape), axis=1)
    return np.where(np.isnan(values), np.nan, found)


def correlations(x: Floats, y: Floats, least: int) -> Floats:
    """Returns Pearson's correlation of each row over the places where both are present; NaN with fewer than `least`, or a constant."""
    both = np.isfinite(x) & np.isfinite(y)
    count = both.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (
            np.where(both, z - np.where(both, z, 0.0).sum(axis=1, keepdims=True) / count[:, None], 0.0) for z in (x, y)
        )
        found: Floats = (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    found[(count < least) | ~np.isfinite(found)] = np.nan
    return np.clip(found, -1.0, 1.0)


def rank_correlations(x: Floats, y: Floats, least: int) -> Floats:
    """Returns Spearman's correlation of each row: Pearson's of the ranks among the places where both are present."""
    both = np.isfinite(x) & np.isfinite(y)
    return correlations(ranks(np.where(both, x, np.nan)), ranks(np.where(both, y, np.nan)), least)


def buckets(values: Floats, count: int) -> Ints:
    """Returns each value's quantile within its row, from 0: ⌊position·count/present⌋ by (value, place); −1 where it is missing.

    The rule of `.cs.bucket(n)` (docs/semantics.md, section 3).
    """
    order = np.argsort(values, axis=1, kind="stable")
    position = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(position, order, np.broadcast_to(np.arange(values.shape[1]), values.shape), axis=1)
    is_present = ~np.isnan(values)
    present = np.maximum(is_present.sum(axis=1), 1)
    return np.where(is_present, position * count // present[:, None], -1)


def buckets_of_the_past(values: Floats, count: int, least: int) -> Ints:
    """Returns each value's quantile among itself and all earlier values of its column, −1 before there are `least` of them.

    So no quantile knows what comes later.
    """
    from bisect import bisect_left, bisect_right, insort

    found = np.full(values.shape, -1, dtype=np.int64)
    for place in range(values.shape[1]):
        seen: list[float] = []
        for row in np.flatnonzero(~np.isnan(values[:, place])).tolist():
            value = float(values[row, place])
            insort(seen, value)
            if len(seen) >= least:
                middle = (bisect_left(seen, value) + bisect_right(seen, value) - 1) / 2
                found[row, place] = min(int(middle * count / len(seen)), count - 1)
    return found
