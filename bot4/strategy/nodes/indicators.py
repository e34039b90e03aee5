"""Indicators that are more than an average: rsi, true range, atr (Wilder 1978, as TA-Lib)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalogue import Gives, N, Op, declare
from ..core import Operand, apply
from ..spans import rows

if TYPE_CHECKING:
    from ..expr import Expr

TRUE_RANGE = declare(Op("true_range", (N, N, N), Gives.NUMBER))
ATR = declare(Op("atr", (N, N, N), Gives.NUMBER, ("n",)))
RSI = declare(Op("rsi", (N,), Gives.NUMBER, ("n",)))


def true_range(high: Expr, low: Expr, close: Expr) -> Expr:
    """Returns max(high−low, |high−close₋₁|, |low−close₋₁|). First value at row 1."""
    return apply(TRUE_RANGE, high, low, close)


def atr(high: Expr, low: Expr, close: Expr, n: int) -> Expr:
    """Returns Wilder's average true range over n rows. First value at row n."""
    return apply(ATR, high, low, close, f=(float(rows(n, "the window of atr")),))


class Indicators(Operand):
    """Indicators of one column."""

    __slots__ = ()

    def rsi(self, n: int) -> Expr:
        """Returns Wilder's relative strength index, 0 to 100: 100·up/(up+down), 0 where both are 0. First value at row n."""
        return apply(RSI, self, f=(float(rows(n, "the window of rsi")),))
