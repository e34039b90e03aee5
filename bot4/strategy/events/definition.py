"""`b4.Events`: the class that a user derives from, and `EventStrategy`: it as a strategy that can be run.

Misspelt methods are refused when the class is made, the rest when it is run. Not here: what the methods are given (`context`).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ..errors import Origin, StrategyError, caller_origin, near
from ..parameters import Parameter, Value, parse_texts, resolve
from ..program import Program
from ..schedule import Bars
from ..spans import parse_span
from .identity import event_program

METHODS = {"on_start": ("ctx",), "on_bar": ("ctx", "bar"), "on_fill": ("ctx", "fill"), "on_timer": ("ctx", "name")}
TICKS = ("on_trade", "on_book")
FOREIGN = {
    "next": "on_bar",
    "handle_data": "on_bar",
    "init": "on_start",
    "initialize": "on_start",
    "notify_order": "on_fill",
    "notify_trade": "on_fill",
}
"""What other backtesters call the methods."""
MOST_MS = 86_400_000
MOST_KEYS = 4_096


class Events:
    """A strategy as a class: derive from it, say on which bars it runs, and write the methods that should be called.

    Class attributes: `on = b4.bars("1h")`; parameters, `step: float = b4.param(0.01, 0.001, 0.1)`; and, where the default does not
    do, `compute_latency_ms` (0: what deciding takes, added to the latency of its orders), `budget` (1.0: gross weight of targets
    above which they are scaled down alike) and `room` (64: keys of an asset that work or hold at once).

    Methods, each optional: `on_start(self, ctx)` once before the first bar, `on_bar(self, ctx, bar)` for each asset with a bar at
    its close, by id, `on_fill(self, ctx, fill)` for each fill inside these bars, before, and `on_timer(self, ctx, name)` for timers
    that are due. `ctx` shows what has arrived and takes orders; see docs/language.md. One instance lives as long as one run;
    `__init__` takes no arguments and finds the parameters set.
    """

    on: ClassVar[Bars | str | None] = None
    compute_latency_ms: ClassVar[int] = 0
    budget: ClassVar[float] = 1.0
    room: ClassVar[int] = 64

    def __init_subclass__(cls, **given: Any) -> None:
        """Refuses methods that would never be called. Raises StrategyError."""
        super().__init_subclass__(**given)
        for name, value in vars(cls).items():
            if callable(value) and not isinstance(value, Parameter):
                _check_name(cls, name, value)


def _check_name(cls: type, name: str, method: Any) -> None:
    if name in METHODS or name.startswith("_"):
        return
    origin = _origin(method) or caller_origin()
    if name in TICKS:
        raise StrategyError(
            f"{cls.__name__} has a method {name}, and bars have no trades and books",
            "Write on_bar(self, ctx, bar); tick data come later",
            origin,
        )
    meant = FOREIGN.get(name) or (near(name, METHODS) if name.lower().startswith("on") else None)
    if meant is not None:
        raise StrategyError(
            f"{cls.__name__} has a method {name}, which is never called", f"Did you mean {_shown(meant)}?", origin
        )


def _shown(method: str) -> str:
    return f"{method}({', '.join(('self', *METHODS[method]))})"


def _origin(method: object) -> Origin | None:
    code = getattr(method, "__code__", None)
    return None if code is None else Origin(code.co_filename, code.co_firstlineno)


class EventStrategy:
    """An event class that can be run: `.name .kind .doc .on .parameters`, `.trace(…)` and `.instance(…)`."""

    kind = "events"

    def __init__(self, cls: type[Events]) -> None:
        self.cls = cls
        self.name: str = cls.__name__
        self.doc: str = inspect.getdoc(cls) or "" if cls.__doc__ is not None else ""
        self.parameters: dict[str, Parameter] = _parameters(cls)
        self.methods: frozenset[str] = frozenset(name for name in METHODS if hasattr(cls, name))
        first = next((o for name in METHODS if (o := _origin(getattr(cls, name, None)))), None)
        self.origin: Origin = first or Origin(
            getattr(sys.modules.get(cls.__module__), "__file__", None) or "<unknown>", 0
        )
        self._check_methods()
        self.on: Bars = self._bars()
        self.compute_latency_ms: int = self._whole("compute_latency_ms", 0, MOST_MS)
        self.room: int = self._whole("room", 1, MOST_KEYS)
        self.budget: float = self._budget()

    def __repr__(self) -> str:
        return f"<events {self.name} on {self.on}>"

    def parse_parameters(self, texts: Iterable[str]) -> dict[str, Value]:
        """Returns parameters from a command line's `name=value` texts. Raises ParameterError."""
        return parse_texts(texts, self.parameters, self.name, self.origin)

    def trace(
        self, params: Mapping[str, object] | None = None, symbols: Iterable[str] = (), interval_ms: int | None = None
    ) -> Program:
        """Returns what the records know of a run with these parameters: there is nothing to trace. Raises StrategyError."""
        values = resolve(self.parameters, params or {}, self.name)
        settings = {"compute_latency_ms": self.compute_latency_ms, "budget": self.budget, "room": self.room}
        return event_program(self.cls, self.on.interval_ms, values, settings)

    def instance(self, values: Mapping[str, object]) -> Events:
        """Returns a new instance with its parameters set, for one run."""
        made = self.cls.__new__(self.cls)
        for name, value in values.items():
            setattr(made, name, value)
        made.__init__()  # type: ignore[misc]  # the parameters are there when it begins
        return made

    def _check_methods(self) -> None:
        if not self.methods - {"on_start"}:
            raise StrategyError(
                f"{self.name} has no method that is called after its start",
                f"Write def {_shown('on_bar')} in the class",
                self.origin,
            )
        for name in self.methods:
            method = getattr(self.cls, name)
            if not _takes(method, len(METHODS[name])):
                raise StrategyError(
                    f"{name} of {self.name} takes other arguments than it is given",
                    f"Write def {_shown(name)}",
                    _origin(method) or self.origin,
                )

    def _bars(self) -> Bars:
        on = self.cls.on
        if isinstance(on, str):
            return Bars(parse_span(on, "on"))
        if isinstance(on, Bars):
            return on
        said = "does not say on which bars it runs" if on is None else f"has on = {on!r}, which is no clock"
        raise StrategyError(f"{self.name} {said}", 'Write on = b4.bars("1h") in the class', self.origin)

    def _whole(self, name: str, low: int, high: int) -> int:
        value = getattr(self.cls, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise StrategyError(
                f"{name} of {self.name} is {value!r}", f"Give a whole number from {low} to {high}", self.origin
            )
        return value

    def _budget(self) -> float:
        value = self.cls.budget
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1e-9 <= value <= 100.0:
            raise StrategyError(
                f"budget of {self.name} is {value!r}",
                "Give the largest gross weight, from 1e-9 to 100; 1.0 is all equity",
                self.origin,
            )
        return float(value)


def _takes(method: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(method).bind(*[None] * (count + 1))
    except TypeError:
        return False
    return True


def _parameters(cls: type[Events]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Parameter):
                found[name] = replace(value, name=name)
            else:
                found.pop(name, None)
    return found
