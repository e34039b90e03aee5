"""Rows of the records as plain values: one order, one fill. Keys are those of the frames, times in UTC ms, what is absent None."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot4.report.columns import AMOUNT, RunColumns

from ..reasons import CAUSES, EVIDENCE, KINDS, REASONS, RULES, STATUSES, TIFS

SIDES = {1: "buy", -1: "sell"}
AT_DECISION = ("target", "stop_time", "order", "entry", "exit_signal", "risk_flatten")
"""Reasons of orders that a decision sends; all others are sent inside a bar by a level that was reached."""
DECISION_CODES = [code for code, name in REASONS.items() if name in AT_DECISION]


def sent_rows(run: RunColumns, asset: int, ts: int) -> list[int]:
    """Returns the rows of the orders that the decision at `ts` sent or saw refused, in order of number."""
    table = run.table("orders")
    first, stop = np.searchsorted(table["ts"], (ts, ts + 1)) if _is_sorted(table["ts"]) else (0, len(table["ts"]))
    part = slice(int(first), int(stop))
    is_mine = (
        (table["asset"][part] == asset) & (table["ts"][part] == ts) & np.isin(table["reason"][part], DECISION_CODES)
    )
    return [int(row) + part.start for row in np.flatnonzero(is_mine)]


def exit_rows(run: RunColumns, asset: int, open_ts: int, close_ts: int) -> list[int]:
    """Returns the rows of the orders that levels sent inside the bar."""
    table = run.table("orders")
    ts = table["ts"]
    is_mine = (table["asset"] == asset) & (ts >= open_ts) & (ts < close_ts) & ~np.isin(table["reason"], DECISION_CODES)
    return [int(row) for row in np.flatnonzero(is_mine)]


def fill_rows(run: RunColumns, asset: int, row: int) -> list[int]:
    """Returns the rows of the fills inside the asset's bar of that row."""
    table = run.table("fills")
    return [int(at) for at in np.flatnonzero((table["asset"] == asset) & (table["row"] == row))]


def _is_sorted(ts: Any) -> bool:
    return bool(np.all(ts[1:] >= ts[:-1]))


def order(run: RunColumns, row: int) -> dict[str, Any]:
    """Returns one order as in `result.orders`."""
    get = {name: column[row].item() for name, column in run.table("orders").items()}
    asset = run.assets[get["asset"]]
    return {
        "id": get["id"],
        "ts": get["ts"],
        "symbol": asset.symbol,
        "key": None if get["key"] < 0 else run.keys[get["key"]],
        "kind": KINDS[get["kind"]],
        "side": SIDES[get["side"]],
        "qty": get["lots"] * asset.lot,
        "filled": get["filled"] * asset.lot,
        "wanted": get["wanted"] * asset.lot,
        "ref_price": get["ref_ticks"] * asset.tick,
        "price": _level(get["price_ticks"], asset.tick),
        "trigger": _level(get["trigger_ticks"], asset.tick),
        "tif": TIFS[get["tif"]],
        "reason": REASONS[get["reason"]],
        "status": STATUSES[get["status"]],
        "cause": _named(CAUSES, get["cause"]),
        "done_ts": None if get["done_ts"] < 0 else get["done_ts"],
        "parent": None if get["parent"] < 0 else get["parent"],
        "evidence": _named(EVIDENCE, get["evidence"]),
    }


def fill(run: RunColumns, row: int) -> dict[str, Any]:
    """Returns one fill as in `result.fills`."""
    get = {name: column[row].item() for name, column in run.table("fills").items()}
    asset = run.assets[get["asset"]]
    return {
        "order": get["order"],
        "ts": get["ts"],
        "symbol": asset.symbol,
        "qty": get["lots"] * asset.lot,
        "price": get["ticks"] * asset.tick,
        "fee": get["fee"] * AMOUNT,
        "maker": bool(get["maker"]),
        "rule": RULES[get["rule"]],
        "reason": REASONS[get["reason"]],
        "position": get["position"] * asset.lot,
    }


def working(run: RunColumns, number: int) -> dict[str, Any] | None:
    """Returns an order by its number; None where the records do not hold it."""
    rows = np.flatnonzero(run.table("orders")["id"] == number)
    return order(run, int(rows[0])) if len(rows) else None


def _level(ticks: int, tick: float) -> float | None:
    return None if ticks < 0 else ticks * tick


def _named(names: dict[int, str], code: int) -> str | None:
    return None if names[code] == "none" else names[code]
