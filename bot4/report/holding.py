"""Buy and hold, beside the strategy: the same cash, split equally, bought once and kept.

Each asset gets cash/k. It is bought at the open of the asset's first bar at or after the strategy's first possible decision, for
the same fee as the strategy pays and without spread or impact; an asset listed later waits in cash until its first bar. Nothing is
sold at the end (nor is the strategy's open position).
"""

from __future__ import annotations

import numpy as np

from .columns import AMOUNT, AssetColumns, Floats, Ints, RunColumns, blocks, rows_at


def holding_values(run: RunColumns, times: Ints) -> Floats:
    """Returns the value of the held portfolio at each decision time, account currency, shape of `times`."""
    start = run.first_decision_ms
    cash = run.cash * AMOUNT
    if start is None or not run.assets:
        return np.full(len(times), cash)
    share = cash / len(run.assets)
    total = np.zeros(len(times))
    for asset in run.assets:
        for block in blocks(len(times)):
            total[block] += _held(asset, run.interval_ms, times[block], start, share)
    return total


def _held(asset: AssetColumns, interval_ms: int, times: Ints, start: int, share: float) -> Floats:
    entry = int(np.searchsorted(asset.ts, start))
    if entry >= len(asset.ts):
        return np.full(len(times), share)
    rows = rows_at(asset, interval_ms, times)
    units = share * (1.0 - asset.fee) / asset.open[entry]
    return np.where(rows >= entry, units * asset.close[np.maximum(rows, 0)], share)
