"""Across assets, at one time: x.cs.rank() and the like. Only a @b4.portfolio (or b4.peek) sees several assets.

Over the assets that have a bar now and whose value is present; ties by id. Formed on the base clock: a slower expression is
carried forward first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..catalogue import Gives, N, Op, declare
from ..core import Operand, apply, plain_number
from ..errors import StrategyError
from ..kinds import EVERY_ASSET
from ..names import Named
from ..spans import rows
from ..tracing import current

if TYPE_CHECKING:
    from ..expr import Expr

RANK = declare(Op("cs_rank", (N,), Gives.NUMBER, text="cs.rank"))
ZSCORE = declare(Op("cs_zscore", (N,), Gives.NUMBER, text="cs.zscore"))
DEMEAN = declare(Op("cs_demean", (N,), Gives.NUMBER, text="cs.demean"))
SCALE = declare(Op("cs_scale", (N,), Gives.NUMBER, ("gross | long", "short"), text="cs.scale"))
BUCKET = declare(Op("cs_bucket", (N,), Gives.NUMBER, ("n",), text="cs.bucket"))
TOP = declare(Op("cs_top", (N,), Gives.BOOL, ("n",), text="cs.top"))


def _amount(value: object, name: str) -> float:
    number = None if isinstance(value, bool) else plain_number(value)
    if number is None or not 0 <= number <= 1e6:
        raise StrategyError(
            f"{name} of cs.scale is {value!r}", "Give a number of at least 0, a fraction of equity such as 0.5"
        )
    return float(number)


class CrossSection(Named):
    """One expression seen across all assets at one time."""

    __slots__ = ("_x",)

    _what: ClassVar[str] = ".cs"
    _aliases: ClassVar[dict[str, str]] = {
        "quantile": ".bucket(n)",
        "qcut": ".bucket(n)",
        "normalize": ".scale(gross=1)",
        "standardize": ".zscore()",
        "mean": "x - x.cs.demean()",
        "nlargest": ".top(n)",
        "nsmallest": "(-x).cs.top(n)",
        "bottom": "(-x).cs.top(n)",
    }

    def __init__(self, x: Expr) -> None:
        self._x = x

    def _across(self, name: str, f: tuple[float, ...] = ()) -> Expr:
        return apply(name, self._x, f=f, home=EVERY_ASSET)

    def rank(self) -> Expr:
        """Returns the position by (value, id), from 0, over k−1: 0 for the smallest, 1 for the largest; 0.5 alone."""
        return self._across(RANK)

    def zscore(self) -> Expr:
        """Returns (x − mean)/std across assets, ddof 1; missing with fewer than two assets or std = 0."""
        return self._across(ZSCORE)

    def demean(self) -> Expr:
        """Returns x − mean across assets."""
        return self._across(DEMEAN)

    def scale(self, gross: float | None = None, *, long: float | None = None, short: float | None = None) -> Expr:
        """Returns x·gross/Σ|x|; or, with `long` and `short`, positives that sum to `long` and negatives that sum to −`short`."""
        has_sides = long is not None or short is not None
        if (gross is None) == (not has_sides) or (has_sides and (long is None or short is None)):
            raise StrategyError(
                "cs.scale needs gross, or long and short together",
                "Write cs.scale(gross=1) or cs.scale(long=0.5, short=0.5)",
            )
        if gross is not None:
            return self._across(SCALE, (_amount(gross, "gross"),))
        return self._across(SCALE, (_amount(long, "long"), _amount(short, "short")))

    def bucket(self, n: int) -> Expr:
        """Returns ⌊position·n/k⌋: 0 for the lowest n-th of the assets, n−1 for the highest."""
        return self._across(BUCKET, (float(rows(n, "the number of buckets")),))

    def top(self, n: int) -> Expr:
        """Returns the condition "among the n largest"."""
        return self._across(TOP, (float(rows(n, "n of cs.top")),))


class AcrossAssets(Operand):
    """The door to the cross-section."""

    __slots__ = ()

    @property
    def cs(self) -> CrossSection:
        """The expression across all assets at one time; only in @b4.portfolio and b4.peek."""
        trace = current()
        if trace is not None and not trace.sees_panel:
            raise StrategyError(
                f".cs looks across assets, and {trace.name} is a @b4.strategy, which sees one market at a time",
                "Make it a @b4.portfolio, or use .rolling(n).rank() and .rolling(n).zscore() over time",
            )
        return CrossSection(self)  # type: ignore[arg-type]  # Expr is the only Operand
