"""The run stepped again to one row, and what the engine shows there.

The engine is deterministic and any cutting of a run gives the same bits (a test of the engine), so the row is not rebuilt from records:
it is taken once more, by itself. States are kept on the way, so that a later look begins near its row. Their meaning: `gather`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bot4.report.columns import Ints

    from ..result import Result

CHECKPOINTS = 64
"""States kept over a run."""
LEAD_ROWS = 8
"""Rows stepped before the one looked at, so that an asset's previous bar is among them."""


class Lens:
    """Looks at rows of a run, of one program or of several on one account."""

    def __init__(self, result: Result) -> None:
        self._market = result.market
        program = result.program
        sleeves = [(one.program.json, one.share_e9) for one in program.sleeves]
        self._members: list[tuple[str, int | None]] = [*sleeves] or [(program.json, None)]
        self._config = result.config.engine_json(result.market, result.trade_from_ms)
        self._beside = result.beside.arguments()
        self._states: dict[int, bytes] = {}
        self._native: Any = None

    @cached_property
    def _opens(self) -> Ints:
        """Returns the open times of the grid's rows: of every time at which any asset has a bar."""
        columns = [bars.ts for _, bars in self._market]
        longest = max(columns, key=len)
        others = [ts for ts in columns if len(ts) != len(longest) or not np.array_equal(ts, longest)]
        return np.unique(np.concatenate([longest, *others])) if others else longest

    def look(self, open_ms: int) -> list[Mapping[str, Any]]:
        """Returns what each program's desk looked like at the grid row of bars that opened at `open_ms`."""
        row = int(np.searchsorted(self._opens, open_ms))
        host = self._host(max(row - LEAD_ROWS, 0))
        step = max(len(self._opens) // CHECKPOINTS, 256)
        while host.taken < row:
            host.skip_to(min((host.taken // step + 1) * step, row))
            if host.taken % step == 0 and host.taken not in self._states and (state := host.save()) is not None:
                self._states[host.taken] = state
        looks: list[Mapping[str, Any]] = host.look()
        return looks

    def trace(self) -> list[list[Mapping[str, Any]]]:
        """Returns the decisions of the whole run: by program and asset the columns of the engine's `Trace` (docs/design-runs.md)."""
        from bot4 import _engine

        host = _engine.Lens(self._market.native, self._members, self._config, keep=False, **self._beside)
        return [list(member) for member in host.trace()]

    def _host(self, row: int) -> Any:
        """Returns a run that has taken at most `row` rows: the one at hand, continued from the nearest state, or from the start."""
        from bot4 import _engine

        kept = max((taken for taken in self._states if taken <= row), default=0)
        if self._native is not None and kept <= self._native.taken <= row:
            return self._native
        if self._native is None or kept == 0:
            self._native = _engine.Lens(self._market.native, self._members, self._config, **self._beside)
        if kept:
            self._native.load(self._states[kept], kept)
        return self._native
