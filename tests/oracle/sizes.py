"""Sizes in lots (docs/semantics.md, section 7): weight, notional, quantity and risk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .instrument import E9, Instrument
from .money import trunc_div


def shared(size: int, spec: Mapping[str, Any], program: Mapping[str, Any], assets: int) -> int:
    """Of a strategy's weight or risk each asset takes its equal share."""
    alone = program["kind"] != "strategy" or spec.get("asset") is not None
    return size if alone or spec["size"]["unit"] not in ("weight", "risk") else trunc_div(size, assets)


def lots_of(i: Instrument, unit: str, size: int, ref: int, equity: int, per_unit: int | None) -> int:
    """Returns the lots of a quantised size at the reference price; `equity` (of the settlement currency) has no share below 0."""
    if unit == "qty":
        return size
    if unit == "notional":
        return i.lots_for(Fraction(size), ref)
    share = Fraction(max(equity, 0) * size, E9)
    if unit == "weight":
        return i.lots_for(share, ref)
    assert per_unit is not None
    if not i.inverse:
        return i.lots_for(share, per_unit)
    if per_unit >= ref:
        return 0
    lost = i.exact(1, ref - per_unit) - i.exact(1, ref)  # what a long lot loses when the price falls by so much
    return math.floor(math.floor(share) / lost)
