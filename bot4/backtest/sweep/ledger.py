"""The ledger of a sweep: each block of rows is appended to the run records at once, in one group, so that a stop loses one block at most.

The group is known by everything that makes a sweep what it is: code, data, settings, space, search, seed. An unfinished group of the same
is gone on with; anything changed begins a new one, and what was recorded stays. Not here: the store (`bot4.records`), the order of the work
(`session`).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report.stats import STAT_NAMES

from ..setup import Setup
from .rows import Ints, Rows, align, stat_column

if TYPE_CHECKING:
    from bot4.records.record import RunRecord, Trials
    from bot4.records.store import RecordStore

DAY_MS = 86_400_000


class Ledger:
    """The run records as a sweep uses them. Where they cannot be used it warns once, and the sweep goes on without."""

    def __init__(self, setup: Setup, kind: str, spec: Mapping[str, Any], total: int, *, record: bool) -> None:
        self.setup = setup
        self.kind = kind
        self.spec = spec
        self.total = total
        self.group: int | None = None
        self.trials: Trials | None = None
        self._is_used = record
        self._store: RecordStore | None = None

    def kept(self) -> int | None:
        """Returns how many rows the records hold to be gone on with; None where there are no records."""
        found: int | None = self._tried(lambda: self._used.group(self._number).runs if self.group is not None else None)
        return found

    def open(self, *, fresh: bool = False) -> Rows | None:
        """Opens the group and returns the rows it has, None for a new one. `fresh` leaves an unfinished one as it is."""
        rows: Rows | None = self._tried(lambda: self._open(fresh))
        return rows

    def append(self, rows: Rows) -> None:
        """Writes rows in one transaction."""
        records = records_of(self.setup, rows, self.kind, self.spec.get("seed"), self.group) if self._is_used else []
        self._tried(lambda: self._used.append_many(self._number, records))

    def close(self, *, is_done: bool) -> None:
        """Notes that the sweep is done, or stopped and to be gone on with."""
        self._tried(lambda: self._used.close_group(self._number, "done" if is_done else "stopped"))

    def count(self, start_ms: int, end_ms: int) -> None:
        """Reads how often these markets and times were tried so far, this sweep included, into `trials`."""
        self.trials = self._tried(lambda: self._used.trials(self.setup.instrument_names, start_ms, end_ms))

    def _open(self, fresh: bool) -> Rows | None:
        from bot4.records.record import GroupRecord

        record = GroupRecord(self.kind, self.setup.strategy.name, self.spec, self.total)
        found = None if fresh else self._used.find_group(record.spec_hash)
        if found is None:
            self.group = self._used.open_group(record)
            return None
        self.group = found.id
        self._used.close_group(found.id, "running")
        return stored_rows(self._used, found.id)

    @property
    def _used(self) -> RecordStore:
        if self._store is None:
            from bot4.records.store import RecordStore

            self._store = RecordStore()
        return self._store

    @property
    def _number(self) -> int:
        assert self.group is not None, "a ledger is opened first"
        return self.group

    def _tried(self, work: Any) -> Any:
        """Returns what `work` returns; None where the records are not used, or from now on cannot be."""
        if not self._is_used:
            return None
        from bot4.records.errors import RecordsError

        try:
            return work()
        except RecordsError as error:
            self._is_used = False
            warnings.warn(
                f"The sweep is not recorded, so it cannot be gone on with. {error}", RuntimeWarning, stacklevel=3
            )
            return None


def records_of(setup: Setup, rows: Rows, kind: str, seed: int | None, group: int | None) -> list[RunRecord]:
    """Returns the run records of rows."""
    from bot4 import __version__
    from bot4.records.record import RunRecord

    at_ms = time.time_ns() // 1_000_000
    config, data_hash = setup.config.as_dict(), setup.data_hash
    found = []
    for place, ordinal in enumerate(rows.ordinals):
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
                seed=seed,
                kind=kind,
                group=group,
                ordinal=int(ordinal),
            )
        )
    return found


def stored_rows(store: RecordStore, group: int) -> Rows | None:
    """Returns the rows of a group, bit for bit as they were appended; None where it has none."""
    frame = store.group_runs(group)
    if not len(frame):
        return None
    stats = frame["stats"].struct.unnest()
    starts, ends = (frame[name].dt.timestamp("ms").to_list() for name in ("daily_start", "end"))
    series = [
        (close_times(start, end, len(returns)), returns.to_numpy())
        for start, end, returns in zip(starts, ends, frame["daily"], strict=True)
    ]
    times, daily = align(series)
    return Rows(
        frame["ordinal"].to_numpy().astype(np.int64),
        frame["params"].to_list(),
        frame["identity"].to_list(),
        {name: stat_column(name, stats[name].to_list()) for name in STAT_NAMES if name in stats.columns},
        times,
        daily,
    )


def close_times(start_ms: int, end_ms: int, count: int) -> Ints:
    """Returns the ends of a run's days: midnights from the first one on, the last of them cut at the end of the data."""
    found = start_ms + np.arange(count, dtype=np.int64) * DAY_MS
    return np.minimum(found, end_ms)
