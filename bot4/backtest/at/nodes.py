"""The expression tree at one bar: every node under what decides, with its values there.

Not here: why a value is what it is (`because`), how the tree is written (`render`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .decision import NAN, NodeValue

if TYPE_CHECKING:
    from bot4.strategy import Program

CARRIED = ("carry", "carry_event", "pick", "pick_event")
"""Operations that bring a value from another clock or asset and change nothing."""
SHORT, SHORT_PART = 56, 28
"""Longest text that stands whole, and longest part of a longer one that does."""
Values = list[list[tuple[float | None, float | None]]]
"""By node and asset: (value at its previous bar, value at this bar)."""


def roots_of(program: Program, symbol: str) -> dict[str, int]:
    """Returns the nodes that decide on an asset, by what for; empty where the program does not address it."""
    found: dict[str, int] = {}
    for target in _of(program.targets, symbol):
        found["target"] = target["node"]
        found |= _protection(target)
    for entry in _of(program.entries, symbol):
        found |= {name: entry[name] for name in ("long", "short", "exit") if entry.get(name) is not None}
        found |= _size(entry["size"], "size")
        found |= {"priority": entry["priority"]} if entry.get("priority") is not None else {}
        found |= _protection(entry)
    for order in _of(program.orders, symbol):
        name = f"order {order['key']}"
        found |= _size(order["size"], f"{name} size")
        for part in ("price", "trigger", "distance", "when", "until"):
            if order.get(part) is not None:
                found[f"{name} {part}"] = order[part]
        found |= {f"{name} {part}": node for part, node in (order.get("exits") or {}).items() if node is not None}
    if program.events is not None:
        found |= {f"signal {name}": node for name, node in program.events.signals.items()}
    return found


def _of(rows: tuple[dict[str, Any], ...], symbol: str) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row["asset"] in (None, symbol))


def _protection(row: Mapping[str, Any]) -> dict[str, int]:
    stops = {f"stop {one['kind']}": one["node"] for one in row["stops"] if one.get("node") is not None}
    return stops | ({"take": row["take"]} if row.get("take") is not None else {})


def _size(size: Mapping[str, Any], name: str) -> dict[str, int]:
    per_unit = {} if size.get("per_unit") is None else {f"{name} per unit": size["per_unit"]}
    return {name: size["node"]} | per_unit


def tree_values(
    program: Program, roots: Mapping[str, int], values: Values, asset: int, symbols: tuple[str, ...]
) -> dict[int, NodeValue]:
    """Returns every node under the roots, inputs after users, with its values for the asset (or for the asset it belongs to)."""
    clocks: list[int] = json.loads(program.json)["clocks"]
    feedback = program.feedback
    conditions = {one.node for one in program.conditions}
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
            label=label(program, node),
            op=row.op,
            is_condition=_is_condition(program, node, conditions),
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


def label(program: Program, node: int) -> str:
    """Returns a node's text; of a long one the operation, with its long parts as …."""
    from bot4.strategy.catalogue import CATALOGUE
    from bot4.strategy.spans import span_text

    row, whole = program.nodes[node], program.lines[node].text
    if len(whole) <= SHORT or row.op not in CATALOGUE or not row.inputs:
        return whole
    op = CATALOGUE[row.op]
    parts = [_part(program, i) for i in row.inputs]
    if op.infix:
        return f" {op.infix} ".join(parts)
    if op.text in ("-", "~"):
        return op.text + parts[0]
    numbers = [span_text(int(row.f[0])) if row.s == "ms" else f"{value:.6g}" for value in row.f[:1]]
    return f"{op.text or op.name}({', '.join(parts + numbers)})"


def _part(program: Program, node: int) -> str:
    """Returns a short part whole, of a long one its operation: `ewm_std(…)`."""
    from bot4.strategy.catalogue import CATALOGUE

    text, op = program.lines[node].text, CATALOGUE.get(program.nodes[node].op)
    if len(text) <= SHORT_PART:
        return text
    return "…" if op is None or op.infix or op.text in ("-", "~") else f"{op.text or op.name}(…)"


def _seen(now: float | None, before: float | None) -> float:
    """Returns the value known at this bar: of another asset without a bar now its last one."""
    return now if now is not None else before if before is not None else NAN


def _is_condition(program: Program, node: int, conditions: set[int]) -> bool:
    """Tells whether a node that only brings a value brings a condition."""
    row = program.nodes[node]
    if node in conditions or (row.op == "pos" and row.s in ("flat", "is_open")):
        return True
    return row.op in CARRIED and _is_condition(program, row.inputs[0], conditions)


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
