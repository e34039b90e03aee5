"""Rolling windows: x.rolling(20).mean() and the like. Missing while the window is not full or holds a missing value."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..catalogue import A, Gives, N, Op, declare
from ..core import Operand, apply
from ..errors import StrategyError
from ..names import Named
from ..spans import Window, rows, window

if TYPE_CHECKING:
    from ..expr import Expr

SUM = declare(Op("roll_sum", (A,), Gives.NUMBER, ("n",), text="rolling_sum", windowed=True))
MEAN = declare(Op("roll_mean", (A,), Gives.NUMBER, ("n",), text="rolling_mean", windowed=True))
MIN = declare(Op("roll_min", (N,), Gives.NUMBER, ("n",), text="rolling_min", windowed=True))
MAX = declare(Op("roll_max", (N,), Gives.NUMBER, ("n",), text="rolling_max", windowed=True))
RANK = declare(Op("roll_rank", (N,), Gives.NUMBER, ("n",), text="rolling_rank", windowed=True))
VAR = declare(Op("roll_var", (N,), Gives.NUMBER, ("n", "ddof"), text="rolling_var", windowed=True))
STD = declare(Op("roll_std", (N,), Gives.NUMBER, ("n", "ddof"), text="rolling_std", windowed=True))
ZSCORE = declare(Op("roll_zscore", (N,), Gives.NUMBER, ("n", "ddof"), text="rolling_zscore", windowed=True))
CORR = declare(Op("roll_corr", (N, N), Gives.NUMBER, ("n",), text="rolling_corr", windowed=True))
BETA = declare(Op("roll_beta", (N, N), Gives.NUMBER, ("n",), text="rolling_beta", windowed=True))


class Rolling(Named):
    """A window over one expression. An integer counts rows of its clock and asset; "30d" is the last 30 days."""

    __slots__ = ("_window", "_x")

    _what: ClassVar[str] = "a rolling window"
    _aliases: ClassVar[dict[str, str]] = {
        "average": ".mean()",
        "avg": ".mean()",
        "stdev": ".std()",
        "count": ".sum() of a condition",
        "cov": ".corr(y) or .beta(y)",
        "median": ".mean(); a rolling median is not in the catalogue yet",
        "quantile": ".rank(); a rolling quantile is not in the catalogue yet",
        "apply": "the expressions themselves; Python functions cannot run row by row",
    }

    def __init__(self, x: Expr, length: Window) -> None:
        self._x = x
        self._window = length

    def _over(self, name: str, *others: object, extra: tuple[float, ...] = ()) -> Expr:
        return apply(name, self._x, *others, f=(float(self._window.length), *extra), s=self._window.tag)

    def _at_least_two(self, name: str, ddof: int) -> tuple[float, ...]:
        count = rows(ddof, f"ddof of rolling {name}", 0)
        if not self._window.is_time and self._window.length <= max(count, 1 if count else 0):
            raise StrategyError(
                f"rolling({self._window.length}).{name}() needs more rows than ddof={count}",
                f"Use a window of at least {count + 1}",
            )
        return (float(count),)

    def sum(self) -> Expr:
        """Returns Σx over the window; of a condition, how often it was true. First value at row n−1."""
        return self._over(SUM)

    def mean(self) -> Expr:
        """Returns the mean of the window; of a condition, the share of rows it was true on. First value at row n−1."""
        return self._over(MEAN)

    def min(self) -> Expr:
        """Returns the smallest value of the window, the newest row included. First value at row n−1."""
        return self._over(MIN)

    def max(self) -> Expr:
        """Returns the largest value of the window, the newest row included. First value at row n−1."""
        return self._over(MAX)

    def rank(self) -> Expr:
        """Returns the newest value's rank in its window: (count below + (count equal + 1)/2) / n, in (0, 1]."""
        return self._over(RANK)

    def var(self, ddof: int = 1) -> Expr:
        """Returns Σ(x−mean)²/(n−ddof). First value at row n−1."""
        return self._over(VAR, extra=self._at_least_two("var", ddof))

    def std(self, ddof: int = 1) -> Expr:
        """Returns the square root of `var`; Bollinger's bands use ddof=0. First value at row n−1."""
        return self._over(STD, extra=self._at_least_two("std", ddof))

    def zscore(self, ddof: int = 1) -> Expr:
        """Returns (x − mean) / std of the window; missing where std is 0. First value at row n−1."""
        return self._over(ZSCORE, extra=self._at_least_two("zscore", ddof))

    def corr(self, other: object) -> Expr:
        """Returns Pearson's correlation with `other` over the window. First value at row n−1."""
        self._at_least_two("corr", 1)
        return self._over(CORR, other)

    def beta(self, other: object) -> Expr:
        """Returns cov(x, y) / var(y): the slope of x on y = `other`. First value at row n−1."""
        self._at_least_two("beta", 1)
        return self._over(BETA, other)


class Windows(Operand):
    """The methods that open a window."""

    __slots__ = ()

    def rolling(self, n: int | str) -> Rolling:
        """Returns the window of the last `n` rows, or of a time such as "30d": `.sum() .mean() .std() …` follow."""
        return Rolling(self, window(n, "the window of rolling"))  # type: ignore[arg-type]  # Expr is the only Operand

    def sma(self, n: int | str) -> Expr:
        """Returns the simple moving average: `rolling(n).mean()`. First value at row n−1."""
        w = window(n, "the window of sma")
        return apply(MEAN, self, f=(float(w.length),), s=w.tag)
