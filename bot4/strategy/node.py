"""`Node`: an operation with its clock and scope decided; what `lowering` makes and `canonical` orders."""

from __future__ import annotations

from dataclasses import dataclass

from .core import Operand
from .kinds import Clock


@dataclass(slots=True, eq=False)
class Node:
    """One node of the program. `inputs` of a state is its next value, filled in after it was made."""

    op: str
    inputs: list[Node]
    f: tuple[float, ...]
    s: str
    clock: Clock
    only: str | None
    source: Operand
