"""Appends entries, within the transaction that writes what they stand for: both are there, or neither."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..connect import is_sqlite
from ..schema import chain, runs, trials
from . import entry, rows
from .entry import RUNS, START, Entry
from .key import Key

if TYPE_CHECKING:
    from sqlalchemy import Connection

ADVISORY_LOCK = int.from_bytes(b"bot4link")
"""PostgreSQL's lock for the end of the chain, a number of our own choice; SQLite's writers are alone anyway."""
ADOPTED_AT_ONCE = 1_000
NOTHING = [1, 0, 0]
"""First, last and count of no rows."""

Written = tuple[int, Mapping[str, Any], Sequence[str]]
"""A row as it was written: its number, its columns, its instruments."""


def lock(connection: Connection) -> None:
    """Waits until no other process appends, before anything of the transaction is written: numbers of rows then follow one another."""
    if not is_sqlite(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))


def last(connection: Connection) -> Entry | None:
    """Returns the last entry, None where there is none."""
    found = connection.execute(sa.select(chain).order_by(chain.c.number.desc()).limit(1)).mappings().first()
    return None if found is None else Entry(**found)


def append(connection: Connection, kind: str, body: Mapping[str, Any], key: Key, now_ms: int) -> Entry:
    """Writes an entry behind the last one and returns it. The transaction has called `lock`."""
    before = last(connection)
    number, previous = (1, START) if before is None else (before.number + 1, before.digest)
    made = entry.make(number, now_ms, kind, body, previous, key)
    connection.execute(chain.insert().values(vars(made)))
    return made


def append_rows(
    connection: Connection, written: Iterable[Written], counted: Iterable[Written], key: Key, now_ms: int
) -> Entry:
    """Writes the entry of runs, and of the rows of `trials` that count them, which this transaction has written."""
    found, spans = rows.Digest(), []
    for columns, table in ((rows.RUN_COLUMNS, written), (rows.TRIAL_COLUMNS, counted)):
        numbers = []
        for number, row, instruments in sorted(table, key=lambda one: one[0]):
            found.add({**row, "id": number}, columns, instruments)
            numbers.append(number)
        spans.append([numbers[0], numbers[-1], len(numbers)] if numbers else NOTHING)
    return append(connection, RUNS, _body(spans, found.hexdigest()), key, now_ms)


def adopt(connection: Connection, key: Key) -> None:
    """Writes entries for the runs of a store that had no chain yet, before its first own entry."""
    if last(connection) is not None:
        return
    now_ms = time.time_ns() // 1_000_000
    for first, end in _batches(connection, runs):
        digest, (count, _), _ = rows.digest_rows(connection, (first, 1), (end, 0))
        append(connection, RUNS, _body([[first, end, count], NOTHING], digest), key, now_ms)
    for first, end in _batches(connection, trials):
        digest, (_, count), _ = rows.digest_rows(connection, (1, first), (0, end))
        append(connection, RUNS, _body([NOTHING, [first, end, count]], digest), key, now_ms)


def _batches(connection: Connection, table: sa.Table) -> Iterator[tuple[int, int]]:
    """Yields (first, last) number of a table's rows, some at a time."""
    after = None
    while True:
        query = sa.select(table.c.id) if after is None else sa.select(table.c.id).where(table.c.id > after)
        ids = list(connection.execute(query.order_by(table.c.id).limit(ADOPTED_AT_ONCE)).scalars())
        if not ids:
            return
        after = ids[-1]
        yield ids[0], after


def _body(spans: Sequence[Sequence[int]], digest: str) -> dict[str, Any]:
    return {"runs": spans[0], "trials": spans[1], "digest": digest}
