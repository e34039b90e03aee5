"""Stops that go with a target, entries or an order: `b4.stop.fixed`, `b4.stop.trailing`, `b4.stop.time`.

A distance is in quote units per base unit (a price difference), so that 3 × ATR is `b4.stop.trailing(3 * m.atr(14))`;
`pct=0.05` is 5 % of the close (of an order: of the price it waits for). When they fill and at what price: docs/semantics.md,
sections 5 to 7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from . import operands
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .kinds import ClockFamily
from .spans import Window, window
from .tracing import current
from .view import asset, market

__all__ = ["fixed", "time", "trailing"]

NodeOf = Callable[[Expr], int]
"""The position of an expression's node in the program."""


def reference(symbol: str | None, origin: Origin) -> Expr:
    """Returns the close (on ticks the mid) that a fraction is taken of, of each asset or the addressed one, blamed on the line `origin`."""
    view, trace = market() if symbol is None else asset(symbol), current()
    close = view.close if trace is None or trace.family is ClockFamily.BAR else view.book.mid
    close.origin = origin
    return close


def part_of(base: Expr, pct: float, origin: Origin) -> Expr:
    """Returns pct × base, blamed on the line that asked for it."""
    distance = base * pct
    for part in (distance, distance.inputs[1]):
        part.origin = origin
    return distance


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """A stop: a distance, a fraction of the close, or a length of time."""

    kind: Literal["fixed", "trailing", "time"]
    distance: Expr | None
    pct: float | None
    length: Window | None
    origin: Origin

    def resolved(self, base: Expr) -> Stop:
        """Returns the stop with its fraction of `base` as a distance."""
        if self.pct is None:
            return self
        return replace(self, distance=part_of(base, self.pct, self.origin), pct=None)

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form."""
        if self.length is not None:
            return {"kind": "time"} | self.length.to_json()
        assert self.distance is not None  # resolved
        return {"kind": self.kind, "node": node(self.distance)}


def _distance_stop(kind: Literal["fixed", "trailing"], distance: object, pct: float | None) -> Stop:
    if (distance is None) == (pct is None):
        raise StrategyError(
            f"stop.{kind} needs a distance or pct, one of them",
            f"Write b4.stop.{kind}(3 * m.atr(14)) or b4.stop.{kind}(pct=0.05)",
        )
    what = f"stop.{kind}"
    if pct is not None:
        return Stop(kind, None, operands.pct(pct, what), None, caller_origin())
    expression = operands.distance(distance, what, "; to leave on a condition, set the target to 0")
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


def checked(given: Stop | Sequence[Stop] | None) -> tuple[Stop, ...]:
    """Returns the stops of `stop=`. Raises StrategyError for anything else and for two of a kind."""
    if given is None:
        return ()
    stops = (given,) if isinstance(given, Stop) else tuple(given) if isinstance(given, (list, tuple)) else (given,)
    for s in stops:
        if not isinstance(s, Stop):
            raise StrategyError(
                f"stop holds a {type(s).__name__}",
                "Write stop=b4.stop.trailing(3 * m.atr(14)) or stop=b4.stop.fixed(pct=0.05)",
            )
    for kind in ("fixed", "trailing", "time"):
        if sum(s.kind == kind for s in stops) > 1:
            raise StrategyError(
                f"there are two {kind} stops", "Keep one; the nearer of two distances is b4.minimum(a, b)"
            )
    return stops
