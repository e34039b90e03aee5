"""Peak memory of a long run: the columns, made in place, and everything the run needs and returns, above what the imports take."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.clock import peak_memory_bytes
from benchmarks.market import Bars, make_bars

MB = 1_000_000


def run(rows: int, whole: bool) -> dict[str, Any]:
    """Returns the peak resident size above the import baseline in MB, for `_engine.run` or, if `whole`, for `b4.backtest`."""
    import polars  # noqa: F401  loaded before the baseline: imports are not what a run costs

    import bot4 as b4
    from benchmarks import strategies
    from benchmarks.cases.native import account, memory_market, native_config
    from bot4 import _engine

    def once(bars: Bars) -> object:
        market = memory_market(bars)
        if whole:
            result = b4.backtest(strategies.crossover, market, **account())
            return result, result.stats
        return _engine.run(market.native, strategies.crossover.trace().json, native_config(market))

    once(make_bars(1_000))
    baseline = peak_memory_bytes()
    start = time.perf_counter()
    bars = make_bars(rows)
    columns_mb = (peak_memory_bytes() - baseline) / MB
    result = once(bars)
    seconds = time.perf_counter() - start
    peak_mb = (peak_memory_bytes() - baseline) / MB
    del result
    what = "b4.backtest" if whole else "_engine.run"
    line = f"{peak_mb:.0f} MB above the imports' {baseline / MB:.0f} MB, of which columns {columns_mb:.0f} MB ({what}, {seconds:.1f} s)"
    return {"rows": rows, "peak_mb": peak_mb, "columns_mb": columns_mb, "baseline_mb": baseline / MB, "lines": [line]}
