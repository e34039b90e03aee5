"""`EventResult`: the result of an event class. There is no program to look into, and there are times of callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from .errors import BacktestError
from .events import CallbackTime, run_events
from .realism import Realism
from .result import Result

if TYPE_CHECKING:
    import polars as pl

    from bot4.data import Market
    from bot4.report.columns import Floats
    from bot4.strategy import EventStrategy, Program

    from .config import Config
    from .funding import Funding


class EventResult(Result):
    """The outcome of a backtest of an event class; `callback_time` is what its methods took."""

    def __init__(
        self,
        strategy: EventStrategy,
        program: Program,
        market: Market,
        config: Config,
        records: Mapping[str, Any],
        trade_from_ms: int | None,
        funding: Funding,
        callback_time: CallbackTime,
    ) -> None:
        super().__init__(cast(Any, strategy), program, market, config, records, trade_from_ms, funding)
        self.callback_time = callback_time

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """Returns what is known of the strategy: its weak identity, and that it waits for no row."""
        from bot4.strategy.events.identity import event_identity

        return {"identity": event_identity(self.program), "settled": [0] * len(self.market)}

    @cached_property
    def settled_rows(self) -> tuple[int | None, ...]:
        """Returns 0 for each asset: the methods are called from the first bar on."""
        return (0,) * len(self.market)

    @property
    def signals(self) -> pl.DataFrame:
        """Raises BacktestError: what led to an ask is known to the class alone."""
        raise BacktestError(f"{self.name} is an event class and has no signals; its asks are in orders.")

    def evaluate(self, nodes: list[int]) -> Mapping[tuple[int, int], Floats]:
        """Returns no columns: there are no nodes."""
        return {}

    def _under(self, realism: Realism) -> Result:
        config = replace(self.config, realism=realism)
        strategy = cast("EventStrategy", self.strategy)
        records, took = run_events(strategy, self.market, self.program, config, self.trade_from_ms, self.funding_plan)
        return EventResult(
            strategy, self.program, self.market, config, records, self.trade_from_ms, self.funding_plan, took
        )
