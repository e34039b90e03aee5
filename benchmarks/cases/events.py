"""Callbacks on the engine: columns in memory, one call of `on_bar` a bar, an order on every tenth; no loading, statistics or report."""

from __future__ import annotations

from typing import Any

from benchmarks import strategies
from benchmarks.cases.engine import filled_orders
from benchmarks.cases.native import memory_market, native_config
from benchmarks.clock import measure
from benchmarks.market import make_bars


def run(rows: int, repeat: int = 5, plain: bool = False) -> dict[str, Any]:
    """Returns the timing of the run, its callbacks with the engine's own measure of them, filled orders and the final equity."""
    from bot4.backtest.config import AMOUNT_UNITS
    from bot4.backtest.events import run_events
    from bot4.backtest.setup import as_strategy

    market = memory_market(make_bars(rows))
    program = as_strategy(strategies.EveryTenth).trace({}, market.symbols, market.interval_ms)
    config = native_config(market, plain)

    def once() -> dict[str, Any]:
        return run_events(market, program, config)

    figures = measure(once, repeat).as_figures(rows)
    records = once()
    return {
        **figures,
        "final_equity": float(records["equity"][-1]) / AMOUNT_UNITS,
        "orders": filled_orders(records),
        "callbacks": records["callbacks"],
    }
