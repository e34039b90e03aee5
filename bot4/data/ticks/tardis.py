"""Tardis' CSV files: `incremental_book_L2`, `trades`, `quotes` (docs.tardis.dev, "Downloadable CSV files", read 2026-11).

Times are microseconds of UTC. Venue and symbol stand in every row. A snapshot's rows replace the book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bot4.data.errors import DataError
from bot4.data.names import parse_symbol
from bot4.data.ticks.columns import Best, Depth, Trades
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import message_flags, scaled

if TYPE_CHECKING:
    import polars as pl

HEAD = {"exchange", "symbol", "timestamp", "local_timestamp"}
VENUES = {"binance": "binance", "binance-futures": "binancefut", "binance-delivery": "binancecoin"}
NS_PER_US = 1_000


def looks_like(columns: set[str]) -> bool:
    """Returns whether a table's columns are those of Tardis."""
    return columns >= HEAD


def read(table: pl.DataFrame, label: str) -> Recording:
    """Returns the recording of a table; raises `DataError` for several symbols or a kind that is not read."""
    names = table.select("exchange", "symbol").unique()
    if names.height != 1:
        raise DataError(f"{label}: holds {names.height} symbols; split it into a file for each.")
    exchange, symbol = names.row(0)
    columns = set(table.columns)
    exch = table["timestamp"].to_numpy().astype(np.int64) * NS_PER_US
    local = table["local_timestamp"].to_numpy().astype(np.int64) * NS_PER_US
    depth, trades, best = Depth.empty(), Trades.empty(), Best.empty()
    findings: list[Finding] = []
    if "is_snapshot" in columns:
        is_snapshot = table["is_snapshot"].to_numpy().astype(bool)
        side = np.where(table["side"].to_numpy() == "bid", 1, -1)
        price, quantity = scaled(table["price"], label, "price"), scaled(table["amount"], label, "amount")
        depth = Depth(exch, local, side, price, quantity, message_flags(exch, local, is_snapshot))
        if not is_snapshot.any():
            findings.append(
                Finding("no_snapshot", 1, "there is no depth snapshot: the book grows from the changes alone")
            )
    elif columns >= {"side", "price", "amount"}:
        sold = table["side"].to_numpy() == "sell"
        ids = table["id"].cast(str, strict=False).str.extract(r"^(\d{1,18})$").cast(int).fill_null(0).to_numpy()
        trades = Trades(
            exch, local, scaled(table["price"], label, "price"), scaled(table["amount"], label, "amount"), sold, ids
        )
    elif columns >= {"ask_amount", "ask_price", "bid_price", "bid_amount"}:
        sides = [table[name].fill_null(0) for name in ("bid_price", "bid_amount", "ask_price", "ask_amount")]
        best = Best(exch, local, *(scaled(side, label, side.name) for side in sides))
    else:
        raise DataError(
            f"{label}: of Tardis' files Bot4 reads incremental_book_L2, trades and quotes; give one of these."
        )
    base, quote, kind = _instrument(str(exchange), str(symbol))
    contract = {"BTC": "100"}.get(base, "10") if kind == "inverse" else None
    venue = VENUES.get(str(exchange), str(exchange))
    return Recording(
        venue,
        base,
        quote,
        kind,  # type: ignore[arg-type]
        depth,
        trades,
        best,
        table.height,
        findings=findings,
        contract=contract,
    )


def _instrument(exchange: str, symbol: str) -> tuple[str, str, str]:
    if symbol.upper().endswith("USD_PERP"):
        return symbol.upper().removesuffix("USD_PERP"), "USD", "inverse"
    parsed = parse_symbol(symbol.upper(), VENUES.get(exchange, exchange))
    return parsed.base, parsed.quote, "linear" if exchange == "binance-futures" else parsed.kind
