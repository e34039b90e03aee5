"""Earlier rows: shift, change, returns, log_return. Only the past can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalogue import A, Gives, N, Op, declare
from ..core import Operand, apply, plain_number
from ..errors import StrategyError
from ..spans import window

if TYPE_CHECKING:
    from ..expr import Expr

SHIFT = declare(Op("shift", (A,), Gives.SAME, ("k",), windowed=True))
CHANGE = declare(Op("change", (N,), Gives.NUMBER, ("k",), windowed=True))
RETURNS = declare(Op("returns", (N,), Gives.NUMBER, ("k",), windowed=True))
LOG_RETURN = declare(Op("log_return", (N,), Gives.NUMBER, ("k",), windowed=True))


def _back(name: str, x: object, k: int | str) -> Expr:
    number = None if isinstance(k, bool) else plain_number(k)
    if (number is not None and number < 0) or (isinstance(k, str) and k.startswith("-")):
        raise StrategyError(
            f"{name}({k}) would read the future",
            f"Look back with {name}({str(k).lstrip('-')}); Ichimoku's lagging span compares close with close.shift(26), "
            "it never needs shift(-26)",
        )
    w = window(k, f"the lag of {name}")
    return apply(name, x, f=(float(w.length),), s=w.tag)


class History(Operand):
    """Methods that look back k rows of the expression's own clock, or a time such as "1d". First value after k rows."""

    __slots__ = ()

    def shift(self, k: int | str = 1) -> Expr:
        """Returns x k rows ago: x[t−k]."""
        return _back(SHIFT, self, k)

    def change(self, k: int | str = 1) -> Expr:
        """Returns x[t] − x[t−k]."""
        return _back(CHANGE, self, k)

    def returns(self, k: int | str = 1) -> Expr:
        """Returns x[t] / x[t−k] − 1, as a fraction."""
        return _back(RETURNS, self, k)

    def log_return(self, k: int | str = 1) -> Expr:
        """Returns ln(x[t] / x[t−k])."""
        return _back(LOG_RETURN, self, k)
