"""Proposers: which combinations are tried, in which order. Here those that know beforehand: a grid, and what was drawn at once.

The same proposer made again gives the same batches, so that an interrupted sweep goes on where it stopped. Not here: drawing (`search`),
searches that learn (`adaptive`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from .axis import Value
from .space import Space
from .tracing import Proposal


class Proposer(Protocol):
    """Proposes combinations by ordinal, `total` in all."""

    total: int

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next batch, at most `most` of them where that does not matter to what is proposed; empty at the end."""


@runtime_checkable
class Learner(Proposer, Protocol):
    """A proposer that is told what came of a batch before it is asked for the next."""

    def tell(self, outcomes: Mapping[int, Sequence[float] | None]) -> None:
        """Takes by ordinal the objectives of a batch, None where a combination was refused."""


class Grid:
    """Every combination of a space, in order."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.total = space.size
        self._next = 0

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next `most` combinations."""
        first, self._next = self._next, min(self._next + most, self.total)
        return [(number, self.space.combination(number)) for number in range(first, self._next)]


class Listed:
    """Combinations that were all drawn beforehand."""

    def __init__(self, combinations: Sequence[Mapping[str, Value]]) -> None:
        self.combinations = combinations
        self.total = len(combinations)
        self._next = 0

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next `most` combinations."""
        first, self._next = self._next, min(self._next + most, self.total)
        return [(number, self.combinations[number]) for number in range(first, self._next)]
