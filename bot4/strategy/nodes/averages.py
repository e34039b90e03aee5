"""Recursive averages: ema, rma, ewm mean and std, volatility. They skip missing inputs and settle after 10 × their length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from ..catalogue import Gives, N, Op, declare
from ..core import Operand, apply, make, plain_number
from ..errors import StrategyError
from ..kinds import Kind
from ..names import Named
from ..spans import rows

if TYPE_CHECKING:
    from ..expr import Expr

EMA = declare(Op("ema", (N,), Gives.NUMBER, ("n",)))
RMA = declare(Op("rma", (N,), Gives.NUMBER, ("n",)))
EWM_MEAN = declare(Op("ewm_mean", (N,), Gives.NUMBER, ("alpha",)))
EWM_STD = declare(Op("ewm_std", (N,), Gives.NUMBER, ("alpha",)))

ANNUAL_ROOT = "annual_root"
"""Not a node: becomes the constant √(365 d / interval of the clock) once the clock is known (see `lowering`)."""


def smoothing(what: str, span: float | None, halflife: float | None, alpha: float | None) -> float:
    """Returns α from the one length that is given: 2/(span+1), or 1 − exp(−ln2/halflife)."""
    given = {k: v for k, v in (("span", span), ("halflife", halflife), ("alpha", alpha)) if v is not None}
    if len(given) != 1:
        raise StrategyError(
            f"{what} needs exactly one of span, halflife and alpha, and got {', '.join(given) or 'none'}",
            f"Write {what}(span=20)",
        )
    name, value = next(iter(given.items()))
    number = None if isinstance(value, bool) else plain_number(value)
    low, high = {"span": (1.0, math.inf), "halflife": (0.0, math.inf), "alpha": (0.0, 1.0)}[name]
    is_inside = number is not None and math.isfinite(number) and low <= number <= high and number > 0
    if not is_inside:
        raise StrategyError(
            f"{name} of {what} is {value!r}",
            {
                "span": "Give a number of at least 1",
                "halflife": "Give a number above 0",
                "alpha": "Give a number above 0 and at most 1",
            }[name],
        )
    assert number is not None
    if name == "span":
        return 2.0 / (number + 1.0)
    return -math.expm1(-math.log(2.0) / number) if name == "halflife" else float(number)


class Ewm(Named):
    """Exponential weights over one expression, `adjust=False`."""

    __slots__ = ("_alpha", "_x")

    _what: ClassVar[str] = "ewm(…)"
    _aliases: ClassVar[dict[str, str]] = {
        "average": ".mean()",
        "stdev": ".std()",
        "var": ".std() ** 2",
        "vol": "x.vol(span=…)",
    }

    def __init__(self, x: Expr, alpha: float) -> None:
        self._x = x
        self._alpha = alpha

    def mean(self) -> Expr:
        """Returns y = (1−α)·y + α·x, seeded with the first input. Value from the first input on."""
        return apply(EWM_MEAN, self._x, f=(self._alpha,))

    def std(self) -> Expr:
        """Returns √v with d = x−m, m += α·d, v = (1−α)·(v + α·d²). First value at the second input."""
        return apply(EWM_STD, self._x, f=(self._alpha,))


class Averages(Operand):
    """The recursive averages of an expression."""

    __slots__ = ()

    def ema(self, n: int) -> Expr:
        """Returns the exponential average: α = 2/(n+1), seeded with the mean of the first n inputs (as TA-Lib). First value at row n−1."""
        return apply(EMA, self, f=(float(rows(n, "the window of ema")),))

    def rma(self, n: int) -> Expr:
        """Returns Wilder's average: as `ema` with α = 1/n. First value at row n−1."""
        return apply(RMA, self, f=(float(rows(n, "the window of rma")),))

    def ewm(
        self, *positional: object, span: float | None = None, halflife: float | None = None, alpha: float | None = None
    ) -> Ewm:
        """Returns exponential weights by exactly one of `span`, `halflife`, `alpha`; `.mean()` or `.std()` follows."""
        if positional:
            raise StrategyError(
                f"ewm({positional[0]!r}) does not say what the number means",
                "Write ewm(span=…), ewm(halflife=…) or ewm(alpha=…)",
            )
        return Ewm(self, smoothing("ewm", span, halflife, alpha))  # type: ignore[arg-type]  # Expr is the only Operand

    def ewm_mean(self, *, span: float | None = None, halflife: float | None = None, alpha: float | None = None) -> Expr:
        """Returns `ewm(…).mean()`."""
        return apply(EWM_MEAN, self, f=(smoothing("ewm_mean", span, halflife, alpha),))

    def ewm_std(self, *, span: float | None = None, halflife: float | None = None, alpha: float | None = None) -> Expr:
        """Returns `ewm(…).std()`."""
        return apply(EWM_STD, self, f=(smoothing("ewm_std", span, halflife, alpha),))

    def vol(self, *, span: float) -> Expr:
        """Returns annualised volatility: `ewm_std(span)` of `log_return(1)` × √(365 d / interval of the clock). First value at row 2."""
        returns = apply("log_return", self, f=(1.0,))
        deviation = apply(EWM_STD, returns, f=(smoothing("vol", span, None, None),))
        return apply("mul", deviation, make(ANNUAL_ROOT, kind=Kind.SCALAR))
