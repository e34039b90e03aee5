"""Markets without an edge: days of real coins in permuted blocks, their mean return taken out. Without real ones, those of `b4.synth`.

A block keeps what days have in common across coins and their order within five days; a permutation leaves nothing of yesterday's block in
today's, and without a mean neither holding nor selling earns anything before costs.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from bot4.data.synthetic import synth

DAY = 86_400_000
START = 1_577_836_800_000
COINS = ("BTC", "ETH", "BNB", "ADA")
DAYS = 1_530
BLOCK = 5
LENGTH = 1_800
"""Days of a permuted market: one permutation and a part of another."""
FIELDS = ("high", "low", "close")
REAL = Path(os.environ.get("BOT4_TEST_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "bars"


@cache
def shapes() -> tuple[np.ndarray, np.ndarray, bool]:
    """Returns (high, low and close over the close before, shape (days, coins, 3)), traded values (days, coins), whether they are real."""
    paths = [REAL / f"binancefut-{coin}USDT-1h.parquet" for coin in COINS]
    is_real = all(path.exists() for path in paths)
    frames = [real(path) for path in paths] if is_real else made_up()
    tables = [frame.select(FIELDS).to_numpy() for frame in frames]
    closes = np.stack([table[:, 2] for table in tables], axis=1)
    found = np.stack(tables, axis=1)[1:] / closes[:-1, :, None]
    drift = found[:, :, 2].mean(axis=0)
    volumes = np.stack(
        [frame["volume"].to_numpy()[1:] * closes[1:, place] for place, frame in enumerate(frames)], axis=1
    )
    return found / drift[None, :, None], volumes, is_real


def real(path: Path) -> pl.DataFrame:
    """Returns the last days of a coin's hours."""
    days = (pl.col("ts_ms") // DAY).alias("day")
    whole = pl.read_parquet(path).group_by(days, maintain_order=True).agg(
        pl.col("high").max(), pl.col("low").min(), pl.col("close").last(), pl.col("volume").sum(), pl.len()
    )  # fmt: skip
    return whole.sort("day").filter(pl.col("len") == 24).tail(DAYS)


def made_up() -> list[pl.DataFrame]:
    """Returns coins of the synthetic market."""
    made = synth(coins=len(COINS), bars=DAYS, interval="1d", seed=3)
    return [pl.DataFrame({name: getattr(one, name) for name in (*FIELDS, "volume")}) for one in made.columns]


def market(folder: Path, seed: int, planted: float = 0.0) -> list[str]:
    """Writes a permuted market as Parquet files and returns them.

    planted: what a day's sign adds to the next day's return, in its deviations; a high volume is a positive sign, which lasts five days
    on average.
    """
    rng = np.random.default_rng([seed, 77])
    found, volumes, _ = shapes()
    blocks = np.concatenate([rng.permutation(len(found) // BLOCK) for _ in range(2)])[: LENGTH // BLOCK]
    order = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    found, volumes = found[order], np.broadcast_to(np.median(volumes, axis=0), (len(order), len(COINS))).copy()
    if planted:
        signs = np.cumprod(np.where(rng.random(len(order)) < 0.2, -1.0, 1.0))
        deviation = np.log(found[:, :, 2]).std(axis=0)
        found[1:] *= np.exp(planted * signs[:-1, None] * deviation)[:, :, None]
        volumes *= np.where(signs > 0, 1.5, 0.5)[:, None]
    folder.mkdir(parents=True)
    return [write(folder, place, found[:, place], volumes[:, place]) for place in range(len(COINS))]


def write(folder: Path, place: int, shape: np.ndarray, value: np.ndarray) -> str:
    """Writes one coin that begins at 1,000; a day opens where the one before closed."""
    close = 1_000.0 * np.cumprod(shape[:, 2])
    before = np.concatenate([[1_000.0], close[:-1]])
    high, low = np.maximum(shape[:, 0] * before, before), np.minimum(shape[:, 1] * before, before)
    path = folder / f"binancefut-{COINS[place]}USDT-1d.parquet"
    pl.DataFrame(
        {
            "ts_ms": START + DAY * np.arange(len(shape)),
            "open": before,
            "high": np.maximum(high, close),
            "low": np.minimum(low, close),
            "close": close,
            "volume": value / close,
        }
    ).with_columns(pl.col("open", *FIELDS).round(4)).write_parquet(path)
    return str(path)
