"""How much was at stake: gross exposure at every mark, from fills and closes, in blocks so that long runs stay small in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import AMOUNT, Bools, Floats, Ints, RunColumns, blocks, held_after, rows_at


@dataclass(frozen=True)
class Exposure:
    """`time_in_market`: share of marks with any position; `mean_gross`: mean of Σ|value|/equity over all marks."""

    time_in_market: float
    mean_gross: float
    max_gross: float


def exposure(run: RunColumns) -> Exposure:
    """Returns the exposure figures of a run; NaN without a mark."""
    count = len(run.equity_ts)
    if not count:
        return Exposure(float("nan"), float("nan"), float("nan"))
    held, total, most = 0, 0.0, 0.0
    for block in blocks(count):
        gross, is_in = gross_values(run, run.equity_ts[block])
        equity = run.equity[block] * AMOUNT
        share = np.divide(gross, equity, out=np.zeros(len(gross)), where=equity > 0)
        held += int(np.count_nonzero(is_in))
        total += float(share.sum())
        most = max(most, float(share.max()))
    return Exposure(held / count, total / count, most)


def gross_values(run: RunColumns, times: Ints) -> tuple[Floats, Bools]:
    """Returns (Σ|position value| in account currency, whether any position is open) at each decision time."""
    gross, is_in = np.zeros(len(times)), np.zeros(len(times), dtype=np.bool_)
    for number, asset in enumerate(run.assets):
        for fill_rows, positions in run.books_of(number):
            if not len(fill_rows):
                continue
            rows = rows_at(asset, run.interval_ms, times)
            lots = np.abs(held_after(fill_rows, positions, rows))
            is_in |= lots != 0
            value = np.abs(asset.amount(lots, asset.close[np.maximum(rows, 0)]))
            gross += value if asset.convert is None else value * run.rate(number, times)
    return gross, is_in
