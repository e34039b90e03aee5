"""Features of ticks as columns on a grid of local time: what the language's clocks `m.book` and `m.trades` stand on.

Prices come as floats in the quote currency, quantities in the base currency (contracts of an inverse perpetual); what cannot be computed is
NaN. A row at time t knows every event that had arrived by t. The engine samples; here units are put on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot4 import _engine
from bot4.data.errors import DataError
from bot4.data.ticks.columns import Ints
from bot4.data.ticks.replaying import engine_columns
from bot4.data.ticks.store import Ticks

Floats = npt.NDArray[np.float64]
SOURCES = ("book", "best")


@dataclass(frozen=True)
class Features:
    """Samples of ticks, a column each; sums (`ofi`, `bought`, `sold`, `trades`, `quotes`) are of what arrived since the row before.

    `imbalance` is (bid − ask) / (bid + ask) of the quantities at the best, `depth_imbalance` of the stated number of levels, `ofi` the
    order flow of Cont, Kukanov and Stoikov (2014, equation 4) in units of quantity, `trade_imbalance` (bought − sold) / (bought + sold).
    """

    local_ns: Ints
    bid: Floats
    bid_qty: Floats
    ask: Floats
    ask_qty: Floats
    mid: Floats
    microprice: Floats
    spread: Floats
    imbalance: Floats
    depth_imbalance: Floats
    ofi: Floats
    bought: Floats
    sold: Floats
    trade_imbalance: Floats
    last: Floats
    trades: Ints
    quotes: Ints


def features(ticks: Ticks, every_ns: int = 100_000_000, source: str = "book", levels: int = 5) -> Features:
    """Returns features every so many ns of local time (0: at every arrival).

    `source` says whose best prices: those of the `book` after each message, or the venue's own `best` quotes, which come more often.
    """
    if source not in SOURCES:
        raise DataError(f"{source!r} is no source of best prices; give one of {', '.join(SOURCES)}.")
    if source == "best" and not ticks.best.rows:
        raise DataError(f"{ticks.name}: the recording holds no best quotes; take source='book'.")
    best: dict[str, Any] | None = ticks.best.columns() if source == "best" else None
    raw = _engine.ticks_features(*engine_columns(ticks.depth, ticks.trades), best, every_ns, levels)
    tick, lot = ticks.instrument.tick_size, ticks.instrument.lot_size

    def price(name: str) -> Floats:
        values: Floats = np.where(raw[name] == 0, np.nan, raw[name] * tick)
        return values

    return Features(
        local_ns=raw["local_ns"],
        bid=price("bid_ticks"),
        bid_qty=raw["bid_lots"] * lot,
        ask=price("ask_ticks"),
        ask_qty=raw["ask_lots"] * lot,
        mid=raw["mid"] * tick,
        microprice=raw["microprice"] * tick,
        spread=raw["spread"] * tick,
        imbalance=raw["imbalance"],
        depth_imbalance=raw["depth_imbalance"],
        ofi=raw["ofi"] * lot,
        bought=raw["bought"] * lot,
        sold=raw["sold"] * lot,
        trade_imbalance=raw["trade_imbalance"],
        last=price("last"),
        trades=raw["trades"],
        quotes=raw["quotes"],
    )
