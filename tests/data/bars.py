"""Builders for the tests of the data room: small tables of good bars, to be broken one cell at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

HOUR_MS = 3_600_000
START_MS = 1_640_995_200_000  # 2022-01-01
ROOT = Path(__file__).resolve().parents[2]
PRICES = ("open", "high", "low", "close")


def good(
    rows: int = 48, interval_ms: int = HOUR_MS, seed: int = 1, start_ms: int = START_MS, price: float = 100.0
) -> pl.DataFrame:
    """Returns bars without a fault: prices of 2 decimals, volumes of 3."""
    rng = np.random.default_rng(seed)
    close = np.round(price * np.exp(np.cumsum(0.01 * min(1.0, (1_000 / rows) ** 0.5) * rng.standard_normal(rows))), 2)
    open_ = np.round(np.concatenate(([price], close[:-1])), 2)
    high = np.round(np.maximum(open_, close) + np.round(rng.random(rows), 2), 2)
    low = np.round(np.minimum(open_, close) - np.round(rng.random(rows), 2), 2)
    volume = np.round(1 + 10 * rng.random(rows), 3)
    ts = start_ms + interval_ms * np.arange(rows)
    return pl.DataFrame({"ts_ms": ts, "open": open_, "high": high, "low": low, "close": close, "volume": volume})


def with_cell(frame: pl.DataFrame, column: str, row: int, value: Any) -> pl.DataFrame:
    """Returns the frame with one cell changed."""
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, dtype=frame[column].dtype))


def merge(frame: pl.DataFrame, factor: int) -> pl.DataFrame:
    """Returns bars merged by a naive loop over whole groups of `factor` rows."""
    rows = []
    for at in range(0, frame.height - factor + 1, factor):
        part = frame[at : at + factor].to_dicts()
        rows.append(
            {
                "ts_ms": part[0]["ts_ms"],
                "open": part[0]["open"],
                "high": max(bar["high"] for bar in part),
                "low": min(bar["low"] for bar in part),
                "close": part[-1]["close"],
                "volume": sum(bar["volume"] for bar in part),
            }
        )
    return pl.DataFrame(rows)


def real_bars() -> Path:
    """Returns the folder of real bars, or skips the test where it is absent."""
    folder = Path(os.environ.get("BOT4_TEST_DATA", ROOT.parent / "shared" / "data")) / "bars"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder} (set BOT4_TEST_DATA)")
    return folder
