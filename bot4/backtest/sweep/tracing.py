"""Combinations become programs: each is traced once, and what `b4.require` refuses is put aside and counted.

Not here: merging programs into one graph (the engine, by structure), which combinations there are (`space`, `search`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..setup import Setup
    from .axis import Value

Proposal = tuple[int, Mapping[str, "Value"]]
"""An ordinal and the values of the varied parameters."""


@dataclass
class Traced:
    """Programs of a batch, in its order; `refused` are the ordinals that `b4.require` refused, and `reason` is the first refusal."""

    ordinals: list[int] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    reason: str = ""

    def __len__(self) -> int:
        """Returns the number of programs."""
        return len(self.programs)


def trace_batch(setup: Setup, fixed: Mapping[str, Any], batch: Iterable[Proposal]) -> Traced:
    """Returns the programs of a batch. Raises StrategyError for a mistake in the strategy, which is not a refusal."""
    from bot4.strategy import RequirementError

    found = Traced()
    for ordinal, values in batch:
        try:
            program = setup.trace({**fixed, **values})
        except RequirementError as error:
            found.refused.append(ordinal)
            found.reason = found.reason or str(error)
            continue
        found.ordinals.append(ordinal)
        found.programs.append(program)
    return found
