"""What making and taking came to on ticks: spread captured, where the mid went after each fill, inventory, the split of both.

Amounts are in the currency of settlement. Signs are the strategy's: captured > 0 is earned, a mid that moves against a fill is < 0.
Definitions: docs/metrics.md, "Ticks". Not here: fees, equity and everything that a run over bars has too (`stats`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import text
from .columns import AMOUNT, AssetColumns, Floats, Ints, held_after

HORIZONS_S = (1, 10, 60)
"""After how many seconds the mid is looked at again."""
NS = 1_000_000_000


@dataclass(frozen=True)
class Side:
    """One side of a run's fills: those that rested, or those that took."""

    fills: int
    traded: float
    """Σ|value| of its fills."""
    fees: float
    captured: float
    """Σ value at the mid of the fill − value at its price: half the spread earned (or paid, below 0)."""
    after: Mapping[int, float]
    """By seconds: Σ value at the mid so much later − value at the mid of the fill; adverse selection where below 0."""
    known: Mapping[int, float]
    """By seconds: the part of `traded` whose later mid the data still shows."""

    def bps(self, value: float) -> float:
        """Returns a value in basis points of what was traded; NaN without a fill."""
        return value / self.traded * 1e4 if self.traded else float("nan")

    def after_bps(self, seconds: int) -> float:
        """Returns what the mid did so many seconds later, basis points of what is known of it; NaN where nothing is."""
        return self.after[seconds] / self.known[seconds] * 1e4 if self.known[seconds] else float("nan")


@dataclass(frozen=True)
class Making:
    """What fills and inventory of a run on ticks came to."""

    maker: Side
    taker: Side
    inventory_mean: float
    """Mean of the position over the rows, base units (contracts of inverse perpetuals)."""
    inventory_mean_abs: float
    inventory_max: float
    inventory_min: float
    time_flat: float
    """Part of the rows without a position."""
    orders: int
    """Orders that left for the venue."""
    cancels: int
    """Of them, those that ended cancelled, by the strategy or the venue."""
    filled_orders: int
    """Of them, those filled, in part or whole."""
    resting_s: float
    """Median time from decision to end of orders that rested, seconds; NaN without any."""

    @property
    def maker_share(self) -> float:
        """Returns the part of the traded value that rested; NaN without a fill."""
        traded = self.maker.traded + self.taker.traded
        return self.maker.traded / traded if traded else float("nan")

    @property
    def fill_ratio(self) -> float:
        """Returns the part of orders that were filled, in part or whole; NaN without an order."""
        return self.filled_orders / self.orders if self.orders else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "maker": _plain(self.maker),
            "taker": _plain(self.taker),
            "maker_share": self.maker_share,
            "inventory": {
                "mean": self.inventory_mean,
                "mean_abs": self.inventory_mean_abs,
                "max": self.inventory_max,
                "min": self.inventory_min,
                "time_flat": self.time_flat,
            },
            "orders": self.orders,
            "cancels": self.cancels,
            "filled_orders": self.filled_orders,
            "fill_ratio": self.fill_ratio,
            "resting_s": self.resting_s,
        }


def _plain(side: Side) -> dict[str, Any]:
    return {
        "fills": side.fills,
        "traded": side.traded,
        "fees": side.fees,
        "captured": side.captured,
        "captured_bps": side.bps(side.captured),
        "after_bps": {str(seconds): side.after_bps(seconds) for seconds in HORIZONS_S},
    }


