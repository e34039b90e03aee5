"""Exits that go with an order (its bracket): stop, trail and take as distances from the fill, or stop_at and take_at as prices.

Not here: when they fill (docs/semantics.md, section 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from . import operands
from . import stop as stops
from . import take as takes
from .core import Operand, plain_number
from .errors import StrategyError
from .expr import Expr
from .stop import NodeOf, Stop


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """The exits of an order: distances and prices, each may be absent."""

    stop: Expr | None = None
    trail: Expr | None = None
    take: Expr | None = None
    stop_at: Expr | None = None
    take_at: Expr | None = None

    def named(self) -> list[tuple[str, Expr]]:
        """Returns the exits that are there, by name."""
        return [(f.name, x) for f in fields(self) if (x := getattr(self, f.name)) is not None]

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form."""
        return {name: node(x) for name, x in self.named()}


def checked(given: dict[str, object], base: Expr, limit: Expr | None, side: int, whose: str) -> Exits:
    """Returns the exits among an order's rules.

    `base` is the price that fractions are of, `limit` the price the order waits for (none: the market's). Raises StrategyError.
    """
    found: dict[str, Expr | None] = {}
    for s in _stops(given.get("stop"), given.get("trail"), whose):
        name = "stop" if s.kind == "fixed" else "trail"
        if name in found:
            raise StrategyError(
                f"there are two {s.kind} stops{whose}", "Keep one; the nearer of two is b4.minimum(a, b)"
            )
        found[name] = s.resolved(base).distance
    take = takes.checked(given.get("take"))
    if take is not None:
        found["take"] = take.resolved(base).distance
    for name in ("stop_at", "take_at"):
        if given.get(name) is not None:
            found[name] = operands.price(given[name], f"{name}{whose}")
    exits = Exits(**found)
    _check_pairs(exits, whose)
    _check_sides(exits, limit, side, whose)
    return exits


def _stops(stop: object, trail: object, whose: str) -> list[Stop]:
    found = [_stop(s, "fixed", "stop", whose) for s in _several(stop)]
    return found + [_stop(s, "trailing", "trail", whose) for s in _several(trail)]


def _several(given: object) -> Sequence[object]:
    if given is None:
        return ()
    return given if isinstance(given, (list, tuple)) else (given,)


def _stop(given: object, bare: str, name: str, whose: str) -> Stop:
    """Returns one stop of `stop=` or `trail=`; a bare expression is a distance of the kind the name says."""
    make = stops.fixed if bare == "fixed" else stops.trailing
    if isinstance(given, Operand):
        return make(given)
    number = plain_number(given)
    if number is not None:
        raise StrategyError(
            f"{name}{whose} is {number:g}, which does not say of what",
            f"Write {name}=b4.stop.{bare}({number:g}) for a price difference, or b4.stop.{bare}(pct=0.05) for 5 %",
        )
    if not isinstance(given, Stop):
        raise StrategyError(
            f"{name}{whose} holds a {type(given).__name__}", f"Write {name}=b4.stop.{bare}(2 * m.atr(14))"
        )
    if given.kind == "time":
        raise StrategyError(
            f"{name}{whose} is a time stop, and the exits of an order wait for a price",
            'Add an order that leaves: b4.order.market("old", "sell", size, when=m.pos.bars_held >= n, reduce_only=True)',
        )
    if name == "trail" and given.kind != "trailing":
        raise StrategyError(
            f"trail{whose} is a fixed stop", "Write stop=b4.stop.fixed(…), or trail=b4.stop.trailing(…)"
        )
    return given


def _check_pairs(exits: Exits, whose: str) -> None:
    for distance, price in (("stop", "stop_at"), ("take", "take_at")):
        if getattr(exits, distance) is not None and getattr(exits, price) is not None:
            raise StrategyError(
                f"{distance} and {price} are both given{whose}",
                f"Keep {distance}= (a distance from the fill) or {price}= (a price)",
            )


def _check_sides(exits: Exits, limit: Expr | None, side: int, whose: str) -> None:
    """Refuses fixed prices on the wrong side: a buy's stop lies below its price, its take above."""
    for name, sign in (("stop_at", -side), ("take_at", side)):
        level, entry = operands.known(getattr(exits, name)), operands.known(limit)
        if level is not None and entry is not None and sign * (level - entry) <= 0:
            wanted = "above" if sign > 0 else "below"
            raise StrategyError(
                f"{name}{whose} is {level:g}, which is not {wanted} its price {entry:g}",
                f"The {name.partition('_')[0]} of a {'buy' if side > 0 else 'sell'} lies {wanted} its price",
            )
    stop, take = operands.known(exits.stop_at), operands.known(exits.take_at)
    if stop is not None and take is not None and side * (take - stop) <= 0:
        raise StrategyError(
            f"take_at {take:g} is on the wrong side of stop_at {stop:g}{whose}",
            f"A {'buy' if side > 0 else 'sell'} takes {'above' if side > 0 else 'below'} its stop",
        )
