"""The crossover through `b4.backtest`, as a user calls it on a market in memory: engine, frames, statistics and the run record."""

from __future__ import annotations

from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import account, memory_market
from benchmarks.clock import measure
from benchmarks.market import make_bars


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing of `b4.backtest`, the number of its filled orders and the final equity."""
    import bot4 as b4

    market = memory_market(make_bars(rows))

    def once() -> b4.Result:
        result = b4.backtest(strategies.crossover, market, **account())
        assert result.stats  # computed on demand or not, they belong to the result
        return result

    figures = measure(once, repeat).as_figures(rows)
    result = once()
    return {
        **figures,
        "version": b4.__version__,
        "final_equity": float(result.equity["equity"][-1]),
        "orders": int((result.orders["filled"] != 0).sum()),
    }
