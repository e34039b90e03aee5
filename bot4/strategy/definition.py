"""`@b4.strategy` and `@b4.portfolio`: a function becomes a `Strategy`, which traces to a `Program` and stays callable.

Order of operations when traced: captures are refused, parameters resolved, the function called once with views instead of
data, its targets built into a program. Not here: running it (`bot4.backtest`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, overload

from .build import Frame, build_program
from .captures import check_captures
from .core import Operand
from .errors import Origin, StrategyError
from .kinds import ClockFamily
from .parameters import Parameter, Value, declared, parse_texts, resolve
from .program import Program, ProgramKind
from .schedule import Bars, Schedule
from .spans import parse_span, span_text
from .ticks import Ticks
from .tracing import Trace, tracing
from .view import market
from .wants import WANTS, Want, flatten

Function = Callable[..., Any]


class Strategy:
    """A strategy or portfolio: `.name .kind .doc .on .rebalance .parameters`, and `.trace(…)`."""

    def __init__(
        self, function: Function, kind: ProgramKind, on: Bars | Ticks | str | None, rebalance: Schedule | str | None
    ) -> None:
        if not isinstance(function, FunctionType):
            raise StrategyError(
                f"@b4.{kind} decorates a function, and got a {type(function).__name__}",
                f'Write @b4.{kind}(on=b4.bars("1h")) above def',
            )
        self.function = function
        self.name: str = function.__name__
        self.__name__: str = function.__name__
        self.kind: ProgramKind = kind
        self.doc: str = inspect.getdoc(function) or ""
        self.origin = Origin(function.__code__.co_filename, function.__code__.co_firstlineno)
        self.on = clock_of(on, self.origin)
        if isinstance(self.on, Ticks) and kind == "portfolio":
            raise StrategyError(
                f"{self.name} is a portfolio on ticks, and ticks are of one market",
                f"Write @b4.strategy(on=b4.{self.on.of}(…))",
                self.origin,
            )
        self.rebalance = _schedule(rebalance, self.origin)
        self._views = _count_views(function)
        self.parameters: dict[str, Parameter] = declared(function, self._views)
        if self.on is not None:
            self._check_schedule(self.on.interval_ms)
        functools.update_wrapper(self, function)

    @property
    def family(self) -> ClockFamily:
        """Returns what makes a row: a bar, a moment of the book, or one of trades."""
        return self.on.family if isinstance(self.on, Ticks) else ClockFamily.BAR

    def __repr__(self) -> str:
        clock = f" on {self.on}" if self.on is not None else ""
        return f"<{self.kind} {self.name}{clock}>"

    def __call__(self, *views: Any, **parameters: Any) -> Any:
        """Returns what the function returns, parameters checked; without a view it gets `b4.market()`. For notebooks."""
        values = resolve(self.parameters, parameters, self.name)
        return self._call(views or (market(),) * self._views, values)

    def parse_parameters(self, texts: Iterable[str]) -> dict[str, Value]:
        """Returns parameters from a command line's `name=value` texts. Raises ParameterError."""
        return parse_texts(texts, self.parameters, self.name, self.origin)

    def trace(
        self, params: Mapping[str, object] | None = None, symbols: Iterable[str] = (), interval_ms: int | None = None
    ) -> Program:
        """Returns the program for one combination of parameters.

        `symbols` are the data's assets (empty: addressed assets are not checked); `interval_ms` is the data's timeframe, used
        where the strategy names none. Raises StrategyError with file, line, cause and fix.
        """
        check_captures(self.function)
        values = resolve(self.parameters, params or {}, self.name)
        base_ms = self.on.interval_ms if self.on is not None else interval_ms
        if base_ms is None:
            raise StrategyError(
                f"{self.name} does not say on which bars it runs",
                f'Write @b4.{self.kind}(on=b4.bars("1h")), or give the timeframe of the data',
                self.origin,
            )
        self._check_schedule(base_ms)
        wanted = self._wanted(self._call((market(),) * self._views, values))
        frame = Frame(self.name, self.kind, base_ms, self.rebalance, tuple(symbols), values, self.family)
        return build_program(wanted, frame)

    def _call(self, views: tuple[Any, ...], values: dict[str, Value]) -> Any:
        with tracing(Trace(self.name, self.kind == "portfolio", dict(values), self.family)):
            return self.function(*views, **values)

    def _wanted(self, returned: object) -> tuple[Want, ...]:
        if returned is None or (isinstance(returned, (list, tuple)) and not returned):
            raise StrategyError(f"{self.name} returned nothing", "End it with return b4.target(…)", self.origin)
        many: list[Want] = []
        for w in flatten(returned):
            if not isinstance(w, WANTS):
                shown = w.describe() if isinstance(w, Operand) else f"a {type(w).__name__}"
                raise StrategyError(
                    f"{self.name} returned {shown}, which is not a target",
                    "Write return b4.target(…) around it, or b4.entries(…) or b4.orders(…)",
                    self.origin,
                )
            many.append(w)
        return tuple(many)

    def _check_schedule(self, base_ms: int) -> None:
        r, rows = self.rebalance, "bars" if self.family is ClockFamily.BAR else "rows"
        if r is not None and not r.months and r.period_ms < base_ms:
            raise StrategyError(
                f"rebalance every {span_text(r.period_ms)} is more often than the {rows} of {span_text(base_ms)}",
                "Use a longer period, or leave rebalance out",
                self.origin,
            )


