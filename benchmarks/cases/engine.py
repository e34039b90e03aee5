"""One strategy on the engine alone: columns in memory as a `Market`, orders, risk, ledger, equity; no loading, statistics or report."""

from __future__ import annotations

from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import memory_market, native_config
from benchmarks.clock import measure
from benchmarks.market import make_bars


def run(strategy: str, rows: int, repeat: int = 5, plain: bool = False) -> dict[str, Any]:
    """Returns the timing of `_engine.run` with the strategy of that name, the number of its fills and the final equity."""
    from bot4 import _engine
    from bot4.backtest.config import AMOUNT_UNITS

    program = getattr(strategies, strategy).trace().json
    market = memory_market(make_bars(rows))
    config = native_config(market, plain)

    def once() -> dict[str, Any]:
        return _engine.run(market.native, program, config)

    figures = measure(once, repeat).as_figures(rows)
    records = once()
    return {
        **figures,
        "version": _engine.__version__,
        "final_equity": float(records["equity"][-1]) / AMOUNT_UNITS,
        "orders": filled_orders(records),
        "state_hash": records["state_hash"],
    }


def filled_orders(records: dict[str, Any]) -> int:
    """Returns how many orders were filled at least in part; refused and superseded ones do not count as work done."""
    return int((records["orders"]["filled"] != 0).sum())
