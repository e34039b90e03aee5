"""Which combination a training window chooses: the best one, or the middle of the best neighbourhood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from bot4.report.columns import Floats

from ..errors import BacktestError

Select = Literal["best", "plateau"]
Place = tuple[int, ...]
"""Where a combination stands in the grid: the number of each parameter's value."""


def check_select(select: str) -> Select:
    """Returns a way to choose that is known. Raises BacktestError."""
    for known in get_args(Select):
        if select == known:
            return known  # type: ignore[no-any-return]  # one of the literals
    raise BacktestError(
        f"select is {select!r}; give best (the highest) or plateau (the best mean with all neighbours)."
    )


def choose(scores: Floats, places: Sequence[Place], select: Select = "best") -> int | None:
    """Returns the number of the chosen combination; the first of equals; None where no score is finite.

    scores: one for each combination, higher is better, NaN for none; shape (combinations,). `plateau` compares the mean over a
    combination and its neighbours (at most one value away in every parameter) that have a score: a lone peak loses to broad ground.
    """
    compared = plateau(scores, places) if select == "plateau" else scores
    usable = np.isfinite(scores) & np.isfinite(compared)
    return int(np.argmax(np.where(usable, compared, -math.inf))) if usable.any() else None


def plateau(scores: Floats, places: Sequence[Place]) -> Floats:
    """Returns the mean score of each combination with its neighbours, NaN where the combination itself has none; shape (combinations,)."""
    at = {place: number for number, place in enumerate(places)}
    sums, counts = np.zeros(len(scores)), np.zeros(len(scores))
    steps = _steps(len(places[0])) if places else []
    for number, place in enumerate(places):
        for step in steps:
            other = at.get(tuple(a + b for a, b in zip(place, step, strict=True)))
            if other is not None and math.isfinite(scores[other]):
                sums[number] += scores[other]
                counts[number] += 1
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(scores), sums / np.maximum(counts, 1), math.nan)


def _steps(dimensions: int) -> list[Place]:
    found: list[Place] = [()]
    for _ in range(dimensions):
        found = [(*place, step) for place in found for step in (-1, 0, 1)]
    return found
