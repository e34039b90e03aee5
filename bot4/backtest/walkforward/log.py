"""Every evaluation of a walk-forward, in training and in test, is a run record: it tried a combination on these markets and times.

Written after each window, so that an interrupted walk-forward has counted what it tried.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot4.records.store import RunRecord, Trials
    from bot4.strategy import Program

    from ..setup import Setup
    from .evaluate import Row


@dataclass
class Log:
    """Collects records of one kind ("walkforward", "cpcv") and appends them; where the store cannot be used it warns once, and goes on."""

    kind: str
    is_on: bool = True
    pending: list[RunRecord] = field(default_factory=list)

    def trials(self, setup: Setup, start_ms: int, end_ms: int) -> Trials | None:
        """Returns how often these instruments and times were tried before; None where nothing is recorded."""
        from bot4.records.store import RecordsError, RecordStore

        if not self.is_on:
            return None
        try:
            return RecordStore().trials(setup.instrument_names, start_ms, end_ms)
        except RecordsError as error:
            self._give_up(error)
            return None

    def add(self, setup: Setup, program: Program, row: Row, data_hash: str) -> None:
        """Takes down one run of a cut of the data."""
        if self.is_on:
            self.pending.append(self._record(setup, program.parameters, row, data_hash))

    def write(self) -> None:
        """Appends what was taken down since the last time."""
        from bot4.records.store import RecordsError, RecordStore

        store, taken, self.pending = RecordStore(), self.pending, []
        try:
            for record in taken:
                store.append(record)
        except RecordsError as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.is_on = False
        warnings.warn(f"The runs are not recorded. {error}", RuntimeWarning, stacklevel=4)

    def _record(self, setup: Setup, params: Mapping[str, Any], row: Row, data_hash: str) -> RunRecord:
        from bot4 import __version__
        from bot4.records.store import RunRecord

        return RunRecord(
            at_ms=time.time_ns() // 1_000_000,
            kind=self.kind,
            identity=row.identity,
            name=setup.strategy.name,
            params=params,
            instruments=setup.instrument_names,
            interval_ms=setup.market.interval_ms,
            start_ms=int(row.value("start_ms")),
            end_ms=int(row.value("end_ms")),
            config=setup.config.as_dict(),
            data_hash=data_hash,
            stats=row.stats,
            daily_returns=row.returns,  # type: ignore[arg-type]  # a NumPy array is a sequence of floats
            daily_start_ms=int(row.times[0]) if len(row.times) else int(row.value("start_ms")),
            version=__version__,
        )
