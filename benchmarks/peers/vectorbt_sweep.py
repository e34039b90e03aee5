"""The sweep in vectorbt, by broadcasting parameters: each window's average once, level signals of all pairs side by side as columns of one
matrix moved one bar, one `Portfolio.from_signals` over all columns, `total_return`, `sharpe_ratio` and `max_drawdown` of each.

Its `percent` counts the fee inside the share, so the share is raised by the fee. Quantities are not rounded to lots.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.clock import measure, peak_memory_bytes
from benchmarks.market import make_bars
from benchmarks.setting import CASH, FEE, SETTLED_TIMES, SWEEP_FAST, SWEEP_SLOW, WEIGHT

MB = 1_000_000


def run(rows: int, repeat: int = 5, engine: str = "numba", statistics: bool = True) -> dict[str, Any]:
    """Returns the timing over `rows` bars of every pair, first run (compilation) apart, the peak of memory, orders and mean equity."""
    if "engine" in vbt.settings:  # vectorbt 1.0 has Numba only
        vbt.settings["engine"] = engine
    vbt.settings["caching"]["enabled"] = False  # a repetition must compute, not look up
    baseline = peak_memory_bytes()
    bars = make_bars(rows)
    index = pd.to_datetime(bars.ts, unit="ms")
    close, opens = pd.Series(bars.close, index), pd.Series(bars.open, index)
    pairs = [(fast, slow) for fast in SWEEP_FAST for slow in SWEEP_SLOW]
    parts = {"signals": 0.0, "simulation": 0.0, "statistics": 0.0}

    def once() -> Any:
        start = time.perf_counter()
        fast = vbt.MA.run(close, list(SWEEP_FAST), ewm=True).ma.to_numpy()
        slow = vbt.MA.run(close, list(SWEEP_SLOW), ewm=True).ma.to_numpy()
        entries, exits = (np.zeros((rows, len(pairs)), dtype=bool) for _ in range(2))
        for column, (fast_bars, slow_bars) in enumerate(pairs):
            settled = min(SETTLED_TIMES * slow_bars, rows - 1)
            at = SWEEP_FAST.index(fast_bars), SWEEP_SLOW.index(slow_bars)
            rising = fast[settled:-1, at[0]] > slow[settled:-1, at[1]]
            entries[settled + 1 :, column] = rising
            exits[settled + 1 :, column] = ~rising
        signals = time.perf_counter()
        portfolio = vbt.Portfolio.from_signals(
            close,
            pd.DataFrame(entries, index),
            pd.DataFrame(exits, index),
            price=opens,
            size=WEIGHT * (1 + FEE),
            size_type="percent",
            fees=FEE,
            init_cash=CASH,
            freq="1min",
        )
        simulated = time.perf_counter()
        found = [portfolio, portfolio.total_return()]
        if statistics:
            found += [portfolio.sharpe_ratio(), portfolio.max_drawdown()]
        ends = start, signals, simulated, time.perf_counter()
        parts.update(zip(parts, np.diff(ends).tolist(), strict=True))
        return found

    figures = measure(once, repeat).as_figures(rows * len(pairs))
    peak_mb = (peak_memory_bytes() - baseline) / MB
    portfolio, returns, *_ = once()
    line = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
    return {
        **figures,
        "peak_mb": peak_mb,
        "version": vbt.__version__,
        "engine": engine,
        "parts": parts,
        "final_equity": float((1 + returns).mean() * CASH),
        "orders": int(portfolio.orders.count().sum()),
        "lines": [line],
    }
