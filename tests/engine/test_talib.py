"""Indicators against TA-Lib's Python package, on synthetic bars always and on real bars where they are.

TA-Lib keeps running sums for variances and correlations, so there the exact sums of `math.fsum` judge beside it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import talib

import bot4 as b4
from bot4.data import synth

Column = npt.NDArray[np.float64]

REAL = Path(os.environ.get("BOT4_TEST_DATA", "../shared/data")) / "bars" / "binance-BTCUSDT-1h.parquet"

PAIRS: dict[str, tuple[Any, Any]] = {
    "sma": (lambda m: m.close.sma(20), lambda d: talib.SMA(d["close"], 20)),
    "ema": (lambda m: m.close.ema(20), lambda d: talib.EMA(d["close"], 20)),
    "ema of 1": (lambda m: m.close.ema(1), lambda d: d["close"]),
    "rma": (lambda m: m.close.rma(14), lambda d: talib.RMA(d["close"], 14)),
    "rsi": (lambda m: m.close.rsi(14), lambda d: talib.RSI(d["close"], 14)),
    "rsi of 2": (lambda m: m.close.rsi(2), lambda d: talib.RSI(d["close"], 2)),
    "atr": (lambda m: m.atr(14), lambda d: talib.ATR(d["high"], d["low"], d["close"], 14)),
    "true_range": (lambda m: m.true_range(), lambda d: talib.TRANGE(d["high"], d["low"], d["close"])),
    "max": (lambda m: m.high.rolling(30).max(), lambda d: talib.MAX(d["high"], 30)),
    "min": (lambda m: m.low.rolling(30).min(), lambda d: talib.MIN(d["low"], 30)),
    "sum": (lambda m: m.volume.rolling(50).sum(), lambda d: talib.SUM(d["volume"], 50)),
    "change": (lambda m: m.close.change(10), lambda d: talib.MOM(d["close"], 10)),
    "returns": (lambda m: m.close.returns(10), lambda d: talib.ROCP(d["close"], 10)),
    "std": (lambda m: m.close.rolling(20).std(ddof=0), lambda d: talib.STDDEV(d["close"], 20)),
    "corr": (lambda m: m.close.rolling(40).corr(m.volume), lambda d: talib.CORREL(d["close"], d["volume"], 40)),
    "macd": (
        lambda m: m.close.ema(12) - m.close.ema(26),
        lambda d: talib.EMA(d["close"], 12) - talib.EMA(d["close"], 26),
    ),
}
# TA-Lib's running sums lose digits here: the square of a price over the square of its deviation, times the rounding of a double.
LOOSE = {"std": 1e-5, "corr": 1e-5}

MARKETS = ["synthetic", "real"]


def bars(which: str) -> b4.Market:
    if which == "synthetic":
        return synth(coins=1, bars=4000, interval="1h", seed=11)
    if not REAL.exists():
        pytest.skip(f"no real bars at {REAL}; set BOT4_TEST_DATA")
    return b4.load(str(REAL), end="2018-06-01")


def columns(market: b4.Market) -> dict[str, Column]:
    frame = market.frame(market.symbols[0])
    return {name: np.ascontiguousarray(frame[name].to_numpy()) for name in ("open", "high", "low", "close", "volume")}


def ours(expression: Any, market: b4.Market) -> Column:
    return b4.peek(expression, market)["value"].cast(pl.Float64).fill_null(float("nan")).to_numpy()


@pytest.mark.parametrize("which", MARKETS)
@pytest.mark.parametrize("name", PAIRS)
def test_indicators_agree_with_ta_lib(name: str, which: str) -> None:
    market = bars(which)
    expression, reference = PAIRS[name]
    seen, expected = ours(expression, market), reference(columns(market))
    assert np.array_equal(np.isnan(seen), np.isnan(expected)), "first values stand on the same row"
    there = ~np.isnan(expected)
    assert there.sum() > 1000
    scale = np.maximum(np.abs(expected[there]), np.abs(expected[there]).mean())
    assert np.max(np.abs(seen[there] - expected[there]) / scale) < LOOSE.get(name, 1e-9)


@pytest.mark.parametrize("which", MARKETS)
@pytest.mark.parametrize("window", [2, 20, 333])
def test_moments_agree_with_exact_sums(window: int, which: str) -> None:
    market = bars(which)
    close = columns(market)["close"]
    both = b4.peek(
        {"mean": lambda m: m.close.rolling(window).mean(), "std": lambda m: m.close.rolling(window).std()}, market
    )
    for row in range(window - 1, len(close), max(1, len(close) // 400)):
        part = close[row - window + 1 : row + 1].tolist()
        mean = math.fsum(part) / window
        std = math.sqrt(math.fsum((x - mean) ** 2 for x in part) / (window - 1))
        assert both["mean"][row] == pytest.approx(mean, rel=1e-15)
        assert both["std"][row] == pytest.approx(std, rel=1e-9, abs=1e-9 * mean)


@pytest.mark.parametrize("which", MARKETS)
def test_ewm_agrees_with_pandas(which: str) -> None:
    pd = pytest.importorskip("pandas")
    market = bars(which)
    close = columns(market)["close"]
    smooth = pd.Series(close).ewm(span=30, adjust=False)
    seen = ours(lambda m: m.close.ewm(span=30).mean(), market)
    assert np.allclose(seen, smooth.mean().to_numpy(), rtol=1e-12, atol=0)
    # Pandas' biased variance with adjust=False is the same recursion: v = (1-a)(v + a d^2).
    biased = smooth.std(bias=True).to_numpy()
    deviation = ours(lambda m: m.close.ewm(span=30).std(), market)
    assert np.isnan(deviation[0])
    assert np.max(np.abs(deviation[1:] - biased[1:]) / close[1:]) < 1e-10
