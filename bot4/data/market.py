"""The market: validated bars of some instruments, as columns that the engine borrows.

Instruments stand in id order, the rank of (venue, symbol); every other room addresses them by that id or by symbol. A `Market` is
made by `load` or `synth`, which judge the bars; nothing here changes a value.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bot4.data.accounts import Account, Wallets, plan_wallets
from bot4.data.columns import VALUES, Columns
from bot4.data.errors import DataError
from bot4.data.grid import check_grid
from bot4.data.instrument import Instrument, decimal_text
from bot4.data.resample import resample_columns
from bot4.data.timeframe import TimeLike, format_interval, format_time, parse_interval, parse_time

if TYPE_CHECKING:
    import polars as pl

    from bot4._engine import Market as NativeMarket


@dataclass(frozen=True, eq=False)
class Market:
    """Bars of one interval for instruments in id order.

    `columns[i]` belongs to `instruments[i]`; an asset has its own rows, a missing bar is no row. `notes` are sentences the user
    should see: grids that were rounded, names that were guessed, pegs. `accounts` are those stated; none: one in the one currency.
    """

    instruments: tuple[Instrument, ...]
    columns: tuple[Columns, ...]
    interval_ms: int
    notes: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()

    @classmethod
    def build(
        cls,
        assets: Iterable[tuple[Instrument, Columns]],
        interval_ms: int,
        notes: Iterable[str] = (),
        accounts: Iterable[Account] = (),
    ) -> Market:
        """Returns a market of assets in any order; raises `DataError` for none, or one instrument twice."""
        ordered = sorted(assets, key=lambda asset: asset[0].key)
        if not ordered:
            raise DataError("a market needs at least one asset; give at least one file or frame.")
        for (one, _), (two, _) in itertools.pairwise(ordered):
            if one.key == two.key:
                raise DataError(f"{one.venue} {one.symbol} is given twice; leave one of the two out.")
        return cls(
            tuple(i for i, _ in ordered), tuple(c for _, c in ordered), interval_ms, tuple(notes), tuple(accounts)
        )

    def __len__(self) -> int:
        """Returns the number of instruments."""
        return len(self.instruments)

    def __iter__(self) -> Iterator[tuple[Instrument, Columns]]:
        """Yields (instrument, columns) in id order."""
        return zip(self.instruments, self.columns, strict=True)

    def __repr__(self) -> str:
        """Returns one line: symbols, interval, span, bars."""
        names = ", ".join(self.symbols[:6]) + (f" and {len(self) - 6} more" if len(self) > 6 else "")
        start, end = format_time(self.start_ms), format_time(self.end_ms)
        return f"Market({names}; {self.interval}, {start} to {end}, {self.rows:,} bars)"

    @property
    def symbols(self) -> tuple[str, ...]:
        """Returns the symbols in id order."""
        return tuple(instrument.symbol for instrument in self.instruments)

    @property
    def interval(self) -> str:
        """Returns the interval as text, such as `"1h"`."""
        return format_interval(self.interval_ms)

    @property
    def quote(self) -> str:
        """Returns the account currency: that of the stated accounts, else the one in which all instruments settle."""
        return self.instruments[0].settle if self.wallets is None else self.wallets.currency

    @cached_property
    def wallets(self) -> Wallets | None:
        """Returns the wallets of the stated accounts, None without any. Raises `DataError` where they do not fit the instruments."""
        return plan_wallets(self.accounts, self.instruments) if self.accounts else None

    @property
    def rows(self) -> int:
        """Returns the number of bars over all instruments."""
        return sum(columns.rows for columns in self.columns)

    @property
    def start_ms(self) -> int:
        """Returns the open of the first bar of any instrument."""
        return min(int(columns.ts[0]) for columns in self.columns)

    @property
    def end_ms(self) -> int:
        """Returns the close of the last bar of any instrument."""
        return max(int(columns.ts[-1]) for columns in self.columns) + self.interval_ms

    @property
    def nbytes(self) -> int:
        """Returns the bytes of all columns."""
        return sum(columns.nbytes for columns in self.columns)

    def index(self, symbol: str) -> int:
        """Returns the id of a symbol, written as in ccxt or as `venue|symbol` where several venues list it; raises `DataError`."""
        venue, _, name = symbol.rpartition("|")
        hits = [i for i, x in enumerate(self.instruments) if x.symbol == name and venue in ("", x.venue)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            first = self.instruments[hits[0]]
            raise DataError(f"{name} is listed by several venues; say which, as in {first.venue}|{name}.")
        import difflib

        near = difflib.get_close_matches(name.upper(), self.symbols, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}" if near else f"there are {', '.join(self.symbols[:8])}"
        raise DataError(f"{symbol} is not in the data; {hint}?" if near else f"{symbol} is not in the data; {hint}.")

    def instrument(self, symbol: str) -> Instrument:
        """Returns the instrument of a symbol."""
        return self.instruments[self.index(symbol)]

    def frame(self, symbol: str) -> pl.DataFrame:
        """Returns a symbol's bars: `ts` (Datetime ms, UTC), `open high low close volume` (Float64)."""
        import polars as pl

        columns = self.columns[self.index(symbol)]
        data = {"ts": pl.Series(columns.ts).cast(pl.Datetime("ms", "UTC"))}
        return pl.DataFrame(data | {name: pl.Series(getattr(columns, name)) for name in VALUES})

    def frames(self) -> dict[str, pl.DataFrame]:
        """Returns all bars, by symbol (by `venue|symbol` where several venues list one)."""
        twice = len(set(self.symbols)) < len(self)
        keys = [f"{x.venue}|{x.symbol}" if twice else x.symbol for x in self.instruments]
        return {key: self.frame(key) for key in keys}

    def resample(self, timeframe: str) -> Market:
        """Returns the bars of a slower timeframe; its buckets are those of docs/semantics.md §2, the last incomplete one dropped.

        Raises `DataError` where the timeframe is finer than the bars or no multiple of them, or nothing is complete.
        """
        target_ms = parse_interval(timeframe)
        if target_ms == self.interval_ms:
            return self
        assets, notes = [], list(self.notes)
        for instrument, columns in self:
            slower = resample_columns(columns, self.interval_ms, target_ms, instrument.symbol)
            if slower.rows:
                check_grid(instrument, slower, instrument.symbol)  # volumes have grown
                assets.append((instrument, slower))
            else:
                notes.append(f"{instrument.symbol} has no complete {timeframe} bar and is left out.")
        if not assets:
            raise DataError(f"no {timeframe} bar is complete in the data; give more bars or a finer timeframe.")
        return Market.build(assets, target_ms, notes, self.accounts)

    def slice(self, start: TimeLike | None = None, end: TimeLike | None = None) -> Market:
        """Returns the bars whose open lies in [start, end), sharing memory; raises `DataError` if there are none."""
        if start is None and end is None:
            return self
        first = self.start_ms if start is None else parse_time(start)
        last = self.end_ms if end is None else parse_time(end)
        assets, notes = [], list(self.notes)
        for instrument, columns in self:
            low, high = (int(at) for at in np.searchsorted(columns.ts, (first, last)))
            if low < high:
                assets.append((instrument, columns.cut(low, high)))
            else:
                notes.append(f"{instrument.symbol} has no bar in the span asked for and is left out.")
        if not assets:
            raise DataError(
                f"no bar opens from {format_time(first)} to before {format_time(last)}; the data spans "
                f"{format_time(self.start_ms)} to {format_time(self.end_ms)}."
            )
        return Market.build(assets, self.interval_ms, notes, self.accounts)

    def select(self, symbols: Iterable[str]) -> Market:
        """Returns the market of some symbols; raises `DataError` for one that is not there."""
        chosen = {self.index(symbol) for symbol in symbols}
        assets = [(self.instruments[i], self.columns[i]) for i in chosen]
        return Market.build(assets, self.interval_ms, self.notes, self.accounts)

    def grids(self) -> list[str]:
        """Returns one line for each instrument: tick, lot and where they come from."""
        source = {"file": "from the instruments file", "seen": "from the decimals seen", "rounded": "rounded to fit"}
        return [
            f"{x.symbol}: tick {decimal_text(x.tick)}, lot {decimal_text(x.lot)} ({source[x.grid]})"
            for x in self.instruments
        ]

    @cached_property
    def listing_json(self) -> str:
        """Returns the instruments as the engine reads them (docs/design.md)."""
        return json.dumps([instrument.listing() for instrument in self.instruments], separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        """Returns the identity of the data: BLAKE2b-256, in hex, over interval, instruments and every column's bytes.

        Fees are configuration and not part of it. About 1 ms for a megabyte, computed when first asked for.
        """
        state = hashlib.blake2b(f"{self.interval_ms} {self.listing_json}".encode(), digest_size=32)
        for columns in self.columns:
            state.update(f" {columns.rows} ".encode())
            for column in columns:
                state.update(np.ascontiguousarray(column, column.dtype.newbyteorder("<")).data)
        return state.hexdigest()

    @cached_property
    def native(self) -> NativeMarket:
        """Returns the engine's market over these columns, borrowed without a copy; made once."""
        from bot4 import _engine

        return _engine.Market(self.listing_json, self.interval_ms, self.columns)
