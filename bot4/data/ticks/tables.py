"""Helpers of the readers of tables: floats to exact integers, rows to messages, whole books to rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bot4.data.errors import DataError
from bot4.data.ticks.columns import FIRST, LAST, SNAPSHOT, Depth, Ints
from bot4.data.ticks.recording import Finding

DECIMALS = 8
SCALE = 10**DECIMALS
EXACT = 2.0**53


def scaled(values: npt.ArrayLike, label: str, name: str) -> Ints:
    """Returns floats as integers of 1e-8; raises `DataError` where one is missing, negative or too great to be exact."""
    floats = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        grown = floats * SCALE
    bad = np.flatnonzero(~((grown >= 0) & (grown < EXACT)))
    if len(bad):
        raise DataError(
            f"{label}: {name} in row {bad[0]} is {floats[bad[0]]}, which is no price or quantity; correct the file."
        )
    whole: Ints = np.round(grown).astype(np.int64)
    return whole


def message_flags(exch_ns: Ints, local_ns: Ints, is_snapshot: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Returns flags of depth rows whose messages are told by their times alone: rows of the same times and kind are one message."""
    flags = np.where(is_snapshot, SNAPSHOT, 0).astype(np.uint8)
    if len(flags):
        new = np.ones(len(flags), bool)
        new[1:] = (np.diff(exch_ns) != 0) | (np.diff(local_ns) != 0) | (is_snapshot[1:] != is_snapshot[:-1])
        flags[new] |= FIRST
        flags[np.append(new[1:], True)] |= LAST
    return flags


def told_locked(prices: Any, side: Any) -> list[Finding]:
    """Returns the finding of books told whole whose best bid is at or above the best ask: their bids there do not stand in a replay."""
    sign = np.asarray(side)
    bid = np.where(np.isfinite(prices), prices, -np.inf)[:, sign > 0].max(axis=1, initial=-np.inf)
    ask = np.where(np.isfinite(prices), prices, np.inf)[:, sign < 0].min(axis=1, initial=np.inf)
    count = int((bid >= ask).sum())
    return (
        [Finding("locked_book", count, f"{count} of {len(prices)} books have the bid at or above the ask")]
        if count
        else []
    )


def whole_books(exch_ns: Ints, local_ns: Ints, prices: Any, quantities: Any, side: Any, label: str) -> Depth:
    """Returns depth rows of books that are told whole: (books, levels) of prices and quantities, a sign for each level; NaN: no level."""
    books, levels = prices.shape
    keep = np.isfinite(prices) & np.isfinite(quantities) & (prices > 0)
    book = np.repeat(np.arange(books), levels).reshape(books, levels)[keep]
    flags = np.full(len(book), SNAPSHOT, np.uint8)
    if len(book):
        new = np.append(True, np.diff(book) != 0)
        flags[new] |= FIRST
        flags[np.append(new[1:], True)] |= LAST
    signs = np.broadcast_to(np.asarray(side, np.int8), (books, levels))[keep]
    price, quantity = scaled(prices[keep], label, "price"), scaled(quantities[keep], label, "quantity")
    return Depth(exch_ns[book], local_ns[book], signs, price, quantity, flags)
