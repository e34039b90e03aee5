"""Detail: finer bars inside the bars of a coarse market, kept only where they tell the same story.

A coarse bar has detail where every finer bar of it exists and their open, high, low and close are its own, in ticks (docs/semantics.md,
section 6); elsewhere the engine uses the coarse bar itself. Not here: what a finer bar decides (the engine).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot4.data.columns import Bools, Columns, Floats, Ints
from bot4.data.errors import DataError
from bot4.data.instrument import Instrument
from bot4.data.loader import load
from bot4.data.market import Market
from bot4.data.names import parse_file_name
from bot4.data.read import expand_paths
from bot4.data.timeframe import TimeLike, format_interval, parse_interval


@dataclass(frozen=True, eq=False)
class Detail:
    """Finer bars for a market: `market` has the coarse market's instruments in the same order and only bars that tile a coarse one.

    `covered` counts the coarse bars that have them, `differing` those whose finer bars all exist but show other prices.
    """

    market: Market
    covered: int
    differing: int
    coarse_bars: int

    def line(self) -> str:
        """Returns what is used in one line."""
        return f"Detail: {self.market.interval} bars inside {self.covered:,} of {self.coarse_bars:,} bars"

    def notes(self) -> list[str]:
        """Returns what a user should know, in sentences."""
        if not self.differing:
            return []
        bars = "bar has" if self.differing == 1 else "bars have"
        return [
            f"{self.differing:,} {bars} {self.market.interval} bars that show other prices than it does; the coarse bar is used there "
            "(`bot4 data check` on both files names them)."
        ]


def is_interval(detail: Any) -> bool:
    """Returns whether a detail is an interval (`"1m"`) rather than data."""
    try:
        return isinstance(detail, str) and parse_interval(detail) > 0
    except DataError:
        return False


def split_sources(data: Any, detail: str) -> tuple[Any, Any]:
    """Returns (coarse, fine) sources for `--detail 1m`: files named for that interval are the finer bars, the rest the coarse ones.

    Where no file, or every file, is named for it, all of them serve as both.
    """
    fine_ms = parse_interval(detail)
    items = [data] if isinstance(data, str | Path) else list(data) if isinstance(data, list | tuple) else []
    if not items or not all(isinstance(item, str | Path) for item in items):
        return data, data
    paths = [path for item in items for path in expand_paths(item)]
    fine = [path for path in paths if parse_file_name(path.name).interval_ms == fine_ms]
    coarse = [path for path in paths if path not in fine]
    return coarse or paths, fine or paths


def load_detail(
    source: Any,
    coarse: Market,
    timeframe: str | None = None,
    end: TimeLike | None = None,
    instruments: object = None,
    accounts: object = None,
) -> Detail:
    """Returns the finer bars of a source that fit inside a market; the other arguments are those of `load`.

    Raises `DataError` where there are none, or their interval is no part of the market's.
    """
    fine = (
        source
        if isinstance(source, Market) and timeframe is None
        else load(source, timeframe=timeframe, end=end, instruments=instruments, accounts=accounts)
    )
    if coarse.interval_ms % fine.interval_ms:
        raise DataError(
            f"detail has bars of {fine.interval}, which do not divide the strategy's {coarse.interval}; give finer bars that do."
        )
    by_key = {instrument.key: columns for instrument, columns in fine}
    assets: list[tuple[Instrument, Columns]] = []
    covered = differing = 0
    for instrument, columns in coarse:
        finer = by_key.get(instrument.key)
        kept = _empty() if finer is None else finer
        if finer is not None:
            kept, count, other = _matching(instrument, columns, finer, coarse.interval_ms, fine.interval_ms)
            covered, differing = covered + count, differing + other
        assets.append((instrument, kept))
    if not covered:
        have = ", ".join(f"{venue} {symbol}" for venue, symbol in by_key)
        raise DataError(
            f"detail: none of its {format_interval(fine.interval_ms)} bars ({have}) fill a bar of the data; give finer bars of the same "
            "instruments and times."
        )
    market = Market.build(assets, fine.interval_ms, (), coarse.accounts)
    return Detail(market, covered, differing, coarse.rows)


def _empty() -> Columns:
    none = np.empty(0)
    return Columns(np.empty(0, np.int64), none, none, none, none, none)


def _matching(
    instrument: Instrument, coarse: Columns, fine: Columns, coarse_ms: int, fine_ms: int
) -> tuple[Columns, int, int]:
    """Returns the finer bars that tile a coarse bar, how many coarse bars they tile, and how many they contradict."""
    count = coarse_ms // fine_ms
    first: Ints = np.searchsorted(fine.ts, coarse.ts)
    last = first + count - 1
    is_whole: Bools = last < fine.rows
    first, last = np.minimum(first, fine.rows - 1), np.minimum(last, fine.rows - 1)
    is_whole &= (fine.ts[first] == coarse.ts) & (fine.ts[last] == coarse.ts + coarse_ms - fine_ms)
    rows = np.flatnonzero(is_whole)
    groups = first[rows, None] + np.arange(count)
    agrees = (
        _same(instrument, fine.open[first[rows]], coarse.open[rows])
        & _same(instrument, fine.close[last[rows]], coarse.close[rows])
        & _same(instrument, fine.high[groups].max(axis=1, initial=0.0), coarse.high[rows])
        & _same(instrument, fine.low[groups].min(axis=1, initial=np.inf), coarse.low[rows])
    )
    kept = groups[agrees].ravel()
    columns = fine if len(kept) == fine.rows else Columns(*(np.ascontiguousarray(column[kept]) for column in fine))
    return columns, int(agrees.sum()), int((~agrees).sum())


def _same(instrument: Instrument, one: Floats, other: Floats) -> Bools:
    """Returns where prices are the same number of ticks."""
    per_unit = 10.0 ** instrument.tick[1] / instrument.tick[0]
    same: Bools = np.rint(one * per_unit) == np.rint(other * per_unit)
    return same
