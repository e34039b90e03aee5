"""Columns: six NumPy arrays of one asset, and how a table of any shape becomes them.

Column names are matched without regard to case; times may be datetimes, dates, ISO texts or epochs in seconds, milliseconds,
microseconds or nanoseconds. Where the table already holds what is wanted (int64 milliseconds, float64, one chunk), nothing is
copied. What the values are is not judged here: that is `scan.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot4.data.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scalar = TypeVar("Scalar", np.int64, np.float64)

PRICES = ("open", "high", "low", "close")
VALUES = (*PRICES, "volume")
NAMES: dict[str, tuple[str, ...]] = {
    "ts": ("ts_ms", "ts", "timestamp", "time", "open_time", "opentime", "open time", "datetime", "date", "date_time"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "v", "vol", "base_volume"),
}
SYMBOL_NAMES = ("symbol", "ticker", "asset", "pair")

# An integer time below the first bound is seconds, then milliseconds, microseconds, nanoseconds. Below 1e8 (1973 in seconds) there is
# no market: such small numbers are milliseconds of a made-up market that starts at the epoch.
_MADE_UP = 10**8
_UNITS = ((10**11, "s"), (10**14, "ms"), (10**17, "us"))


class Columns(NamedTuple):
    """Bars of one asset: `ts` is the open time in int64 UTC milliseconds, the others float64; all of one length, contiguous."""

    ts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @property
    def rows(self) -> int:
        """Returns the number of bars."""
        return len(self.ts)

    @property
    def nbytes(self) -> int:
        """Returns the bytes of the six arrays."""
        return sum(column.nbytes for column in self)

    def cut(self, start: int, stop: int) -> Columns:
        """Returns rows start to stop, sharing memory."""
        return Columns(*(column[start:stop] for column in self))  # type: ignore[arg-type]


def match_names(available: list[str], label: str) -> dict[str, str]:
    """Returns which column of a table holds each of ts, open, high, low, close and volume (and `symbol`, if there is one).

    Raises `DataError` naming what is missing, and what is there.
    """
    lowered: dict[str, str] = {}
    for name in available:
        lowered.setdefault(name.strip().lower(), name)
    found: dict[str, str] = {}
    for wanted, names in NAMES.items():
        hit = next((lowered[name] for name in names if name in lowered), None)
        if hit is not None:
            found[wanted] = hit
    missing = [name for name in NAMES if name not in found]
    if missing:
        there = ", ".join(available) or "none"
        raise DataError(
            f"{label}: no column for {' and '.join(missing)} (columns: {there}); rename them to ts_ms, open, high, low, close, volume."
        )
    symbol = next((lowered[name] for name in SYMBOL_NAMES if name in lowered), None)
    return found | ({"symbol": symbol} if symbol else {})


def to_floats(series: pl.Series, label: str) -> Floats:
    """Returns a numeric column as float64, nulls as NaN; without a copy if it is float64 in one chunk without nulls."""
    import polars as pl

    if series.dtype == pl.String:
        return _parse_floats(series, label)
    if not series.dtype.is_numeric():
        raise DataError(f"{label}: column {series.name} is {series.dtype}, not numbers; convert it to float64.")
    return _join(series.cast(pl.Float64) if series.dtype != pl.Float64 else series, np.dtype(np.float64))


def to_ms(series: pl.Series, label: str) -> Ints:
    """Returns a time column as int64 UTC milliseconds; raises `DataError` for other types, empty cells and fractions of a ms."""
    import polars as pl

    if series.null_count():
        row = int(series.is_null().arg_max() or 0)
        raise DataError(f"{label}: row {row} has no time in column {series.name}; remove the row or fill in the time.")
    dtype = series.dtype
    if dtype == pl.String:
        series, dtype = _parse_times(series, label), pl.Datetime("us")
    if dtype == pl.Date:
        return _join(series.cast(pl.Datetime("ms")).to_physical(), np.dtype(np.int64))
    if isinstance(dtype, pl.Datetime):
        return _scale(_join(series.to_physical(), np.dtype(np.int64)), dtype.time_unit, series.name, label)
    if dtype.is_float():
        return _float_times(_join(series.cast(pl.Float64), np.dtype(np.float64)), series.name, label)
    if not dtype.is_integer():
        raise DataError(
            f"{label}: column {series.name} is {dtype}, not a time; give datetimes, ISO texts or integer milliseconds."
        )
    values = _join(series.cast(pl.Int64) if dtype != pl.Int64 else series, np.dtype(np.int64))
    return _scale(values, epoch_unit(values, series.name), series.name, label)


def epoch_unit(values: Ints, name: str) -> str:
    """Returns the unit (s, ms, us or ns) of integer times: by the name `ts_ms`, else by the magnitude of the first."""
    first = abs(int(values[0])) if len(values) else 0
    if name.strip().lower() == "ts_ms" or first < _MADE_UP:
        return "ms"
    return next((unit for bound, unit in _UNITS if first < bound), "ns")


def _scale(values: Ints, unit: str, name: str, label: str) -> Ints:
    if unit == "ms":
        return values
    if unit == "s":
        return values * 1_000
    divisor = 1_000 if unit == "us" else 1_000_000
    whole, rest = np.divmod(values, divisor)
    if rest.any():
        row = int(np.flatnonzero(rest)[0])
        raise DataError(
            f"{label}: row {row} has the time {int(values[row])} {unit} in column {name}, which is no whole millisecond; "
            "round the times to the bars' opens."
        )
    return np.ascontiguousarray(whole)


def _float_times(values: Floats, name: str, label: str) -> Ints:
    """Epochs stored as floats: seconds may have a fraction, all must be whole milliseconds."""
    no_time = ~(np.abs(values) < 2.0**62)  # NaN too
    if no_time.any():
        row = int(np.flatnonzero(no_time)[0])
        raise DataError(
            f"{label}: row {row} has no time in column {name} ({values[row]}); remove the row or fill in the time."
        )
    first = np.array([int(values[0])] if len(values) else [], dtype=np.int64)
    unit = epoch_unit(first, name)
    if unit == "s":
        values, unit = values * 1_000.0, "ms"
    whole = np.rint(values)
    fraction = np.abs(whole - values) > 1e-3
    if fraction.any():
        row = int(np.flatnonzero(fraction)[0])
        raise DataError(
            f"{label}: row {row} has the time {values[row]} in column {name}, which is no whole millisecond; give integers."
        )
    return _scale(whole.astype(np.int64), unit, name, label)


def _parse_times(series: pl.Series, label: str) -> pl.Series:
    """ISO texts to datetimes (a zone is converted to UTC), or integer epochs written as text."""
    import polars as pl

    numbers = series.str.strip_chars().cast(pl.Int64, strict=False)
    if numbers.null_count() == 0:
        ms = _scale(numbers.to_numpy(), epoch_unit(numbers.to_numpy(), series.name), series.name, label)
        return pl.Series(series.name, ms).cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    text = series.str.strip_chars().str.replace(" UTC", "Z", literal=True)
    zoned = text.str.contains(r"(Z|[+-]\d{2}:?\d{2})$").any()
    try:
        parsed = text.str.to_datetime(time_unit="us", strict=False, time_zone="UTC" if zoned else None)
    except pl.exceptions.ComputeError:  # no format fits the first value
        parsed = pl.Series(series.name, [None] * len(series), dtype=pl.Datetime("us"))
    if parsed.null_count():
        row = int(parsed.is_null().arg_max() or 0)
        raise DataError(
            f"{label}: row {row} has {series[row]!r} in column {series.name}, which is no time; write it as 2024-01-31 12:00."
        )
    return parsed.dt.replace_time_zone(None)


def _parse_floats(series: pl.Series, label: str) -> Floats:
    """Numbers written as text; empty cells are missing, anything else is refused by name."""
    import polars as pl

    text = series.str.strip_chars()
    parsed = text.cast(pl.Float64, strict=False)
    bad = (parsed.is_null() & text.is_not_null() & (text != "")).fill_null(False)
    if bad.any():
        row = int(bad.arg_max() or 0)
        raise DataError(
            f"{label}: row {row} has {series[row]!r} in column {series.name}, not a number; correct or remove the row."
        )
    return _join(parsed, np.dtype(np.float64))


def _join(series: pl.Series, dtype: np.dtype[Scalar]) -> NDArray[Scalar]:
    """Returns one contiguous array; only several chunks or nulls make a copy."""
    if series.n_chunks() == 1 and not series.null_count():
        return np.ascontiguousarray(series.to_numpy(), dtype=dtype)
    out = np.empty(len(series), dtype=dtype)
    at = 0
    for chunk in series.get_chunks():
        out[at : at + len(chunk)] = chunk.to_numpy()
        at += len(chunk)
    return out
