"""Whether the best of many beats a benchmark, counting that it was the best: SPA, Reality Check, StepM. Wraps `arch` (extra `gate`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import at_least, between, extra, one_of, same_length, series, table
from .resampling import KINDS, longest_block

LEAST = 50


@dataclass(frozen=True)
class Superiority:
    """Whether any of N series has a higher mean than the benchmark; a small p-value: the best of them does."""

    test: str
    """spa (Hansen 2005: studentised) or reality_check (White 2000)."""
    count: int
    """Rows T."""
    models: int
    """Series N."""
    best: int
    """The series with the highest mean, or for spa the highest mean over deviation; its number, from 1."""
    excess: float
    """Its mean above the benchmark, per period."""
    p_lower: float
    """Bad series do not count: the least the p-value can be."""
    p_value: float
    """Hansen's consistent one: only clearly bad series do not count. For reality_check the upper."""
    p_upper: float
    """Every series counts as good as the benchmark."""
    kind: str
    """Of the bootstrap."""
    block: int
    """Length of a block."""
    resamples: int
    """How many."""
    seed: int
    """Of the random numbers."""


@dataclass(frozen=True)
class Superior:
    """Which of N series have a higher mean than the benchmark."""

    count: int
    """Rows T."""
    models: int
    """Series N."""
    level: float
    """Chance of one or more false ones, at most."""
    superior: tuple[int, ...]
    """The series found; their numbers, from 1."""
    kind: str
    """Of the bootstrap."""
    block: int
    """Length of a block."""
    resamples: int
    """How many."""
    seed: int
    """Of the random numbers."""


@dataclass(frozen=True)
class _Asked:
    """Checked input of all three."""

    models: Floats
    benchmark: Floats
    block: int
    options: dict[str, Any]


def spa(
    returns: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    kind: str = "stationary",
    block: int | None = None,
    resamples: int = 1_000,
    seed: int = 0,
) -> Superiority:
    """Returns Hansen's (2005) test of superior predictive ability; null: no series has a higher mean than the benchmark.

    benchmark: its returns, without it cash (0). block: without it the longest that any excess asks for. returns: shape (T, N), T ≥ 50.
    Raises GateError for input that `table` refuses.
    """
    return _superiority("spa", _asked(returns, benchmark, kind, block, resamples, seed), kind, resamples, seed)


def reality_check(
    returns: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    kind: str = "stationary",
    block: int | None = None,
    resamples: int = 1_000,
    seed: int = 0,
) -> Superiority:
    """Returns White's (2000) reality check: as `spa`, not studentised, and bad series weaken it."""
    asked = _asked(returns, benchmark, kind, block, resamples, seed)
    return _superiority("reality_check", asked, kind, resamples, seed)


def stepm(
    returns: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    level: float = 0.05,
    kind: str = "stationary",
    block: int | None = None,
    resamples: int = 1_000,
    seed: int = 0,
) -> Superior:
    """Returns which series have a higher mean than the benchmark, by Romano and Wolf's (2005) step-down; see `spa`."""
    asked = _asked(returns, benchmark, kind, block, resamples, seed)
    between("level", level, 0, 1)
    losses = {"benchmark": -asked.benchmark, "models": -asked.models}
    test = extra("arch.bootstrap").StepM(**losses, size=level, **asked.options)
    test.compute()
    found = tuple(sorted(int(place) + 1 for place in test.superior_models))
    count, models = asked.models.shape
    return Superior(count, models, level, found, kind, asked.block, resamples, seed)


def _superiority(test: str, asked: _Asked, kind: str, resamples: int, seed: int) -> Superiority:
    name = "SPA" if test == "spa" else "RealityCheck"
    # arch compares losses: what is lost is minus what is earned.
    made = getattr(extra("arch.bootstrap"), name)(-asked.benchmark, -asked.models, **asked.options)
    made.compute()
    p_values = made.pvalues
    excess = asked.models - asked.benchmark[:, None]
    means = excess.mean(axis=0)
    score = means / excess.std(axis=0) if test == "spa" else means
    best = int(np.argmax(score))
    return Superiority(
        test=test,
        count=len(excess),
        models=excess.shape[1],
        best=best + 1,
        excess=float(means[best]),
        p_lower=float(p_values["lower"]),
        p_value=float(p_values["consistent" if test == "spa" else "upper"]),
        p_upper=float(p_values["upper"]),
        kind=kind,
        block=asked.block,
        resamples=resamples,
        seed=seed,
    )


def _asked(
    returns: ArrayLike, benchmark: ArrayLike | None, kind: str, block: int | None, resamples: int, seed: int
) -> _Asked:
    models = table(returns, LEAST, 1, "the table of returns")
    if benchmark is None:
        other = np.zeros(len(models))
    else:
        other = series(benchmark, LEAST, "the benchmark", varies=False)
        same_length(**{"the table of returns": models[:, 0], "the benchmark": other})
    excess = models - other[:, None]
    if (np.ptp(excess, axis=0) == 0).any():
        place = int(np.argmin(np.ptp(excess, axis=0)))
        raise GateError(f"series {place + 1} is the benchmark itself; leave it out")
    one_of("kind", kind, tuple(KINDS))
    length = longest_block(excess) if block is None else block
    if not 1 <= length <= len(models) // 2:
        raise GateError(
            f"block is {length} for {len(models):,} rows; give a length from 1 to {len(models) // 2:,}, or none"
        )
    word = {"stationary": "stationary", "circular": "circular", "moving": "moving block"}[kind]
    at_least("resamples", resamples, 100)
    return _Asked(models, other, length, {"block_size": length, "reps": resamples, "bootstrap": word, "seed": seed})
