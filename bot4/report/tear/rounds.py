"""The run's round trips as the parts about trades read them: one row a trade, amounts in account currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..columns import AMOUNT, Bools, Floats, Ints, RunColumns

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Rounds:
    """Trades in the engine's order, shape (trades,) each; `rows` says where they stand in `result.trades`."""

    rows: Ints
    asset: Ints
    side: Ints
    """1 long, −1 short."""
    entry_ms: Ints
    exit_ms: Ints
    """−1 while open."""
    profit: Floats
    """After fees and funding, at the last rate where the asset settles in another currency."""
    stake: Floats
    """Entry notional."""
    entry_reason: Ints
    """Code of the reason of the first fill's order; 0 where there is no such fill."""
    exit_reason: Ints

    @property
    def returns(self) -> Floats:
        """Returns profit/stake; NaN without a stake."""
        bare = np.full(len(self.stake), np.nan)
        found: Floats = np.divide(self.profit, self.stake, out=bare, where=self.stake > 0)
        return found

    @property
    def hours(self) -> Floats:
        """Returns the time from first to last fill; meaningless while open."""
        found: Floats = (self.exit_ms - self.entry_ms) / HOUR_MS
        return found

    def where(self, chosen: Bools) -> Rounds:
        """Returns the chosen trades."""
        return Rounds(**{name: values[chosen] for name, values in vars(self).items()})


def rounds(run: RunColumns) -> Rounds:
    """Returns all trades of a run."""
    table = run.table("trades")
    asset = table["asset"].astype(np.int64)
    rates = np.array([run.final_rate(n) if a.convert is not None else 1.0 for n, a in enumerate(run.assets)])[asset]
    return Rounds(
        rows=np.arange(len(asset)),
        asset=asset,
        side=table["side"].astype(np.int64),
        entry_ms=table["entry_ts"],
        exit_ms=table["exit_ts"],
        profit=table["pnl"] * AMOUNT * rates,
        stake=table["entry_notional"] * AMOUNT * rates,
        entry_reason=_entry_reasons(run),
        exit_reason=table["reason"].astype(np.int64),
    )


def _entry_reasons(run: RunColumns) -> Ints:
    """Returns the reason of the first fill on the trade's side at its entry, by book."""
    trades, fills = run.table("trades"), run.table("fills")
    if not len(trades["asset"]) or not len(fills["asset"]):
        return np.zeros(len(trades["asset"]), dtype=np.int64)
    stamps = np.unique(fills["ts"])
    keys = _keys(run, stamps, fills, fills["ts"], fills["lots"] > 0)
    first, at = np.unique(keys, return_index=True)
    wanted = _keys(run, stamps, trades, trades["entry_ts"], trades["side"] > 0)
    place = np.minimum(np.searchsorted(first, wanted), len(first) - 1)
    return np.where(first[place] == wanted, fills["reason"][at[place]], 0).astype(np.int64)


def _keys(run: RunColumns, stamps: Ints, table: Mapping[str, NDArray[Any]], ts: Ints, is_buy: Bools) -> Ints:
    """Returns one number for each time, asset, book and side."""
    books = int(run.table("fills")["sleeve"].max()) + 1 if "sleeve" in run.table("fills") else 1
    book = table["sleeve"].astype(np.int64) if "sleeve" in table else 0
    place = np.searchsorted(stamps, ts) * len(run.assets) + table["asset"]
    keys: Ints = (place * books + book) * 2 + is_buy
    return keys
