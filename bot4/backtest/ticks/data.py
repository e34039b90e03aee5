"""Ticks of a run: loaded from the store or a raw recording (imported once, then cached), and the rows of the strategy's clock.

A row is a moment of local time; its columns show what had arrived by then (docs/language-ticks.md). As a bar it opens one interval
earlier and closes at the mid, so that everything which reads bars reads rows.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.data import Market
from bot4.data.columns import Columns, Floats
from bot4.data.timeframe import TimeLike, format_time, parse_time
from bot4.strategy.ticks import BOOK, COLUMNS

from ..errors import BacktestError

if TYPE_CHECKING:
    from bot4.data.instrument import Instrument
    from bot4.data.ticks import Ticks
    from bot4.data.ticks.features import Features
    from bot4.strategy.ticks import Ticks as TickClock

NS_PER_MS = 1_000_000
BARS_ALONE = (".parquet", ".csv")
"""Endings of files that are looked into only as bars: runs on bars pay nothing for ticks."""
CACHED = 16
"""Digits of a recording's hash that name its place in the cache."""


@dataclass(frozen=True, eq=False)
class TickData:
    """Ticks of one instrument and their rows: `features` has a row for each of `COLUMNS`, as long as the market's columns."""

    ticks: Ticks
    market: Market
    features: Floats

    @cached_property
    def hash(self) -> str:
        """Returns the identity of ticks and rows: BLAKE2b-256, in hex, over the bytes of every column."""
        state = hashlib.blake2b(self.market.hash.encode(), digest_size=32)
        groups = [
            self.ticks.depth,
            self.ticks.trades,
            self.ticks.best,
            *([self.ticks.orders] if self.ticks.orders.rows else []),
        ]
        for group in groups:
            for column in group.columns().values():
                state.update(f" {len(column)} ".encode())
                state.update(np.ascontiguousarray(column, column.dtype.newbyteorder("<")).data)
        return state.hexdigest()

    @cached_property
    def feed_ns(self) -> int:
        """Returns the median time from the venue to here over changes of the book and trades, ns."""
        both = (self.ticks.depth, self.ticks.trades)
        return max(0, round(float(np.median(np.concatenate([g.local_ns - g.exch_ns for g in both])))))


def sources_of(data: object) -> list[Path] | None:
    """Returns paths where `data` is a path or a list of them; None for anything else."""
    given: Iterable[Any] = data if isinstance(data, (list, tuple)) else [data]
    paths = [Path(one).expanduser() for one in given if isinstance(one, (str, Path))]
    return paths if paths and len(paths) == (len(data) if isinstance(data, (list, tuple)) else 1) else None


def is_tick_source(data: object) -> bool:
    """Tells whether `data` is ticks: `bot4.data.ticks.Ticks`, or paths of which the first holds some."""
    first = data[0] if isinstance(data, (list, tuple)) and data else data
    if type(first).__module__.startswith("bot4.data.ticks"):
        return True
    paths = sources_of(data)
    if paths is None or paths[0].suffix in BARS_ALONE:
        return False
    from bot4.data.ticks import is_ticks

    return is_ticks(paths[0])


def load_ticks(data: object, instruments: object = None) -> Ticks:
    """Returns the ticks of one instrument. Raises BacktestError for none or several, DataError for what cannot be read."""
    from bot4.data.ticks import Ticks

    if instruments is not None:
        raise BacktestError(
            "an instruments file is for bars; give --tick and --lot to `bot4 data import`, and fee_bps here."
        )
    given = list(data) if isinstance(data, (list, tuple)) else [data]
    found = list(itertools.chain.from_iterable([one] if isinstance(one, Ticks) else _load(one) for one in given))
    if len(found) != 1:
        names = ", ".join(ticks.name for ticks in found) or "none"
        raise BacktestError(
            f"a run on ticks takes one instrument, and the data holds {names}; name one of their folders."
        )
    return found[0]


def _load(source: object) -> list[Ticks]:
    from bot4.data.ticks import load

    if not isinstance(source, (str, Path)):
        raise BacktestError(
            f"the data is a {type(source).__name__}, and a run on ticks takes a recording, a folder of the store, or what "
            "bot4.data.ticks.load gives."
        )
    path = Path(source).expanduser()
    if not path.is_file():
        return load(path)
    return _cached(path)


def _cached(path: Path) -> list[Ticks]:
    """Returns the ticks of a raw recording, from the cache where this very content was imported before."""
    from bot4.data.ticks import load, write
    from bot4.records.url import default_home

    folder = default_home() / "ticks" / hashlib.sha256(path.read_bytes()).hexdigest()[:CACHED]
    if folder.is_dir():
        return load(folder)
    found = load(path)
    try:
        for ticks in found:
            write(ticks, folder)
    except OSError:
        return found  # a place that cannot be written costs the next run its second, nothing else
    return found


def tick_data(ticks: Ticks, clock: TickClock, start: TimeLike | None, end: TimeLike | None) -> TickData:
    """Returns the rows of a clock over ticks; of trades those by which a trade had arrived. Raises BacktestError where there is none."""
    from bot4.data.ticks import features

    every = clock.interval_ms
    sampled = features(ticks, every * NS_PER_MS, levels=1)
    of = _columns(sampled)
    closed = sampled.local_ns // NS_PER_MS
    kept = np.isfinite(of["book.mid"])
    if end is not None:
        kept &= closed < parse_time(end)
    if clock.of == "trades":
        kept &= of["trades.count"] > 0
    if not kept.any():
        first, last = (format_time(ns // NS_PER_MS) for ns in ticks.span_ns)
        raise BacktestError(
            f"{ticks.name} has no row with a book before the end asked for; the ticks span {first} to {last}."
        )
    rows = np.ascontiguousarray(np.array([of[name] for name in COLUMNS], dtype=np.float64)[:, kept])
    rows.flags.writeable = False
    return TickData(ticks, _market(ticks.instrument, closed[kept] - every, rows, every), rows)


def _columns(sampled: Features) -> dict[str, Any]:
    """Returns the columns by their names in the language."""
    renamed: dict[str, Any] = {"volume": sampled.bought + sampled.sold, "buys": sampled.bought, "sells": sampled.sold}
    renamed |= {"last": sampled.last, "imbalance": sampled.trade_imbalance, "count": sampled.trades}
    of_trades = {f"trades.{name}": column for name, column in renamed.items()}
    return {f"book.{name}": getattr(sampled, name) for name in BOOK} | of_trades


def _market(instrument: Instrument, ts: Any, features: Floats, every: int) -> Market:
    mid = features[COLUMNS.index("book.mid")]
    before = np.concatenate([mid[:1], mid[:-1]])
    volume = features[COLUMNS.index("trades.volume")]
    columns = Columns(ts, before, np.maximum(before, mid), np.minimum(before, mid), mid, volume)
    for column in columns:
        column.flags.writeable = False
    return Market((replace(instrument),), (columns,), every)


def engine_ticks(ticks: Ticks) -> tuple[Any, ...]:
    """Returns the columns of depth, trades and, where there are any, orders as the engine borrows them."""
    groups = [ticks.depth, ticks.trades, *([ticks.orders] if ticks.orders.rows else [])]
    return tuple(tuple(group.columns().values()) for group in groups)
