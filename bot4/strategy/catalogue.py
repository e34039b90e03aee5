"""The catalogue of operations: one row per node the engine knows.

A row says what an operation accepts and returns; the file that holds the row also holds the method the user writes
(`nodes/*.py`). Adding a node: one file there with its row and its method, one line in `expr.py`, one test.
Not here: what a node computes (engine/core/src/signal/nodes, docs/semantics.md section 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Takes(Enum):
    """What an operand may be."""

    NUMBER = "a number"
    BOOL = "a condition"
    ANY = "a number or a condition"


class Gives(Enum):
    """What an operation returns."""

    NUMBER = "number"
    BOOL = "bool"
    EVENT = "event"
    SAME = "same"  # the kind of the first operand
    BRANCH = "branch"  # the common kind of the last two operands (where, fill_missing)
    LOGIC = "logic"  # bool, or event where the events decide


Fold = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Op:
    """One row: name as in the program, operands, result, names of the float parameters `f`."""

    name: str
    takes: tuple[Takes, ...]
    gives: Gives
    params: tuple[str, ...] = ()
    commutes: bool = False
    infix: str = ""  # how `describe` writes it between two operands
    text: str = ""  # how `describe` calls it otherwise; the name if empty
    fold: Fold | None = None  # exact value for constant operands (correctly rounded operations only)
    windowed: bool = False  # first parameter is a window, possibly in ms


CATALOGUE: dict[str, Op] = {}

N, B, A = Takes.NUMBER, Takes.BOOL, Takes.ANY


def declare(op: Op) -> str:
    """Adds a row and returns its name. A name is declared once."""
    if op.name in CATALOGUE:
        raise ValueError(f"node {op.name} is declared twice")
    CATALOGUE[op.name] = op
    return op.name
