"""Entries with exits in vectorbt: crossings moved one bar, `Portfolio.from_signals` at the open with `sl_stop`, `tp_stop`, `sl_trail`.

Its stop is either fixed or trailing. Exits are looked for from the bar after the entry on, fill without slippage, and its `percent`
counts the fee inside the share, so the share is raised by the fee. Quantities are not rounded to lots.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.setting import CASH, FAST_BARS, FEE, SETTLED_BARS, SLOW_BARS, STOP, TAKE, WEIGHT


def run(rows: int, repeat: int = 5, engine: str = "numba", trail: bool = False) -> dict[str, Any]:
    """Returns the timing over `rows` bars, first run (compilation) apart, with the final equity and the number of orders."""
    if "engine" in vbt.settings:  # vectorbt 1.0 has Numba only
        vbt.settings["engine"] = engine
    vbt.settings["caching"]["enabled"] = False  # a repetition must compute, not look up
    bars = make_bars(rows)
    index = pd.to_datetime(bars.ts, unit="ms")
    close, opens = pd.Series(bars.close, index), pd.Series(bars.open, index)
    high, low = pd.Series(bars.high, index), pd.Series(bars.low, index)
    never = pd.Series(np.zeros(rows, dtype=bool), index)

    def once() -> tuple[Any, Any]:
        fast = vbt.MA.run(close, FAST_BARS, ewm=True).ma.to_numpy()
        slow = vbt.MA.run(close, SLOW_BARS, ewm=True).ma.to_numpy()
        rising = fast > slow
        entries = np.zeros(rows, dtype=bool)
        entries[SETTLED_BARS + 1 :] = rising[SETTLED_BARS:-1] & ~rising[SETTLED_BARS - 1 : -2]
        portfolio = vbt.Portfolio.from_signals(
            close,
            pd.Series(entries, index),
            never,
            price=opens,
            size=WEIGHT * (1 + FEE),
            size_type="percent",
            fees=FEE,
            init_cash=CASH,
            freq="1min",
            open=opens,
            high=high,
            low=low,
            sl_stop=STOP,
            sl_trail=trail,
            tp_stop=TAKE,
            stop_entry_price="fillprice",
        )
        return portfolio, portfolio.value()

    figures = measure(once, repeat).as_figures(rows)
    portfolio, equity = once()
    return {
        **figures,
        "version": vbt.__version__,
        "engine": engine,
        "final_equity": float(equity.iloc[-1]),
        "orders": int(portfolio.orders.count()),
    }
