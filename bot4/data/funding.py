"""Funding: series of rates for perpetuals, from files or frames, matched to instruments exactly and judged before use.

A file holds one perpetual: a time (`ts_ms`, `ts`, `funding_time` …) and a `rate`, the fraction of the position's value that longs pay
shorts for that interval (0.0001 = 0.01 %). Its name says whose: `binancefut-BTCUSDT-funding.parquet` belongs to the perpetual
`BTC/USDT:USDT` of venue `binancefut` and to nothing else, never to spot. What is no rate for an interval (per cent, annualised) is
refused: guessing a unit wrong would be off by a factor of a thousand. Not here: booking the payments (that is the engine's).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.data.columns import Floats, Ints, to_floats, to_ms
from bot4.data.errors import DataError
from bot4.data.instrument import Instrument, make_instrument
from bot4.data.names import parse_symbol, stem
from bot4.data.read import FILE_ENDINGS, expand_paths, is_frame, read_csv, to_polars
from bot4.data.timeframe import HOUR_MS, MINUTE_MS, format_interval, format_time

if TYPE_CHECKING:
    import polars as pl

    from bot4.data.market import Market

MAX_RATE = 0.05
"""Venues cap a payment at 0.3 to 4 %: a larger number is in another unit."""
LEAST_STEP_MS = MINUTE_MS
"""Rows closer than this are one payment, written twice with some jitter."""
ENDING = "-funding"
TIME_NAMES = "ts_ms ts timestamp time funding_time fundingtime calc_time calctime datetime date".split()
RATE_NAMES = "rate funding_rate fundingrate last_funding_rate lastfundingrate".split()
OTHER_UNITS = re.compile(
    r"(?<![a-z])(annual\w*|yearly|per_?year|apr|apy|pct|per_?cent\w*|bps|bp)(?![a-z])|%", re.IGNORECASE
)
FIX = "divide so that 0.0001 means 0.01 % for one interval (annualised per cent: by 100 and by the intervals in a year)"


@dataclass(frozen=True, eq=False)
class FundingSeries:
    """The rates of one perpetual: `ts` int64 UTC ms (increasing), `rate` float64 fractions per interval. `label` names the source."""

    label: str
    ts: Ints
    rate: Floats

    @property
    def interval_ms(self) -> int:
        """Returns the usual time between payments, in whole hours where it is about that; 0 for a single one."""
        if len(self.ts) < 2:
            return 0
        steps, counts = np.unique(np.rint(np.diff(self.ts) / HOUR_MS).astype(np.int64), return_counts=True)
        return max(int(steps[counts.argmax()]), 1) * HOUR_MS

    def holes(self, start_ms: int, end_ms: int) -> list[str]:
        """Returns what the series lacks in a span of bars, in clauses."""
        found = []
        usual = self.interval_ms or 8 * HOUR_MS
        if int(self.ts[0]) - start_ms > usual:
            found.append(f"begins {format_time(int(self.ts[0]))}, {_late(int(self.ts[0]) - start_ms)} after the bars")
        if end_ms - int(self.ts[-1]) > usual:
            found.append(f"ends {format_time(int(self.ts[-1]))}, {_late(end_ms - int(self.ts[-1]))} before the bars")
        inside = self.ts[(self.ts >= start_ms) & (self.ts <= end_ms)]
        wide = int(np.count_nonzero(np.diff(inside) > 1.5 * usual))
        if wide:
            found.append(f"has {wide} gap{'' if wide == 1 else 's'} longer than {format_interval(usual)}")
        return found


def _late(span_ms: int) -> str:
    days = span_ms / (24 * HOUR_MS)
    return f"{days:,.0f} days" if days >= 2 else f"{span_ms / HOUR_MS:,.0f} hours"


def load_funding(source: Any, market: Market) -> tuple[FundingSeries | None, ...]:
    """Returns the series of each instrument of a market, in id order; None where there is none, always None for spot.

    source: a path, pattern, folder or list of them, or a dict from a perpetual's symbol (`"BTC/USDT:USDT"`, `"venue|BTC/USDT:USDT"`) to
    a path or frame. Files of a folder that belong to no perpetual of the market are passed over. Raises `DataError`, one sentence with
    file, row, value and fix, for what cannot be used, and where files given by name belong to no perpetual of the market.
    """
    if source is None:
        return (None,) * len(market)
    if isinstance(source, Mapping):
        found = dict(_of_symbol(key, value, market) for key, value in source.items())
        return tuple(found.get(number) for number in range(len(market)))
    return _of_files(source, market)


def _of_symbol(key: Any, value: Any, market: Market) -> tuple[int, FundingSeries]:
    if not isinstance(key, str):
        raise DataError(f"the key {key!r} of funding is no symbol; use texts such as 'BTC/USDT:USDT'.")
    number = market.index(key)
    if market.instruments[number].kind == "spot":
        raise DataError(f"funding: {key} is spot, which pays none; name the perpetual, as in {_perpetual_text(key)}.")
    if is_frame(value):
        return number, read_series(to_polars(value), f"funding of {key}")
    paths = expand_paths(value)
    if len(paths) != 1:
        raise DataError(f"funding of {key}: {value} means {len(paths)} files; give one.")
    return number, read_file(paths[0])


def _perpetual_text(symbol: str) -> str:
    quote = symbol.rpartition("/")[2]
    return f"{symbol}:{quote}"


def _of_files(source: Any, market: Market) -> tuple[FundingSeries | None, ...]:
    items: Iterable[Any] = source if isinstance(source, list | tuple) else [source]
    series: list[FundingSeries | None] = [None] * len(market)
    perpetuals = {x.key: number for number, x in enumerate(market.instruments) if x.kind != "spot"}
    strangers: list[str] = []
    for path, is_named in (row for item in items for row in _listed(item)):
        owner = perpetual_of(path.name)
        number = perpetuals.get(owner.key) if owner else None
        if number is None:
            if is_named:
                _refuse_other_units(path)
                strangers.append(f"{path.name} ({f'{owner.venue} {owner.symbol}' if owner else 'no perpetual named'})")
            continue
        earlier = series[number]
        if earlier is not None:
            raise DataError(
                f"{earlier.label} and {path.name} both hold funding of {market.symbols[number]}; leave one of the two out."
            )
        series[number] = read_file(path)
    if strangers and not any(series):
        have = ", ".join(f"{venue} {symbol}" for venue, symbol in perpetuals) or "none"
        raise DataError(
            f"funding: {strangers[0]} belongs to no perpetual of the data (perpetuals there: {have}); name files "
            "venue-SYMBOL-funding, or pass a dict from symbol to file."
        )
    return tuple(series)


def _listed(item: Any) -> list[tuple[Path, bool]]:
    """Returns the files of an item, and whether they were given by name (not found in a folder)."""
    if not isinstance(item, str | Path):
        raise DataError(
            f"{type(item).__name__} is no source of funding; give a path, a folder, or a dict from symbol to file."
        )
    is_folder = Path(item).expanduser().is_dir()
    return [(path, not is_folder) for path in expand_paths(item)]


def perpetual_of(name: str) -> Instrument | None:
    """Returns the perpetual whose funding a file's name means; None where it means none.

    `binancefut-BTCUSDT-funding` and `bybit-BTC_USDT_USDT-funding` do; funding is never that of spot, so `bybit-BTCUSDT-funding` means
    the perpetual too.
    """
    text = stem(name)
    if not text.lower().endswith(ENDING):
        return None
    venue, dash, symbol = text[: -len(ENDING)].partition("-")
    if not dash:
        return None
    try:
        found = parse_symbol(symbol, venue.lower())
    except DataError:
        return None
    return make_instrument(found.venue, found.base, found.quote, "linear") if found.kind == "spot" else found


def read_file(path: Path) -> FundingSeries:
    """Returns the series of one file. Raises `DataError`."""
    import polars as pl

    if not path.name.lower().endswith(FILE_ENDINGS):
        raise DataError(f"{path.name}: funding is read from .parquet and .csv files; convert it to one of them.")
    if path.name.lower().endswith((".csv", ".csv.gz")):
        return read_series(read_csv(path, (), "ts_ms,rate"), path.name)
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError):
        raise DataError(f"{path.name}: cannot be read as Parquet; download or write the file again.") from None
    return read_series(frame, path.name)


def _refuse_other_units(path: Path) -> None:
    """Refuses a file given by name that matches nothing because it holds something else than rates of one perpetual."""
    if OTHER_UNITS.search(stem(path.name)):
        read_file(path)


def read_series(frame: pl.DataFrame, label: str) -> FundingSeries:
    """Returns the series of a table. Raises `DataError` naming row, value and fix for what is no rate per interval."""
    names = {name.strip().lower(): name for name in reversed(frame.columns)}
    time = next((names[name] for name in TIME_NAMES if name in names), None)
    if time is None:
        raise DataError(f"{label}: no column of times (columns: {', '.join(frame.columns)}); name it ts_ms.")
    if frame.height == 0:
        raise DataError(f"{label}: there are no rows; give at least one rate or leave the file out.")
    ts = to_ms(frame.get_column(time), label)
    others = [name for name in frame.columns if name != time]
    said = next((hit for name in [stem(label), *others] if (hit := OTHER_UNITS.search(name))), None)
    rate_name = next((names[name] for name in RATE_NAMES if name in names), None)
    if said is not None:
        raise DataError(_unit_sentence(frame, ts, rate_name or (others[0] if others else time), label, said[0]))
    if rate_name is None:
        raise DataError(
            f"{label}: no column of rates (columns: {', '.join(frame.columns)}); name it rate, a fraction for one interval."
        )
    rate = to_floats(frame.get_column(rate_name), label)
    _judge(ts, rate, label)
    return FundingSeries(label, ts, rate)


def _unit_sentence(frame: pl.DataFrame, ts: Ints, column: str, label: str, said: str) -> str:
    value = frame.get_column(column)[0]
    return (
        f"{label}: {said!r} in its name or columns says another unit than a rate for one interval (row 0, {format_time(int(ts[0]))}: "
        f"{column} = {value}); {FIX}, and name the column rate."
    )


def _judge(ts: Ints, rate: Floats, label: str) -> None:
    def at(row: int) -> str:
        return f"{label}: row {row} ({format_time(int(ts[row]))})"

    missing = np.flatnonzero(~np.isfinite(rate))
    if len(missing):
        raise DataError(f"{at(int(missing[0]))} has no rate ({rate[missing[0]]}); remove the row or fill in the rate.")
    large = np.flatnonzero(np.abs(rate) > MAX_RATE)
    if len(large):
        row = int(large[0])
        more = f" (and {len(large) - 1} more rows)" if len(large) > 1 else ""
        raise DataError(
            f"{at(row)} has a rate of {rate[row]:.10g}{more}, more than {MAX_RATE * 100:g} % for one interval, so it is no rate: {FIX}."
        )
    close = np.flatnonzero(np.diff(ts) < LEAST_STEP_MS)
    if len(close):
        row = int(close[0]) + 1
        step = int(ts[row] - ts[row - 1])
        what = "repeats the time of" if step == 0 else "is earlier than" if step < 0 else f"is only {step} ms after"
        raise DataError(f"{at(row)} {what} the row before; sort the rows by time and keep one of each payment.")
