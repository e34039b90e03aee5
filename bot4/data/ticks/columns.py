"""Columns of ticks: integers in arrival order, one group for each kind of event.

Times are nanoseconds of UTC, prices ticks, quantities lots; `docs/ticks.md` states each column. The arrays are contiguous and
read-only: the engine reads them in place.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Signs = npt.NDArray[np.int8]

FIRST, LAST, SNAPSHOT, GAP = 1, 2, 4, 8
"""Bits of `Depth.flags`: first and last row of its message; the message replaces the book; messages are missing before it."""

BID, ASK = 1, -1

ADD, CANCEL, CHANGE, FILL, CLEAR = 1, 2, 3, 4, 5
"""Values of `Orders.kind`; a fill changes no book, what it leaves comes as a change or a cancel after it."""


class _Group:
    """What the groups of columns share."""

    def __post_init__(self) -> None:
        """Makes every column contiguous, of its type and read-only; refuses columns of different lengths."""
        lengths = set()
        for field in fields(self):  # type: ignore[arg-type]
            array: Any = np.ascontiguousarray(getattr(self, field.name), dtype=DTYPES.get(field.name, np.int64))
            array.flags.writeable = False
            object.__setattr__(self, field.name, array)
            lengths.add(len(array))
        if len(lengths) > 1:
            raise ValueError(f"{type(self).__name__}: the columns differ in length: {sorted(lengths)}")

    @property
    def rows(self) -> int:
        """Returns the number of rows."""
        return len(self.local_ns)  # type: ignore[attr-defined]

    def columns(self) -> dict[str, Any]:
        """Returns the columns by name, in the order of the store."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def take(self, rows: Any) -> Self:
        """Returns the rows of a mask, slice or index."""
        return type(self)(**{name: column[rows] for name, column in self.columns().items()})

    @classmethod
    def concat(cls, parts: list[Self]) -> Self:
        """Returns the rows of several groups, one after another."""
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    @classmethod
    def empty(cls) -> Self:
        """Returns a group without rows."""
        return cls(**{field.name: np.empty(0, np.int64) for field in fields(cls)})  # type: ignore[arg-type]


DTYPES: dict[str, type] = {"side": np.int8, "flags": np.uint8, "buyer_is_maker": np.uint8, "kind": np.uint8}


@dataclass(frozen=True)
class Depth(_Group):
    """Level changes: at `ticks` on `side` (+1 bid, −1 ask) there are now `lots` (0: the level is gone)."""

    exch_ns: Ints
    local_ns: Ints
    side: Signs
    ticks: Ints
    lots: Ints
    flags: Bytes


@dataclass(frozen=True)
class Trades(_Group):
    """Trades; where `buyer_is_maker` is 1 the aggressor sold."""

    exch_ns: Ints
    local_ns: Ints
    ticks: Ints
    lots: Ints
    buyer_is_maker: Bytes
    id: Ints


@dataclass(frozen=True)
class Best(_Group):
    """Best bid and ask as the venue publishes them."""

    exch_ns: Ints
    local_ns: Ints
    bid_ticks: Ints
    bid_lots: Ints
    ask_ticks: Ints
    ask_lots: Ints


@dataclass(frozen=True)
class Orders(_Group):
    """Orders by the venue's number (L3): `lots` there now (`ADD`, `CHANGE`), filled (`FILL`), or that left (`CANCEL`).

    `side` is 0 only of a `CLEAR` of both sides.
    """

    exch_ns: Ints
    local_ns: Ints
    id: Ints
    kind: Bytes
    side: Signs
    ticks: Ints
    lots: Ints
