"""Sizes in lots (docs/semantics.md, section 7): weight, notional, quantity and risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .money import E9, Instrument, trunc_div


def shared(size: int, spec: Mapping[str, Any], program: Mapping[str, Any], assets: int) -> int:
    """Of a strategy's weight or risk each asset takes its equal share."""
    alone = program["kind"] != "strategy" or spec.get("asset") is not None
    return size if alone or spec["size"]["unit"] not in ("weight", "risk") else trunc_div(size, assets)


def lots_of(i: Instrument, unit: str, size: int, ref: int, equity: int, per_unit: int | None) -> int:
    """Returns the lots of a quantised size at the reference price; a ruined account has none of a share of it."""
    if unit == "qty":
        return size
    if unit == "notional":
        return size * i.den // (ref * i.num)
    ticks = ref if unit == "weight" else per_unit
    assert ticks is not None
    return max(equity, 0) * size * i.den // (E9 * ticks * i.num)
