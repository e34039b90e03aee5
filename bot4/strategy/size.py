"""How much an order or a unit of entries is for: `b4.size.weight`, `notional`, `qty`, `risk`. A bare number is a weight.

Not here: how a size becomes lots (docs/semantics.md, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from . import operands
from .core import as_expr, plain_number
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .stop import NodeOf

__all__ = ["notional", "qty", "risk", "weight"]

Unit = Literal["weight", "notional", "qty", "risk"]

MOST = {"weight": 100.0, "risk": 1.0}
"""The largest weight is the largest budget of a target; nobody can risk more than everything."""


@dataclass(frozen=True, slots=True, eq=False)
class Size:
    """A checked size: its unit, its number, and for a risk the loss per base unit at the stop."""

    unit: Unit
    expression: Expr
    per_unit: Expr | None
    origin: Origin

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form."""
        row: dict[str, Any] = {"unit": self.unit, "node": node(self.expression)}
        return row if self.per_unit is None else row | {"per_unit": node(self.per_unit)}

    def describe(self) -> str:
        """Returns the size in words, such as "0.1 of equity"."""
        number = self.expression.describe()
        ends = {"weight": " of equity", "notional": " quote units", "qty": " base units", "risk": " of equity at risk"}
        return number + ends[self.unit]


def _sized(unit: Unit, value: object, per_unit: object = None, whose: str = "") -> Size:
    what = f"the size{whose}"
    number = plain_number(value)
    if value is None or isinstance(number, bool):
        raise StrategyError(f"{what} is {value}", "Write size=0.1 (a tenth of equity) or size=b4.size.notional(1000)")
    if number is not None and number <= 0:
        raise StrategyError(f"{what} is {number:g}", 'Give a size above 0; side="sell" says which way')
    most = MOST.get(unit)
    if number is not None and most is not None and number > most:
        raise StrategyError(
            f"{what} is {number:g} times equity" + (" at risk" if unit == "risk" else ""),
            "1 % is 0.01"
            if unit == "risk"
            else f"Write b4.size.qty({number:g}) for base units, b4.size.notional(…) for quote units",
        )
    expression = as_expr(value)
    if expression.kind.is_bool:
        raise StrategyError(
            f"{what} is a condition, {expression.describe()}, and a size says how much",
            "Write size=0.1 and give the condition as when= or while_=",
        )
    distance = None if per_unit is None else operands.distance(per_unit, "size.risk")
    return Size(unit, expression, distance, caller_origin())


def weight(fraction: object) -> Size:
    """Returns a size as a fraction of equity (of the asset's share, in a `@b4.strategy`): 0.1 is a tenth."""
    return _sized("weight", fraction)


def notional(amount: object) -> Size:
    """Returns a size in quote units: 1000 is as much as 1000 USDT buy."""
    return _sized("notional", amount)


def qty(quantity: object) -> Size:
    """Returns a size in base units: 0.5 is half a bitcoin."""
    return _sized("qty", quantity)


def risk(fraction: object, *, per_unit: object = None) -> Size:
    """Returns a size that loses `fraction` of equity where price moves by `per_unit` (a price difference) against it.

    Without `per_unit` it is the distance of the fixed stop that goes with it.
    """
    return _sized("risk", fraction, per_unit)


def checked(value: object, whose: str) -> Size:
    """Returns the size of `size=`: what one of the functions made, or a number or expression as a weight.

    `whose` ends "the size" in an error: " of the order dip".
    """
    return value if isinstance(value, Size) else _sized("weight", value, whose=whose)
