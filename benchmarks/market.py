"""The seeded market that every engine of the benchmark sees: one-minute bars of one coin.

A geometric random walk with lognormal volume. Not a model of a real market (`bot4 data synth` is one): its purpose is to be the same
in every process, quick to make, and free of temporaries, so that memory figures show the engine and not the generator.

The stream is drawn in blocks of fixed length, so the first n bars are the same whatever the total number is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20240229
INTERVAL_MS = 60_000
FIRST_TS_MS = 1_577_836_800_000  # 2020-01-01T00:00Z
START_PRICE = 30_000.0
SIGMA_PER_BAR = 5e-4  # 36 % a year
PRICE_DECIMALS = 2
VOLUME_DECIMALS = 5
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class Bars:
    """Columns of equal length: `ts` int64 milliseconds of the open, the others float64."""

    ts: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)


def make_bars(rows: int, seed: int = SEED) -> Bars:
    """Returns `rows` consecutive one-minute bars; prices have 2 decimals, volumes 5, and each open is the previous close."""
    if rows < 1:
        raise ValueError(f"rows is {rows}: a market needs at least one bar.")
    ts = np.arange(FIRST_TS_MS, FIRST_TS_MS + rows * INTERVAL_MS, INTERVAL_MS, dtype=np.int64)
    bars = Bars(ts, *(np.empty(rows) for _ in range(5)))
    random = np.random.default_rng(seed)
    log_price, last_close = np.log(START_PRICE), START_PRICE
    for start in range(0, rows, BLOCK_ROWS):
        log_price, last_close = _fill_block(
            bars, slice(start, min(start + BLOCK_ROWS, rows)), random, log_price, last_close
        )
    return bars


def make_universe(assets: int, rows: int, interval_ms: int) -> list[Bars]:
    """Returns `assets` independent markets of equal length and clock, each with a seed of its own."""
    if assets < 1:
        raise ValueError(f"assets is {assets}: a universe needs at least one.")
    ts = np.arange(FIRST_TS_MS, FIRST_TS_MS + rows * interval_ms, interval_ms, dtype=np.int64)
    return [replace(make_bars(rows, SEED + 1 + asset), ts=ts) for asset in range(assets)]


def _fill_block(
    bars: Bars, rows: slice, random: np.random.Generator, log_price: float, last_close: float
) -> tuple[float, float]:
    """Writes one block in place; returns the unrounded log price and the close it ends with."""
    steps, up, down, size = random.standard_normal((4, BLOCK_ROWS))[:, : rows.stop - rows.start]
    path = log_price + SIGMA_PER_BAR * np.cumsum(steps)
    close = bars.close[rows]
    np.round(np.exp(path), PRICE_DECIMALS, out=close)
    opens = bars.open[rows]
    opens[0], opens[1:] = last_close, close[:-1]
    wick = 0.5 * SIGMA_PER_BAR
    np.round(np.maximum(opens, close) * (1 + wick * np.abs(up)), PRICE_DECIMALS, out=bars.high[rows])
    np.round(np.minimum(opens, close) * (1 - wick * np.abs(down)), PRICE_DECIMALS, out=bars.low[rows])
    np.round(10.0 * np.exp(0.8 * size) + 0.01, VOLUME_DECIMALS, out=bars.volume[rows])
    return float(path[-1]), float(close[-1])