def clock_of(on: Bars | Ticks | str | None, origin: Origin) -> Bars | Ticks | None:
    """Returns the clock that `on=` names. Raises StrategyError."""
    if isinstance(on, str):
        return Bars(parse_span(on, "on"))
    if on is None or isinstance(on, (Bars, Ticks)):
        return on
    raise StrategyError(
        f"on={on!r} is not a clock", 'Write on=b4.bars("1h"), or on=b4.book(every="100ms") for ticks', origin
    )


def _schedule(rebalance: Schedule | str | None, origin: Origin) -> Schedule | None:
    if rebalance is None or isinstance(rebalance, Schedule):
        return rebalance
    raise StrategyError(
        f"rebalance={rebalance!r} is not a schedule", 'Write rebalance=b4.every("1w", on="mon")', origin
    )


def _count_views(function: FunctionType) -> int:
    """Returns 1 if the function takes the market as its first argument, 0 if it names its assets itself."""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return int(first is not None and first.default is first.empty and first.kind is not first.KEYWORD_ONLY)


@overload
def strategy(function: Function, /) -> Strategy: ...
@overload
def strategy(
    *, on: Bars | Ticks | str | None = None, rebalance: Schedule | None = None
) -> Callable[[Function], Strategy]: ...
def strategy(
    function: Function | None = None, /, *, on: Bars | Ticks | str | None = None, rebalance: Schedule | None = None
) -> Strategy | Callable[[Function], Strategy]:
    """Makes a strategy of a function of one market `m`: it runs for each asset, each with an equal share of the budget.

    `on=b4.bars("1h")` is the base clock (without it: the data's timeframe), `rebalance=b4.every("1w")` when targets may act.
    """
    if function is not None:
        return Strategy(function, "strategy", on, rebalance)
    return lambda f: Strategy(f, "strategy", on, rebalance)


@overload
def portfolio(function: Function, /) -> Strategy: ...
@overload
def portfolio(
    *, on: Bars | Ticks | str | None = None, rebalance: Schedule | None = None
) -> Callable[[Function], Strategy]: ...
def portfolio(
    function: Function | None = None, /, *, on: Bars | Ticks | str | None = None, rebalance: Schedule | None = None
) -> Strategy | Callable[[Function], Strategy]:
    """Makes a portfolio of a function of all markets `u`: expressions are per asset, `.cs` looks across them."""
    if function is not None:
        return Strategy(function, "portfolio", on, rebalance)
    return lambda f: Strategy(f, "portfolio", on, rebalance)
