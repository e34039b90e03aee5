"""The series of `bot4 stats`: words of the command line to columns of numbers with names, on common times.

`run:17` are a recorded run's daily returns, `run:g3` those of every run of a group; `FILE` with bars the returns of its closes;
`FILE:COLUMN` a column as it stands, `FILE:*` every column of numbers; anything that reads as a number is one. Bars and runs are put on the
times they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer

from bot4.report.columns import Floats, Ints
from bot4.report.formulas import simple_returns

if TYPE_CHECKING:
    import polars as pl

YEAR_MS = 365 * 86_400_000
TIMES = ("ts_ms", "ts", "time", "timestamp", "date")
"""Names of columns that are no series for `*`."""


@dataclass(frozen=True)
class Column:
    """One series: its name, its values, the times they belong to (UTC ms) where known, and whether they are prices."""

    name: str
    values: Floats
    times: Ints | None = None
    is_price: bool = False
    is_number: bool = False
    """A single number of the command line."""


@dataclass(frozen=True)
class Series:
    """Series side by side: `names[i]` belongs to `columns[i]`; `interval_ms` is the usual step of their times, if they have any."""

    names: tuple[str, ...]
    columns: tuple[Floats, ...]
    are_numbers: tuple[bool, ...]
    interval_ms: int | None

    @property
    def periods_per_year(self) -> float | None:
        """Returns how many values a year of 365 days has; None without times."""
        return None if self.interval_ms is None else YEAR_MS / self.interval_ms


def read(words: Sequence[str]) -> Series:
    """Returns the series that words stand for, those with times on the times they share. Raises a usage error for what is not there."""
    found = [column for word in words for column in _columns(word)]
    timed = [column.times for column in found if column.times is not None]
    common = reduce(np.intersect1d, timed) if timed else None
    if common is not None and len(common) < 3:
        raise typer.BadParameter(f"the series have {len(common)} times in common; give series of the same days")
    interval = None if common is None else int(np.median(np.diff(common)))
    return Series(
        names=tuple(column.name for column in found),
        columns=tuple(_on(column, common) for column in found),
        are_numbers=tuple(column.is_number for column in found),
        interval_ms=interval,
    )


def _on(column: Column, common: Ints | None) -> Floats:
    """Returns a column on common times, prices as returns between them."""
    values = column.values
    if column.times is not None and common is not None:
        values = values[np.isin(column.times, common)]
    return simple_returns(values) if column.is_price else values


def _columns(word: str) -> list[Column]:
    try:
        return [Column(word, np.array([float(word)]), is_number=True)]
    except ValueError:
        pass
    if word.startswith("run:"):
        return _run(word)
    path, name = _split(word)
    if name is None:
        return _file(path)
    frame = _frame(path)
    if name == "*":
        return [Column(f"{path.name}:{one}", _values(frame, one)) for one in _numeric(frame)]
    if name not in frame.columns:
        raise typer.BadParameter(f"{path} has no column {name!r}; it has {', '.join(frame.columns)}")
    if not frame[name].dtype.is_numeric():
        raise typer.BadParameter(f"column {name!r} of {path} holds no numbers; those that do: {_said(frame)}")
    return [Column(f"{path.name}:{name}", _values(frame, name))]


def _run(word: str) -> list[Column]:
    """Returns the daily returns of a recorded run, or of every run of a group. Raises RecordsError for one that is not there."""
    from bot4.records.store import RecordStore

    digits = word.removeprefix("run:")
    number = digits.removeprefix("g")
    if not number.isdecimal():
        raise typer.BadParameter(
            f"{word!r} is no recorded run; write run:17, or run:g3 for a group; `bot4 runs list` shows them"
        )
    store = RecordStore()
    if digits.startswith("g"):
        frame = store.group_runs(int(number))
        starts = frame["daily_start"].dt.epoch("ms")
        rows = zip(frame["id"], starts, frame["daily"], strict=True)
        return [_daily(f"run:{id}", int(start), daily.to_numpy()) for id, start, daily in rows]
    start = int(store.run(int(number))["daily_start_ms"])
    return [_daily(word, start, store.daily_returns(int(number)))]


def _daily(name: str, start: int, values: Floats) -> Column:
    return Column(name, values, start + 86_400_000 * np.arange(len(values), dtype=np.int64))


def _split(word: str) -> tuple[Path, str | None]:
    """Returns the file and the column that a word names. Raises a usage error where there is no such file."""
    if Path(word).is_file():
        return Path(word), None
    file, colon, name = word.rpartition(":")
    if colon and Path(file).is_file():
        return Path(file), name
    asked = file if colon else word
    raise typer.BadParameter(f"there is no file {asked}; give FILE, FILE:COLUMN, run:17 or a number")


def _file(path: Path) -> list[Column]:
    """Returns the series of a file whose column is not named: closes of bars, or its only column of numbers."""
    frame = _frame(path)
    if {"open", "high", "low", "close"} <= set(frame.columns):
        from bot4.data.loader import load

        return [Column(one.symbol, bars.close, bars.ts, is_price=True) for one, bars in load(str(path))]
    numeric = _numeric(frame)
    if len(numeric) != 1:
        raise typer.BadParameter(
            f"{path} has no bars and {len(numeric)} columns of numbers; name one of them, {path.name}:COLUMN "
            f"({_said(frame)}), or all, '{path.name}:*'"
        )
    return [Column(path.name, _values(frame, numeric[0]))]


def _frame(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_csv(path) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        kind = "CSV" if path.suffix.lower() == ".csv" else "Parquet"
        reason = str(error).splitlines()[0]
        raise typer.BadParameter(f"{path} cannot be read as {kind} ({reason}); give a .parquet or .csv file") from None


def _numeric(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].dtype.is_numeric() and name.lower() not in TIMES]


def _said(frame: pl.DataFrame) -> str:
    return ", ".join(_numeric(frame)) or "none"


def _values(frame: pl.DataFrame, name: str) -> Floats:
    import polars as pl

    # Missing values become NaN, which every statistic refuses with their number and first row.
    return frame[name].cast(pl.Float64).to_numpy()
