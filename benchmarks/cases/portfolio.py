"""The cross-section of many coins on the engine alone, columns in memory; speeds are in rows, one bar of one coin each."""

from __future__ import annotations

from typing import Any

from benchmarks import strategies
from benchmarks.cases.engine import filled_orders
from benchmarks.cases.native import memory_universe, native_config
from benchmarks.clock import measure
from benchmarks.market import make_universe
from benchmarks.setting import ASSETS, PORTFOLIO_INTERVAL_MS


def run(rows: int, assets: int = ASSETS, repeat: int = 5, plain: bool = False) -> dict[str, Any]:
    """Returns the timing of `_engine.run` over `rows` bars of each coin, the number of filled orders and the final equity."""
    from bot4 import _engine
    from bot4.backtest.config import AMOUNT_UNITS

    program = strategies.cross_section.trace().json
    market = memory_universe(make_universe(assets, rows, PORTFOLIO_INTERVAL_MS), PORTFOLIO_INTERVAL_MS)
    config = native_config(market, plain)

    def once() -> dict[str, Any]:
        return _engine.run(market.native, program, config)

    figures = measure(once, repeat).as_figures(rows * assets)
    records = once()
    return {
        **figures,
        "version": _engine.__version__,
        "final_equity": float(records["equity"][-1]) / AMOUNT_UNITS,
        "orders": filled_orders(records),
        "state_hash": records["state_hash"],
    }
