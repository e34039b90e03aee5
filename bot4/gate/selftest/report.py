"""The self-test: everything measured once, and each promise of the gate beside what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot4.gate.boundary import FALSE_PASS, critical
from bot4.gate.errors import GateError

from .generators import KINDS
from .operating import FIRST_DAYS, Row, characteristics
from .rate import Rate
from .selection import Selected, best_of
from .whole import Whole, whole

Shown = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much is done."""

PATHS, FULL_PATHS = 4_000, 40_000
LEAST_PATHS = 100
EDGELESS_BOUND = 0.013
"""1 % and the binomial error of 4,000 paths."""
POWER_BOUND, POWER_BOUND_AR1 = 0.80, 0.75
SELECTED_BOUND = 0.01
CORRELATIONS = (0.0, 0.8)
AUTOCORRELATED = "AR(1)"


@dataclass(frozen=True)
class Size:
    """How much is drawn."""

    paths: int
    """Of each kind, for the boundary."""
    families: int
    """Of 50 strategies, each correlation."""
    whole_edgeless: int
    whole_edge: int
    """Of each kind, through the whole gate."""


@dataclass(frozen=True)
class Claim:
    """A promise of the gate and what was measured."""

    words: str
    measured: Rate
    sense: Literal["at most", "at least"]
    bound: float
    outcome: Literal["holds", "within error", "broken"]
    """Within error: on the wrong side of the bound, which lies in the interval of 95 %."""


@dataclass(frozen=True)
class SelfTest:
    """Operating characteristics of this machine's gate."""

    seed: int
    paths: int
    first_days: int
    false_pass: float
    c: float
    """Of one trial."""
    boundary: tuple[Row, ...]
    without_robust_error: Row
    """AR(1) without an edge, z without its Newey-West error."""
    selection: tuple[Selected, ...]
    whole: tuple[Whole, ...]
    claims: tuple[Claim, ...]
    holds: bool
    """Whether no claim is broken."""
    seconds: float


def size_of(paths: int) -> Size:
    """Returns what belongs to a number of paths: about 50 s of one core at 4,000. Raises GateError for fewer than 100."""
    if paths < LEAST_PATHS:
        raise GateError(f"{paths:,} paths say nothing of a chance of 1 %; take {LEAST_PATHS:,} or more")
    return Size(paths, max(paths // 10, 20), max(paths // 5, 50), max(paths // 200, 5))


def run(paths: int = PATHS, *, seed: int = 1, first_days: int = FIRST_DAYS, shown: Shown | None = None) -> SelfTest:
    """Returns the operating characteristics. Raises GateError for fewer than 100 paths."""
    size, started = size_of(paths), time.perf_counter()
    told = shown or (lambda what, done, total: None)
    steps = len(KINDS) + 1 + len(CORRELATIONS) + 2 * len(KINDS)
    done = iter(range(steps))
    rows = characteristics(
        size.paths, seed=seed, first_days=first_days, shown=lambda kind: told(f"boundary, {kind}", next(done), steps)
    )
    told("boundary without robust errors", next(done), steps)
    last = [kind for kind in KINDS if kind.name == AUTOCORRELATED]
    bare = characteristics(size.paths, seed=seed, sharpes=(0.0,), kinds=last, first_days=first_days, robust=False)[0]
    selected = []
    for correlation in CORRELATIONS:
        told("best of 50", next(done), steps)
        selected.append(best_of(size.families, correlation=correlation, seed=seed, first_days=first_days))
    wholes = []
    for kind in KINDS:
        for sharpe, count in ((0.0, size.whole_edgeless), (2.0, size.whole_edge)):
            told(f"whole gate, {kind.name}", next(done), steps)
            wholes.append(whole(kind, sharpe, count, seed=seed, first_days=first_days))
    claims = tuple(_claims(rows, bare, selected, wholes, first_days))
    return SelfTest(
        seed=seed,
        paths=paths,
        first_days=first_days,
        false_pass=FALSE_PASS,
        c=critical(),
        boundary=tuple(rows),
        without_robust_error=bare,
        selection=tuple(selected),
        whole=tuple(wholes),
        claims=claims,
        holds=all(one.outcome != "broken" for one in claims),
        seconds=time.perf_counter() - started,
    )


def judged(words: str, measured: Rate, sense: Literal["at most", "at least"], bound: float) -> Claim:
    """Returns a claim: it holds, or is missed within the error of the measurement, or broken."""
    if sense == "at most":
        is_met, is_possible = measured.share <= bound, measured.low <= bound
    else:
        is_met, is_possible = measured.share >= bound, measured.high >= bound
    outcome: Literal["holds", "within error", "broken"] = (
        "holds" if is_met else "within error" if is_possible else "broken"
    )
    return Claim(words, measured, sense, bound, outcome)


def _claims(
    rows: list[Row], bare: Row, selected: list[Selected], wholes: list[Whole], first_days: int
) -> Iterator[Claim]:
    for row in rows:
        if row.sharpe == 0.0:
            yield judged(f"no edge, {row.kind}: passes the boundary", row.ever, "at most", EDGELESS_BOUND)
        if row.sharpe == 2.0 and first_days >= FIRST_DAYS:
            yield judged(f"Sharpe 2, {row.kind}: passes the boundary", row.ever, "at least", _power(row.kind))
    yield judged(
        f"no edge, {bare.kind}: without the robust error more pass than may", bare.ever, "at least", EDGELESS_BOUND
    )
    for one in selected:
        family = f"best of {one.trials} without an edge, correlation {one.correlation:g}"
        yield judged(f"{family}: passes with its trials counted", one.counted, "at most", SELECTED_BOUND)
        yield judged(f"{family}: passes with its trials hidden, more than may", one.hidden, "at least", EDGELESS_BOUND)
        yield judged(f"{family}: passes if chosen before the split", one.split, "at most", EDGELESS_BOUND)
    for entry in wholes:
        if entry.sharpe == 0.0:
            yield judged(f"no edge, {entry.kind}: passes the whole gate", entry.passed, "at most", EDGELESS_BOUND)


def _power(kind: str) -> float:
    return POWER_BOUND_AR1 if kind == AUTOCORRELATED else POWER_BOUND
