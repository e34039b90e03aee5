"""The same run with every fill one bar later: what is left of a strategy whose hand is slower than its head.

Not a run with a bar of latency: there a decision that changes its mind takes back what is still on its way, so only what two decisions in a
row agree on is ever filled, and a strategy that knows the next bar would be delayed by what it knows. Here the decisions stay as they were,
and each fill happens at the open of the asset's next bar, with the same lots, and slippage and fee in the same proportion. Returns are
fractions of the equity that the undelayed run had, and funding is that of the undelayed position: a bar of it is less than what is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot4.backtest.result import Result
from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import Floats, RunColumns

from .days import daily_profits, edges_of, equity_at


def late_returns(result: Result, span: Span) -> Floats:
    """Returns the daily returns of a run over whole days, shape (D,), if every fill had come one bar later."""
    run, edges = result.columns, edges_of(span)
    opening = equity_at(run, edges)[:-1]
    profit = daily_profits(late(run), edges).sum(axis=1)
    found: Floats = np.divide(profit, opening, out=np.zeros(len(opening)), where=opening > 0)
    return found


def late(run: RunColumns) -> RunColumns:
    """Returns a run's columns with every fill one bar later; what would come after the last bar does not happen."""
    fills = run.table("fills")
    moved = [_of_asset(run, number) for number in range(len(run.assets))]
    order = np.argsort(np.concatenate([columns["ts"] for columns in moved]), kind="stable") if moved else np.arange(0)
    joined = {name: np.concatenate([columns[name] for columns in moved])[order] for name in fills}
    return replace(run, records={**run.records, "fills": joined})


def _of_asset(run: RunColumns, number: int) -> dict[str, NDArray[Any]]:
    asset, fills = run.assets[number], run.table("fills")
    mine = np.flatnonzero(fills["asset"] == number)
    rows = fills["row"][mine].astype(np.int64) + 1
    mine, rows = mine[rows < len(asset.ts)], rows[rows < len(asset.ts)]
    own = {name: np.asarray(column)[mine] for name, column in fills.items()}
    before, base = own["ticks"].astype(np.float64), own["base_ticks"].astype(np.float64)
    opens = np.rint(asset.open[rows] / asset.tick)
    ticks = np.maximum(np.rint(opens * np.divide(before, base, out=np.ones(len(base)), where=base > 0)), 1.0)
    share = np.divide(ticks, before, out=np.ones(len(before)), where=before > 0)
    own["row"], own["ts"] = rows.astype(own["row"].dtype), asset.ts[rows]
    own["base_ticks"], own["ticks"] = opens.astype(np.int64), ticks.astype(np.int64)
    own["fee"] = np.rint(own["fee"] * share).astype(np.int64)
    return own
