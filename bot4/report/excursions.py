"""How far the price went for and against each trade while it was open (maximum favourable and adverse excursion, Sweeney 1996)."""

from __future__ import annotations

import numpy as np

from .columns import AMOUNT, Floats, Ints, RunColumns


def excursions(run: RunColumns) -> tuple[Floats, Floats]:
    """Returns (mae ≤ 0, mfe ≥ 0) of every trade: the worst and best price while it was open, relative to its mean entry price.

    Lows and highs count from the first fill's bar to the bar before the last fill's, and the last fill's own price: what happened in
    the last bar after the exit was not lived through. An open trade counts to the last bar.
    """
    table = run.table("trades")
    worst, best = np.zeros(len(table["asset"])), np.zeros(len(table["asset"]))
    for number, asset in enumerate(run.assets):
        mine = np.flatnonzero(table["asset"] == number)
        if not len(mine):
            continue
        mine = mine[np.argsort(table["entry_ts"][mine], kind="stable")]
        first = np.searchsorted(asset.ts, table["entry_ts"][mine])
        is_open = table["exit_ts"][mine] < 0
        stop = np.where(is_open, len(asset.ts), np.searchsorted(asset.ts, table["exit_ts"][mine]))
        stop = np.maximum(stop, first + 1)
        lots = table["lots"][mine]
        entry = asset.mean_price(lots, table["entry_notional"][mine] * AMOUNT)
        leave = np.where(is_open, entry, asset.mean_price(lots, table["exit_notional"][mine] * AMOUNT))
        low = np.minimum(_over(np.minimum, asset.low, first, stop), leave) / entry - 1.0
        high = np.maximum(_over(np.maximum, asset.high, first, stop), leave) / entry - 1.0
        is_long = table["side"][mine] > 0
        worst[mine] = np.minimum(np.where(is_long, low, -high), 0.0)
        best[mine] = np.maximum(np.where(is_long, high, -low), 0.0)
    return worst, best


def _over(reduction: np.ufunc, values: Floats, first: Ints, stop: Ints) -> Floats:
    """Returns the reduction over values[first:stop] of each pair; 0 ≤ first < stop ≤ len(values)."""
    padded = np.append(values, values[-1:])  # `reduceat` wants the end of a stretch to be a valid index
    found: Floats = reduction.reduceat(padded, np.stack([first, stop], axis=1).ravel())[::2]
    return found
