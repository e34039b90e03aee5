"""Hyperliquid's recordings as CSV (`orderbooks_BTC`, `prices_BTC`, `trades_BTC`; plain, .gz or .zst): whole books, best prices, trades.

`timestamp` is the local time in seconds, `exchange_timestamp` the venue's in milliseconds. The coin stands in the file's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from bot4.data.errors import DataError
from bot4.data.ticks.columns import Best, Depth, Ints, Trades
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import scaled, told_locked, whole_books

if TYPE_CHECKING:
    import polars as pl

NAME = re.compile(r"_([A-Z0-9]+)\.csv", re.IGNORECASE)


def looks_like(columns: set[str]) -> bool:
    """Returns whether a table's columns are those of a recording."""
    return columns >= {"timestamp", "exchange_timestamp"} and bool(columns & {"bid_price_0", "side"})


def read(table: pl.DataFrame, label: str) -> Recording:
    """Returns the recording of a table; raises `DataError` where the name says no coin."""
    coin = NAME.search(label)
    if coin is None:
        raise DataError(f"{label}: which coin it is must stand in the name, such as trades_BTC.csv.")
    local = np.round(table["timestamp"].to_numpy().astype(np.float64) * 1e6).astype(np.int64) * 1_000
    exch = table["exchange_timestamp"].to_numpy().astype(np.int64) * 1_000_000
    depth, trades, best = Depth.empty(), Trades.empty(), Best.empty()
    columns = set(table.columns)
    findings: list[Finding] = []
    if "bid_price_0" in columns:
        depth = _books(table, exch, local, label, findings)
    elif "trade_id" in columns:
        price, size = scaled(table["price"], label, "price"), scaled(table["size"], label, "size")
        trades = Trades(exch, local, price, size, table["side"].to_numpy() == "sell", table["trade_id"].to_numpy())
    else:
        best = _best(table, exch, local, label)
    return Recording(
        "hyperliquid", coin[1].upper(), "USDC", "linear", depth, trades, best, table.height, findings=findings
    )


def _books(table: pl.DataFrame, exch: Ints, local: Ints, label: str, findings: list[Finding]) -> Depth:
    count = sum(1 for name in table.columns if name.startswith("bid_price_"))
    names = [f"{side}_{{}}_{level}" for side in ("bid", "ask") for level in range(count)]
    prices, sizes = (
        table.select([name.format(what) for name in names]).to_numpy().astype(np.float64) for what in ("price", "size")
    )
    side = [1] * count + [-1] * count
    findings.extend(told_locked(prices, side))
    return whole_books(exch, local, prices, sizes, side, label)


def _best(table: pl.DataFrame, exch: Ints, local: Ints, label: str) -> Best:
    """Bid and ask stand in rows of their own, the bid first: each pair of one time is a quote."""
    is_bid = table["side"].to_numpy() == "bid"
    price, size = scaled(table["price"], label, "price"), scaled(table["size"], label, "size")
    pairs = np.flatnonzero(is_bid[:-1] & ~is_bid[1:] & (exch[:-1] == exch[1:]))
    return Best(exch[pairs], local[pairs], price[pairs], size[pairs], price[pairs + 1], size[pairs + 1])
