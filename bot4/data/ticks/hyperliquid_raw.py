"""Hyperliquid's raw WebSocket messages: `<local ns> <JSON>` a line, channels `l2Book` (whole books) and `trades` (its docs, read 2026-11).

Of one time a book says all, so it is a snapshot every time. Sizes are in coins; side `A` is an aggressor that sold.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from bot4.data.errors import DataError
from bot4.data.ticks.columns import Best, Trades
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import scaled, told_locked, whole_books

NS_PER_MS = 1_000_000


def looks_like(head: bytes) -> bool:
    """Returns whether the first line is a time and a message of Hyperliquid."""
    stamp, _, message = head.split(b"\n", 1)[0].partition(b" ")
    return stamp.isdigit() and message.startswith(b'{"channel":')


def read(text: bytes, label: str) -> Recording:
    """Returns the recording of a text; raises `DataError` for several coins or a text without any."""
    books: list[tuple[int, int, Any]] = []
    trades: list[tuple[int, int, str, str, bool, int]] = []
    coins: set[str] = set()
    lines = text.split(b"\n")
    bad = 0
    for line in lines:
        if not line:
            continue
        stamp, _, message = line.partition(b" ")
        try:
            local, body = int(stamp), json.loads(message)
            data = body["data"]
            if body["channel"] == "l2Book":
                sides = [[(float(level["px"]), float(level["sz"])) for level in side] for side in data["levels"]]
                books.append((int(data["time"]) * NS_PER_MS, local, sides))
                coins.add(data["coin"])
            elif body["channel"] == "trades":
                made = [(t["time"] * NS_PER_MS, local, t["px"], t["sz"], t["side"] == "A", t["tid"]) for t in data]
                trades += made
                coins.update(t["coin"] for t in data)
        except (ValueError, KeyError, TypeError):
            bad += 1
    if len(coins) != 1:
        raise DataError(f"{label}: holds {len(coins)} coins; record or split each into a file of its own.")
    findings = [Finding("bad_line", bad, f"{bad} lines cannot be read")] if bad else []
    prices, quantities, side = _padded([sides for _, _, sides in books])
    findings.extend(told_locked(prices, side) if len(books) else [])
    exch, local_ns = (np.array([book[at] for book in books], np.int64) for at in (0, 1))
    columns = list(zip(*trades, strict=True)) if trades else [()] * 6
    made_trades = Trades(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        scaled(np.array(columns[2], np.float64), label, "px"),
        scaled(np.array(columns[3], np.float64), label, "sz"),
        np.array(columns[4], np.uint8),
        np.array(columns[5], np.int64),
    )
    depth = whole_books(exch, local_ns, prices, quantities, side, label)
    count = sum(1 for line in lines if line)
    return Recording(
        "hyperliquid", coins.pop(), "USDC", "linear", depth, made_trades, Best.empty(), count, findings=findings
    )


def _padded(books: list[list[list[tuple[float, float]]]]) -> tuple[Any, Any, list[int]]:
    """Returns prices and quantities of all books, bids before asks, short sides filled with NaN, and the sign of each place."""
    widths = [max((len(book[side]) for book in books), default=0) for side in (0, 1)]
    whole = np.full((len(books), sum(widths), 2), np.nan)
    for row, book in enumerate(books):
        for side, start in ((0, 0), (1, widths[0])):
            if book[side]:
                whole[row, start : start + len(book[side])] = book[side]
    return whole[:, :, 0], whole[:, :, 1], [1] * widths[0] + [-1] * widths[1]
