"""Stops that go with a target: `b4.stop.fixed`, `b4.stop.trailing`, `b4.stop.time`.

A distance is in quote units per base unit (a price difference), so that 3 × ATR is `b4.stop.trailing(3 * m.atr(14))`;
`pct=0.05` is 5 % of the close. When they fill and at what price: docs/semantics.md, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .core import as_expr, plain_number
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .spans import Window, window


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """A stop: a distance, a fraction of the close, or a length of time."""

    kind: Literal["fixed", "trailing", "time"]
    distance: Expr | None
    pct: float | None
    length: Window | None
    origin: Origin


def _distance_stop(kind: Literal["fixed", "trailing"], distance: object, pct: float | None) -> Stop:
    if (distance is None) == (pct is None):
        raise StrategyError(
            f"stop.{kind} needs a distance or pct, one of them",
            f"Write b4.stop.{kind}(3 * m.atr(14)) or b4.stop.{kind}(pct=0.05)",
        )
    if pct is not None:
        number = None if isinstance(pct, bool) else plain_number(pct)
        if number is None or not 0 < number < 1:
            raise StrategyError(f"pct of stop.{kind} is {pct!r}", "Give a fraction between 0 and 1: 5 % is pct=0.05")
        return Stop(kind, None, float(number), None, caller_origin())
    number = plain_number(distance)
    if number is not None and number <= 0:
        raise StrategyError(
            f"the distance of stop.{kind} is {number:g}", "Give a price difference above 0; 5 % is pct=0.05"
        )
    expression = as_expr(distance)
    if expression.kind.is_bool:
        raise StrategyError(
            f"the distance of stop.{kind} is a condition, {expression.describe()}",
            "Give a price difference, such as 3 * m.atr(14); to leave on a condition, set the target to 0",
        )
    return Stop(kind, expression, None, None, caller_origin())


def fixed(distance: object = None, *, pct: float | None = None) -> Stop:
    """Returns a stop at entry price ∓ distance, the distance taken at the decision that sent the order."""
    return _distance_stop("fixed", distance, pct)


def trailing(distance: object = None, *, pct: float | None = None) -> Stop:
    """Returns a stop that follows the best price since the opening fill at `distance`, and never loosens."""
    return _distance_stop("trailing", distance, pct)


def time(length: int | str) -> Stop:
    """Returns an exit after `length` bars (the entry bar is 1) or after a time such as "3d"."""
    return Stop("time", None, None, window(length, "the length of stop.time"), caller_origin())
