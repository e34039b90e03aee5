"""`Rows`: what is kept of many runs: their parameters, statistics and daily returns, as columns.

One row is one combination: under a kilobyte, and eight bytes for each day. Not here: how they come about (`runner`), what is read
out of them (`result`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot4.report.stats import STAT_NAMES, Stats

if TYPE_CHECKING:
    import polars as pl

OPTIONAL_INT = "int | None"
_KINDS = {field.name: str(field.type) for field in fields(Stats)}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Column = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Block:
    """Runs of one call of the engine, in the order of their programs: `stats` by name, each of shape (runs,); `times` (UTC ms, ends of
    days), shape (days,); `daily` returns, shape (runs, days), NaN before a run's first possible decision; `nodes` the engine evaluated
    and `nodes_alone` what it would have without sharing, 0 where it does not say."""

    stats: Mapping[str, Column]
    times: Ints
    daily: Floats
    nodes: int = 0
    nodes_alone: int = 0


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows by ordinal (the combination's number in the grid, or the trial's in a search): `ordinals` of shape (runs,), `params` of each,
    `identities` of their programs, and the rest as in `Block`."""

    ordinals: Ints
    params: Sequence[Mapping[str, Any]]
    identities: Sequence[str]
    stats: Mapping[str, Column]
    times: Ints
    daily: Floats

    def __len__(self) -> int:
        """Returns the number of runs."""
        return len(self.ordinals)

    def frame(self, names: Sequence[str]) -> pl.DataFrame:
        """Returns `ordinal`, the parameters `names`, then every statistic, one row for each run, by ordinal.

        A parameter that is called like a statistic has the prefix `param_`.
        """
        import polars as pl

        columns: dict[str, Any] = {"ordinal": pl.Series(self.ordinals)}
        for name in names:
            columns[column_of(name)] = pl.Series([row[name] for row in self.params], strict=False)
        for name, values in self.stats.items():
            column = pl.Series(values).fill_nan(None) if values.dtype.kind == "f" else pl.Series(values)
            columns[name] = column.cast(pl.Int64) if _KINDS.get(name) == OPTIONAL_INT else column
        return pl.DataFrame(columns)

    def row_returns(self, place: int) -> tuple[Ints, Floats]:
        """Returns (ends of days, daily returns) of one row from its own first day on."""
        known = np.flatnonzero(~np.isnan(self.daily[place]))
        first = int(known[0]) if len(known) else len(self.times)
        return self.times[first:], self.daily[place, first:]


def stat_column(name: str, values: Sequence[float | int | None] | Column) -> Column:
    """Returns a statistic's values of many runs: int64 where it always is a whole number, float64 with NaN for what there is not."""
    kind = np.int64 if _KINDS.get(name) == "int" else np.float64
    if isinstance(values, np.ndarray):
        return np.ascontiguousarray(values, dtype=kind)
    return np.array([np.nan if value is None else value for value in values], dtype=kind)


def column_of(parameter: str) -> str:
    """Returns the name of a parameter's column in the frame."""
    return f"param_{parameter}" if parameter in (*STAT_NAMES, "ordinal") else parameter


def align(series: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """Returns (times, matrix) of daily returns that begin on different days: NaN where a run has no day, shape (runs, days)."""
    if not series:
        return np.empty(0, dtype=np.int64), np.empty((0, 0))
    longest = max((times for times, _ in series), key=len)
    times = (
        longest if all(_is_tail(t, longest) for t, _ in series) else np.unique(np.concatenate([t for t, _ in series]))
    )
    daily = np.full((len(series), len(times)), np.nan)
    for place, (own, returns) in enumerate(series):
        daily[place, np.searchsorted(times, own)] = returns
    return times, daily


def _is_tail(times: Ints, whole: Ints) -> bool:
    return bool(np.array_equal(times, whole[len(whole) - len(times) :]))


def joined(parts: Iterable[Rows]) -> Rows:
    """Returns rows of several parts as one, by ordinal."""
    some = [part for part in parts if len(part)]
    if not some:
        return Rows(np.empty(0, dtype=np.int64), (), (), {}, np.empty(0, dtype=np.int64), np.empty((0, 0)))
    ordinals = np.concatenate([part.ordinals for part in some])
    order = np.argsort(ordinals, kind="stable")
    params = [row for part in some for row in part.params]
    identities = [text for part in some for text in part.identities]
    times, daily = _stacked(some)
    return Rows(
        ordinals[order],
        [params[i] for i in order],
        [identities[i] for i in order],
        {name: np.concatenate([part.stats[name] for part in some])[order] for name in some[0].stats},
        times,
        daily[order],
    )


def _stacked(parts: Sequence[Rows]) -> tuple[Ints, Floats]:
    first = parts[0].times
    if all(np.array_equal(first, part.times) for part in parts):
        return first, np.concatenate([part.daily for part in parts])
    times = np.unique(np.concatenate([part.times for part in parts]))
    daily = np.full((sum(map(len, parts)), len(times)), np.nan)
    start = 0
    for part in parts:
        daily[start : start + len(part), np.searchsorted(times, part.times)] = part.daily
        start += len(part)
    return times, daily
