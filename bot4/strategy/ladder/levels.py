"""The prices of a grid: a list, or steps between two ends, linear or geometric."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from .. import operands
from ..errors import StrategyError, near
from ..expr import Expr
from ..spans import rows

Spacing = Literal["linear", "geometric"]
_SPACINGS = ("linear", "geometric")


def listed(levels: object) -> list[Expr]:
    """Returns the levels of a list, which must rise where they are numbers."""
    if not isinstance(levels, (list, tuple)) or len(levels) < 2:
        raise StrategyError(
            "the grid needs at least two levels", "Write levels=[90, 95, 100], or low=90, high=100, rungs=4"
        )
    found = [operands.price(level, f"level {i} of the grid") for i, level in enumerate(levels, start=1)]
    _check_rising(found)
    return found


def stepped(low: object, high: object, steps: int, spacing: object) -> list[Expr]:
    """Returns steps + 1 levels from low to high, both included."""
    bottom, top = operands.price(low, "low of the grid"), operands.price(high, "high of the grid")
    _check_rising([bottom, top])
    if spacing not in _SPACINGS:
        close = near(spacing, _SPACINGS) if isinstance(spacing, str) else None
        raise StrategyError(
            f"spacing of the grid is {spacing!r}", f'Write "{close}"' if close else 'Write "linear" or "geometric"'
        )
    a, b = operands.known(bottom), operands.known(top)
    if a is not None and b is not None:
        numbers = [a + (b - a) * i / steps if spacing == "linear" else a * (b / a) ** (i / steps) for i in range(steps)]
        return [operands.price(x, "a level of the grid") for x in (*numbers, b)]
    if spacing == "linear":
        return [bottom, *(bottom + (top - bottom) * (i / steps) for i in range(1, steps)), top]
    return [bottom, *(bottom * (top / bottom) ** (i / steps) for i in range(1, steps)), top]


def levels_of(
    levels: Sequence[object] | None, low: object, high: object, rungs: int | None, spacing: object, between: bool
) -> list[Expr]:
    """Returns the grid's levels; `between` asks for one more than there are rungs (each is taken at the next)."""
    ends = [name for name, value in (("low", low), ("high", high), ("rungs", rungs)) if value is not None]
    if levels is not None:
        if ends:
            raise StrategyError(f"the grid has levels and {ends[0]}", "Give levels=, or low=, high= and rungs=")
        return listed(levels)
    if len(ends) < 3:
        missing = [name for name in ("low", "high", "rungs") if name not in ends]
        raise StrategyError(
            f"the grid has no {' and no '.join(missing)}", "Give low=, high= and rungs=, or a list of prices as levels="
        )
    count = rows(rungs, "rungs of the grid", 1 if between else 2)
    return stepped(low, high, count if between else count - 1, spacing)


def _check_rising(found: Sequence[Expr]) -> None:
    for below, above in pairwise(found):
        a, b = operands.known(below), operands.known(above)
        if a is not None and b is not None and a >= b:
            raise StrategyError(
                f"the levels of the grid do not rise: {a:g} and then {b:g}", "List them from the lowest to the highest"
            )
