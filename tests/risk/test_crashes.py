"""The crashes of 2018-01, 2020-03, 2021-05, 2022-05 and 2022-11, and one made by hand, with a leveraged long portfolio.

With the policy on, the drawdown stays within 15 % + leverage × the worst move between decision and fill, and the result says which layer
acted when. Real bars are spot, run as perpetuals so that leverage can be held; where they are absent the hand-made crash stands alone.
"""

from __future__ import annotations

import numpy as np
import pytest

import bot4 as b4
from bot4.risk.policy import read_policy
from tests.backtest.markets import HOUR, REAL, frame

from .crashes import COINS, CRASHES, EXAMPLES, LEVERAGE, LIMIT, bars, line, row, run, worst_move


def crash_bars(crash: str):
    if not REAL.is_dir():
        pytest.skip(f"real bars are absent: {REAL}")
    return {symbol: cut for coin in COINS for symbol, cut in bars(crash, coin).items()}


def made_bars():
    """Falls 1 % an hour for two days, with one hour of −8 % on the way."""
    fall = np.full(72, 0.99)
    fall[[20, 50]] = 0.92
    closes = np.concatenate([np.full(48, 100.0), 100 * np.cumprod(fall), np.full(24, 100 * np.prod(fall))])
    return {"BTC/USDT:USDT": frame(np.round(closes, 2)), "ETH/USDT:USDT": frame(np.round(closes / 10, 2))}


@pytest.mark.parametrize("name", [*CRASHES, "made"])
def test_the_drawdown_under_the_policy_is_bounded_and_the_layers_are_named(name):
    market = made_bars() if name == "made" else crash_bars(name)
    policy = EXAMPLES / "policy.toml"
    wild, tame = (run(market, above) for above in (None, policy))
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


@pytest.mark.parametrize("coin", COINS)
@pytest.mark.parametrize("crash", CRASHES)
def test_each_coin_alone_stays_within_the_bound_in_each_crash(crash, coin):
    if not REAL.is_dir():
        pytest.skip(f"real bars are absent: {REAL}")
    found = row(crash, coin)
    if found is None:
        pytest.skip(f"{coin} was not traded in {crash}")
    assert found.tame <= LIMIT + LEVERAGE * found.worst
    assert found.tame < found.wild
    assert line(found) in (EXAMPLES.parent / "docs" / "crashes.md").read_text(), "python -m tests.risk.crashes"
    assert next(iter(found.layers)) in ("hourly_loss", "daily_loss"), "the mildest layers act first"
    assert ("drawdown" in found.layers) == ("flat" in found.layers)
