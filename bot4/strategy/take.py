"""Takes (profit limits) that go with a target, entries or an order: `b4.take.fixed`.

A take is a limit at entry price ± distance for the whole position; when it fills: docs/semantics.md, sections 6 and 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import operands
from .core import Operand, plain_number
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .stop import Stop, part_of

__all__ = ["fixed"]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A take: a distance, or a fraction of the close."""

    distance: Expr | None
    pct: float | None
    origin: Origin

    def resolved(self, base: Expr) -> Take:
        """Returns the take with its fraction of `base` as a distance."""
        if self.pct is None:
            return self
        return replace(self, distance=part_of(base, self.pct, self.origin), pct=None)


def fixed(distance: object = None, *, pct: float | None = None) -> Take:
    """Returns a take at entry price ± distance, set anew from the average entry at each increase."""
    if (distance is None) == (pct is None):
        raise StrategyError(
            "take.fixed needs a distance or pct, one of them",
            "Write b4.take.fixed(2 * m.atr(14)) or b4.take.fixed(pct=0.05)",
        )
    if pct is not None:
        return Take(None, operands.pct(pct, "take.fixed"), caller_origin())
    return Take(operands.distance(distance, "take.fixed"), None, caller_origin())


def checked(given: object) -> Take | None:
    """Returns the take of `take=`: what `b4.take.fixed` made, or an expression as its distance. Raises StrategyError."""
    if given is None or isinstance(given, Take):
        return given
    if isinstance(given, Operand):
        return Take(operands.distance(given, "take"), None, caller_origin())
    if isinstance(given, Stop):
        raise StrategyError(
            "take holds a stop", "Write take=b4.take.fixed(2 * m.atr(14)) or take=b4.take.fixed(pct=0.05)"
        )
    number = plain_number(given)
    shown = f"{number:g}" if number is not None else f"a {type(given).__name__}"
    raise StrategyError(
        f"take is {shown}, which does not say of what",
        "Write take=b4.take.fixed(2 * m.atr(14)) for a price difference, take=b4.take.fixed(pct=0.05) for 5 %",
    )
