"""hftbacktest's event arrays (`.npz` with `data`, or `.npy`): 64 bytes an event, flags and kind in `ev` (its docs, "Data", read 2026-11).

Which instrument it is says the file's name (`binancefut-BTCUSDT_20240808.npz`, `btcusdt_20240808.npz`). Rows that were doubled to be in
order at both sides count once, at their local time. Orders by number (L3) are kept as such.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bot4.data.errors import DataError
from bot4.data.names import LINEAR_VENUES, parse_symbol
from bot4.data.ticks.columns import CLEAR as CLEARED
from bot4.data.ticks.columns import Best, Depth, Orders, Trades
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import message_flags, scaled

DEPTH, TRADE, CLEAR, SNAPSHOT = 1, 2, 3, 4
ADD, FILL = 10, 13
TO_KIND = 9
"""What our numbers of add, cancel, change and fill are less than theirs."""
LOCAL, BUY, SELL = 1 << 30, 1 << 29, 1 << 28
FIELDS = {"ev", "exch_ts", "local_ts", "px", "qty"}
VENUE = "hftbacktest"


def read(path: Path) -> Recording:
    """Returns the recording of an array; raises `DataError` for a file that holds none."""
    rows = _load(path)
    rows = rows[(rows["ev"] & LOCAL) != 0]
    kind, is_buy = rows["ev"] & 0xFF, (rows["ev"] & BUY) != 0
    of_depth, of_trade = (kind == DEPTH) | (kind == SNAPSHOT), kind == TRADE
    part = rows[of_depth]
    exch, local = part["exch_ts"].astype(np.int64), part["local_ts"].astype(np.int64)
    flags = message_flags(exch, local, kind[of_depth] == SNAPSHOT)
    side = np.where(is_buy[of_depth], 1, -1)
    label = path.name
    depth = Depth(exch, local, side, scaled(part["px"], label, "px"), scaled(part["qty"], label, "qty"), flags)
    part = rows[of_trade]
    trades = Trades(
        part["exch_ts"],
        part["local_ts"],
        scaled(part["px"], label, "px"),
        scaled(part["qty"], label, "qty"),
        ~is_buy[of_trade],
        np.zeros(len(part), np.int64),
    )
    of_order = (kind >= ADD) & (kind <= FILL)
    orders = _orders(rows[of_order | (kind == CLEAR)], label) if of_order.any() else Orders.empty()
    findings = []
    other = int((~(of_depth | of_trade | of_order | (kind == CLEAR))).sum())
    if other:
        findings.append(Finding("unknown_message", other, f"{other} messages of other kinds were left out"))
    venue, base, quote, what = _instrument(path)
    return Recording(venue, base, quote, what, depth, trades, Best.empty(), len(rows), findings=findings, orders=orders)  # type: ignore[arg-type]


def _orders(rows: Any, label: str) -> Orders:
    """Returns rows of orders by number (L3), and of clears."""
    kind = rows["ev"] & 0xFF
    is_clear = kind == CLEAR
    side = np.where(rows["ev"] & BUY, 1, 0) - np.where(rows["ev"] & SELL, 1, 0)
    price, quantity = (np.where(is_clear, 0.0, rows[name]) for name in ("px", "qty"))
    return Orders(
        rows["exch_ts"],
        rows["local_ts"],
        rows["order_id"].astype(np.int64),
        np.where(is_clear, CLEARED, kind.astype(np.int64) - TO_KIND),
        side,
        scaled(price, label, "px"),
        scaled(quantity, label, "qty"),
    )


def _load(path: Path) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        rows = loaded["data"] if path.suffix == ".npz" else loaded
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path.name}: is no array of hftbacktest ({error}); give an .npz with `data`.") from None
    if not set(rows.dtype.names or ()) >= FIELDS:
        raise DataError(f"{path.name}: its events lack {', '.join(sorted(FIELDS - set(rows.dtype.names or ())))}.")
    return rows


def _instrument(path: Path) -> tuple[str, str, str, str]:
    name = path.name.split(".")[0].split("_")[0]
    venue, _, symbol = name.rpartition("-")
    parsed = parse_symbol(symbol.upper(), venue or VENUE)
    kind = "linear" if venue in LINEAR_VENUES else parsed.kind
    return venue or VENUE, parsed.base, parsed.quote, kind
