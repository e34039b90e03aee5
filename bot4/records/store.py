"""Run records: every run leaves a row, so that the next one can say how many were tried before.

A SQLite file, or a PostgreSQL database by URL (`url`). Made with the first record, migrated when it is older (`upgrade`); processes may
write at the same time. This class only says what can be done and when a connection is opened; the statements are in `write`, `read`,
`count` and `frame`. Importing this module loads no database: SQLAlchemy is imported with the first operation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import warm
from .command import current_command
from .encode import canonical, unpack_returns
from .errors import RecordsError
from .record import GroupRecord, RunRecord, Status, StoredGroup, Trials
from .url import Place, default_home, find_place

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from .chain.audit import Audit
    from .chain.entry import Entry
    from .opened import Seen

__all__ = ["GroupRecord", "RecordStore", "RecordsError", "RunRecord", "StoredGroup", "Trials", "default_home"]


class RecordStore:
    """The run records at a place. Nothing is created before the first `append` or `open_group`.

    url: `postgresql://…`, `sqlite:///file`, or a folder for `records.sqlite`; the default is `BOT4_RECORDS`, else `BOT4_HOME`, else
    `.bot4`. Every method raises RecordsError where the place cannot be used, and for a run or group that is not there.
    """

    def __init__(self, url: str | Path | None = None) -> None:
        self.place: Place = find_place(url)
        self._engine: Engine | None = None
        self._is_up = False

    def __repr__(self) -> str:
        """Returns the place, without a password."""
        return f"<RecordStore {self.place.shown}>"

    def __getstate__(self) -> dict[str, Any]:
        """Returns the place alone: connections are made anew in another process."""
        return {"place": self.place, "_engine": None, "_is_up": False}

    @property
    def path(self) -> Path | None:
        """Returns the SQLite file, whether it exists or not; None for a database by URL."""
        return self.place.path

    # --- write --------------------------------------------------------------------------------------------------------------

    def append(self, record: RunRecord) -> int:
        """Writes a record in one transaction and returns its number."""
        if record.group is not None:
            return self.append_many(record.group, [record])[0]
        self._bring_up(create=True)
        from .chain.link import linked
        from .connect import writing
        from .write import insert_one

        if record.command is None:
            record = replace(record, command=current_command())
        with linked(self.place) as link, writing(self._known_engine, self.place) as connection:
            return insert_one(connection, record, link)

    def append_many(self, group: int, records: Sequence[RunRecord]) -> list[int]:
        """Writes runs of a group in one transaction and returns their numbers.

        Each has its `ordinal`; one that the group already has is left as it is, so that a piece of work done twice counts once.
        """
        if any(record.ordinal is None for record in records):
            raise RecordsError(f"A run of group {group} has no ordinal; number the runs of a group from 0.")
        self._bring_up(create=True)
        from .chain.link import linked
        from .connect import writing
        from .write import insert_many, lock_group, touch_group

        with linked(self.place) as link, writing(self._known_engine, self.place) as connection:
            if lock_group(connection, group) is None:
                raise self._no_group(group)
            touch_group(connection, group, _now_ms())
            return insert_many(connection, group, records, link)

    def open_group(self, record: GroupRecord, command: str | None = None) -> int:
        """Writes a new group with status `running` and returns its number. `command` is by default the command line that is running."""
        self._bring_up(create=True)
        from .connect import writing
        from .write import insert_group

        with writing(self._known_engine, self.place) as connection:
            return insert_group(connection, record, canonical(record.spec), command or current_command(), _now_ms())

    def close_group(self, group: int, status: Status) -> None:
        """Notes how a group ended: `done`, `stopped` (to be gone on with), or `running` again."""
        self._bring_up(create=True)
        from .connect import writing
        from .write import touch_group

        with writing(self._known_engine, self.place) as connection:
            if not touch_group(connection, group, _now_ms(), status):
                raise self._no_group(group)

    # --- chain --------------------------------------------------------------------------------------------------------------

    def append_entry(
        self, kind: str, body: Mapping[str, Any], now_ms: int, check: Callable[[Sequence[Entry]], object] | None = None
    ) -> Entry:
        """Writes an entry of the chain that carries its content whole, and returns it.

        check: given all such entries while no other process can append; what it raises leaves the chain as it is.
        """
        self._bring_up(create=True)
        from .chain.link import linked
        from .chain.read import contents
        from .connect import writing

        with linked(self.place) as link, writing(self._known_engine, self.place) as connection:
            link.begin(connection)
            if check is not None:
                check(contents(connection))
            return link.add_entry(connection, kind, body, now_ms)

    def entries(self) -> list[Entry]:
        """Returns the entries of the chain that carry their content whole: all but those of runs, in order."""
        if not self._bring_up(create=False):
            return []
        from .chain.read import contents
        from .connect import reading

        with reading(self._known_engine, self.place) as connection:
            return contents(connection)

    def audit(self, told: Callable[[int, int], object] | None = None) -> Audit:
        """Reads the whole chain and everything it stands for, and returns what does not fit; `told` hears (entries done, entries)."""
        exists = self._bring_up(create=False)
        from .chain.audit import Audit, audit

        if not exists:
            return Audit(0, 0, (), "")
        from .connect import reading

        with reading(self._known_engine, self.place) as connection:
            return audit(connection, self.place, told)

    # --- groups -------------------------------------------------------------------------------------------------------------

    def find_group(self, spec_hash: str) -> StoredGroup | None:
        """Returns the newest group with a specification (`GroupRecord.spec_hash`) that is not done, or None."""
        if not self._bring_up(create=False):
            return None
        from .connect import reading
        from .read import unfinished_group

        with reading(self._known_engine, self.place) as connection:
            return unfinished_group(connection, spec_hash)

    def group(self, group: int) -> StoredGroup:
        """Returns a group."""
        found = None
        if self._bring_up(create=False):
            from .connect import reading
            from .read import read_group

            with reading(self._known_engine, self.place) as connection:
                found = read_group(connection, group)
        if found is None:
            raise self._no_group(group)
        return found

    def groups(
        self, limit: int | None = 100, kind: str | None = None, name: str | None = None, since_ms: int | None = None
    ) -> list[StoredGroup]:
        """Returns the latest groups, newest first; of a kind, with a text in their name, opened at or after a time."""
        if not self._bring_up(create=False):
            return []
        from .connect import reading
        from .read import Wanted, read_groups

        with reading(self._known_engine, self.place) as connection:
            return read_groups(connection, Wanted(limit, kind, name, since_ms))

    def group_ordinals(self, group: int) -> list[int]:
        """Returns the ordinals that a group has so far, ascending: what need not be done again."""
        if not self._bring_up(create=False):
            raise self._no_group(group)
        from .connect import reading
        from .read import read_ordinals

        with reading(self._known_engine, self.place) as connection:
            return read_ordinals(connection, group)

    def group_runs(self, group: int) -> pl.DataFrame:
        """Returns a group's runs by ordinal: `ordinal, id, identity, start, end, params, stats, daily_start, daily`.

        `params` and `stats` are structs (`frame.unnest("params")`), `daily` lists of daily returns (Float64).
        """
        self.group(group)
        from .connect import reading
        from .frame import group_frame

        with reading(self._known_engine, self.place) as connection:
            return group_frame(connection, group)

    # --- runs ---------------------------------------------------------------------------------------------------------------

    def trials(self, instruments: Sequence[str], start_ms: int, end_ms: int, without: int | None = None) -> Trials:
        """Counts runs that share an instrument and some time with [start_ms, end_ms); every run of a sweep or search is one.

        without: a group whose runs are not counted, such as the sweep that asks.
        """
        if not instruments or not self._bring_up(create=False):
            return Trials(0, 0)
        from .connect import reading
        from .count import count_trials

        with reading(self._known_engine, self.place) as connection:
            return count_trials(connection, instruments, start_ms, end_ms, without)

    def seen(self, instruments: Sequence[str], start_ms: int, end_ms: int, registration: str = "") -> Seen:
        """Returns the runs that share an instrument and some time with [start_ms, end_ms) by trial, without a registration's own."""
        exists = self._bring_up(create=False)
        from .opened import Seen, find_seen

        if not exists:
            return Seen(0, {})
        from .connect import reading

        with reading(self._known_engine, self.place) as connection:
            return find_seen(connection, instruments, start_ms, end_ms, registration)

    def returns(self, numbers: Sequence[int]) -> dict[int, tuple[int, NDArray[np.float64]]]:
        """Returns (end of the first day in UTC ms, daily returns) of runs, by number; those that are not there are left out."""
        if not self._bring_up(create=False):
            return {}
        from .connect import reading
        from .opened import returns_of

        with reading(self._known_engine, self.place) as connection:
            return returns_of(connection, numbers)

    def runs(
        self,
        limit: int | None = 100,
        kind: str | None = None,
        name: str | None = None,
        since_ms: int | None = None,
        group: int | None = None,
        *,
        alone: bool = False,
    ) -> list[dict[str, Any]]:
        """Returns the latest records, newest first, as plain dictionaries without the daily returns.

        Of a kind, with a text in their name, recorded at or after a time, of one group; `alone` leaves the runs of groups out.
        """
        if not self._bring_up(create=False):
            return []
        from .connect import reading
        from .read import Wanted, read_runs

        with reading(self._known_engine, self.place) as connection:
            return read_runs(connection, Wanted(limit, kind, name, since_ms, group, alone))

    def run(self, run_id: int) -> dict[str, Any]:
        """Returns one record as a plain dictionary without the daily returns."""
        found = None
        if self._bring_up(create=False):
            from .connect import reading
            from .read import read_run

            with reading(self._known_engine, self.place) as connection:
                found = read_run(connection, run_id)
        if found is None:
            raise self._no_run(run_id)
        return found

    def daily_returns(self, run_id: int) -> NDArray[np.float64]:
        """Returns a run's daily returns, shape (days,)."""
        packed = None
        if self._bring_up(create=False):
            from .connect import reading
            from .read import read_returns

            with reading(self._known_engine, self.place) as connection:
                packed = read_returns(connection, run_id)
        if packed is None:
            raise self._no_run(run_id)
        return unpack_returns(packed)

    def frame(
        self,
        limit: int | None = None,
        kind: str | None = None,
        name: str | None = None,
        since_ms: int | None = None,
        group: int | None = None,
    ) -> pl.DataFrame:
        """Returns runs as a frame, newest first; see `b4.runs`."""
        exists = self._bring_up(create=False)
        from .frame import empty_frame, runs_frame

        if not exists:
            return empty_frame()
        from .connect import reading
        from .read import Wanted

        with reading(self._known_engine, self.place) as connection:
            return runs_frame(connection, Wanted(limit, kind, name, since_ms, group))

    # --- the place ----------------------------------------------------------------------------------------------------------

    def _bring_up(self, *, create: bool) -> bool:
        """Returns whether the store exists with this Bot4's schema; made or migrated on the way."""
        path = self.place.path
        if path is not None and not path.exists():
            self._is_up = False
            if not create:
                return False
        if not self._is_up:
            warm.finish()
            from .upgrade import bring_up

            self._is_up = bring_up(self._known_engine, self.place, create=create)
        return self._is_up

    @property
    def _known_engine(self) -> Engine:
        if self._engine is None:
            from .connect import make_engine

            self._engine = make_engine(self.place)
        return self._engine

    def _no_run(self, run_id: int) -> RecordsError:
        return RecordsError(f"There is no run {run_id} in {self.place.shown}; `bot4 runs list` shows the known ones.")

    def _no_group(self, group: int) -> RecordsError:
        return RecordsError(f"There is no group {group} in {self.place.shown}; `bot4 runs list` shows the known ones.")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
