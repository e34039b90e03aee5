"""`Expr`: what a user holds. Families of methods put together; a new family adds one line here.

Not here: any method's meaning (`nodes/`), any check (`core`, `pitfalls`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from .catalogue import declare  # noqa: F401  # the families below fill the catalogue when they are imported
from .core import Operand, as_expr
from .errors import StrategyError
from .kinds import Clock, Scope
from .names import Named
from .nodes import calendar, sources  # noqa: F401
from .nodes.arithmetic import Arithmetic
from .nodes.averages import Averages
from .nodes.cross_section import AcrossAssets
from .nodes.elementwise import Elementwise
from .nodes.events import Events
from .nodes.history import History
from .nodes.indicators import Indicators
from .nodes.logic import Logic
from .nodes.research import Research
from .nodes.rolling import Windows
from .pitfalls import Pitfalls

_ROLLING = "x.rolling(n).{} over time"
_ACROSS = "x.cs.{} across assets"


class Expr(
    Arithmetic,
    Logic,
    Elementwise,
    History,
    Windows,
    Averages,
    Indicators,
    Events,
    AcrossAssets,
    Research,
    Pitfalls,
    Named,
):
    """An expression: a column that will exist, of one kind, on one clock, for one scope. Made from `m`, `u`, `b4.asset(…)`."""

    __slots__ = ()

    __hash__ = Operand.__hash__

    _what: ClassVar[str] = "an expression"
    _aliases: ClassVar[dict[str, str]] = {
        **{n: _ROLLING.format(f"{n}()") for n in ("sum", "mean", "std", "var", "corr", "beta")},
        "max": "x.rolling(n).max() over time, b4.maximum(a, b) for the larger of two",
        "min": "x.rolling(n).min() over time, b4.minimum(a, b) for the smaller of two",
        "highest": "x.rolling(n).max()",
        "lowest": "x.rolling(n).min()",
        "maximum": "b4.maximum(a, b)",
        "minimum": "b4.minimum(a, b)",
        "stdev": "x.rolling(n).std()",
        "stddev": "x.rolling(n).std()",
        "rank": f"{_ROLLING.format('rank()')} or {_ACROSS.format('rank()')}",
        "zscore": f"{_ROLLING.format('zscore()')} or {_ACROSS.format('zscore()')}",
        **{n: _ACROSS.format(f"{n}(…)") for n in ("demean", "scale", "bucket", "top")},
        "quantile": "x.rolling(n).rank() over time, x.cs.bucket(n) across assets",
        "diff": "x.change(k)",
        "mom": "x.change(k)",
        "pct_change": "x.returns(k)",
        "roc": "x.returns(k)",
        "lag": "x.shift(k)",
        "prev": "x.shift(1)",
        "lead": "x.shift(k): only the past can be reached",
        **{
            n: "x.shift(k) for an earlier row"
            for n in ("iloc", "loc", "iat", "at_index", "tail", "head", "first", "last")
        },
        **{
            n: "the expression itself, or b4.peek(x, data) to see its values"
            for n in ("values", "to_numpy", "to_list", "to_frame")
        },
        **{
            n: "x.fill_missing(value), or x.hold_when(x.is_missing()) to keep the last"
            for n in ("fillna", "fill_null", "fill_nan", "ffill")
        },
        **{n: "x.is_missing()" for n in ("isna", "isnull", "is_null", "is_nan", "isnan")},
        **{n: "x.crosses_above(y)" for n in ("crossover", "cross", "crossed_above", "cross_above")},
        **{n: "x.crosses_below(y)" for n in ("crossunder", "crossed_below", "cross_below")},
        **{
            n: "the expressions themselves: Python functions cannot run row by row"
            for n in ("apply", "map", "pipe", "map_elements", "map_batches")
        },
        **{n: "b4.where(cond, a, b)" for n in ("when", "mask", "then", "otherwise", "if_else")},
        **{n: 'm.at("4h") for a slower clock' for n in ("resample", "at", "asof")},
        **{
            n: "b4.state(0.0).next(…) for a running value"
            for n in ("cumsum", "cumprod", "cummax", "cummin", "expanding")
        },
        "next": "b4.state(init).next(expr)",
        "wilder": "x.rma(n)",
        "smma": "x.rma(n)",
        "volatility": "x.vol(span=…)",
        "atr": "m.atr(n): it needs high, low and close",
        "macd": "x.ema(12) - x.ema(26), and .ema(9) of that for the signal line",
        "bbands": "x.rolling(20).mean() ± 2 * x.rolling(20).std(ddof=0)",
        "round": "nothing: orders are rounded to tick and lot by the engine",
    }

    @property
    def clock(self) -> Clock | None:
        """When its rows come; nothing if it adapts to whatever uses it (constants)."""
        from .homes import Homes, reachable

        return Homes(reachable((self,))).of(self).clock

    @property
    def scope(self) -> Scope | None:
        """For whom it has values; nothing for a scalar."""
        from .homes import Homes, reachable

        return Homes(reachable((self,))).of(self).scope


class State(Expr):
    """`b4.state(init)`: the value its next expression had on the previous row; `init` on the first."""

    __slots__ = ("_next",)

    def next(self, expression: object) -> State:
        """Sets what the state becomes after each row and returns the state (the value *before* this row).

        `expression` is an expression (which may use the state) or a function of the state. A missing value keeps the old one.
        """
        if getattr(self, "_next", None) is not None:
            raise StrategyError(
                "this state already has its next value",
                "Call .next(…) once; make a second b4.state for a second memory",
            )
        value = expression
        if callable(expression) and not isinstance(expression, Operand):
            function: Callable[[Expr], object] = expression
            value = function(self)
        following = as_expr(value)
        if following.kind.is_bool != self.kind.is_bool:
            raise StrategyError(
                f"the state starts as a {'condition' if self.kind.is_bool else 'number'} and goes on as the other: {following.describe()}",
                "Start a condition with b4.state(False), a number with b4.state(0.0)",
            )
        self._next = following
        return self

    @property
    def following(self) -> Expr | None:
        """What the state becomes after each row; nothing until `.next` was called."""
        return getattr(self, "_next", None)
