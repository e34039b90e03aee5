"""Readers: which one knows a file, judged by its content, and the file read by it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from bot4.data.errors import DataError
from bot4.data.ticks import binance, hftbacktest, hyperliquid, hyperliquid_raw, standx, tardis
from bot4.data.ticks.recording import Recording

if TYPE_CHECKING:
    import polars as pl

FORMATS = "raw WebSocket lines of Binance and Hyperliquid, hftbacktest's .npz, Tardis' CSV, Hyperliquid's CSV and StandX' Parquet"
ARRAYS, PARQUET, TABLES = (".npz", ".npy"), (".parquet", ".pq"), (".csv", ".csv.gz", ".csv.zst")
HEAD_BYTES = 65_536


def knows(path: Path) -> bool:
    """Returns whether a reader recognises a file; never raises."""
    name = path.name.lower()
    if name.endswith(ARRAYS):
        return True
    try:
        if name.endswith(PARQUET):
            return standx.looks_like(_parquet_columns(path))
        if name.endswith(TABLES):
            columns = set(_csv(path, rows=1).columns)
            return tardis.looks_like(columns) or hyperliquid.looks_like(columns)
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if is_gzip else path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return binance.looks_like(head) or hyperliquid_raw.looks_like(head)
    except (DataError, OSError, EOFError, zlib.error):
        return False


def read(path: Path, raw: bytes) -> tuple[Recording, int]:
    """Returns the recording of a file and the bytes of its text; raises `DataError` for a file that no reader knows."""
    name = path.name.lower()
    if name.endswith(ARRAYS):
        return hftbacktest.read(path), len(raw)
    if name.endswith(PARQUET):
        if standx.looks_like(_parquet_columns(path)):
            return standx.read(_parquet(path), path.name), len(raw)
    elif name.endswith(TABLES):
        table = _csv(path)
        for reader in (tardis, hyperliquid):
            if reader.looks_like(set(table.columns)):
                return reader.read(table, path.name), len(raw)
    else:
        text = _inflated(path, raw)
        for lines in (binance, hyperliquid_raw):
            if lines.looks_like(text[:HEAD_BYTES]):
                return lines.read(text, path.name), len(text)
    raise DataError(f"{path.name}: is no recording that Bot4 knows; it reads {FORMATS}.")


def _inflated(path: Path, raw: bytes) -> bytes:
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path.name}: the gzip stream is damaged ({error}); download it again.") from None


def _csv(path: Path, rows: int | None = None) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_csv(path, n_rows=rows, infer_schema_length=10_000, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path.name}: cannot be read as CSV ({str(error).splitlines()[0][:160]}).") from None


def _parquet_columns(path: Path) -> set[str]:
    import polars as pl

    try:
        return set(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path.name}: cannot be read as Parquet ({str(error).splitlines()[0][:160]}).") from None


def _parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(path, glob=False)
