"""Reading: paths, frames and dictionaries become named tables of columns, not yet judged.

Parquet is read column by column, so that at its peak a load holds the columns and one column more. A table with a `symbol` column
becomes one table for each symbol, and every table can say which row of its file a bar came from.
"""

from __future__ import annotations

import glob as globbing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.data.columns import NAMES, Columns, Ints, match_names, to_floats, to_ms
from bot4.data.errors import DataError
from bot4.data.instrument import Instrument
from bot4.data.names import FRAME_VENUE, FileName, parse_file_name, parse_symbol

if TYPE_CHECKING:
    import polars as pl

FILE_ENDINGS = (".parquet", ".pq", ".csv", ".csv.gz")
# The files of data.binance.vision have no header.
BINANCE_ARCHIVE = ("open_time", "open", "high", "low", "close", "volume")
WHOLE_BYTES = 4_000_000  # smaller Parquet files are read in one go, which is twice as fast


@dataclass(frozen=True)
class Table:
    """Bars of one asset as read. `label` names the source in messages, `rows` maps a bar to its row in the source."""

    label: str
    instrument: Instrument
    named: bool  # whether the source itself said which instrument it holds
    interval_ms: int | None  # as the file's name says
    columns: Columns
    rows: Ints | None = None
    path: Path | None = None

    def row(self, bar: int) -> int:
        """Returns the row in the source, counted from 0, of a bar of this table."""
        return bar if self.rows is None else int(self.rows[bar])


def expand_paths(source: str | Path) -> list[Path]:
    """Returns the files a path, folder or pattern means, sorted; raises `DataError` if there are none."""
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(FILE_ENDINGS))
        if not files:
            raise DataError(
                f"{source}: the folder holds no .parquet or .csv file; give the folder of the bars or the files themselves."
            )
        return files
    if path.exists():
        return [path]
    files = sorted(Path(p) for p in globbing.glob(str(path)))
    if not files:
        raise DataError(f"{source}: no such file; check the path, or try `bot4 data list` on its folder.")
    return [file for name in files for file in ([name] if name.is_file() else expand_paths(name))]


def read_source(source: Any) -> list[Table]:
    """Returns the tables of a path, pattern, list of paths, Polars or pandas frame, or dict from symbol to one of them."""
    if isinstance(source, str | Path):
        return [table for path in expand_paths(source) for table in read_path(path)]
    if is_frame(source):
        return read_frame(to_polars(source), "frame", FileName())
    if isinstance(source, Mapping):
        return [table for key, value in source.items() for table in _read_item(key, value)]
    if isinstance(source, Iterable):
        tables = [table for item in source for table in read_source(item)]
        if not tables:
            raise DataError("the list of data is empty; give at least one path or frame.")
        return tables
    raise DataError(
        f"{type(source).__name__} is not market data; give a path, a pattern, a frame, or a dict from symbol to frame."
    )


def read_path(path: Path) -> list[Table]:
    """Returns the tables of one file; raises `DataError` for a file that cannot be read as bars."""
    name = path.name.lower()
    if not name.endswith(FILE_ENDINGS):
        raise DataError(f"{path.name}: bars are read from .parquet and .csv files; convert it to one of them.")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: the file is empty; download it again or leave it out.")
    known = parse_file_name(path.name)
    if not name.endswith((".csv", ".csv.gz")):
        return _read_parquet(path, known)
    return read_frame(read_csv(path), path.name, known, path)


def is_frame(source: object) -> bool:
    """Returns whether an object is a Polars or pandas frame, importing neither."""
    library = type(source).__module__.split(".")[0]
    return type(source).__name__ in ("DataFrame", "LazyFrame") and library in ("polars", "pandas")


def to_polars(frame: Any) -> pl.DataFrame:
    """Returns a Polars frame of a Polars or pandas one; a pandas index of times becomes the column `ts`."""
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    columns = [str(name) for name in frame.columns]
    values = {name: frame.iloc[:, at] for at, name in enumerate(columns)}
    if not any(name.strip().lower() in NAMES["ts"] for name in columns):
        values = {"ts": frame.index.to_series()} | values
    return pl.DataFrame({name: _pandas_series(name, column) for name, column in values.items()})


def _pandas_series(name: str, column: Any) -> pl.Series:
    import polars as pl

    if column.dtype.kind == "M":  # datetime64, with or without a zone; a zone is converted to UTC
        if getattr(column.dtype, "tz", None) is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return pl.Series(name, column.to_numpy())
    values = column.to_numpy()
    if values.dtype.kind in "iufb":
        return pl.Series(name, np.ascontiguousarray(values))
    present = [None if value is None or value != value else value for value in values.tolist()]
    return pl.Series(name, present, strict=False)


def read_frame(frame: pl.DataFrame, label: str, known: FileName, path: Path | None = None) -> list[Table]:
    """Returns the tables of a Polars frame: one, or one for each value of its `symbol` column."""
    names = match_names(frame.columns, label)
    if frame.height == 0:
        raise DataError(f"{label}: there are no rows; give at least one bar.")
    if "symbol" in names:
        return _split_symbols(frame, names, label, known, path)
    columns = _columns({wanted: frame.get_column(name) for wanted, name in names.items()}, label)
    instrument, named = _instrument(known, label)
    return [Table(label, instrument, named, known.interval_ms, columns, path=path)]


