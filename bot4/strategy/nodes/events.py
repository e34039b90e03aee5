"""Events and signal state: crossings, bars_since, hold_when, latch, state. Signal state, never the position (that is m.pos)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalogue import A, B, Gives, N, Op, declare
from ..core import Operand, apply

if TYPE_CHECKING:
    from ..expr import Expr

CROSSES_ABOVE = declare(Op("crosses_above", (N, N), Gives.EVENT))
CROSSES_BELOW = declare(Op("crosses_below", (N, N), Gives.EVENT))
BARS_SINCE = declare(Op("bars_since", (B,), Gives.NUMBER))
LATCH = declare(Op("latch", (B, B, B), Gives.NUMBER))
HOLD_WHEN = declare(Op("hold_when", (A, B), Gives.SAME))
STATE = declare(Op("state", (A,), Gives.SAME, ("init",)))


class Events(Operand):
    """Methods that mark moments and remember."""

    __slots__ = ()

    def crosses_above(self, other: object) -> Expr:
        """Returns the event x > y now and x ≤ y on the previous row (both present). First value at row 1."""
        return apply(CROSSES_ABOVE, self, other)

    def crosses_below(self, other: object) -> Expr:
        """Returns the event x < y now and x ≥ y on the previous row (both present). First value at row 1."""
        return apply(CROSSES_BELOW, self, other)

    def bars_since(self) -> Expr:
        """Returns rows since the condition was last true: 0 on that row, missing before the first."""
        return apply(BARS_SINCE, self)

    def hold_when(self, condition: object) -> Expr:
        """Returns x, but the last output where `condition` is true (missing before there was one)."""
        return apply(HOLD_WHEN, self, condition)
