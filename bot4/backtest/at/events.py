"""One bar of an event class. Its methods cannot be looked into: told are its signals, what it asked for and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.columns import AMOUNT, held_after
from bot4.strategy.graph import roots_of

from ..reasons import CAUSES, STATUSES
from . import nodes, rows
from .because import shown
from .decision import Decision
from .gather import of_records
from .reasons import order_sentence

if TYPE_CHECKING:
    from bot4.report.columns import RunColumns

    from ..result import Result

BY_DECISION = ("superseded", "withdrawn", "replaced")
"""Causes of cancels that a decision makes: they end at its time, before anything later."""


def decision_of_records(result: Result, asset: int, row: int) -> Decision:
    """Returns what records and signals say of a bar of an event class."""
    found = of_records(result, asset, row)
    run = result.columns
    roots = roots_of(result.program, found.symbol)
    symbols = result.market.symbols
    values = nodes.tree_values(result.program, roots, node_values(result, roots, asset, row), asset, symbols)
    lots = int(held_after(*run.fills_of(asset), np.array([row], dtype=np.int64))[0])
    place = int(np.searchsorted(run.equity_ts, found.ts))
    has_equity = place < len(run.equity_ts) and int(run.equity_ts[place]) == found.ts
    found = replace(
        found,
        account={"equity": float(run.equity[place]) * AMOUNT} if has_equity else {},
        position={"qty": lots * run.assets[asset].lot},
        roots=roots,
        nodes=values,
        cancelled=tuple(rows.order(run, at) for at in _cancelled(run, asset, found.ts)),
        working=tuple(_resting(run, at) for at in _working(run, asset, found.ts)),
    )
    return replace(found, why=tuple(_sentences(found)))


def node_values(result: Result, roots: Any, asset: int, row: int) -> nodes.Values:
    """Returns the values of the program's nodes at the bar, and at the one before it."""
    program, symbols = result.program, result.market.symbols
    columns = result.evaluate(list(range(len(program.nodes)))) if roots else {}
    ts = int(result.market.columns[asset].ts[row])
    found: nodes.Values = []
    for node in range(len(program.nodes)):
        each: list[tuple[float | None, float | None]] = []
        for number in range(len(symbols)):
            column = columns.get((node, number))
            at = int(np.searchsorted(result.market.columns[number].ts, ts, side="right")) - 1
            if column is None or at < 0:
                each.append((None, None))
            else:
                each.append((float(column[at - 1]) if at else None, float(column[at])))
        found.append(each)
    return found


def _cancelled(run: RunColumns, asset: int, ts: int) -> list[int]:
    table = run.table("orders")
    causes = [code for code, name in CAUSES.items() if name in BY_DECISION]
    ended = (table["asset"] == asset) & (table["done_ts"] == ts) & np.isin(table["cause"], causes)
    return [int(at) for at in np.flatnonzero(ended & (table["ts"] < ts))]


def _working(run: RunColumns, asset: int, ts: int) -> list[int]:
    """Returns the rows of orders at work after the decision: sent by then, and not ended by it or before."""
    table = run.table("orders")
    by_decision = np.isin(table["reason"], rows.DECISION_CODES)
    is_sent = (table["ts"] < ts) | ((table["ts"] == ts) & by_decision)
    causes = [code for code, name in CAUSES.items() if name in BY_DECISION]
    rejected = next(code for code, name in STATUSES.items() if name == "rejected")
    ended_here = (table["done_ts"] == ts) & np.isin(table["cause"], causes)
    is_at_work = ((table["done_ts"] < 0) | (table["done_ts"] >= ts)) & ~ended_here & (table["status"] != rejected)
    return [int(at) for at in np.flatnonzero((table["asset"] == asset) & is_sent & is_at_work)]


def _resting(run: RunColumns, at: int) -> dict[str, Any]:
    one = rows.order(run, at)
    fills = run.table("fills")
    filled = int(np.abs(fills["lots"][(fills["order"] == one["id"]) & (fills["ts"] < one["ts"])]).sum())
    return one | {"left": one["qty"] - filled * run.assets[int(run.table("orders")["asset"][at])].lot}


def _sentences(found: Decision) -> Iterator[str]:
    if not found.warm_up["is_over"]:
        yield f"Still warming up: its signals settle after {found.warm_up['rows_needed']:,} bars; no bar is handed out before."
    for order in found.sent:
        yield order_sentence(order)
    if not found.sent and found.warm_up["is_over"]:
        named = [f"{name.removeprefix('signal ')} {shown(node, node.value)}" for name, node in _signals(found)]
        with_signals = f" Signals: {', '.join(named)}." if named else ""
        yield f"The class asked for nothing here that had to be sent; what its methods thought cannot be seen.{with_signals}"
    if found.cancelled:
        yield f"Cancelled at this decision: {text.plural(len(found.cancelled), 'order')}."


def _signals(found: Decision) -> Iterator[tuple[str, Any]]:
    return ((name, found.nodes[node]) for name, node in found.roots.items())
