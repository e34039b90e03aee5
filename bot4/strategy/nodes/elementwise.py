"""Functions of one row: abs, sign, sqrt, log, exp, clip, between, where, missing values, minimum and maximum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..catalogue import A, B, Gives, N, Op, declare
from ..core import Operand, apply, missing
from ..errors import StrategyError

if TYPE_CHECKING:
    from ..expr import Expr

CONST = declare(Op("const", (), Gives.NUMBER, ("v",)))
ABS = declare(Op("abs", (N,), Gives.NUMBER, fold=abs))
SIGN = declare(Op("sign", (N,), Gives.NUMBER, fold=lambda x: float((x > 0) - (x < 0))))
SQRT = declare(Op("sqrt", (N,), Gives.NUMBER, fold=math.sqrt))
LOG = declare(Op("log", (N,), Gives.NUMBER))
EXP = declare(Op("exp", (N,), Gives.NUMBER))
CLIP = declare(Op("clip", (N, N, N), Gives.NUMBER))
BETWEEN = declare(Op("between", (N, N, N), Gives.BOOL, fold=lambda x, lo, hi: lo <= x <= hi))
WHERE = declare(Op("where", (B, A, A), Gives.BRANCH, fold=lambda c, a, b: a if c else b))
IS_MISSING = declare(Op("is_missing", (A,), Gives.BOOL, fold=lambda x: 0.0))
FILL_MISSING = declare(Op("fill_missing", (A, A), Gives.BRANCH, fold=lambda x, y: x))
MINIMUM = declare(Op("minimum", (N, N), Gives.NUMBER, commutes=True, fold=min))
MAXIMUM = declare(Op("maximum", (N, N), Gives.NUMBER, commutes=True, fold=max))


class Elementwise(Operand):
    """Row-by-row methods of an expression. None has a warm-up; a missing input gives missing unless said otherwise."""

    __slots__ = ()

    def abs(self) -> Expr:
        """Returns |x|."""
        return apply(ABS, self)

    def sign(self) -> Expr:
        """Returns 1, 0 or −1."""
        return apply(SIGN, self)

    def sqrt(self) -> Expr:
        """Returns √x; missing for x < 0."""
        return apply(SQRT, self)

    def log(self) -> Expr:
        """Returns ln x; missing for x ≤ 0."""
        return apply(LOG, self)

    def exp(self) -> Expr:
        """Returns eˣ; missing where that overflows."""
        return apply(EXP, self)

    def clip(self, lower: object = None, upper: object = None) -> Expr:
        """Returns x held between `lower` and `upper`; either bound (number or expression) may be left out."""
        if lower is None and upper is None:
            raise StrategyError("clip has no bound", "Write clip(0, 1), clip(lower=0) or clip(upper=1)")
        if upper is None:
            return apply(MAXIMUM, self, lower)
        if lower is None:
            return apply(MINIMUM, self, upper)
        return apply(CLIP, self, lower, upper)

    def between(self, lower: object, upper: object) -> Expr:
        """Returns the condition lower ≤ x ≤ upper (both ends belong to it)."""
        return apply(BETWEEN, self, lower, upper)

    def where(self, condition: object) -> Expr:
        """Returns x where `condition` is true and missing elsewhere (a mask, as for a universe)."""
        return apply(WHERE, condition, self, missing()) if self.kind.is_number else _masked_condition()

    def is_missing(self) -> Expr:
        """Returns the condition "x is missing"; itself never missing."""
        return apply(IS_MISSING, self)

    def fill_missing(self, value: object) -> Expr:
        """Returns x, and `value` (number, condition or expression) where x is missing."""
        return apply(FILL_MISSING, self, value)


def _masked_condition() -> Expr:
    raise StrategyError(
        "where masks a condition, which would be neither true nor false", "Join the conditions instead: (a) & (b)"
    )
