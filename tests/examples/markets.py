"""The markets of the examples' tests: seeded ones of `bot4 data synth`, and the real ones that the strategies' pages name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from bot4.data import Market, synth
from bot4.data.instrument import make_instrument

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("BOT4_TEST_DATA", ROOT.parent / "shared" / "data"))


def spot(coins: int, bars: int, interval: str = "1h", seed: int = 7) -> Market:
    """Returns synthetic spot markets: BTC, ETH, SOL, BNB, … against USDT."""
    return synth(coins=coins, bars=bars, interval=interval, seed=seed)


def perpetuals(coins: int, bars: int, interval: str = "1h", seed: int = 7) -> Market:
    """Returns the same markets as perpetuals, which can be sold short."""
    made = spot(coins, bars, interval, seed)
    assets = []
    for coin, columns in made:
        perpetual = make_instrument(coin.venue, coin.base, coin.quote, "linear")
        assets.append((replace(perpetual, tick=coin.tick, lot=coin.lot), columns))
    return Market.build(assets, made.interval_ms)


def carry(bars: int, seed: int = 7) -> Market:
    """Returns one synthetic coin and its perpetual, whose premium over the coin is an AR(1) of 10 basis points and a week's memory."""
    made = spot(1, bars, "1h", seed)
    (coin, columns), *_ = made
    factor = 1 + _premium(bars, seed)
    tick = coin.tick[0] / 10 ** coin.tick[1]
    prices = {
        name: np.round(getattr(columns, name) * factor / tick) * tick for name in ("open", "high", "low", "close")
    }
    perpetual = make_instrument(coin.venue, coin.base, coin.quote, "linear")
    return Market.build(
        [(coin, columns), (replace(perpetual, tick=coin.tick, lot=coin.lot), columns._replace(**prices))],
        made.interval_ms,
    )


def carry_funding(bars: int, seed: int = 7) -> dict[str, pl.DataFrame]:
    """Returns the funding of that perpetual each eight hours by the usual formula: premium + clamp(0.01 % − premium, ±0.05 %)."""
    (_, columns), *_ = spot(1, bars, "1h", seed)
    due = columns.ts % (8 * 3_600_000) == 0
    premium = _premium(bars, seed)[due]
    return {
        "BTC/USDT:USDT": pl.DataFrame(
            {"ts_ms": columns.ts[due], "rate": premium + np.clip(1e-4 - premium, -5e-4, 5e-4)}
        )
    }


def _premium(bars: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    memory = 0.5 ** (1 / 168)
    noise = np.random.default_rng(seed).standard_normal(bars) * np.sqrt(1 - memory**2)
    premium = np.zeros(bars)
    for row in range(1, bars):
        premium[row] = memory * premium[row - 1] + 1e-3 * noise[row]
    return premium


def real(names: Sequence[str]) -> list[str]:
    """Returns the files of the real data with these names. Raises FileNotFoundError where one is absent."""
    files = [REAL / "bars" / f"{name}.parquet" for name in names]
    missing = [file for file in files if not file.exists()]
    if missing:
        raise FileNotFoundError(f"no real bars at {missing[0]}; set BOT4_TEST_DATA")
    return [str(file) for file in files]
