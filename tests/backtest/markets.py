"""Small markets for the tests: hand-made closes, or a seeded random walk; and where real bars are, if they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bot4.data import Market, load

HOUR = 3_600_000
START = 1_577_836_800_000  # 2020-01-01
FREE: dict[str, Any] = {"fee_bps": 0.0, "spread_bps": 0.0, "impact": 0.0, "volume_share": 1.0}
REAL = Path(os.environ.get("BOT4_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "bars"


def frame(closes, *, opens=None, start=START, interval=HOUR, volume=1e6) -> pl.DataFrame:
    close = np.asarray(closes, dtype=np.float64)
    open_ = np.concatenate([close[:1], close[:-1]]) if opens is None else np.asarray(opens, dtype=np.float64)
    return pl.DataFrame(
        {
            "ts": start + np.arange(len(close), dtype=np.int64) * interval,
            "open": open_,
            "high": np.maximum(open_, close),
            "low": np.minimum(open_, close),
            "close": close,
            "volume": np.full(len(close), float(volume)),
        }
    )


def walk(rows=2_000, seed=1, drift=0.0, start=START) -> pl.DataFrame:
    """A seeded random walk with open, high, low and volume that differ from bar to bar."""
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(drift, 0.01, rows))), 2)
    open_ = np.round(np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0, 0.001, rows)), 2)
    high = np.round(np.maximum(open_, close) * (1 + rng.uniform(0, 0.01, rows)), 2)
    low = np.round(np.minimum(open_, close) * (1 - rng.uniform(0, 0.01, rows)), 2)
    ts = start + np.arange(rows, dtype=np.int64) * HOUR
    volume = np.round(rng.uniform(50, 5_000, rows), 3)
    return pl.DataFrame({"ts": ts, "open": open_, "high": high, "low": low, "close": close, "volume": volume})


def market(*columns: pl.DataFrame, symbols=("BTC/USDT", "ETH/USDT", "XRP/USDT")) -> Market:
    return load(dict(zip(symbols, columns, strict=False)))


def perpetuals(*columns: pl.DataFrame) -> Market:
    return market(*columns, symbols=("BTC/USDT:USDT", "ETH/USDT:USDT", "XRP/USDT:USDT"))
