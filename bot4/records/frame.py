"""Runs as Polars frames: one row each, parameters and statistics as structs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from .encode import unpack_returns
from .read import Wanted, instruments_of, runs_query
from .schema import runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

TIME = pl.Datetime("ms", "UTC")


def group_frame(connection: Connection, group: int) -> pl.DataFrame:
    """Returns a group's runs by ordinal: `ordinal, id, identity, start, end, params, stats, daily_start, daily`.

    `params` and `stats` are structs (`frame.unnest("params")`), `daily` lists of daily returns (Float64).
    """
    table = runs.c
    columns = (
        table.ordinal,
        table.id,
        table.identity,
        table.start_ms,
        table.end_ms,
        table.params,
        table.stats,
        table.daily_start_ms,
        table.daily_returns,
    )
    query = sa.select(*columns).where(table.group_id == group).order_by(table.ordinal)
    rows = connection.execute(query).all()
    ordinal, number, identity, start, end, params, stats, daily_start, packed = (
        zip(*rows, strict=True) if rows else [()] * 9
    )
    return pl.DataFrame(
        {
            "ordinal": pl.Series(ordinal, dtype=pl.Int64),
            "id": pl.Series(number, dtype=pl.Int64),
            "identity": pl.Series(identity, dtype=pl.String),
            "start": pl.Series(start, dtype=pl.Int64).cast(TIME),
            "end": pl.Series(end, dtype=pl.Int64).cast(TIME),
            "params": structs(params),
            "stats": structs(stats),
            "daily_start": pl.Series(daily_start, dtype=pl.Int64).cast(TIME),
            "daily": pl.Series([unpack_returns(one) for one in packed], dtype=pl.List(pl.Float64)),
        }
    )


def runs_frame(connection: Connection, wanted: Wanted) -> pl.DataFrame:
    """Returns runs, newest first: `id, at, kind, name, group, ordinal, instruments, interval_ms, start, end, params, stats, config,
    seed, identity, data_hash, version, command`."""
    rows = [dict(row) for row in connection.execute(runs_query(wanted)).mappings()]
    return _frame(rows, instruments_of(connection, {row["universe_id"] for row in rows}))


def empty_frame() -> pl.DataFrame:
    """Returns the frame of no runs."""
    return _frame([], {})


def _frame(rows: list[dict[str, Any]], names: dict[int, list[str]]) -> pl.DataFrame:
    def column(key: str, kind: Any) -> pl.Series:
        return pl.Series([row[key] for row in rows], dtype=kind)

    return pl.DataFrame(
        {
            "id": column("id", pl.Int64),
            "at": column("at_ms", pl.Int64).cast(TIME),
            "kind": column("kind", pl.String),
            "name": column("name", pl.String),
            "group": column("group_id", pl.Int64),
            "ordinal": column("ordinal", pl.Int64),
            "instruments": pl.Series([names.get(row["universe_id"], []) for row in rows], dtype=pl.List(pl.String)),
            "interval_ms": column("interval_ms", pl.Int64),
            "start": column("start_ms", pl.Int64).cast(TIME),
            "end": column("end_ms", pl.Int64).cast(TIME),
            "params": structs([row["params"] for row in rows]),
            "stats": structs([row["stats"] for row in rows]),
            "config": structs([row["config"] for row in rows]),
            "seed": column("seed", pl.Int64),
            "identity": column("identity", pl.String),
            "data_hash": column("data_hash", pl.String),
            "version": column("version", pl.String),
            "command": column("command", pl.String),
        }
    )


def structs(texts: Any) -> pl.Series:
    """Returns JSON objects as one column of structs; a field that is text in one row and a number in another becomes text."""
    column = pl.Series(texts, dtype=pl.String)
    if not len(column):
        return pl.Series([], dtype=pl.Struct({}))
    try:
        return column.str.json_decode(infer_schema_length=None)
    except pl.exceptions.PolarsError:
        return pl.Series([_as_texts(json.loads(text)) for text in texts])


def _as_texts(values: dict[str, Any]) -> dict[str, str | None]:
    return {
        key: value if value is None or isinstance(value, str) else json.dumps(value) for key, value in values.items()
    }
