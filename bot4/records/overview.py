"""`b4.runs`: the run records as a frame, for notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .store import RecordStore

if TYPE_CHECKING:
    import polars as pl


def runs(
    *,
    kind: str | None = None,
    name: str | None = None,
    group: int | None = None,
    limit: int | None = 10_000,
    url: str | Path | None = None,
) -> pl.DataFrame:
    """Returns recorded runs, newest first, one row each: `id, at, kind, name, group, ordinal, instruments, interval_ms, start, end,
    params, stats, config, seed, identity, data_hash, version, command`.

    `params`, `stats` and `config` are structs (`frame.unnest("stats")`), times Datetime ms UTC.
    kind: such as "backtest" or "sweep"; name: a text in the strategy's name; group: the runs of one sweep or search.
    limit: how many at most, None for all. url: another store than `BOT4_RECORDS` or `BOT4_HOME` name.
    Raises RecordsError where the records cannot be used.
    """
    return RecordStore(url).frame(limit, kind, name, None, group)
