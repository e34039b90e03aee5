"""What the policy did in the crashes, a row for each crash and coin: `python -m tests.risk.crashes` prints the table of docs/crashes.md.

Spot bars of the test data, run as perpetuals so that leverage can be held.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import bot4 as b4
from bot4.data.timeframe import format_time, parse_time
from tests.backtest.markets import HOUR, REAL

EXAMPLES = Path(__file__).parents[2] / "examples"
LEVERAGE = 3.0
LIMIT = 0.15
EMERGENCY, KILLED = 3, 4
COINS = ("BTC", "ETH", "FTT")
CRASHES = {
    "2018-01": ("2018-01-01", "2018-02-10"),
    "2020-03": ("2020-03-01", "2020-04-01"),
    "2021-05": ("2021-05-01", "2021-06-15"),
    "2022-05": ("2022-05-01", "2022-06-25"),
    "2022-11": ("2022-11-01", "2022-11-25"),
}


@dataclass(frozen=True)
class Row:
    """One crash of one coin: drawdown without and with the policy, worst move between decision and fill, when each layer acted first."""

    crash: str
    coin: str
    wild: float
    tame: float
    worst: float
    layers: dict[str, str]

    @property
    def bound(self) -> float:
        """Returns the drawdown that the policy allows: its limit and leverage times the worst move."""
        return LIMIT + LEVERAGE * self.worst


@cache
def real(coin: str) -> pl.DataFrame:
    """Returns a coin's bars."""
    return pl.read_parquet(REAL / f"binance-{coin}USDT-1h.parquet").rename({"ts_ms": "ts"})


def bars(crash: str, coin: str) -> dict[str, pl.DataFrame]:
    """Returns the bars of one coin in a crash; none where it was not traded then."""
    first, last = (parse_time(time) for time in CRASHES[crash])
    cut = real(coin).filter(pl.col("ts").is_between(first, last))
    return {f"{coin}/USDT:USDT": cut} if cut.height > 48 else {}


def worst_move(result: Any) -> float:
    """Returns the worst fall of an asset from the last decision before the emergency to the lowest price until everything was flat."""
    table = result.records["guard"]
    if not (table["to"] == EMERGENCY).any():
        return 0.0
    begun, flat = (int(table["ts"][table["to"] == state][0]) for state in (EMERGENCY, KILLED))
    worst = 0.0
    for asset in result.columns.assets:
        known = asset.ts + HOUR
        before = asset.close[known < begun]
        within = (known >= begun) & (known <= flat)
        if len(before) and within.any():
            worst = max(worst, 1 - float(np.min(asset.low[within])) / float(before[-1]))
    return worst


def drawdown(result: Any) -> float:
    """Returns the largest loss of equity from its peak, at marks."""
    equity = result.records["equity"] / 1e8
    return float(np.max(1 - equity / np.maximum.accumulate(equity)))


def run(market: Any, policy: object) -> Any:
    """Returns the leveraged long portfolio's result."""
    return b4.backtest(EXAMPLES / "leveraged_long.py", market, policy=policy, record=False, funding_default=0.0)


def row(crash: str, coin: str) -> Row | None:
    """Returns the row of a crash and a coin, None where it was not traded."""
    market = bars(crash, coin)
    if not market:
        return None
    wild, tame = run(market, None), run(market, EXAMPLES / "policy.toml")
    layers: dict[str, str] = {}
    for step in tame.guard.to_dicts():
        if step["layer"] not in ("hour_over", "day_over"):
            layers.setdefault(step["layer"], format_time(int(step["ts"].timestamp() * 1000)))
    return Row(crash, coin, drawdown(wild), drawdown(tame), worst_move(tame), layers)


def rows() -> list[Row]:
    """Returns every row there is."""
    return [found for crash in CRASHES for coin in COINS if (found := row(crash, coin)) is not None]


def line(one: Row) -> str:
    """Returns a row as the docs have it."""
    acted = ", ".join(f"{layer} {when}" for layer, when in one.layers.items())
    shares = " | ".join(f"{share:.1%}" for share in (one.wild, one.tame, one.bound, one.worst))
    return f"| {one.crash} | {one.coin} | {shares} | {acted} |"


def main() -> None:
    """Prints the table."""
    print("| Crash | Coin | Without | With the policy | Bound | Worst move | Layers, when first |")
    print("|---|---|---|---|---|---|---|")
    for one in rows():
        print(line(one))


if __name__ == "__main__":
    main()
