"""Instruments: what lots at a price are worth (docs/semantics.md, sections 4 and 9)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

E9 = 1_000_000_000


@dataclass(frozen=True)
class Instrument:
    """Linear: q lots at p ticks are q·p·num/den of 1e-8 quote. Inverse: q·num/(p·den) of 1e-8 base, and a long is worth minus that."""

    symbol: str
    spot: bool
    inverse: bool
    tick: Fraction
    lot: Fraction
    num: int
    den: int
    taker_e9: int
    maker_e9: int
    min_lots: int
    min_notional: int
    wallet: int
    margin: Mapping[str, Any] | None
    borrow_e9: int

    @classmethod
    def read(cls, info: Mapping[str, Any], costs: Mapping[str, Any]) -> Instrument:
        tick, lot = (Fraction(n, 10**d) for n, d in (info["tick"], info["lot"]))
        inverse = info["kind"] == "inverse"
        if inverse:
            n, d = info["contract"]
            num, den = (lot * Fraction(n, 10**d) * 10**8 / tick).as_integer_ratio()
        else:
            num, den = (tick * lot * 10**8).as_integer_ratio()
        return cls(
            info["symbol"], info["kind"] == "spot", inverse, tick, lot, num, den,
            costs["taker_e9"], costs.get("maker_e9", 0), costs["min_lots"], costs["min_notional"],
            costs.get("wallet", 0), costs.get("margin"), costs.get("borrow_e9", 0),
        )  # fmt: skip

    @property
    def long_only(self) -> bool:
        """Spot is borrowed only where its margin is stated."""
        return self.spot and self.margin is None

    @property
    def leverage_e9(self) -> int | None:
        return None if self.margin is None else int(self.margin["leverage_e9"])

    def exact(self, lots: int, ticks: int) -> Fraction:
        """The amount of lots, without its sign for inverse contracts."""
        return (
            Fraction(lots * self.num, ticks * self.den) if self.inverse else Fraction(lots * ticks * self.num, self.den)
        )

    def ratio(self, lots: int, ticks: int) -> tuple[int, int]:
        """The exact amount as numerator and denominator."""
        return (lots * self.num, ticks * self.den) if self.inverse else (lots * ticks * self.num, self.den)

    def floor_amount(self, lots: int, ticks: int) -> int:
        top, bottom = self.ratio(lots, ticks)
        return top // bottom

    def ceil_amount(self, lots: int, ticks: int) -> int:
        top, bottom = self.ratio(lots, ticks)
        return -(-top // bottom)

    def directed(self, lots: int) -> int:
        """Lots with the sign of what buying them costs."""
        return -lots if self.inverse else lots

    def value(self, lots: int, ticks: int) -> int:
        """What a position is worth, rounded down; nothing without a price."""
        return self.floor_amount(self.directed(lots), ticks) if lots else 0

    def booked(self, lots: int, ticks: int) -> int:
        """What a fill of signed lots takes from the wallet (negative: brings), rounded against us."""
        return self.ceil_amount(self.directed(lots), ticks)

    # --- costs ------------------------------------------------------------------------------------------------------

    def cost(self, lots: int, ticks: int) -> int:
        """What signed lots add to a position's signed cost: lots·ticks, or q·V/p in 1e-17, rounded down."""
        return math.floor(self.exact(lots, ticks) * E9) if self.inverse else lots * ticks

    def worth_of_cost(self, cost: int) -> int:
        """The value a position had when it was entered, rounded down."""
        return -cost // E9 if self.inverse else cost * self.num // self.den

    def average(self, lots: int, cost: int) -> Fraction:
        """The entry price in ticks: for inverse contracts the harmonic mean."""
        return Fraction(lots * self.num * E9, cost * self.den) if self.inverse else Fraction(cost, lots)

    def entry_ticks(self, lots: int, cost: int) -> int:
        """The entry price, down for a long, up for a short."""
        price = self.average(lots, cost)
        return math.floor(price) if lots > 0 else math.ceil(price)

    # --- sizes ------------------------------------------------------------------------------------------------------

    def lots_up_to(self, amount: int, ticks: int) -> int:
        """The most lots whose amount, rounded down, stays within `amount`."""
        return max(0, math.ceil((amount + 1) / self.exact(1, ticks)) - 1)

    def lots_for(self, amount: Fraction, ticks: int) -> int:
        """The lots that an exact amount buys, truncated."""
        return math.floor(amount / self.exact(1, ticks))