def _read_item(key: object, value: Any) -> list[Table]:
    """One entry of a dict: the key says the instrument, the value is a frame or a path."""
    if isinstance(key, Instrument):
        instrument = key
    elif isinstance(key, str):
        venue, _, symbol = key.rpartition("|")
        instrument = parse_symbol(symbol, venue or FRAME_VENUE)
    else:
        raise DataError(f"the key {key!r} is no symbol; use texts such as 'BTC/USDT', or Instrument objects.")
    tables = read_source(value)
    if len(tables) != 1:
        raise DataError(f"{key}: the value holds {len(tables)} assets; give one frame or file for each symbol.")
    table = tables[0]
    label = instrument.symbol if table.path is None else table.label
    return [Table(label, instrument, True, table.interval_ms, table.columns, table.rows, table.path)]


def parquet_columns(path: Path) -> list[str]:
    """Returns the column names of a Parquet file, from its metadata."""
    import polars as pl

    return list(pl.scan_parquet(path, glob=False).collect_schema())


def read_columns(path: Path, names: list[str]) -> pl.DataFrame:
    """Returns some columns of a Parquet file; the path is taken as it is, brackets and all."""
    import polars as pl

    return pl.read_parquet(path, columns=names, glob=False)


def _read_parquet(path: Path, known: FileName) -> list[Table]:
    import polars as pl

    label = path.name
    try:
        names = match_names(parquet_columns(path), label)
        if "symbol" in names:
            return read_frame(read_columns(path, list(names.values())), label, known, path)
        if path.stat().st_size < WHOLE_BYTES:
            return read_frame(read_columns(path, list(names.values())), label, known, path)
        columns = _columns({wanted: _LazyColumn(path, name) for wanted, name in names.items()}, label)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{label}: cannot be read as Parquet ({_first_line(error)}); download or write the file again."
        ) from None
    if columns.rows == 0:
        raise DataError(f"{label}: there are no rows; download it again or leave it out.")
    instrument, named = _instrument(known, label)
    return [Table(label, instrument, named, known.interval_ms, columns, path=path)]


@dataclass(frozen=True)
class _LazyColumn:
    """One column of a Parquet file, read when asked for and held by nobody."""

    path: Path
    name: str

    def read(self) -> pl.Series:
        return read_columns(self.path, [self.name]).to_series()


def _columns(sources: Mapping[str, pl.Series | _LazyColumn], label: str) -> Columns:
    def get(wanted: str) -> pl.Series:
        source = sources[wanted]
        return source.read() if isinstance(source, _LazyColumn) else source

    return Columns(
        to_ms(get("ts"), label),
        to_floats(get("open"), label),
        to_floats(get("high"), label),
        to_floats(get("low"), label),
        to_floats(get("close"), label),
        to_floats(get("volume"), label),
    )


def _split_symbols(
    frame: pl.DataFrame, names: dict[str, str], label: str, known: FileName, path: Path | None
) -> list[Table]:
    import polars as pl

    symbols = frame.get_column(names["symbol"])
    if symbols.dtype not in (pl.String, pl.Categorical) or symbols.null_count():
        raise DataError(
            f"{label}: column {symbols.name} must hold a symbol in every row; fill it in or drop the column."
        )
    row = "__row__"
    indexed = frame.select(names.values()).with_row_index(row)
    tables = []
    for part in indexed.partition_by(names["symbol"], maintain_order=True):
        symbol = str(part.get_column(names["symbol"])[0])
        where = f"{label} [{symbol}]"
        columns = _columns({wanted: part.get_column(name) for wanted, name in names.items()}, where)
        instrument = parse_symbol(symbol, known.venue or FRAME_VENUE)
        rows = part.get_column(row).cast(pl.Int64).to_numpy()
        tables.append(Table(where, instrument, True, known.interval_ms, columns, rows, path))
    return tables


def read_csv(
    path: Path, headless: tuple[str, ...] = BINANCE_ARCHIVE, header: str = "ts_ms,open,high,low,close,volume"
) -> pl.DataFrame:
    """Returns a CSV with its columns as they parse best; one whose numbers do not parse comes as texts, judged cell by cell later.

    `headless` names the first columns of a file without a header; one with fewer columns is refused, `header` being the line to add.
    """
    import polars as pl

    try:
        separator = _separator(path)
        first = pl.read_csv(path, n_rows=1, infer_schema=False, separator=separator, has_header=False, glob=False)
        cells = first.row(0)
        is_headless = all(_is_number(cell) for cell in cells if cell)
        options: dict[str, Any] = {"separator": separator, "has_header": not is_headless, "glob": False}
        if is_headless:
            if not headless or len(cells) < len(headless):
                raise DataError(f"{path.name}: no header and {len(cells)} columns; add the line {header}.")
            options["new_columns"] = [*headless, *(f"column_{at}" for at in range(len(headless), len(cells)))]
        try:
            return pl.read_csv(path, infer_schema_length=10_000, **options)
        except pl.exceptions.ComputeError:
            return pl.read_csv(path, infer_schema=False, **options)
    except pl.exceptions.NoDataError:
        raise DataError(f"{path.name}: the file is empty; download it again or leave it out.") from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.name}: cannot be read as CSV ({_first_line(error)}); correct the file or convert it to Parquet."
        ) from None


def _separator(path: Path) -> str:
    """Returns the separator of the first line: a semicolon or tab where it has no comma."""
    import gzip

    with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as file:
        line = file.readline(65_536)
    return next((separator for separator in (",", ";", "\t") if separator.encode() in line), ",")


def _is_number(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def _instrument(known: FileName, label: str) -> tuple[Instrument, bool]:
    """Returns the instrument a name means; where it says none, one of a stated default, and False."""
    if known.symbol is not None:
        return parse_symbol(known.symbol, known.venue or FRAME_VENUE), True
    base = "".join(ch for ch in label.split(".")[0].upper() if ch.isalnum()) if label != "frame" else "ASSET"
    return parse_symbol(f"{base or 'ASSET'}/USDT", known.venue or FRAME_VENUE), False
