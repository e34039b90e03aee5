"""Writes runs and groups, within one transaction each."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .chain.write import Written
from .connect import is_sqlite
from .encode import canonical, digest, pack_returns, trial_key
from .record import GroupRecord, RunRecord
from .schema import groups, runs, trials, universe_instruments, universes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .chain.link import Link


def insert_one(connection: Connection, record: RunRecord, link: Link) -> int:
    """Writes a run of its own and its entry of the chain, and returns its number."""
    link.begin(connection)
    universe = _universe(connection, record.instruments)
    row = _row(record, universe, {})
    written = connection.execute(runs.insert().values(row))
    assert written.inserted_primary_key is not None, "both databases number every inserted row"
    number = int(written.inserted_primary_key[0])
    counted = _count(connection, [(record, row)], None)
    link.add(connection, [(number, row | {"group_id": None}, _names(record))], counted)
    return number


def insert_many(connection: Connection, group: int, records: Sequence[RunRecord], link: Link) -> list[int]:
    """Writes runs of a group with one entry of the chain, leaves those whose ordinal is there already as they are, and returns the
    number of each.

    The group's row is locked meanwhile, so that two processes that append the same runs write them once.
    """
    link.begin(connection)
    ordinals = [record.ordinal for record in records]
    known = _numbers(connection, group, ordinals)
    memory: dict[int, str] = {}
    universe_of = {record.instruments: 0 for record in records}
    for names in sorted(universe_of):
        universe_of[names] = _universe(connection, names)
    new = {record.ordinal: record for record in reversed(records) if record.ordinal not in known}
    rows = [(record, _row(record, universe_of[record.instruments], memory)) for record in reversed(new.values())]
    if rows:
        rows = [(record, row | {"group_id": group}) for record, row in rows]
        connection.execute(runs.insert(), [row for _, row in rows])
        counted = _count(connection, rows, group)
        known = _numbers(connection, group, ordinals)
        link.add(connection, [(known[record.ordinal], row, _names(record)) for record, row in rows], counted)
    return [known[ordinal] for ordinal in ordinals]


def lock_group(connection: Connection, group: int) -> str | None:
    """Returns a group's status, or None where there is no such group; no other process appends to it until the transaction ends."""
    query = (
        sa.select(groups.c.status).where(groups.c.id == group).with_for_update()
    )  # SQLite's writers are alone anyway
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _numbers(connection: Connection, group: int, ordinals: Sequence[int | None]) -> dict[int | None, int]:
    numbers = [ordinal for ordinal in ordinals if ordinal is not None]
    if not numbers:
        return {}
    query = sa.select(runs.c.ordinal, runs.c.id).where(
        runs.c.group_id == group, runs.c.ordinal.between(min(numbers), max(numbers))
    )
    wanted = set(numbers)
    return {ordinal: run for ordinal, run in connection.execute(query) if ordinal in wanted}


def _universe(connection: Connection, instruments: Sequence[str]) -> int:
    """Returns the number of a list of instruments, written down on its first use."""
    names = sorted(set(instruments))
    mark = digest(names)
    query = sa.select(universes.c.id).where(universes.c.digest == mark)
    found = connection.execute(query).scalar_one_or_none()
    if found is not None:
        return int(found)
    # Another process may write the same list at this moment: the first one writes it, the second finds it.
    connection.execute(_insert_or_ignore(connection, universes).values(digest=mark))
    number = int(connection.execute(query).scalar_one())
    if names:
        members = [{"instrument": name, "universe_id": number} for name in names]
        connection.execute(_insert_or_ignore(connection, universe_instruments), members)
    return number


def _insert_or_ignore(connection: Connection, table: sa.Table) -> Any:
    if is_sqlite(connection):
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()


def _row(record: RunRecord, universe: int, memory: dict[int, str]) -> dict[str, Any]:
    """Returns a run's columns. `memory` keeps the text of settings that many records share, by the object's own number."""
    shared = memory.get(id(record.config))
    if shared is None:
        shared = memory[id(record.config)] = canonical(record.config)
    return {
        "at_ms": record.at_ms,
        "kind": record.kind,
        "identity": record.identity,
        "name": record.name,
        "params": canonical(record.params),
        "interval_ms": record.interval_ms,
        "start_ms": record.start_ms,
        "end_ms": record.end_ms,
        "config": shared,
        "seed": record.seed,
        "data_hash": record.data_hash,
        "stats": canonical(record.stats),
        "daily_start_ms": record.daily_start_ms,
        "daily_returns": pack_returns(record.daily_returns),
        "version": record.version,
        "ordinal": record.ordinal,
        "universe_id": universe,
        "command": record.command,
    }


def _names(record: RunRecord) -> list[str]:
    return sorted(set(record.instruments))


def _count(
    connection: Connection, rows: Sequence[tuple[RunRecord, dict[str, Any]]], group: int | None
) -> list[Written]:
    """Adds runs to what the count of trials reads, one row for each list of instruments, and returns these rows."""
    import numpy as np

    by_universe = defaultdict(list)
    names = {}
    for record, row in rows:
        by_universe[row["universe_id"]].append(row)
        names[row["universe_id"]] = record.instruments
    found: list[Written] = []
    for universe, members in sorted(by_universe.items()):
        spans = np.array([(row["start_ms"], row["end_ms"]) for row in members], dtype="<i8")
        first, last = spans.min(axis=0), spans.max(axis=0)
        differ = bool((first != last).any())
        values = {
            "universe_id": universe,
            "group_id": group,
            "start_ms": int(first[0]),
            "end_ms": int(last[1]),
            "late_start_ms": int(last[0]),
            "early_end_ms": int(first[1]),
            "trial_keys": b"".join(trial_key(row["identity"], row["params"]) for row in members),
            "spans": zlib.compress(spans.tobytes(), 1) if differ else None,
        }
        written = connection.execute(trials.insert().values(values))
        assert written.inserted_primary_key is not None, "both databases number every inserted row"
        found.append((int(written.inserted_primary_key[0]), values, sorted(set(names[universe]))))
    return found


def insert_group(connection: Connection, record: GroupRecord, spec: str, command: str | None, now_ms: int) -> int:
    """Writes a group with status `running` and returns its number."""
    values = {
        "kind": record.kind,
        "name": record.name,
        "spec": spec,
        "spec_hash": record.spec_hash,
        "total": record.total,
        "status": "running",
        "created_ms": now_ms,
        "updated_ms": now_ms,
        "command": command,
    }
    written = connection.execute(groups.insert().values(values))
    assert written.inserted_primary_key is not None, "both databases number every inserted row"
    return int(written.inserted_primary_key[0])


def touch_group(connection: Connection, group: int, now_ms: int, status: str | None = None) -> bool:
    """Notes that a group changed, and its status where one is given; returns whether there is such a group."""
    values = {"updated_ms": now_ms} | ({} if status is None else {"status": status})
    return bool(connection.execute(groups.update().where(groups.c.id == group).values(values)).rowcount)
