"""What stood above the strategy of a run, as frames: the guard, the operator's commands, the circuit breakers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import polars as pl


class Controlled:
    """The part of a `Result` that says what its controls did."""

    @cached_property
    def guard(self) -> pl.DataFrame:
        """Returns `ts, from, to, layer, value, limit, equity`: what the guard of the policy did, by time (docs/risk.md)."""
        from .guarded import guard_frame

        return guard_frame(cast("Any", self))

    @cached_property
    def commands(self) -> pl.DataFrame:
        """Returns `ts, number, who, do, effect, from, to`: what came of the operator's commands (docs/operator.md)."""
        from .operated import commands_frame

        return commands_frame(cast("Any", self))

    @cached_property
    def breakers(self) -> pl.DataFrame:
        """Returns `ts, kind, name, from, to, source, value, limit`: every change of a circuit breaker (docs/risk.md)."""
        from .operated import breakers_frame

        return breakers_frame(cast("Any", self))
