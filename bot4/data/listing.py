"""Listing: what bars there are, from file names, Parquet metadata and the time column only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot4.data.columns import Ints, match_names, to_ms
from bot4.data.errors import DataError
from bot4.data.instrument import Kind
from bot4.data.names import FRAME_VENUE, parse_file_name, parse_symbol
from bot4.data.read import expand_paths, parquet_columns, read_columns, read_path
from bot4.data.scan import spacing
from bot4.data.timeframe import format_interval, format_time


@dataclass(frozen=True)
class Listed:
    """One file of bars: what it holds, and how many bars are missing between first and last.

    A universe file has its number of assets as `symbol`, and no missing count; `error` says why a file could not be read.
    """

    path: Path
    venue: str
    symbol: str
    kind: Kind | None
    interval_ms: int | None
    first_ms: int | None
    last_ms: int | None
    bars: int
    missing: int | None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Returns the row with stable keys, for JSON."""
        return {
            "file": self.path.name,
            "venue": self.venue,
            "symbol": self.symbol,
            "kind": self.kind,
            "interval": None if self.interval_ms is None else format_interval(self.interval_ms),
            "first": None if self.first_ms is None else format_time(self.first_ms),
            "last": None if self.last_ms is None else format_time(self.last_ms),
            "bars": self.bars,
            "missing": self.missing,
            "error": self.error,
        }


def list_files(source: str | Path | Iterable[str | Path]) -> list[Listed]:
    """Returns one row for each file of a path, folder, pattern or list of them; raises `DataError` where there is none."""
    sources = [source] if isinstance(source, str | Path) else source
    rows = []
    for path in (path for item in sources for path in expand_paths(item)):
        try:
            rows.append(_list_file(path))
        except DataError as error:
            rows.append(Listed(path, "", "", None, None, None, None, 0, None, str(error)))
    return rows


def _list_file(path: Path) -> Listed:
    known = parse_file_name(path.name)
    if not path.name.lower().endswith((".parquet", ".pq")):
        return _list_tables(path)
    import polars as pl

    try:
        names = match_names(parquet_columns(path), path.name)
        if "symbol" in names:
            frame = read_columns(path, [names["ts"], names["symbol"]])
            assets = frame.get_column(names["symbol"]).n_unique()
            ts = to_ms(frame.get_column(names["ts"]), path.name)
            return _describe(path, known.venue or "", f"{assets} symbols", None, ts, known.interval_ms)
        ts = to_ms(read_columns(path, [names["ts"]]).to_series(), path.name)
    except (pl.exceptions.PolarsError, OSError):
        raise DataError(f"{path.name}: cannot be read as Parquet; download or write the file again.") from None
    instrument = parse_symbol(known.symbol, known.venue or FRAME_VENUE) if known.symbol else None
    symbol, kind = (instrument.symbol, instrument.kind) if instrument else ("", None)
    return _describe(path, known.venue or "", symbol, kind, ts, known.interval_ms)


def _list_tables(path: Path) -> Listed:
    """A CSV has no metadata: it is read."""
    tables = read_path(path)
    first = tables[0]
    if len(tables) == 1:
        venue, symbol, kind = (
            (first.instrument.venue, first.instrument.symbol, first.instrument.kind) if first.named else ("", "", None)
        )
        return _describe(path, venue, symbol, kind, first.columns.ts, first.interval_ms)
    bars = sum(table.columns.rows for table in tables)
    first_ms = min(int(table.columns.ts.min()) for table in tables)
    last_ms = max(int(table.columns.ts.max()) for table in tables)
    return Listed(
        path, first.instrument.venue, f"{len(tables)} symbols", None, first.interval_ms, first_ms, last_ms, bars, None
    )


def _describe(path: Path, venue: str, symbol: str, kind: Kind | None, ts: Ints, named_ms: int | None) -> Listed:
    if len(ts) == 0:
        raise DataError(f"{path.name}: there are no rows; download it again or leave it out.")
    if symbol.endswith(" symbols"):
        return Listed(path, venue, symbol, kind, named_ms, int(ts.min()), int(ts.max()), len(ts), None)
    times = spacing(ts, named_ms)
    return Listed(path, venue, symbol, kind, times.interval_ms, int(ts.min()), int(ts.max()), len(ts), times.missing)
