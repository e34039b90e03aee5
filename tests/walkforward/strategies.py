"""Strategies and markets for the tests of this folder."""

from __future__ import annotations

import numpy as np
import polars as pl

import bot4 as b4
from tests.backtest.markets import START

HOUR = 3_600_000
DAY = 24 * HOUR


@b4.strategy(on=b4.bars("1h"))
def cross(m, fast: int = b4.param(5, 2, 20), slow: int = b4.param(30, 10, 80)):
    """Long while the fast average is above the slow one."""
    b4.require(fast < slow)
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.8, 0.0))


@b4.strategy(on=b4.bars("1h"))
def side(m, sign: int = b4.param(1, -1, 1)):
    """Long or short all the time: what a planted trend rewards or punishes at once."""
    return b4.target(b4.where(m.close > 0, 0.5 * sign, 0.0))


@b4.strategy(on=b4.bars("1h"))
def fixed(m):
    """Nothing to fit."""
    return b4.target(b4.where(m.close.ema(5) > m.close.ema(30), 0.8, 0.0))


@b4.strategy(on=b4.bars("1h"))
def idle(m, level: int = b4.param(1, 1, 3)):
    """Never trades."""
    return b4.target(b4.where(m.close < -level, 1.0, 0.0))


@b4.strategy(on=b4.bars("1h"))
def named(m, style: str = b4.choice("trend", "still"), fast: int = b4.param(5, 2, 20)):
    """A parameter of texts."""
    rising = m.close.ema(fast) > m.close.ema(40)
    return b4.target(b4.where(rising, 0.8 if style == "trend" else 0.1, 0.0))


@b4.strategy(on=b4.bars("1h"))
def wide(m, a: int = b4.param(1, 0, 99), b: int = b4.param(1, 0, 99), c: int = b4.param(1, 0, 99)):
    """A million combinations."""
    return b4.target(b4.where(m.close > a + b + c, 0.5, 0.0))


def regimes(*drifts: float, days: int = 30, seed: int = 1, noise: float = 0.002) -> pl.DataFrame:
    """Hourly bars whose drift an hour changes every `days` days; fine ticks, deep volume."""
    rng = np.random.default_rng(seed)
    steps = np.concatenate([rng.normal(drift, noise, days * 24) for drift in drifts])
    close = np.round(100 * np.exp(np.cumsum(steps)), 4)
    open_ = np.concatenate([[100.0], close[:-1]])
    ts = START + np.arange(len(close), dtype=np.int64) * HOUR
    return pl.DataFrame(
        {
            "ts": ts,
            "open": open_,
            "high": np.maximum(open_, close),
            "low": np.minimum(open_, close),
            "close": close,
            "volume": np.full(len(close), 1e6),
        }
    )
