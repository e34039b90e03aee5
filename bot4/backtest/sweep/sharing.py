"""How much programs have in common: their static nodes, counted alone and merged. Positions and what follows from them are each run's own.

Not here: the merging itself (the engine, by the same rule: equal operation on equal inputs).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot4.strategy import Program


def count_nodes(programs: Iterable[Program]) -> tuple[int, int]:
    """Returns (static nodes once merged, static nodes of all programs)."""
    merged: dict[tuple[object, ...], int] = {}
    alone = 0
    for number, program in enumerate(programs):
        own, feedback = _own_nodes(program), program.feedback
        names: list[int] = []
        for place, node in enumerate(program.nodes):
            if place in feedback:
                names.append(-1)
                continue
            alone += 1
            key: tuple[object, ...] = (
                node.op,
                tuple(names[i] for i in node.inputs if i < place),
                node.f,
                node.s,
                node.clock,
                node.only,
            )
            if place in own:
                key = (number, place)
            names.append(merged.setdefault(key, len(merged)))
    return len(merged), alone


def _own_nodes(program: Program) -> frozenset[int]:
    """Returns the states, whose next value stands later in the list: they are told apart by program."""
    return frozenset(place for place, node in enumerate(program.nodes) if any(i >= place for i in node.inputs))
