"""Every evaluation, in training and in test, is a run record: it tried a combination on these markets and times.

One call is one group. Records are written after each window, so that an interrupted call has counted what it tried. Not here: the
store (`bot4.records`).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from bot4.records.store import RecordStore, RunRecord, Trials
    from bot4.strategy import Program

    from ..setup import Setup
    from .evaluate import Row


@dataclass
class Log:
    """Collects the records of one call and appends them as a group of a kind ("walkforward", "cpcv"); as a context manager it closes the
    group, `stopped` after an error or an interrupt. Where the store cannot be used it warns once, and the call goes on without.

    `spec` is what was asked, as plain data; `total` how many runs it will take.
    """

    setup: Setup
    kind: str
    spec: Mapping[str, Any]
    total: int
    is_on: bool = True
    group: int | None = None
    ordinal: int = 0
    pending: list[RunRecord] = field(default_factory=list)
    _store: RecordStore | None = None
    _hashed: tuple[Setup, str] | None = None
    _identities: dict[int, str] = field(default_factory=dict)

    def trials(self, start_ms: int, end_ms: int) -> Trials | None:
        """Returns how often these instruments and times were tried before; None where nothing is recorded."""
        from bot4.records.store import RecordsError

        if not self.is_on:
            return None
        try:
            return self._records().trials(self.setup.instrument_names, start_ms, end_ms)
        except RecordsError as error:
            self._give_up(error)
            return None

    def add(self, setup: Setup, program: Program, row: Row) -> None:
        """Takes down one run of a cut of the data."""
        if self.is_on:
            self.pending.append(self._record(setup, program, row))
            self.ordinal += 1

    def write(self) -> None:
        """Appends what was taken down since the last time, in one transaction."""
        from bot4.records.store import GroupRecord, RecordsError

        taken, self.pending = self.pending, []
        if not self.is_on or not taken:
            return
        try:
            if self.group is None:
                self.group = self._records().open_group(
                    GroupRecord(self.kind, self.setup.strategy.name, self.spec, self.total)
                )
            self._records().append_many(self.group, taken)
        except RecordsError as error:
            self._give_up(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes what is left and closes the group."""
        from bot4.records.store import RecordsError

        self.write()
        if self.group is not None and self.is_on:
            try:
                self._records().close_group(self.group, "done" if kind is None else "stopped")
            except RecordsError as refusal:
                self._give_up(refusal)

    def _records(self) -> RecordStore:
        from bot4.records.store import RecordStore

        if self._store is None:
            self._store = RecordStore()
        return self._store

    def _data_hash(self, setup: Setup) -> str:
        """Returns the identity of a cut's data, computed once for the runs on it."""
        if self._hashed is None or self._hashed[0] is not setup:
            self._hashed = (setup, setup.data_hash)
        return self._hashed[1]

    def _identity(self, program: Program) -> str:
        """Returns a program's identity, computed once: the same program runs in every window."""
        from ..sweep.session import identity_of

        key = id(program)
        if key not in self._identities:
            self._identities[key] = identity_of(self.setup, program)
        return self._identities[key]

    def _give_up(self, error: Exception) -> None:
        self.is_on = False
        warnings.warn(f"The runs are not recorded. {error}", RuntimeWarning, stacklevel=4)

    def _record(self, setup: Setup, program: Program, row: Row) -> RunRecord:
        from bot4 import __version__
        from bot4.records.store import RunRecord

        return RunRecord(
            at_ms=time.time_ns() // 1_000_000,
            kind=self.kind,
            identity=self._identity(program),
            name=setup.strategy.name,
            params=program.parameters,
            instruments=setup.instrument_names,
            interval_ms=setup.market.interval_ms,
            start_ms=int(row.value("start_ms")),
            end_ms=int(row.value("end_ms")),
            config=setup.config.as_dict(),
            data_hash=self._data_hash(setup),
            stats=row.stats,
            daily_returns=row.returns,  # type: ignore[arg-type]  # a NumPy array is a sequence of floats
            daily_start_ms=int(row.times[0]) if len(row.times) else int(row.value("start_ms")),
            version=__version__,
            ordinal=self.ordinal,
        )
