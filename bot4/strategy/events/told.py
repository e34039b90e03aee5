"""What an event strategy is told: fills and working orders, as plain values."""

from __future__ import annotations

from typing import NamedTuple


class Fill(NamedTuple):
    """One fill: quantities in base units (sells negative), price and fee in quote units, `time` the bar's open time in UTC ms."""

    key: str
    order: int
    time: int
    qty: float
    price: float
    fee: float
    maker: bool
    reason: int


class Working(NamedTuple):
    """A working order: `left` in base units (sells negative), price and trigger in quote units or None."""

    key: str
    kind: str
    left: float
    price: float | None
    trigger: float | None
