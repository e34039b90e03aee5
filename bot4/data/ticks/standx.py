"""StandX's recordings as Parquet (`orderbook_BTC-USD_…`, `trades_BTC-USD_…`): whole books of 20 levels and trades.

`timestamp` is the venue's time, `received_at` the local one. Snapshots that repeat the one before, time and all, are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.data.errors import DataError
from bot4.data.ticks.columns import Best, Depth, Ints, Trades
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import scaled, told_locked, whole_books

if TYPE_CHECKING:
    import polars as pl


def looks_like(columns: set[str]) -> bool:
    """Returns whether a table's columns are those of a recording."""
    return columns >= {"timestamp", "received_at", "symbol"} and bool(columns & {"bid_prices", "is_buyer_taker"})


def read(table: pl.DataFrame, label: str) -> Recording:
    """Returns the recording of a table; raises `DataError` for several symbols."""
    symbols = table["symbol"].unique()
    if len(symbols) != 1:
        raise DataError(f"{label}: holds {len(symbols)} symbols; split it into a file for each.")
    base, _, quote = str(symbols[0]).partition("-")
    findings: list[Finding] = []
    depth, trades = Depth.empty(), Trades.empty()
    if "bid_prices" in table.columns:
        depth = _books(table, label, findings)
    else:
        exch, local = _times(table)
        price, quantity = scaled(table["price"], label, "price"), scaled(table["quantity"], label, "quantity")
        sold = ~table["is_buyer_taker"].to_numpy().astype(bool)
        trades = Trades(exch, local, price, quantity, sold, np.zeros(len(exch), np.int64))
    return Recording("standx", base, quote, "linear", depth, trades, Best.empty(), table.height, findings=findings)


def _times(table: pl.DataFrame) -> tuple[Ints, Ints]:
    exch, local = (table[name].dt.timestamp("ns").to_numpy() for name in ("timestamp", "received_at"))
    return exch, local


def _books(table: pl.DataFrame, label: str, findings: list[Finding]) -> Depth:
    kept = table.unique(subset=["timestamp", "received_at"], keep="first", maintain_order=True)
    repeated = table.height - kept.height
    if repeated:
        findings.append(
            Finding("repeated_book", repeated, f"{repeated} snapshots repeat the one before and were left out")
        )
    exch, local = _times(kept)

    sides = {}
    for side in ("bid", "ask"):
        count = int(kept[f"{side}_prices"].list.len().max() or 0)  # type: ignore[arg-type]
        pad = [_pad(kept[f"{side}_{what}"], count) for what in ("prices", "quantities")]
        sides[side] = pad
    prices = np.hstack([sides["bid"][0], sides["ask"][0]])
    quantities = np.hstack([sides["bid"][1], sides["ask"][1]])
    signs = [1] * sides["bid"][0].shape[1] + [-1] * sides["ask"][0].shape[1]
    findings.extend(told_locked(prices, signs))
    return whole_books(exch, local, prices, quantities, signs, label)


def _pad(lists: pl.Series, count: int) -> Any:
    """Returns lists as rows of `count` floats, short ones filled with NaN."""
    lengths = lists.list.len().to_numpy()
    rows = np.full((len(lengths), count), np.nan)
    at = np.arange(count)[None, :] < lengths[:, None]
    rows[at] = lists.explode().drop_nulls().to_numpy()
    return rows
