"""Reads runs and groups back as plain data, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .record import StoredGroup
from .schema import groups, runs, universe_instruments

if TYPE_CHECKING:
    from sqlalchemy import Connection

JSON_COLUMNS = ("params", "config", "stats")
WITHOUT_RETURNS = [column for column in runs.c if column.name != "daily_returns"]


@dataclass(frozen=True)
class Wanted:
    """Which runs or groups to read: at most `limit`, of a kind, with a text in their name, recorded at or after a time (UTC ms).

    `group` takes the runs of one group; `alone` only those of none.
    """

    limit: int | None = 100
    kind: str | None = None
    name: str | None = None
    since_ms: int | None = None
    group: int | None = None
    alone: bool = False


def read_runs(connection: Connection, wanted: Wanted) -> list[dict[str, Any]]:
    """Returns runs as plain dictionaries without the daily returns."""
    return _readable(connection, connection.execute(runs_query(wanted)).mappings().all())


def runs_query(wanted: Wanted) -> sa.Select[Any]:
    """Returns the statement for runs, newest first, without the daily returns."""
    query: sa.Select[Any] = sa.select(*WITHOUT_RETURNS).order_by(runs.c.id.desc())
    query = _narrowed(query, wanted, runs.c.kind, runs.c.name, runs.c.at_ms)
    if wanted.group is not None:
        query = query.where(runs.c.group_id == wanted.group)
    if wanted.alone:
        query = query.where(runs.c.group_id.is_(None))
    return query


def read_run(connection: Connection, run_id: int) -> dict[str, Any] | None:
    """Returns one run, or None."""
    query = sa.select(*WITHOUT_RETURNS).where(runs.c.id == run_id)
    found = _readable(connection, connection.execute(query).mappings().all())
    return found[0] if found else None


def read_returns(connection: Connection, run_id: int) -> bytes | None:
    """Returns one run's daily returns as they are stored, or None."""
    found = connection.execute(sa.select(runs.c.daily_returns).where(runs.c.id == run_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def read_groups(connection: Connection, wanted: Wanted) -> list[StoredGroup]:
    """Returns groups with the number of their runs so far."""
    query = _groups().order_by(groups.c.id.desc())
    query = _narrowed(query, wanted, groups.c.kind, groups.c.name, groups.c.created_ms)
    return _as_groups(connection, connection.execute(query).mappings().all())


def read_group(connection: Connection, group_id: int) -> StoredGroup | None:
    """Returns one group, or None."""
    found = _as_groups(connection, connection.execute(_groups().where(groups.c.id == group_id)).mappings().all())
    return found[0] if found else None


def unfinished_group(connection: Connection, spec_hash: str) -> StoredGroup | None:
    """Returns the newest group with a specification that is not done, or None."""
    query = _groups().where(groups.c.spec_hash == spec_hash, groups.c.status != "done")
    latest = query.order_by(groups.c.id.desc()).limit(1)
    found = _as_groups(connection, connection.execute(latest).mappings().all())
    return found[0] if found else None


def read_ordinals(connection: Connection, group_id: int) -> list[int]:
    """Returns the ordinals that a group has, ascending."""
    query = sa.select(runs.c.ordinal).where(runs.c.group_id == group_id).order_by(runs.c.ordinal)
    return list(connection.execute(query).scalars())


def _groups() -> sa.Select[Any]:
    counted = sa.select(sa.func.count()).where(runs.c.group_id == groups.c.id).scalar_subquery()
    # Instruments are the same in all runs of a group; any one tells them.
    universe = sa.select(runs.c.universe_id).where(runs.c.group_id == groups.c.id).limit(1).scalar_subquery()
    return sa.select(groups, counted.label("runs"), universe.label("universe_id"))


def _as_groups(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> list[StoredGroup]:
    names = instruments_of(connection, {row["universe_id"] for row in rows if row["universe_id"] is not None})
    found = []
    for row in rows:
        known = dict(row)
        listed = tuple(names.get(known.pop("universe_id"), ()))
        found.append(StoredGroup(**{**known, "spec": json.loads(known["spec"]), "instruments": listed}))
    return found


def _narrowed(
    query: sa.Select[Any], wanted: Wanted, kind: sa.Column[Any], name: sa.Column[Any], at_ms: sa.Column[Any]
) -> sa.Select[Any]:
    if wanted.kind is not None:
        query = query.where(kind == wanted.kind)
    if wanted.name is not None:
        query = query.where(sa.func.lower(name).contains(wanted.name.lower(), autoescape=True))
    if wanted.since_ms is not None:
        query = query.where(at_ms >= wanted.since_ms)
    return query if wanted.limit is None else query.limit(wanted.limit)


def _readable(connection: Connection, rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    known = [dict(row) for row in rows]
    names = instruments_of(connection, {row["universe_id"] for row in known})
    for row in known:
        row.update({key: json.loads(row[key]) for key in JSON_COLUMNS})
        row["group"] = row.pop("group_id")
        row["instruments"] = names.get(row.pop("universe_id"), [])
    return known


def instruments_of(connection: Connection, universes: Iterable[int]) -> dict[int, list[str]]:
    """Returns the instruments of universes by number, sorted."""
    table = universe_instruments.c
    query = sa.select(table.universe_id, table.instrument).where(table.universe_id.in_(universes))
    found: dict[int, list[str]] = {}
    for universe, name in connection.execute(query):
        found.setdefault(universe, []).append(name)
    return {universe: sorted(names) for universe, names in found.items()}
