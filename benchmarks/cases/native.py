"""The benchmark's market and settings as Bot4 takes them, in memory.

The settings are `b4.backtest`'s defaults with the benchmark's cash and fee; `plain` takes spread and impact away and lets a fill have the
whole volume of its bar, which is what the peers simulate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.market import INTERVAL_MS, PRICE_DECIMALS, VOLUME_DECIMALS
from benchmarks.setting import CASH, FEE

if TYPE_CHECKING:
    from benchmarks.market import Bars
    from bot4.data import Market

PLAIN: dict[str, Any] = {"spread_bps": 0.0, "impact": 0.0, "volume_share": 1.0}


def memory_market(bars: Bars) -> Market:
    """Returns the bars as a market of one spot coin, without a copy; `.native` is the engine's view of the same arrays."""
    from bot4.data import Columns, Instrument, Market

    instrument = Instrument(
        "BTC/USDT", "synthetic", "spot", "BTC", "USDT", tick=(1, PRICE_DECIMALS), lot=(1, VOLUME_DECIMALS)
    )
    columns = Columns(bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Market.build([(instrument, columns)], INTERVAL_MS)


def memory_universe(bars: list[Bars], interval_ms: int) -> Market:
    """Returns the markets as perpetuals of as many coins, so that they can be sold short."""
    from bot4.data import Columns, Instrument, Market

    rows = []
    for number, each in enumerate(bars):
        coin = f"C{number:02}"
        instrument = Instrument(
            f"{coin}/USDT:USDT",
            "synthetic",
            "linear",
            coin,
            "USDT",
            tick=(1, PRICE_DECIMALS),
            lot=(1, VOLUME_DECIMALS),
        )
        columns = Columns(each.ts, each.open, each.high, each.low, each.close, each.volume)
        rows.append((instrument, columns))
    return Market.build(rows, interval_ms)


def account(plain: bool = False) -> dict[str, Any]:
    """Returns the benchmark's cash and fee as settings of `b4.backtest`; all others stay at their defaults unless `plain`."""
    return {"cash": CASH, "fee_bps": FEE * 1e4, **(PLAIN if plain else {})}


def native_config(market: Market, plain: bool = False) -> str:
    """Returns these settings as the engine reads them."""
    from bot4.backtest.config import Config

    return Config(**account(plain)).engine_json(market, None)
