"""What perpetuals without funding would have paid: the size of what a run leaves out, for the notes on top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bot4.report import text
from bot4.report.columns import held_after, rows_at

from .funding import PERIOD_MS, named

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.report.columns import RunColumns

    from .funding import Funding

USUAL_RATE = 0.0001
"""The rate at which most venues' formulas rest: 0.01 % each 8 hours. Only used to say what leaving funding out may hide."""


def unpaid_funding(run: RunColumns, funding: Funding, market: Market) -> Iterator[str]:
    """Yields one sentence on what perpetuals without funding would have paid at the usual rate."""
    bare = [n for n, x in enumerate(market.instruments) if x.kind != "spot" and funding.series[n] is None]
    if not bare or funding.default is not None or not len(run.equity_ts):
        return
    paid = sum(payments(run, number) for number in bare)
    fix = "give --funding or --funding-default"
    names = named([market.symbols[n] for n in bare])
    if paid == 0:
        yield f"No funding is charged on {names}; {fix} before believing a result that holds it."
        return
    share = text.percent(abs(paid) / run.cash_amount)
    too = "good" if paid > 0 else "bad"
    yield (
        f"No funding is charged on {names}: at the usual {text.percent(USUAL_RATE, 2)} each 8 hours these positions would have "
        f"{'paid' if paid > 0 else 'received'} {text.amount(abs(paid))} {run.currency} ({share} of the starting cash), so the result may "
        f"be too {too} by that and, when rates were high, by several times as much; {fix}."
    )


def payments(run: RunColumns, number: int) -> float:
    """Returns what an asset's positions would have paid at the usual rate (negative: received), account currency."""
    asset = run.assets[number]
    fill_rows, positions = run.fills_of(number)
    first, last = int(run.equity_ts[0]), int(run.equity_ts[-1])
    times = np.arange(-(-first // PERIOD_MS) * PERIOD_MS, last + 1, PERIOD_MS, dtype=np.int64)
    rows = rows_at(asset, run.interval_ms, times)
    lots = held_after(fill_rows, positions, rows)
    value = np.sign(lots) * np.abs(asset.amount(lots, asset.close[np.maximum(rows, 0)]))
    return float(np.sum(value * run.rate(number, times))) * USUAL_RATE
