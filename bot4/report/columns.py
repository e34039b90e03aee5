"""What a report reads: bars per asset and the engine's records of one run, as plain columns.

The border between `backtest`, which fills it, and the statistics, which only read it. Amounts stay the engine's integers (1e-8 of
the account currency); `AMOUNT` turns them into floats where a statistic needs one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

AMOUNT = 1e-8
"""One unit of an integer amount, in account currency."""
BLOCK_ROWS = 1 << 16
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
"""A year of crypto markets: 365 days of 24 hours, no holidays."""


@dataclass(frozen=True)
class AssetColumns:
    """One asset's bars. `ts` is the open time (UTC ms); prices in quote, volume in base currency; all of shape (rows,)."""

    symbol: str
    venue: str
    ts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    tick: float
    lot: float
    fee: float
    """Taker fee as a fraction of notional."""
    first_decision_ms: int | None = None
    """When its first decision may fall (warm-up over, `start=` reached); None if the data ends before."""
    contract: float | None = None
    """Quote units of one contract of an inverse perpetual, whose lots are contracts; None for everything else."""
    convert: int | None = None
    """Number of the asset whose price values what this one settles in; None where that is the account currency."""
    is_perpetual: bool = False
    liquidation_fee: float = 0.0
    """What a liquidation costs on top of the taker fee, as a fraction of notional."""

    def amount(self, lots: Any, price: Any) -> Floats:
        """Returns the signed amount of lots at a price in the currency of settlement: what buying them costs, what they are worth.

        For inverse contracts that is −q·V/p (docs/semantics.md, section 9): its sign is opposite to the position's.
        """
        if self.contract is None:
            return np.asarray(lots * self.lot * price, dtype=np.float64)
        return np.asarray(-lots * self.lot * self.contract / price, dtype=np.float64)

    def mean_price(self, lots: Ints, notional: Floats) -> Floats:
        """Returns the mean price of lots (unsigned) that cost a notional in the currency of settlement; of inverse ones harmonic."""
        units = lots * self.lot
        with np.errstate(divide="ignore", invalid="ignore"):
            return notional / units if self.contract is None else units * self.contract / notional


