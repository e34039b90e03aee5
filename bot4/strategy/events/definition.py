"""`EventStrategy`: an event class as a strategy that can be run: parameters, signals, settings, checks."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

from ..build import trace_expression
from ..captures import TIME_IN_EVENTS, check_captures
from ..definition import Strategy, clock_of
from ..errors import Origin, StrategyError
from ..parameters import Parameter, resolve
from ..program import Program
from ..ticks import Ticks
from ..view import market
from .base import METHODS, Events, origin_of, shown
from .identity import source_hash
from .plan import EventPlan

MOST_MS = 86_400_000
MOST_KEYS = 4_096


class EventStrategy(Strategy):
    """An event class as `b4.backtest` and the command line use it: the same names as a `Strategy`."""

    def __init__(self, made: type[Events]) -> None:
        self.made = made
        self.name = self.__name__ = made.__name__
        self.kind = "events"
        self.doc = inspect.getdoc(made) or "" if made.__doc__ is not None else ""
        self.origin = _origin(made)
        self.rebalance = None
        self.parameters = _parameters(made)
        self.methods = frozenset(name for name in METHODS if hasattr(made, name))
        self._check_methods()
        self.on = clock_of(made.on, self.origin)
        if isinstance(self.on, Ticks):
            raise StrategyError(
                f"{self.name} is an event class on ticks, which do not run yet",
                "Write it as a strategy: @b4.strategy(on=b4.book(every=…))",
                self.origin,
            )
        if self.on is None:
            raise StrategyError(
                f"{self.name} does not say on which bars it runs", 'Write on = b4.bars("1h") in the class', self.origin
            )

    def __call__(self, *views: Any, **parameters: Any) -> Any:
        """Returns an instance, parameters checked. For notebooks."""
        return self._plan(resolve(self.parameters, parameters, self.name)).instance()

    def trace(
        self, params: Mapping[str, object] | None = None, symbols: Iterable[str] = (), interval_ms: int | None = None
    ) -> Program:
        """Returns the program of the signals, with the plan of the run in `events`. Raises StrategyError."""
        for function in _functions(self.made):
            check_captures(function, TIME_IN_EVENTS)
        values = resolve(self.parameters, params or {}, self.name)
        plan = self._plan(values)
        instance = self._called("__init__", plan.instance)
        signals = self._called("signals", lambda: instance.signals(market()))
        if not isinstance(signals, Mapping):
            raise StrategyError(
                f"signals of {self.name} returned a {type(signals).__name__}",
                'Return a dictionary: {"atr": m.atr(14)}',
                self.origin,
            )
        assert self.on is not None  # refused when made
        # The close keeps the program from being empty; it is known at row 0 and changes nothing.
        close = market().close
        close.origin = self.origin
        asked = {str(k): v for k, v in signals.items()} | {"": close}
        program = trace_expression(asked, interval_ms=self.on.interval_ms, symbols=symbols, name=self.name)
        named = {name: node for name, node in program.outputs.items() if name}
        return replace(program, kind="events", parameters=values, events=replace(plan, signals=named))

    def _called(self, method: str, call: Callable[[], Any]) -> Any:
        """Returns what a method returns that is called before the run; what it raises is told with its line."""
        try:
            return call()
        except StrategyError:
            raise
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            raise StrategyError(
                f"{method} of {self.name} raised {type(error).__name__}: {error}",
                "Correct the line; it is called before the run, and sees no bars",
                Origin(last.filename, last.lineno or 0),
            ) from error

    def _plan(self, values: Mapping[str, Any]) -> EventPlan:
        return EventPlan(
            self.made,
            self.methods,
            dict(values),
            {},
            self._whole("compute_latency_ms", 0, MOST_MS),
            self._budget(),
            self._whole("room", 1, MOST_KEYS),
            source_hash(self.made),
        )

    def _check_methods(self) -> None:
        if not self.methods - {"on_start"}:
            raise StrategyError(
                f"{self.name} has no method that is called after its start",
                f"Write def {shown('on_bar')} in the class",
                self.origin,
            )
        for name in self.methods:
            method = getattr(self.made, name)
            if not _takes(method, len(METHODS[name])):
                raise StrategyError(
                    f"{name} of {self.name} takes other arguments than it is given",
                    f"Write def {shown(name)}",
                    origin_of(method) or self.origin,
                )

    def _whole(self, name: str, low: int, high: int) -> int:
        value = getattr(self.made, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise StrategyError(
                f"{name} of {self.name} is {value!r}", f"Give a whole number from {low} to {high}", self.origin
            )
        return value

    def _budget(self) -> float:
        value = self.made.budget
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1e-9 <= value <= 100.0:
            raise StrategyError(
                f"budget of {self.name} is {value!r}",
                "Give the largest gross weight, from 1e-9 to 100; 1.0 is all equity",
                self.origin,
            )
        return float(value)


def _origin(made: type[Events]) -> Origin:
    """Returns the line of the class, or of its first method where the class has no source at hand."""
    first = next((o for f in _functions(made) if (o := origin_of(f))), Origin(made.__module__, 0))
    try:
        return Origin(first.file, inspect.getsourcelines(made)[1])
    except (OSError, TypeError):
        return first


def _functions(made: type[Events]) -> list[FunctionType]:
    """Returns the functions of the class and of its bases up to `Events`."""
    owners = [owner for owner in made.__mro__ if owner not in (Events, object)]
    return [f for owner in owners for f in vars(owner).values() if isinstance(f, FunctionType)]


def _takes(method: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(method).bind(*[None] * (count + 1))
    except TypeError:
        return False
    return True


def _parameters(made: type[Events]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for base in reversed(made.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Parameter):
                found[name] = replace(value, name=name)
            else:
                found.pop(name, None)
    return found
