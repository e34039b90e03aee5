"""Proposers: which combinations are tried, in which order. Here the grid; what draws stands in `search` and `adaptive`.

A proposer gives batches until it has none; one that learns (`is_adaptive`) is told every batch before the next. The same proposer
made again gives the same batches, so that an interrupted sweep goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .axis import Value
from .space import Space
from .tracing import Proposal


class Proposer(Protocol):
    """Proposes combinations by ordinal."""

    total: int
    is_adaptive: bool

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next batch, at most `most` of them where that does not matter to what is proposed; empty at the end."""

    def tell(self, outcomes: Mapping[int, Sequence[float] | None]) -> None:
        """Takes what came of a batch: by ordinal the objectives, None where it was refused."""


class Grid:
    """Every combination of a space, in order."""

    is_adaptive = False

    def __init__(self, space: Space) -> None:
        self.space = space
        self.total = space.size
        self._next = 0

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next `most` combinations."""
        first, self._next = self._next, min(self._next + most, self.total)
        return [(number, self.space.combination(number)) for number in range(first, self._next)]

    def tell(self, outcomes: Mapping[int, Sequence[float] | None]) -> None:
        """Does nothing: a grid does not learn."""


class Listed:
    """Combinations that were all drawn beforehand."""

    is_adaptive = False

    def __init__(self, combinations: Sequence[Mapping[str, Value]]) -> None:
        self.combinations = combinations
        self.total = len(combinations)
        self._next = 0

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next `most` combinations."""
        first, self._next = self._next, min(self._next + most, self.total)
        return [(number, self.combinations[number]) for number in range(first, self._next)]

    def tell(self, outcomes: Mapping[int, Sequence[float] | None]) -> None:
        """Does nothing: what was drawn beforehand does not learn."""