@dataclass(frozen=True)
class RunColumns:
    """Bars, records and the few settings that statistics need.

    `records` is what `bot4._engine.run` returned (docs/design.md): `equity_ts`, `equity` of shape (grid rows,), `orders`, `fills`
    and `trades` as mappings of equally long arrays, and counters.
    """

    interval_ms: int
    cash: int
    """Starting cash, 1e-8 of the account currency."""
    currency: str
    half_spread_e9: int
    assets: tuple[AssetColumns, ...]
    records: Mapping[str, Any]
    wallets: tuple[int | None, ...] = (None,)
    """For each wallet the number of the asset that values it; None for the account currency."""

    @property
    def cash_amount(self) -> float:
        """Returns the starting cash in account currency."""
        return self.cash * AMOUNT

    @property
    def is_single(self) -> bool:
        """Returns whether everything settles in the account currency: amounts of all instruments add up as they are."""
        return all(asset.convert is None for asset in self.assets) and all(convert is None for convert in self.wallets)

    @cached_property
    def first_decision_ms(self) -> int | None:
        """Returns the time of the earliest possible decision; None if the data ends within the warm-up."""
        times = [a.first_decision_ms for a in self.assets if a.first_decision_ms is not None]
        return min(times) if times else None

    @cached_property
    def equity_ts(self) -> Ints:
        """Returns the decision times from the first possible decision on (all rows if there is none), shape (rows,)."""
        ts: Ints = self.records["equity_ts"]
        return ts[self._first_row :]

    @cached_property
    def equity(self) -> Ints:
        """Returns equity at `equity_ts`, 1e-8 of the account currency, shape (rows,)."""
        equity: Ints = self.records["equity"]
        return equity[self._first_row :]

    @cached_property
    def _first_row(self) -> int:
        if self.first_decision_ms is None:
            return 0
        return int(np.searchsorted(self.records["equity_ts"], self.first_decision_ms))

    def rate(self, asset: int, times: Ints) -> Floats:
        """Returns what one unit of an asset's currency of settlement is worth in the account currency at each time, shape of `times`.

        It is the last close known then; before the first one, the first.
        """
        return self.rate_by(self.assets[asset].convert, times)

    def rate_by(self, convert: int | None, times: Ints) -> Floats:
        """Returns the same for the currency that an asset prices; 1 for None."""
        if convert is None:
            return np.ones(len(times))
        by = self.assets[convert]
        rates: Floats = by.close[np.maximum(rows_at(by, self.interval_ms, times), 0)]
        return rates

    def final_rate(self, asset: int) -> float:
        """Returns that rate at the end of the run."""
        return self.final_rate_by(self.assets[asset].convert)

    def final_rate_by(self, convert: int | None) -> float:
        """Returns the rate of the currency that an asset prices at the end of the run; 1 for None."""
        return 1.0 if convert is None else float(self.assets[convert].close[-1])

    def fills_of(self, asset: int) -> tuple[Ints, Ints]:
        """Returns (rows, positions in lots after the fill) of one asset's fills, by time."""
        fills = self.table("fills")
        mine = np.flatnonzero(fills["asset"] == asset)
        return fills["row"][mine].astype(np.int64), fills["position"][mine]

    def books_of(self, asset: int) -> Iterator[tuple[Ints, Ints]]:
        """Yields (rows, positions in lots after the fill) of one asset's fills for each book that traded it: of sleeves one each."""
        fills = self.table("fills")
        if "sleeve" not in fills:
            yield self.fills_of(asset)
            return
        mine = np.flatnonzero(fills["asset"] == asset)
        for sleeve in np.unique(fills["sleeve"][mine]):
            own = mine[fills["sleeve"][mine] == sleeve]
            yield fills["row"][own].astype(np.int64), fills["own_position"][own]

    @property
    def keys(self) -> list[str]:
        """Returns the keys of keyed orders, to which `orders` refers by number."""
        return list(self.records["keys"])

    def counter(self, name: str, asset: int) -> int:
        """Returns one asset's counter of the engine; 0 where a run keeps none."""
        values = self.records["counters"].get(name) if "counters" in self.records else None
        return 0 if values is None else int(values[asset])

    def carried(self, asset: int) -> float:
        """Returns funding, borrow interest and what a venue's fund took over for an asset, in what it settles in; paid is negative."""
        return sum(self.counter(name, asset) for name in ("funding", "borrow", "fund")) * AMOUNT

    def has(self, name: str) -> bool:
        """Returns whether the records hold a table with rows."""
        return name in self.records and len(self.records[name]["asset"]) > 0

    def table(self, name: str) -> Mapping[str, NDArray[Any]]:
        """Returns the columns of `orders`, `fills`, `trades` or `funding`."""
        found: Mapping[str, NDArray[Any]] = self.records[name]
        return found


def blocks(count: int) -> Iterator[slice]:
    """Yields slices that cover `count` rows in blocks: intermediate columns of a long run stay small."""
    for start in range(0, count, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, count))


def rows_at(asset: AssetColumns, interval_ms: int, times: Ints) -> Ints:
    """Returns for each decision time the asset's last bar closed by then (row number, −1 before the first), shape of `times`."""
    if len(times) <= len(asset.ts):
        # Usual case of one asset, or of assets without holes: the same rows, shifted. Saves a binary search per row.
        first = int(np.searchsorted(asset.ts, times[0] - interval_ms)) if len(times) else 0
        same = asset.ts[first : first + len(times)]
        if len(same) == len(times) and np.array_equal(same, times - interval_ms):
            return np.arange(first, first + len(times), dtype=np.int64)
    return np.searchsorted(asset.ts, times - interval_ms, side="right") - 1


def held_after(fill_rows: Ints, positions: Ints, rows: Ints) -> Ints:
    """Returns the position after the last fill at or before each row (0 before the first). Neither kind of rows ever decreases."""
    if not len(fill_rows) or not len(rows):
        return np.zeros(len(rows), dtype=np.int64)
    first, last = int(rows[0]), int(rows[-1])
    if last - first + 1 == len(rows) and (np.diff(rows) == 1).all():
        # Every row once: lay the positions out instead of searching for each row.
        low, high = (int(at) for at in np.searchsorted(fill_rows, (first, last), side="right"))
        held = np.append(positions[low - 1] if low else 0, positions[low:high])
        edges = np.concatenate([[0], fill_rows[low:high] - first, [len(rows)]])
        return np.repeat(held, np.diff(edges))
    at = np.searchsorted(fill_rows, rows, side="right") - 1
    return np.where(at >= 0, positions[np.maximum(at, 0)], 0)
