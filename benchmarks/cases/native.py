"""The benchmark's market and settings in the engine's own formats (docs/design.md), without the rooms above it.

The settings are b4.backtest's defaults with the benchmark's cash and fee; `plain` takes spread, impact and the volume cap away, which is
what the peers simulate.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.market import INTERVAL_MS, PRICE_DECIMALS, VOLUME_DECIMALS
from benchmarks.setting import CASH, FEE

if TYPE_CHECKING:
    from benchmarks.market import Bars
    from bot4.data import Market

AMOUNTS_PER_UNIT = 100_000_000  # amounts are integers of 1e-8 of the quote currency
DEFAULTS: dict[str, Any] = {
    "latency_ms": 0,
    "trade_from_ms": None,
    "half_spread_e9": 100_000,
    "impact": 1.0,
    "volume_share_e9": 100_000_000,
    "collar_e9": 100_000_000,
    "max_leverage_e9": 3_000_000_000,
    "max_notional": None,
}
PLAIN: dict[str, Any] = {"half_spread_e9": 0, "impact": 0.0, "volume_share_e9": 1_000_000_000_000}


def memory_market(bars: Bars) -> Market:
    """Returns the bars as a market of one spot coin, without a copy; `.native` is the engine's view of the same arrays."""
    from bot4.data import Columns, Instrument, Market

    instrument = Instrument(
        "BTC/USDT", "synthetic", "spot", "BTC", "USDT", tick=(1, PRICE_DECIMALS), lot=(1, VOLUME_DECIMALS)
    )
    columns = Columns(bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Market.build([(instrument, columns)], INTERVAL_MS)


def native_config(plain: bool = False) -> str:
    """Returns the engine's configuration as JSON."""
    fee_e9 = round(FEE * 1e9)
    account = {
        "cash": round(CASH * AMOUNTS_PER_UNIT),
        "instruments": [{"taker_e9": fee_e9, "maker_e9": fee_e9, "min_lots": 1, "min_notional": 0}],
    }
    return json.dumps({**DEFAULTS, **(PLAIN if plain else {}), **account})
