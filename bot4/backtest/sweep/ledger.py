"""The ledger of a sweep: each block of rows is appended to the run records at once, in one group, so that a stop loses one block at most.

Not here: the store (`bot4.records`), the order of the work (`session`).
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

from ..setup import Setup
from .rows import Rows

if TYPE_CHECKING:
    from bot4.records.store import RecordStore, Trials


class Ledger:
    """The run records as a sweep uses them; where they cannot be used it warns once and the sweep goes on without."""

    def __init__(self, setup: Setup, kind: str, *, record: bool) -> None:
        self.setup = setup
        self.kind = kind
        self.is_open = record
        self.trials: Trials | None = None

    def append(self, rows: Rows) -> None:
        """Writes rows."""
        if not self.is_open:
            return
        from bot4.records.store import RecordsError

        try:
            store = self._store()
            for record in records_of(self.setup, rows, self.kind):
                store.append(record)
        except RecordsError as error:
            self._give_up(error)

    def count(self, start_ms: int, end_ms: int) -> None:
        """Reads how often these markets and times were tried so far."""
        if not self.is_open:
            return
        from bot4.records.store import RecordsError

        try:
            self.trials = self._store().trials(self.setup.instrument_names, start_ms, end_ms)
        except RecordsError as error:
            self._give_up(error)

    def _store(self) -> RecordStore:
        from bot4.records.store import RecordStore

        return RecordStore()

    def _give_up(self, error: Exception) -> None:
        self.is_open = False
        warnings.warn(f"The sweep is not recorded and cannot be gone on with. {error}", RuntimeWarning, stacklevel=2)


def records_of(setup: Setup, rows: Rows, kind: str) -> list[Any]:
    """Returns the run records of rows."""
    from bot4 import __version__
    from bot4.records.store import RunRecord

    at_ms = time.time_ns() // 1_000_000
    config, data_hash = setup.config.as_dict(), setup.data_hash
    found = []
    for place in range(len(rows)):
        stats = {name: values[place].item() for name, values in rows.stats.items()}
        times, returns = rows.row_returns(place)
        found.append(
            RunRecord(
                at_ms=at_ms,
                identity=rows.identities[place],
                name=setup.strategy.name,
                params=rows.params[place],
                instruments=setup.instrument_names,
                interval_ms=setup.market.interval_ms,
                start_ms=int(stats["start_ms"]),
                end_ms=int(stats["end_ms"]),
                config=config,
                data_hash=data_hash,
                stats=stats,
                daily_returns=returns,  # type: ignore[arg-type]  # a NumPy array is a sequence of floats
                daily_start_ms=int(times[0]) if len(times) else int(stats["start_ms"]),
                version=__version__,
                kind=kind,
            )
        )
    return found
