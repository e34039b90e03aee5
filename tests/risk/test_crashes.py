"""The crashes of 2018-01, 2020-03, 2021-05, 2022-05 and 2022-11, and one made by hand, with a leveraged long portfolio.

With the policy on, the drawdown stays within 15 % + leverage × the worst move between decision and fill, and the result says which layer
acted when. Real bars are spot, run as perpetuals so that leverage can be held; where they are absent the hand-made crash stands alone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.data.timeframe import parse_time
from bot4.risk.policy import read_policy
from tests.backtest.markets import HOUR, REAL, frame

EXAMPLES = Path(__file__).parents[2] / "examples"
LEVERAGE = 3.0
EMERGENCY, KILLED = 3, 4
CRASHES = {
    "2018-01": ("2018-01-01", "2018-02-10"),
    "2020-03": ("2020-03-01", "2020-04-01"),
    "2021-05": ("2021-05-01", "2021-06-15"),
    "2022-05": ("2022-05-01", "2022-06-25"),
    "2022-11": ("2022-11-01", "2022-11-25"),
}


@cache
def real(symbol: str) -> pl.DataFrame:
    return pl.read_parquet(REAL / f"binance-{symbol}USDT-1h.parquet").rename({"ts_ms": "ts"})


def crash_bars(start: str, end: str) -> dict[str, pl.DataFrame]:
    if not REAL.is_dir():
        pytest.skip(f"real bars are absent: {REAL}")
    first, last = parse_time(start), parse_time(end)
    cut = {s: real(s).filter(pl.col("ts").is_between(first, last)) for s in ("BTC", "ETH", "FTT")}
    return {f"{symbol}/USDT:USDT": bars for symbol, bars in cut.items() if bars.height > 48}


def made_bars() -> dict[str, pl.DataFrame]:
    """Falls 1 % an hour for two days, with one hour of −8 % on the way."""
    fall = np.full(72, 0.99)
    fall[[20, 50]] = 0.92
    closes = np.concatenate([np.full(48, 100.0), 100 * np.cumprod(fall), np.full(24, 100 * np.prod(fall))])
    return {"BTC/USDT:USDT": frame(np.round(closes, 2)), "ETH/USDT:USDT": frame(np.round(closes / 10, 2))}


def worst_move(result) -> float:
    """Returns the worst fall of an asset from the last decision before the emergency to the lowest price until everything was flat."""
    table = result.records["guard"]
    begun, flat = (int(table["ts"][table["to"] == state][0]) for state in (EMERGENCY, KILLED))
    worst = 0.0
    for asset in result.columns.assets:
        known = asset.ts + HOUR
        before = asset.close[known < begun]
        within = (known >= begun) & (known <= flat)
        if len(before) and within.any():
            worst = max(worst, 1 - float(np.min(asset.low[within])) / float(before[-1]))
    return worst


@pytest.mark.parametrize("name", [*CRASHES, "made"])
def test_the_drawdown_under_the_policy_is_bounded_and_the_layers_are_named(name):
    bars = made_bars() if name == "made" else crash_bars(*CRASHES[name])
    policy = EXAMPLES / "policy.toml"
    wild, tame = (
        b4.backtest(EXAMPLES / "leveraged_long.py", bars, policy=above, record=False, funding_default=0.0)
        for above in (None, policy)
    )
    equity = tame.records["equity"] / 1e8
    drawdown = float(np.max(1 - equity / np.maximum.accumulate(equity)))
    limit = read_policy(policy).drawdown
    assert limit == 0.15
    assert drawdown <= limit + LEVERAGE * worst_move(tame)
    assert drawdown < 0.9 * -wild.stats.max_drawdown
    layers = tame.guard["layer"].to_list()
    assert "drawdown" in layers
    assert layers[-1] == "flat"
    assert tame.guard["to"].to_list()[-1] == "killed"
    notes = "\n".join(tame.view.notes)
    assert "Policy: drawdown acted" in notes
    assert "Policy: everything was flat" in notes
    killed = int(tame.records["guard"]["ts"][-1])
    assert not (tame.records["fills"]["ts"] >= killed).any()
    assert (tame.records["fills"]["reason"] == 16).any()
    first = {row["layer"]: row["ts"] for row in reversed(tame.guard.to_dicts())}
    assert first["hourly_loss"] <= first["daily_loss"] <= first["drawdown"], "the milder layers act first"


def test_a_policy_file_is_the_default_policy():
    assert read_policy(EXAMPLES / "policy.toml") == read_policy({})


def test_latency_of_hours_still_flattens():
    result = b4.backtest(
        EXAMPLES / "leveraged_long.py", made_bars(), policy={}, latency_ms=3 * HOUR, record=False, funding_default=0.0
    )
    assert result.guard["to"].to_list()[-1] == "killed"
    assert result.positions["qty"].tail(2).to_list() == [0.0, 0.0]
