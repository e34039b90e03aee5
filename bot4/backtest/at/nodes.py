"""The expression tree at one bar: every node under what decides, with its values there.

Not here: why a value is what it is (`because`), how the tree is written (`render`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot4.strategy.graph import is_condition, label_of

from .decision import NAN, NodeValue

if TYPE_CHECKING:
    from bot4.strategy import Program

Values = list[list[tuple[float | None, float | None]]]
"""By node and asset: (value at its previous bar, value at this bar)."""


def tree_values(
    program: Program, roots: Mapping[str, int], values: Values, asset: int, symbols: tuple[str, ...]
) -> dict[int, NodeValue]:
    """Returns every node under the roots, inputs after users, with its values for the asset (or for the asset it belongs to)."""
    clocks: list[int] = json.loads(program.json)["clocks"]
    feedback = program.feedback
    found: dict[int, NodeValue] = {}
    stack = list(reversed(list(roots.values())))
    while stack:
        node = stack.pop()
        if node in found:
            continue
        row, line = program.nodes[node], program.lines[node]
        whose = asset if row.only is None else symbols.index(row.only)
        before, now = values[node][whose]
        found[node] = NodeValue(
            node=node,
            text=line.text,
            label=label_of(program, node),
            op=row.op,
            is_condition=is_condition(program, node),
            value=_seen(now, before),
            before=NAN if before is None or now is None else before,
            inputs=row.inputs,
            part="feedback" if node in feedback else "static",
            clock_ms=clocks[row.clock],
            line=f"{line.file}:{line.line}",
            note=_place(program, node, values, asset) if row.op.startswith("cs_") else "",
        )
        stack.extend(reversed(row.inputs))
    return found


def _seen(now: float | None, before: float | None) -> float:
    """Returns the value known at this bar: of another asset without a bar now its last one."""
    return now if now is not None else before if before is not None else NAN


def _place(program: Program, node: int, values: Values, asset: int) -> str:
    """Returns an asset's place in a cross-section, from the largest value: `3rd of 25`."""
    row = program.nodes[node]
    present = [(now, number) for number, (_, now) in enumerate(values[row.inputs[0]]) if _is_present(now)]
    numbers = [number for _, number in sorted(present, reverse=True)]  # ties: the larger id first, as `top` prefers it
    if asset not in numbers:
        return f"not among the {len(numbers)} present"
    return f"{ordinal(numbers.index(asset) + 1)} of {len(numbers)}, from the largest"


def _is_present(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def ordinal(number: int) -> str:
    """Returns 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
