"""`b4.Events`: the class an event strategy inherits from. Every method may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..schedule import Bars
from .context import Context
from .told import Fill


class Events:
    """A strategy of callbacks. `on` is its clock, `lanes` the most orders that may work on one asset at once.

    `compute_ms` is how long its callbacks are taken to think: it is added to the latency of each order, whatever they really take.

    Parameters are class attributes: `step: float = b4.param(0.01, 0.001, 0.1)`. One instance is made for each run.
    """

    on: ClassVar[Bars | str]
    lanes: ClassVar[int] = 64
    compute_ms: ClassVar[int] = 0

    def signals(self, m: Any) -> Mapping[str, Any]:
        """Returns named expressions of the market, computed by the engine; read them as `ctx.signal("name")`."""
        return {}

    def on_start(self, ctx: Context) -> None:
        """Called once for each asset, at its first decision."""

    def on_bar(self, ctx: Context) -> None:
        """Called at each decision of each asset, by id."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """Called for each fill of the bar, before on_bar."""

    def on_timer(self, ctx: Context, name: str) -> None:
        """Called when a timer is due, before on_fill."""
