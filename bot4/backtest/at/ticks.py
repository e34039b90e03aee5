"""One row of a run on ticks: the values of its tree, with the run's own fills where they look at the position, and its records.

The desk is not stepped again, for the venue would have to be played from the start: limits, holds and the parts of a target between
expression and order are not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.columns import AMOUNT

from ..guarded import guard_sentence
from ..reasons import CAUSES, STATUSES
from . import nodes, rows
from .because import because
from .decision import Decision
from .events import node_values
from .gather import of_records
from .reasons import order_sentence

if TYPE_CHECKING:
    from bot4.report.columns import RunColumns

    from ..result import Result

NAMED = 6
"""Orders named one by one."""


def decision_on_ticks(result: Result, asset: int, row: int) -> Decision:
    """Returns what a row of a run on ticks knew, wanted and sent."""
    from bot4.strategy.graph import roots_of

    found = of_records(result, asset, row)
    run, symbols = result.columns, result.market.symbols
    roots = roots_of(result.program, found.symbol)
    values = nodes.tree_values(result.program, roots, node_values(result, roots, asset, row), asset, symbols)
    place = int(np.searchsorted(run.equity_ts, found.ts))
    has_equity = place < len(run.equity_ts) and int(run.equity_ts[place]) == found.ts
    fills, orders = run.table("fills"), run.table("orders")
    known = np.isin(orders["status"], [code for code, name in STATUSES.items() if name != "rejected"])
    at_work = known & (orders["ts"] <= found.ts) & ((orders["done_ts"] < 0) | (orders["done_ts"] > found.ts))
    ended = known & (orders["done_ts"] > found.ts - run.interval_ms) & (orders["done_ts"] <= found.ts)
    found = replace(
        found,
        account={"equity": float(run.equity[place]) * AMOUNT} if has_equity else {},
        position={"qty": int(fills["lots"][fills["ts"] <= found.ts].sum()) * run.assets[asset].lot},
        roots=roots,
        nodes=values,
        working=tuple(_resting(run, asset, int(at), found.ts) for at in np.flatnonzero(at_work)),
        because=tuple(line for name in roots if name == "target" for line in because(values, roots[name])),
    )
    told = [
        dict(rows.order(run, int(at))) | {"cause": CAUSES[int(orders["cause"][at])]} for at in np.flatnonzero(ended)
    ]
    return replace(found, why=tuple(_sentences(result, found, told)))


def _resting(run: RunColumns, asset: int, at: int, ts: int) -> dict[str, Any]:
    """Returns an order's row with what is `left` of it by a time."""
    one, fills = rows.order(run, at), run.table("fills")
    filled = int(np.abs(fills["lots"][(fills["order"] == one["id"]) & (fills["ts"] <= ts)]).sum())
    return one | {"left": one["qty"] - filled * run.assets[asset].lot}


def _sentences(result: Result, found: Decision, ended: list[dict[str, Any]]) -> Iterator[str]:
    for gone in ended[:NAMED]:
        cause = f", {gone['cause']}" if gone["cause"] != "none" else ""
        yield f"The venue told since the row before that order {gone['id']} has ended: {gone['status']}{cause}."
    if len(ended) > NAMED:
        yield f"It told so of {len(ended) - NAMED} more."
    if not found.warm_up["is_over"]:
        yield f"Still warming up: the strategy needs {text.plural(found.warm_up['rows_needed'] or 0, 'row')} before this one."
        return
    if guard := guard_sentence(result, found.ts):
        yield guard
    for order in found.sent:
        yield order_sentence(order)
    if not found.sent and found.working:
        more = ", …" if len(found.working) > NAMED else ""
        stay = ", ".join(str(order["id"]) for order in found.working[:NAMED]) + more
        yield f"Nothing was sent; at work or leaving: {text.plural(len(found.working), 'order')} ({stay})."
    elif not found.sent:
        yield "Nothing was sent, and nothing is at work."
