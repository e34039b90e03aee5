"""What this machine can do at best: copy bandwidth, and the crossover as a bare compiled loop.

The loop has the two averages, the comparison, a fill at the next open with a fee, and the equity column; it has no orders, checks, integer
money, records or missing values. No engine that does more can pass it; the distance to it is what those cost.
"""

from __future__ import annotations

from typing import Any

import numba  # type: ignore[import-not-found, unused-ignore]
import numpy as np

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.setting import CASH, FAST_BARS, FEE, SETTLED_BARS, SLOW_BARS, WEIGHT

COPY_BYTES = 256 * 1024 * 1024


@numba.njit(cache=False)  # type: ignore[untyped-decorator, unused-ignore]
def _crossover(
    opens: Any,
    close: Any,
    equity: Any,
    fast_bars: int,
    slow_bars: int,
    cash: float,
    weight: float,
    fee: float,
    settled: int,
) -> int:
    fast_alpha, slow_alpha = 2.0 / (fast_bars + 1), 2.0 / (slow_bars + 1)
    fast = slow = close[0]
    quantity, wanted, orders = 0.0, False, 0
    for row in range(len(close)):
        if wanted != (quantity > 0.0):
            orders += 1
            if wanted:
                quantity = cash * weight / opens[row]
                cash -= quantity * opens[row] * (1.0 + fee)
            else:
                cash += quantity * opens[row] * (1.0 - fee)
                quantity = 0.0
        fast += fast_alpha * (close[row] - fast)
        slow += slow_alpha * (close[row] - slow)
        equity[row] = cash + quantity * close[row]
        wanted = row >= settled and fast > slow
    return orders


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns copy bandwidth in bytes read plus written per second, and the timing of the bare loop over `rows` bars."""
    source = np.ones(COPY_BYTES // 8)
    target = np.empty_like(source)
    copying = measure(lambda: np.copyto(target, source), repeat)
    bars, equity = make_bars(rows), np.empty(rows)

    def once() -> int:
        return int(_crossover(bars.open, bars.close, equity, FAST_BARS, SLOW_BARS, CASH, WEIGHT, FEE, SETTLED_BARS))

    figures = measure(once, repeat).as_figures(rows)
    return {
        **figures,
        "version": numba.__version__,
        "copy_bytes_per_s": 2 * COPY_BYTES / copying.median_wall_s,
        "final_equity": float(equity[-1]),
        "orders": once(),
    }
