"""Splits of time into training and test: rolling and anchored windows, combinatorial groups, purge and embargo.

Pure functions over UTC milliseconds. A moment is a decision; the decision at t uses and holds what lies in [t, t + purge], ends included.
A training moment is left out where its stretch meets that of a test moment (purge), or begins within `embargo` after the last one that
the test's moments reach (embargo), as in López de Prado 2018, sections 7.4.1 and 7.4.2. Not here: what is fitted, what is run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb

from bot4.data.timeframe import format_time

from ..errors import BacktestError
from .lengths import length_text

MAX_SPLITS = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Decisions from `start_ms` on and before `end_ms`, UTC ms."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """Returns the length in milliseconds."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Split:
    """Training and test of one step, each one or more spans in order of time; they never share a moment."""

    train: tuple[Span, ...]
    test: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of a walk-forward in milliseconds; `step` is from one test to the next."""

    train: int
    test: int
    step: int
    purge: int = 0
    embargo: int = 0
    anchored: bool = False

    @property
    def gap(self) -> int:
        """Returns the time between the last training decision and the first of the test."""
        return self.purge + self.embargo


def walk(whole: Span, lengths: Lengths) -> tuple[Split, ...]:
    """Returns the windows of a walk-forward in a span, oldest first; the last test may be cut short by the end of the data.

    The first training begins with the span. Rolling training has always the same length; anchored training begins at the span's start
    and grows. Of its end the last `purge + embargo` before the test is left out. A last test shorter than half of `test` is left out.
    Raises BacktestError for lengths that do not fit.
    """
    _check(whole, lengths)
    found: list[Split] = []
    test_start = whole.start_ms + lengths.train
    while whole.end_ms - test_start >= lengths.test or (found and 2 * (whole.end_ms - test_start) >= lengths.test):
        train_start = whole.start_ms if lengths.anchored else test_start - lengths.train
        test = Span(test_start, min(test_start + lengths.test, whole.end_ms))
        found.append(Split((Span(train_start, test_start - lengths.gap),), (test,)))
        test_start += lengths.step
    return tuple(found)


def _check(whole: Span, lengths: Lengths) -> None:
    if lengths.step < lengths.test:
        raise BacktestError(
            f"step is {length_text(lengths.step)} and test {length_text(lengths.test)}: tests would overlap and count days twice; "
            "give a step of at least the test's length."
        )
    if lengths.gap >= lengths.train:
        raise BacktestError(
            f"purge and embargo take {length_text(lengths.gap)} of a training of {length_text(lengths.train)}, and nothing is left; "
            "shorten them or lengthen train."
        )
    needed = lengths.train + lengths.test
    if needed > whole.length_ms:
        raise BacktestError(
            f"a window of {length_text(lengths.train)} training and {length_text(lengths.test)} test needs {length_text(needed)}, and "
            f"after the warm-up there are {length_text(max(whole.length_ms, 0))} ({format_time(whole.start_ms)} to "
            f"{format_time(whole.end_ms)}); give more data or shorter windows."
        )
    windows = (whole.length_ms - needed) // lengths.step + 1
    if windows > MAX_SPLITS:
        raise BacktestError(
            f"step {length_text(lengths.step)} makes {windows:,} windows, more than {MAX_SPLITS:,}; give a longer step."
        )


def groups(whole: Span, count: int, unit_ms: int) -> tuple[Span, ...]:
    """Returns `count` neighbouring spans of almost equal length, cut at whole units; the first ones are a unit longer where it must be."""
    units = whole.length_ms // unit_ms
    if count > units:
        raise BacktestError(
            f"{count} groups need at least {length_text(count * unit_ms)}, and after the warm-up there are "
            f"{length_text(max(whole.length_ms, 0))}; give more data or fewer groups."
        )
    size, longer = divmod(units, count)
    edges = [whole.start_ms + unit_ms * (n * size + min(n, longer)) for n in range(count + 1)]
    return tuple(Span(a, b) for a, b in itertools.pairwise(edges))


def combinations(blocks: Sequence[Span], tested: int, purge: int = 0, embargo: int = 0) -> tuple[Split, ...]:
    """Returns one split for each choice of `tested` of the groups as test, in lexical order: C(N, k) of them.

    Raises BacktestError unless 1 ≤ k < N, or where there are more than `MAX_SPLITS`.
    """
    count = len(blocks)
    if not 1 <= tested < count:
        raise BacktestError(
            f"{tested} of {count} groups as test leaves none of one kind; test at least 1 group and at most {count - 1}."
        )
    if comb(count, tested) > MAX_SPLITS:
        raise BacktestError(
            f"{tested} of {count} groups are {comb(count, tested):,} splits, more than {MAX_SPLITS:,}; take fewer groups."
        )
    found = []
    for chosen in itertools.combinations(range(count), tested):
        test = tuple(blocks[n] for n in chosen)
        train = purged([block for n, block in enumerate(blocks) if n not in chosen], test, purge, embargo)
        if not train:
            raise BacktestError(
                f"purge {length_text(purge)} and embargo {length_text(embargo)} leave no training beside the test groups "
                f"{', '.join(str(n + 1) for n in chosen)}; shorten them or take fewer groups."
            )
        found.append(Split(train, test))
    return tuple(found)


def paths(count: int, tested: int) -> tuple[tuple[int, ...], ...]:
    """Returns the paths of combinatorial cross-validation: for each the number of the split that tests group 0, 1, … N − 1.

    There are k/N·C(N, k) of them; a group's splits are dealt to the paths in order, so that every (split, test group) is used once.
    """
    owners: list[list[int]] = [[] for _ in range(count)]
    for split, chosen in enumerate(itertools.combinations(range(count), tested)):
        for group in chosen:
            owners[group].append(split)
    return tuple(zip(*owners, strict=True))


def purged(train: Iterable[Span], test: Iterable[Span], purge: int, embargo: int) -> tuple[Span, ...]:
    """Returns what is left of training spans: neighbours joined, no moment within `purge` before a test span, none within `purge +
    embargo` after it."""
    left = list(_joined(train))
    for span in test:
        forbidden = Span(span.start_ms - purge, span.end_ms + purge + embargo)
        left = [part for one in left for part in _without(one, forbidden)]
    return tuple(left)


def _joined(spans: Iterable[Span]) -> Iterable[Span]:
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span.start_ms <= last.end_ms:
            last = Span(last.start_ms, max(last.end_ms, span.end_ms))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _without(one: Span, out: Span) -> Iterable[Span]:
    parts = (Span(one.start_ms, min(one.end_ms, out.start_ms)), Span(max(one.start_ms, out.end_ms), one.end_ms))
    return (part for part in parts if part.length_ms > 0)
