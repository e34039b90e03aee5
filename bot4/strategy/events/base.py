"""`b4.Events`: the class that a user derives from, and its methods' names. What is misspelt is refused when the class is made.

Not here: the rest of the checks (`definition`), what the methods are given (`bot4.backtest.context`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..errors import Origin, StrategyError, caller_origin, near
from ..parameters import Parameter
from ..schedule import Bars

METHODS = {
    "on_start": ("ctx",),
    "on_bar": ("ctx", "bar"),
    "on_fill": ("ctx", "fill"),
    "on_timer": ("ctx", "name"),
}
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


class Events:
    """A strategy as a class: derive from it, say on which bars it runs, and write the methods that should be called.

    Class attributes: `on = b4.bars("1h")`; parameters, `step: float = b4.param(0.01, 0.001, 0.1)`; and, where the default does not
    do, `compute_latency_ms` (0: what deciding takes, added to the latency of its orders), `budget` (1.0: gross weight of targets
    above which they are scaled down alike) and `room` (64: keys of an asset that work or hold at once).

    Methods, each optional: `on_start(self, ctx)` once before the first bar, `on_bar(self, ctx, bar)` for each asset with a bar at
    its close, by id, `on_fill(self, ctx, fill)` for each fill inside these bars, before, and `on_timer(self, ctx, name)` for timers
    that are due. `ctx` shows what has arrived and takes orders; see docs/events.md. One instance lives as long as one run;
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

    def signals(self, m: Any) -> Mapping[str, Any]:
        """Returns expressions of the market by name, computed by the engine; read with `ctx.signal(name)`."""
        return {}


def _check_name(cls: type, name: str, method: Any) -> None:
    if name in METHODS or name.startswith("_"):
        return
    origin = origin_of(method) or caller_origin()
    if name in TICKS:
        raise StrategyError(
            f"{cls.__name__} has a method {name}, and bars have no trades and books",
            "Write on_bar(self, ctx, bar); tick data come later",
            origin,
        )
    meant = FOREIGN.get(name) or (near(name, METHODS) if name.lower().startswith("on") else None)
    if meant is not None:
        raise StrategyError(
            f"{cls.__name__} has a method {name}, which is never called", f"Did you mean {shown(meant)}?", origin
        )


def shown(method: str) -> str:
    """Returns a method as it must be written: `on_bar(self, ctx, bar)`."""
    return f"{method}({', '.join(('self', *METHODS[method]))})"


def origin_of(method: object) -> Origin | None:
    """Returns the line of a function, nothing for anything else."""
    code = getattr(method, "__code__", None)
    return None if code is None else Origin(code.co_filename, code.co_firstlineno)
