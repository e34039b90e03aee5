"""The exact queue by its plain rule, over whole columns: when an order that nobody sees would first be filled.

It shares nothing with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot4.data.ticks.columns import ADD, CANCEL, CHANGE, FILL, Orders

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Market:
    """Rows of orders, and for each the row at which its order took its place in the queue."""

    rows: Orders
    placed: Ints
    comes: npt.NDArray[np.bool_]
    """Rows at which an order comes to stand at its price."""

    @classmethod
    def of(cls, rows: Orders) -> Market:
        """Follows every order once."""
        placed, comes = np.zeros(rows.rows, np.int64), np.zeros(rows.rows, bool)
        stand: dict[int, tuple[int, int, int]] = {}
        columns = (rows.id.tolist(), rows.kind.tolist(), rows.ticks.tolist(), rows.lots.tolist())
        for row, (number, kind, ticks, lots) in enumerate(zip(*columns, strict=True)):
            at, price, left = stand.get(number, (row, ticks, lots))
            if kind == ADD or (kind == CHANGE and (ticks != price or lots > left)):
                comes[row] = kind == ADD or ticks != price
                at = row
            if kind in (ADD, CHANGE):
                stand[number] = (at, ticks, lots)
            elif kind == CANCEL:
                stand.pop(number)
            placed[row] = at
        return cls(rows, placed, comes)

    def fate(self, side: int, price: int, joins_ns: int, ends_ns: int, through: bool = True) -> tuple[int, str] | None:
        """Returns when and why an order that rests from one time to another is first filled; None where it is not.

        What happens at the very time of its end comes first. `through` says whether a trade at a worse price counts.
        """
        rows = self.rows
        first, last = (int(np.searchsorted(rows.exch_ns, at, "right")) for at in (joins_ns, ends_ns))
        part = slice(first, last)
        ahead = side * (rows.ticks[part] - price)  # above 0: better for whoever stands on our side
        hit = (rows.kind[part] == FILL) & (rows.side[part] == side)
        whys = {
            "queue": hit & (ahead == 0) & (self.placed[part] >= first),
            "through": hit & (ahead < 0) & through,
            "crossed": self.comes[part] & (rows.side[part] == -side) & (ahead <= 0),
        }
        found = [(int(np.argmax(mask)), why) for why, mask in whys.items() if mask.any()]
        if not found:
            return None
        row, why = min(found)
        return int(rows.exch_ns[first + row]), why
