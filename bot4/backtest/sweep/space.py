"""`Space`: the axes of a sweep and every combination of them, by number, without making them all.

Combination 0 has the first value of every axis; the last axis runs fastest, as in nested loops. Not here: which combinations a
search tries (`search`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BacktestError
from .axis import FORMS, Axis, Value, declared_axis, read_axis

if TYPE_CHECKING:
    from bot4.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Space:
    """The parameters a sweep varies, in the order they were given, and the values of those it does not."""

    axes: tuple[Axis, ...]
    fixed: Mapping[str, Value]

    @property
    def size(self) -> int:
        """Returns how many combinations there are; 0 where an axis is a range."""
        return math.prod(len(axis.values) for axis in self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of the varied parameters."""
        return tuple(axis.name for axis in self.axes)

    def combination(self, number: int) -> dict[str, Value]:
        """Returns the varied parameters of a combination, 0 ≤ number < size."""
        found: list[tuple[str, Value]] = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            found.append((axis.name, axis.values[place]))
        return dict(reversed(found))

    def as_spec(self) -> dict[str, Any]:
        """Returns what identifies the space, as plain data."""
        return {"axes": {axis.name: axis.as_spec() for axis in self.axes}, "fixed": dict(self.fixed)}


def read_space(
    strategy: Strategy, grid: Mapping[str, object], params: Mapping[str, object], *, is_search: bool = False
) -> Space:
    """Returns the space of a grid. A search without one takes every range and choice that the strategy declares.

    Raises BacktestError for a grid that is empty or cannot be read, ParameterError for unknown parameters and values not allowed.
    """
    from bot4.strategy.parameters import resolve

    for name in (*grid, *params):
        if name not in strategy.parameters:
            resolve(strategy.parameters, {name: None}, strategy.name)  # raises the sentence that names the known ones
    twice = sorted(set(grid) & set(params))
    if twice:
        raise BacktestError(f"{twice[0]} is both varied and fixed; give it in the grid or in params, not in both.")
    fixed = {name: strategy.parameters[name].check(value) for name, value in params.items()}
    axes = [read_axis(strategy.parameters[name], given, is_search=is_search) for name, given in grid.items()]
    if not grid and is_search:
        open_ones = (p for name, p in strategy.parameters.items() if name not in fixed)
        axes = [axis for axis in map(declared_axis, open_ones) if axis is not None]
    if not axes:
        raise BacktestError(_nothing_to_vary(strategy))
    return Space(tuple(axes), fixed)


def read_texts(texts: Iterable[str]) -> dict[str, str]:
    """Returns a grid from a command line's `name=values` texts. Raises BacktestError for a text without a value or a name given twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not name.strip() or not values.strip():
            raise BacktestError(f"--param {text} has no values; write NAME=VALUES with {FORMS}.")
        if name in found:
            raise BacktestError(
                f"--param {name} is given twice; put its values into one, as in {name}={found[name]},{values}."
            )
        found[name] = values
    return found


def _nothing_to_vary(strategy: Strategy) -> str:
    known = [name for name, p in strategy.parameters.items()]
    if not known:
        return f"{strategy.name} has no parameter to vary; declare one in its signature, as in fast: int = b4.param(24, 5, 100)."
    example = next((p for p in strategy.parameters.values() if p.low is not None), None)
    shown = f"{known[0]}={strategy.parameters[known[0]].default}"
    if example is not None and example.low is not None and example.high is not None:
        step = (example.high - example.low) / 10
        step = max(math.ceil(step), 1) if example.type is int else step
        shown = f"{example.name}={example.low:g}:{example.high:g}:{step:g}"
    return f"the grid is empty; say what to vary, for example --param {shown} (parameters of {strategy.name}: {', '.join(known)})."
