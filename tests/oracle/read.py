"""Reads what a program says on one row and quantises it (docs/semantics.md, sections 4 and 7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .brackets import EXITS
from .money import half_even
from .nodes import missing
from .records import Ask, Unit

Value = Callable[[int], float]  # node -> value on the row


def steps(x: float, unit: Sequence[int]) -> int | None:
    """A number in steps of n / 10^d, half to even, None if it is missing."""
    return None if missing(x) else half_even(x, unit)


def limit(x: float, side: int, unit: Sequence[int]) -> int | None:
    """A limit in ticks: a buy's down, a sell's up, but what is a whole tick but for the last bits is that tick."""
    if missing(x):
        return None
    exact = x * 10.0 ** unit[1] / unit[0]
    near = round(exact)
    if abs(exact - near) <= abs(near) * 2.0**-50:
        return near
    return math.floor(exact) if side > 0 else math.ceil(exact)


def sized(x: float, unit: str, lot: Sequence[int]) -> int | None:
    """A size in its unit: billionths (weight, risk), 1e-8 of the quote (notional) or lots (qty)."""
    if missing(x):
        return None
    if unit == "qty":
        return half_even(x, lot)
    return round(x * (1e8 if unit == "notional" else 1e9))


def ask(spec: Mapping[str, Any], value: Value, tick: Sequence[int], lot: Sequence[int]) -> Ask:
    """What a key asks for."""

    def ticks(name: str) -> int | None:
        return None if spec.get(name) is None else steps(value(spec[name]), tick)

    def truth(name: str) -> bool | None:
        if spec.get(name) is None:
            return None
        x = value(spec[name])
        return not missing(x) and x != 0.0

    exits = {n: steps(value(node), tick) for n in EXITS if (node := (spec.get("exits") or {}).get(n)) is not None}
    per_unit = spec["size"].get("per_unit")
    return Ask(
        size=sized(value(spec["size"]["node"]), spec["size"]["unit"], lot),
        price=None if spec.get("price") is None else limit(value(spec["price"]), spec["side"], tick),
        trigger=ticks("trigger"),
        distance=ticks("distance"),
        per_unit=None if per_unit is None else steps(value(per_unit), tick),
        when=truth("when"),
        until=bool(truth("until")),
        exits=exits,
    )


def unit(spec: Mapping[str, Any], value: Value, tick: Sequence[int], lot: Sequence[int]) -> Unit:
    """What entries say."""

    def truth(name: str) -> bool:
        if spec.get(name) is None:
            return False
        x = value(spec[name])
        return not missing(x) and x != 0.0

    per_unit, priority = spec["size"].get("per_unit"), spec.get("priority")
    rank = None if priority is None else value(priority)
    return Unit(
        long=truth("long"),
        short=truth("short"),
        exit=truth("exit"),
        size=sized(value(spec["size"]["node"]), spec["size"]["unit"], lot),
        per_unit=None if per_unit is None else steps(value(per_unit), tick),
        priority=None if rank is None or missing(rank) else rank,
    )