def making(asset: AssetColumns, interval_ms: int, records: Mapping[str, Any], evidence: Mapping[str, Any]) -> Making:
    """Returns the measures of a run of one instrument; `evidence` has a row for each fill: `local_ns`, `mid2` (twice the mid, ticks)."""
    fills, orders = records["fills"], records["orders"]
    held = held_after(fills["row"].astype(np.int64), fills["position"], np.arange(len(asset.ts), dtype=np.int64))
    quantity = held * asset.lot
    sent = orders["status"] != _REJECTED
    rested = sent & (orders["price_ticks"] > 0) & (orders["done_ts"] >= 0)
    lives = (orders["done_ts"] - orders["ts"])[rested] / 1e3
    return Making(
        maker=_side(asset, interval_ms, fills, evidence, fills["maker"].astype(bool)),
        taker=_side(asset, interval_ms, fills, evidence, ~fills["maker"].astype(bool)),
        inventory_mean=float(quantity.mean()) if len(quantity) else 0.0,
        inventory_mean_abs=float(np.abs(quantity).mean()) if len(quantity) else 0.0,
        inventory_max=float(quantity.max(initial=0.0)),
        inventory_min=float(quantity.min(initial=0.0)),
        time_flat=float((held == 0).mean()) if len(held) else 1.0,
        orders=int(sent.sum()),
        cancels=int((orders["status"] == _CANCELLED).sum()),
        filled_orders=int((sent & (orders["filled"] > 0)).sum()),
        resting_s=float(np.median(lives)) if len(lives) else float("nan"),
    )


def making_rows(making: Making) -> list[tuple[str, str, str]]:
    """Returns what the summary and the report show: name, of what rested, of what took."""
    maker, taker = making.maker, making.taker

    def both(name: str, cell: Callable[[Side], str]) -> tuple[str, str, str]:
        return name, cell(maker), cell(taker)

    after = [
        both(f"  mid {seconds} s later", lambda side, s=seconds: _bps(side.after_bps(s)))  # type: ignore[misc]
        for seconds in HORIZONS_S
    ]
    low, high = making.inventory_min, making.inventory_max
    return [
        both("Fills", lambda side: text.count(side.fills)),
        ("Share of traded", text.percent(making.maker_share), text.percent(1 - making.maker_share)),
        both("Traded", lambda side: text.amount(side.traded)),
        both("Spread captured", lambda side: text.amount(side.captured, signed=True)),
        both("  of traded", lambda side: _bps(side.bps(side.captured))),
        *after,
        both("Fees", lambda side: text.amount(side.fees)),
        ("Orders, filled", text.count(making.orders), text.percent(making.fill_ratio)),
        (
            "Inventory, mean and mean size",
            text.ratio(making.inventory_mean, 4),
            text.ratio(making.inventory_mean_abs, 4),
        ),
        ("  lowest, highest", text.ratio(low, 4), text.ratio(high, 4)),
    ]


def _bps(value: float) -> str:
    return f"{value:+.3f}{text.NBSP}bp".replace("-", "−") if np.isfinite(value) else text.MISSING


_CANCELLED, _REJECTED = 2, 3
"""Codes of `bot4.backtest.reasons.STATUSES`."""


def _side(
    asset: AssetColumns, interval_ms: int, fills: Mapping[str, Any], evidence: Mapping[str, Any], which: Any
) -> Side:
    lots, ticks = fills["lots"][which], fills["ticks"][which]
    mid, known_at = evidence["mid2"][which] * asset.tick / 2, evidence["local_ns"][which]
    paid, worth = asset.amount(lots, ticks * asset.tick), asset.amount(lots, mid)
    after, known = {}, {}
    for seconds in HORIZONS_S:
        later = mid_at(asset, interval_ms, known_at + seconds * NS)
        has = np.isfinite(later)
        after[seconds] = float((asset.amount(lots[has], later[has]) - worth[has]).sum())
        known[seconds] = float(np.abs(paid[has]).sum())
    return Side(
        fills=int(which.sum()),
        traded=float(np.abs(paid).sum()),
        fees=float(fills["fee"][which].sum()) * AMOUNT,
        captured=float((worth - paid).sum()),
        after=after,
        known=known,
    )


def mid_at(asset: AssetColumns, interval_ms: int, local_ns: Ints) -> Floats:
    """Returns the mid of the last row closed by each local time, quote units; NaN before the first and after the last row."""
    closed = (asset.ts + interval_ms) * 1_000_000
    rows = np.searchsorted(closed, local_ns, side="right") - 1
    inside = (rows >= 0) & (local_ns <= closed[-1]) if len(closed) else np.zeros(len(local_ns), dtype=bool)
    found = np.full(len(local_ns), np.nan)
    found[inside] = asset.close[rows[inside]]
    return found
