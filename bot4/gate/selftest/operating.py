"""Operating characteristics of the boundary: what share of strategies with a known Sharpe ratio passes, at the first look and ever."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot4.gate.boundary import FALSE_PASS, LAST_DAYS, LOOKS, PATIENCE_LOOKS, critical

from .generators import KINDS, Kind, batches
from .measure import Floats, look_days, measure
from .rate import Rate, rate

FIRST_DAYS = 730
"""Two years out of sample when registered, as in the study."""
SHARPES = (-0.5, 0.0, 1.0, 1.5, 2.0, 2.5, 3.0)
YEARLY = math.sqrt(365.0)


@dataclass(frozen=True)
class Row:
    """What happens to strategies of one kind and one true Sharpe ratio."""

    kind: str
    sharpe: float
    """Annual, of single days: mean/deviation·√365."""
    first: Rate
    """Passed at the first look."""
    ever: Rate
    """Passed at one of twelve."""


def bars(first_days: int, trials: float = 1.0, false_pass: float = FALSE_PASS) -> Floats:
    """Returns the boundary at each look, shape (12,)."""
    return critical(trials, false_pass) * np.sqrt((first_days + LAST_DAYS) / look_days(first_days))


def passed_at(z: Floats, bar: Floats) -> NDArray[np.int64]:
    """Returns the look at which each path passes, 0 for never; z has shape (12, P), bar (12,) or (12, P)."""
    found = np.zeros(z.shape[1], dtype=np.int64)
    is_open = np.ones(z.shape[1], dtype=bool)
    for number in range(1, LOOKS + 1):
        passes = is_open & (z[number - 1] > bar[number - 1])
        found[passes] = number
        is_open &= ~passes
        if number >= PATIENCE_LOOKS:
            is_open &= z[number - 1] >= 0
    return found


def characteristics(
    paths: int,
    *,
    seed: int = 1,
    sharpes: Sequence[float] = SHARPES,
    kinds: Sequence[Kind] = KINDS,
    first_days: int = FIRST_DAYS,
    false_pass: float = FALSE_PASS,
    robust: bool = True,
    shown: Callable[[str], None] | None = None,
) -> list[Row]:
    """Returns one row for each kind and true Sharpe ratio; the same draws serve all ratios of a kind.

    false_pass: chance at c of one look. robust: as in `Measured.z`. shown: told the name of each kind before it is drawn.
    """
    bar, rows = bars(first_days, 1.0, false_pass), []
    for kind in kinds:
        if shown is not None:
            shown(kind.name)
        counts = np.zeros((len(sharpes), 2), dtype=np.int64)
        looks = look_days(first_days)
        for rng, size in batches(kind, paths, seed):
            found = measure(kind.draw(rng, int(looks[-1]), size), looks)
            for place, sharpe in enumerate(sharpes):
                at = passed_at(found.z(sharpe / YEARLY, robust=robust), bar)
                counts[place] += [np.count_nonzero(at == 1), np.count_nonzero(at)]
        rows += [
            Row(kind.name, sharpe, rate(int(first), paths), rate(int(ever), paths))
            for sharpe, (first, ever) in zip(sharpes, counts, strict=True)
        ]
    return rows
