"""A guarded run elsewhere than in `b4.backtest` of a program: event classes, one bar looked at, a run saved and continued, other slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.at.columns import bar_decisions
from bot4.backtest.setup import prepare
from bot4.data import load
from bot4.risk.policy import read_policy
from tests.backtest.markets import HOUR, perpetuals, walk
from tests.risk.crashes import EXAMPLES
from tests.risk.model import judge
from tests.risk.test_crashes import made_bars
from tests.risk.test_model import listed, restless

POLICY = {
    "account": {"total_loss": False, "drawdown": 0.3},
    "strategy": {"losing_streak": 3},
    "portfolio": {"span": 10, "correlation": 0.95, "var_breach": 0.18, "correlation_break": 0.7, "value_at_risk": 0.4},
    "sizing": {"heat": 8.0, "kelly": 1_000.0, "kelly_trades": 60},
    "order": {"orders_per_day": 12, "collar_window": 0.1, "collar_bars": 7, "duplicate_window": "3h"},
    "data": {"max_age": "2h", "max_move": 0.03},
    "venue": {"stop": 0.1},
}


class Eager(b4.Events):
    on = b4.bars("1h")

    def signals(self, m):
        return {"up": m.close > m.close.shift(1)}

    def on_bar(self, ctx, bar):
        ctx.market("in", "buy", b4.size.weight(0.8))


def test_an_event_class_is_guarded_and_flattened_like_a_program():
    result = b4.backtest(Eager, made_bars(), policy={}, record=False, funding_default=0.0)
    assert result.guard["to"].to_list()[-1] == "killed"
    assert {"risk_paused", "risk_killed"} & set(result.orders["cause"].drop_nulls())
    assert (result.records["orders"]["reason"] == 16).sum() == 2
    trades = result.records["trades"]

    def profits(t):
        return trades["pnl"][trades["exit_ts"] == t - HOUR].tolist()

    first = int(result.records["equity_ts"][0])
    limits = read_policy({}).engine_terms(result.market.symbols)
    assert judge(result.records, HOUR, limits, profits, first) > 0


def test_the_risk_model_of_an_event_class_learns_before_the_start():
    policy = {"portfolio": {"span": 20, "value_at_risk": 0.05}}
    bars = perpetuals(walk(120, seed=3))
    whole = b4.backtest(Eager, bars, policy=policy, record=False, funding_default=0.0)
    late = b4.backtest(Eager, bars, policy=policy, record=False, funding_default=0.0, start="2020-01-03")
    assert whole.orders["cause"].to_list()[0] == "value_at_risk", "nothing is known at first"
    assert late.orders.filter(late.orders["status"] != "rejected").height > 0
    first = late.orders.row(0, named=True)
    assert first["status"] != "rejected", "two days of bars before the start are known"


def test_one_bar_says_what_the_guard_lets_through():
    result = b4.backtest(EXAMPLES / "leveraged_long.py", made_bars(), policy={}, record=False, funding_default=0.0)
    killed = result.guard["ts"][-1]
    why = " ".join(result.at(killed, "BTC/USDT:USDT").why)
    assert "The policy's guard stands at killed since 2020-01-03" in why
    flattened = result.at(result.guard["ts"][-2], "BTC/USDT:USDT")
    assert "the drawdown limit of the policy was reached" in " ".join(flattened.why)
    assert not flattened.exits
    assert "guard" not in " ".join(result.at("2020-01-02", "BTC/USDT:USDT").why)


def test_the_page_says_the_same_of_every_bar():
    result = b4.backtest(EXAMPLES / "leveraged_long.py", made_bars(), policy={}, record=False, funding_default=0.0)
    decisions = bar_decisions(result)
    assert decisions is not None
    asset = decisions.assets[0]
    assert asset is not None
    said = [
        asset.sentences[at] if at >= 0 else "" for at in (asset.reasons.tolist() if asset.reasons is not None else [])
    ]
    known = [int(ts) + HOUR for ts in result.columns.assets[0].ts]
    emergency, killed = (known.index(int(result.records["guard"]["ts"][row])) for row in (-2, -1))
    assert "drawdown limit of the policy" in said[emergency]
    assert all("the strategy is not read any more" in sentence for sentence in said[killed:])
    assert not any("guard" in sentence for sentence in said[:emergency])


@pytest.mark.parametrize("strategy", [restless, listed], ids=lambda strategy: strategy.name)
def test_a_run_saved_anywhere_or_sliced_otherwise_ends_in_the_same_state(strategy):
    setup = prepare(strategy, perpetuals(walk(400, seed=3), walk(400, seed=4)), {"cash": 1e5})
    program = setup.trace({})
    config = replace(setup.config, policy=read_policy(POLICY)).engine_json(setup.market, None)
    whole = _engine.run(setup.market.native, program.json, config)
    assert len(whole["guard"]["ts"]) > 5
    for slice_rows in (1, 7, 64):
        assert _engine.run(setup.market.native, program.json, config, slice_rows)["state_hash"] == whole["state_hash"]
    for cut in (1, 50, 133, 399):
        first, second = (_engine.Replay(setup.market.native, program.json, config) for _ in range(2))
        first.advance(cut)
        before = first.results()
        second.load(first.save())
        assert second.hash() == first.hash()
        second.advance(400)
        after = second.results()
        assert after["state_hash"] == whole["state_hash"]
        for name in ("ts", "layer", "value", "equity"):
            joined = np.concatenate([before["guard"][name], after["guard"][name]])
            assert np.array_equal(joined, whole["guard"][name])


def test_a_policy_that_binds_nothing_changes_no_fill():
    nothing = {"account": dict.fromkeys(("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage"), False),
               "order": {"risk_per_trade": False}}  # fmt: skip
    for strategy in (restless, listed):
        market = load({"BTC/USDT:USDT": walk(600, seed=9)})
        plain, guarded = (b4.backtest(strategy, market, policy=policy, record=False) for policy in (None, nothing))
        for table in ("orders", "fills", "trades"):
            for name, column in plain.records[table].items():
                assert np.array_equal(column, guarded.records[table][name]), (table, name)
        assert np.array_equal(plain.records["equity"], guarded.records["equity"])
