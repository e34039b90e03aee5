"""From a class to a strategy that can be run: parameters, signals, identity; what the class must not read is refused."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

from ..build import trace_expression
from ..captures import check_captures
from ..definition import Strategy, bars_of
from ..errors import Origin, StrategyError, near
from ..parameters import Parameter, resolve
from ..program import Program
from ..view import market
from .base import Events
from .plan import EventPlan

CALLED = ("signals", "on_start", "on_bar", "on_fill", "on_timer")


class EventStrategy(Strategy):
    """An event strategy as `b4.backtest` and the command line use it: the same names as a `Strategy`."""

    def __init__(self, made: type[Events]) -> None:
        self.made = made
        self.name = self.__name__ = made.__name__
        self.kind = "expression"
        self.doc = inspect.getdoc(made) or ""
        self.origin = _origin(made)
        self.on = bars_of(getattr(made, "on", None), self.origin)
        self.rebalance = None
        self.parameters = _parameters(made)
        _check_methods(made, self.origin)

    def __call__(self, *views: Any, **parameters: Any) -> Any:
        """Returns an instance, parameters checked. For notebooks."""
        return self._plan(resolve(self.parameters, parameters, self.name), {}).instance()

    def trace(
        self, params: Mapping[str, object] | None = None, symbols: Iterable[str] = (), interval_ms: int | None = None
    ) -> Program:
        """Returns the program of the signals, with the plan of the run in `events`. Raises StrategyError."""
        for function in _methods(self.made):
            check_captures(function)
        values = resolve(self.parameters, params or {}, self.name)
        base_ms = self.on.interval_ms if self.on is not None else interval_ms
        if base_ms is None:
            raise StrategyError(
                f"{self.name} does not say on which bars it runs", 'Write on = b4.bars("1h")', self.origin
            )
        signals = self._plan(values, {}).instance().signals(market())
        if not isinstance(signals, Mapping):
            raise StrategyError(
                f"signals of {self.name} returned a {type(signals).__name__}",
                'Return a dictionary: {"atr": m.atr(14)}',
                self.origin,
            )
        # The close keeps the program from being empty; it is known at row 0 and changes nothing.
        asked = {str(k): v for k, v in signals.items()} | {"": market().close}
        program = trace_expression(asked, interval_ms=base_ms, symbols=symbols, name=self.name)
        named = {name: node for name, node in program.outputs.items() if name}
        return replace(program, parameters=values, events=self._plan(values, named))

    def _plan(self, values: Mapping[str, Any], signals: Mapping[str, int]) -> EventPlan:
        return EventPlan(self.made, dict(values), dict(signals), _source_hash(self.made))


def _origin(made: type[Events]) -> Origin:
    """Returns the line of the class, or of its first method where the class has no source at hand."""
    first = next(iter(_methods(made)), None)
    if first is None:
        return Origin(made.__module__, 0)
    try:
        return Origin(first.__code__.co_filename, inspect.getsourcelines(made)[1])
    except (OSError, TypeError):
        return Origin(first.__code__.co_filename, first.__code__.co_firstlineno)


def _parameters(made: type[Events]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for owner in reversed(made.__mro__):
        found |= {name: replace(v, name=name) for name, v in vars(owner).items() if isinstance(v, Parameter)}
    return found


def _methods(made: type[Events]) -> list[FunctionType]:
    """Returns the functions of the class and of its bases up to `Events`."""
    owners = [owner for owner in made.__mro__ if issubclass(owner, Events) and owner is not Events]
    return [f for owner in owners for f in vars(owner).values() if isinstance(f, FunctionType)]


def _check_methods(made: type[Events], origin: Origin) -> None:
    own = {f.__name__ for f in _methods(made)}
    if not own & {"on_start", "on_bar", "on_fill", "on_timer"}:
        raise StrategyError(
            f"{made.__name__} has no method that is ever called", "Write def on_bar(self, ctx): …", origin
        )
    for name in own:
        if name.startswith("on_") and name not in CALLED:
            close = near(name, CALLED)
            raise StrategyError(
                f"{made.__name__}.{name} is never called",
                f"Did you mean {close}?"
                if close
                else "Methods are " + ", ".join(CALLED) + "; on_trade and on_book come with tick data",
                origin,
            )
    for name, low, high, what in (
        ("lanes", 1, 10_000, "the most orders on one asset"),
        ("compute_ms", 0, 86_400_000, "milliseconds"),
    ):
        value = getattr(made, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise StrategyError(f"{name} of {made.__name__} is {value!r}", f"Give {what}, {low} to {high}", origin)


def _source_hash(made: type[Events]) -> str:
    """Returns the hash of the source of the class and its bases; of the byte code where there is no source."""
    digest = hashlib.blake2b(digest_size=32)
    for owner in made.__mro__:
        if issubclass(owner, Events) and owner is not Events:
            digest.update(_text(owner).encode())
    return digest.hexdigest()


def _text(owner: type) -> str:
    try:
        return inspect.getsource(owner)
    except (OSError, TypeError):
        functions = [f for f in vars(owner).values() if isinstance(f, FunctionType)]
        plain = {
            k: v for k, v in vars(owner).items() if isinstance(v, (bool, int, float, str)) and not k.startswith("__")
        }
        return repr(sorted(plain.items())) + "".join(
            f.__code__.co_code.hex() + repr(f.__code__.co_consts) for f in functions
        )
