"""Daily returns without an edge: mean 0 and unit variance, of the four kinds on which a gate goes wrong.

An edge is added afterwards as a constant: the same draws serve every true Sharpe ratio. Random numbers come from the seed, the kind and
the number of the batch alone, so that 40,000 paths begin with the 4,000 that a shorter run drew.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BATCH = 2_000
"""Paths drawn at once."""
FREEDOM = 5
"""Degrees of freedom of every Student t: kurtosis 9."""
ARCH, GARCH = 0.08, 0.90
JUMP, JUMP_CHANCE = -4.0, 0.01
"""A crash in deviations, and its chance on a day."""
MEMORY = 0.15
"""Coefficient of the autoregression."""
WARM_UP = 50
"""Days before the first, until the start is forgotten."""


@dataclass(frozen=True)
class Kind:
    """One way to draw returns without an edge."""

    name: str
    words: str
    draw: Callable[[Generator, int, int], Floats]
    """Of a generator, days and paths: shape (days, paths)."""
    long_run: float = 1.0
    """Long-run Sharpe ratio over that of single days: √((1 − φ)/(1 + φ)) for an autoregression."""


def student(rng: Generator, days: int, paths: int) -> Floats:
    """Returns independent values of a Student t with unit variance, shape (days, paths)."""
    return rng.standard_t(FREEDOM, size=(days, paths)) / math.sqrt(FREEDOM / (FREEDOM - 2))


def garch(rng: Generator, days: int, paths: int) -> Floats:
    """Returns GARCH(1,1) with innovations of a Student t: changing volatility."""
    innovations = student(rng, WARM_UP + days, paths)
    found, variance = np.empty_like(innovations), np.ones(paths)
    for day, innovation in enumerate(innovations):
        found[day] = np.sqrt(variance) * innovation
        variance = (1.0 - ARCH - GARCH) + ARCH * found[day] ** 2 + GARCH * variance
    return found[WARM_UP:]


def crashes(rng: Generator, days: int, paths: int) -> Floats:
    """Returns a Student t with a fall of four deviations on one day in a hundred: a strategy that sells insurance."""
    found = student(rng, days, paths) + JUMP * (rng.random((days, paths)) < JUMP_CHANCE)
    centre, variance = JUMP * JUMP_CHANCE, 1.0 + JUMP**2 * JUMP_CHANCE * (1.0 - JUMP_CHANCE)
    return (found - centre) / math.sqrt(variance)


def autoregression(rng: Generator, days: int, paths: int) -> Floats:
    """Returns an AR(1) with innovations of a Student t: profits that follow profits."""
    innovations = student(rng, WARM_UP + days, paths) * math.sqrt(1.0 - MEMORY**2)
    for day in range(1, len(innovations)):
        innovations[day] += MEMORY * innovations[day - 1]
    return innovations[WARM_UP:]


KINDS = (
    Kind("fat tails", "independent Student t, 5 degrees of freedom", student),
    Kind("GARCH", "GARCH(1,1) with Student t: volatility in clusters", garch),
    Kind("crashes", "Student t and a fall of 4 deviations on 1 % of days", crashes),
    Kind(
        "AR(1)",
        "autocorrelation 0.15, Student t; long-run Sharpe ratio 0.86 of the daily one",
        autoregression,
        math.sqrt((1.0 - MEMORY) / (1.0 + MEMORY)),
    ),
)


def batches(kind: Kind, paths: int, seed: int) -> list[tuple[Generator, int]]:
    """Returns the generator and the number of paths of each batch."""
    place = KINDS.index(kind)
    sizes = [min(BATCH, paths - start) for start in range(0, paths, BATCH)]
    return [(np.random.default_rng([seed, place, number]), size) for number, size in enumerate(sizes)]
