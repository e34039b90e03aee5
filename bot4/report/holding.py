"""Buy and hold, beside the strategy: the same cash, split equally, bought once and kept.

Each asset gets cash/k. It is bought at the open of the asset's first bar at or after the strategy's first possible decision, for
the same fee as the strategy pays and without spread or impact; an asset listed later waits in cash until its first bar. Nothing is
sold at the end (nor is the strategy's open position). A perpetual is held like spot, without funding: its price is what counts. What
settles in another currency than the account's is held at its price there times that currency's; an inverse contract in an account of
its own coin is that coin, and stands still.
"""

from __future__ import annotations

import numpy as np

from .columns import AMOUNT, Floats, Ints, RunColumns, blocks, rows_at


def holding_values(run: RunColumns, times: Ints) -> Floats:
    """Returns the value of the held portfolio at each decision time, account currency, shape of `times`."""
    start = run.first_decision_ms
    cash = run.cash * AMOUNT
    if start is None or not run.assets:
        return np.full(len(times), cash)
    share = cash / len(run.assets)
    total = np.zeros(len(times))
    for number, asset in enumerate(run.assets):
        is_coin = asset.contract is not None and asset.convert is None
        for block in blocks(len(times)):
            if is_coin:
                total[block] += share
            else:
                total[block] += _held(run, number, times[block], start, share)
    return total


def _held(run: RunColumns, number: int, times: Ints, start: int, share: float) -> Floats:
    asset = run.assets[number]
    entry = int(np.searchsorted(asset.ts, start))
    if entry >= len(asset.ts):
        return np.full(len(times), share)
    rows = rows_at(asset, run.interval_ms, times)
    units = share * (1.0 - asset.fee) / asset.open[entry]
    values = units * asset.close[np.maximum(rows, 0)]
    if asset.convert is not None and asset.contract is None:
        values *= run.rate(number, times) / run.rate(number, asset.ts[entry : entry + 1])
    return np.where(rows >= entry, values, share)
