"""Why a strategy of orders or entries never asked for anything, where each of its conditions was true at some time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .result import Result

_NUMBERS = ("price", "trigger", "distance")


def never_asked(result: Result) -> str:
    """Returns one sentence: the first number that never had a value, or that the conditions never met."""
    program = result.program
    if program.events is not None:
        return f"No method of {program.name} asked for an order or a target that was sent."
    wanted = program.wanted[len(program.targets) :]
    for row, line in zip((*program.orders, *program.entries), wanted, strict=False):
        for name, node in _numbers(row):
            if _is_never_there(result, node):
                what = f"of the order {row['key']}" if "key" in row else "of the entries"
                shown = program.lines[node].text
                return (
                    f"The {name} {what}, {shown} ({Path(line.file).name}:{line.line}), was missing at every decision: "
                    "some input never had a value."
                )
    return (
        "Every condition was true at some time, but nothing was ever asked for: they never held together, a size was below "
        "one lot, or an order waited for another (after=) that never filled."
    )


def _numbers(row: dict[str, Any]) -> list[tuple[str, int]]:
    """Returns the nodes without whose values a row asks for nothing."""
    size = row["size"]
    found = [("size", size["node"])] + [(name, row[name]) for name in _NUMBERS if name in row]
    return found + ([("loss per unit", size["per_unit"])] if "per_unit" in size else [])


def _is_never_there(result: Result, node: int) -> bool:
    columns = result.evaluate([node])
    return bool(columns) and all(np.isnan(column).all() for column in columns.values())
