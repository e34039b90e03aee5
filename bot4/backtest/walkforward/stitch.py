"""The stitched curve: the tests of all windows one after the other, as one account would have lived them.

Each test begins flat with the equity that the one before ended with: what was still open is worth its mark at the border, closing it
there costs nothing, and opening it again pays fee, spread and impact in full. Between tests that do not touch the account holds cash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot4.report.columns import AMOUNT, Floats, Ints
from bot4.report.holding import holding_values

from .window import Window


@dataclass(frozen=True, eq=False)
class Curve:
    """Marks of all tests: `ts` UTC ms, `equity` in 1e-8 of the account currency, `window` the window's number, `holding` what buying and
    holding over the same tests would be worth in account currency; all of shape (marks,)."""

    ts: Ints
    equity: Ints
    window: Ints
    holding: Floats


def stitch(windows: Sequence[Window]) -> Curve:
    """Returns the curve of windows in order; the mark at a border belongs to the window that ends there.

    Where accounts are stated (`accounts=`) each test begins with those, and the curve goes on in proportion.
    """
    parts: list[tuple[Ints, Ints, Ints, Floats]] = []
    for window in windows:
        run = window.outside.columns
        equity, held = run.equity, holding_values(run, run.equity_ts)
        if parts and len(equity):
            last = int(parts[-1][1][-1])
            if last != int(equity[0]) and int(equity[0]) > 0:
                equity = np.rint(equity * (last / int(equity[0]))).astype(np.int64)
            held = held * (parts[-1][3][-1] / (run.cash * AMOUNT))
        skip = 1 if parts and len(equity) and run.equity_ts[0] == parts[-1][0][-1] else 0
        number = np.full(len(equity) - skip, window.number, dtype=np.int64)
        parts.append((run.equity_ts[skip:], equity[skip:], number, held[skip:]))
    ts, equity, number, held = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Curve(ts, equity, number, held)
