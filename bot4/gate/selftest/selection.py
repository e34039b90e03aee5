"""What choosing among many edgeless strategies does to the gate: with the trials counted, with them hidden, on days of its own and not.

A family is a number of trials without an edge, independent or with a common part. The one with the best Sharpe ratio over some days is
brought before the boundary:

- `counted`: chosen over the days out of sample, the family's effective number of trials in the bar: what the registry does;
- `hidden`: the same with the bar of one trial: what happens to who hides his attempts, or to a gate without Šidák's correction;
- `split`: chosen over other days before, one trial in the bar: what a registration before the opening does;
- `chased`: every trial of the family goes through all looks, the effective number in the bar; counted if any of them ever passes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot4.gate.boundary import FALSE_PASS
from bot4.gate.stats.trials import effective_trials

from .generators import BATCH, student
from .measure import Floats, look_days, measure
from .operating import FIRST_DAYS, bars, passed_at
from .rate import Rate, rate

TRIALS = 50
STREAM = 1_000
"""Keeps these draws apart from those of `operating`."""


@dataclass(frozen=True)
class Selected:
    """Shares of families of which an edgeless strategy passes."""

    trials: int
    """In each family."""
    correlation: float
    """Between two trials of a family."""
    effective: float
    """Mean effective number of trials, from their returns."""
    counted: Rate
    hidden: Rate
    split: Rate
    chased: Rate | None
    """None where it was not asked for: it takes the z of every trial."""


def best_of(
    families: int,
    *,
    trials: int = TRIALS,
    correlation: float = 0.0,
    seed: int = 1,
    chased: int = 0,
    first_days: int = FIRST_DAYS,
    false_pass: float = FALSE_PASS,
) -> Selected:
    """Returns what became of families of independent fat-tailed trials, or with an equal correlation between any two.

    chased: how many of the families are followed with all their trials.
    """
    looks = look_days(first_days)
    held = max(BATCH // trials, 1)
    counts, followed, effective = np.zeros(3, dtype=np.int64), 0, 0.0
    for number, start in enumerate(range(0, families, held)):
        size = min(held, families - start)
        rng = np.random.default_rng([seed, STREAM, trials, round(100 * correlation), number])
        before = _families(rng, first_days, size, trials, correlation)
        after = _families(rng, int(looks[-1]), size, trials, correlation)
        numbers = np.array([effective_trials(after[:first_days, family]).effective for family in range(size)])
        effective += float(numbers.sum())
        bar = np.stack([bars(first_days, one, false_pass) for one in numbers], axis=1)
        counts += _chosen(
            after, _best(before), _best(after[:first_days]), looks, bar, bars(first_days, 1.0, false_pass)
        )
        if start < chased:
            z = measure(after.reshape(len(after), -1), looks).z()
            ever = passed_at(z, np.repeat(bar, trials, axis=1)).reshape(size, trials).max(axis=1)
            followed += int(np.count_nonzero(ever[: chased - start]))
    counted, hidden, split = (rate(int(one), families) for one in counts)
    return Selected(
        trials,
        correlation,
        effective / families,
        counted,
        hidden,
        split,
        rate(followed, min(chased, families)) if chased else None,
    )


def _families(rng: np.random.Generator, days: int, size: int, trials: int, correlation: float) -> Floats:
    """Returns returns of shape (days, size, trials), unit variance."""
    own = student(rng, days, size * trials).reshape(days, size, trials)
    if correlation == 0.0:
        return own
    common = student(rng, days, size)[:, :, None]
    return math.sqrt(correlation) * common + math.sqrt(1.0 - correlation) * own


def _best(paths: Floats) -> NDArray[np.int64]:
    """Returns which trial of each family has the highest Sharpe ratio."""
    found: NDArray[np.int64] = np.argmax(paths.mean(axis=0) / paths.std(axis=0), axis=1)
    return found


def _chosen(
    after: Floats,
    before_best: NDArray[np.int64],
    best: NDArray[np.int64],
    looks: NDArray[np.int64],
    bar: Floats,
    single: Floats,
) -> NDArray[np.int64]:
    """Returns how many families pass counted, hidden and split."""
    families = np.arange(after.shape[1])
    z = measure(after[:, families, best], looks).z()
    apart = measure(after[:, families, before_best], looks).z()
    passed = (passed_at(z, bar), passed_at(z, single), passed_at(apart, single))
    return np.array([np.count_nonzero(one) for one in passed])
