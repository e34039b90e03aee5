"""What a click on a bar shows is what `result.at` says of that bar."""

from __future__ import annotations

import math

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import decisions
from bot4.backtest.decisions import TARGET_FACTS, bar_decisions
from bot4.data import synth


@b4.strategy(on=b4.bars("1h"))
def crossing(m):
    """Long while the fast average is above the slow one."""
    return b4.target(b4.where(m.close.ema(12) > m.close.ema(48), 0.5, 0.0), stop=b4.stop.trailing(4 * m.atr(14)))


@b4.portfolio(on=b4.bars("1h"), rebalance=b4.every("1d"))
def strongest(u):
    """Long the strongest half."""
    leader = b4.asset("BTC/USDT").close.returns(24)
    q = u.close.returns(48).cs.bucket(2)
    return b4.target(b4.where((q == 1) & (leader > -0.05), 0.4, 0.0))


@pytest.fixture(scope="module", params=[(crossing, 1), (strongest, 4)], ids=["strategy", "portfolio"])
def run(request):
    strategy, coins = request.param
    result = b4.backtest(strategy, synth(coins=coins, bars=1_500, seed=4), record=False)
    return result, bar_decisions(result)


def same(one, other):
    """Whether a stored float32 is a value, missing ones alike."""
    if math.isnan(other):
        return math.isnan(one)
    return one == pytest.approx(other, rel=1e-6, abs=1e-12)


def test_values_facts_and_words_are_those_of_the_bar(run):
    result, known = run
    told = 0
    for number, asset in enumerate(known.assets):
        symbol, ts = result.market.symbols[number], result.columns.assets[number].ts
        rng = np.random.default_rng(number)
        rows = {*rng.choice(asset.rows, 15).tolist(), *list(asset.events)[-5:]}
        for row in rows:
            at = int(np.searchsorted(asset.rows, row))
            decision = result.at(int(ts[row]) + result.market.interval_ms, symbol)
            assert [root.label for root in asset.roots] == list(decision.roots)
            for root in asset.roots:
                assert same(asset.values[root.node, at], decision.nodes[decision.roots[root.label]].value)
            assert sorted(node.label for node in asset.nodes) == sorted(node.label for node in decision.nodes.values())
            assert asset.facts["equity"][at] == pytest.approx(decision.account["equity"])
            weight = decision.position["weight"]
            assert asset.facts["weight held"][at] == pytest.approx(weight, rel=1e-6, abs=1e-9)
            if row in asset.events:
                told += 1
                assert asset.events[row] == [*decision.why, *(f"Because {line}." for line in decision.because)]
                state = decision.target
                expected = (
                    state.wanted,
                    state.budgeted,
                    state.acted_before,
                    state.acted,
                    state.band,
                    state.gross,
                    state.budget,
                )
                assert [asset.facts[name][at] for name in TARGET_FACTS] == pytest.approx(list(expected), nan_ok=True)
            else:
                assert not decision.is_acting
                assert not decision.fills
    assert told > 0


def test_short_words_are_true_of_the_bars_they_stand_at(run):
    result, known = run
    seen = set()
    for number, asset in enumerate(known.assets):
        symbol, ts = result.market.symbols[number], result.columns.assets[number].ts
        for code in range(len(asset.sentences)):
            for at in np.flatnonzero(asset.reasons == code)[:4].tolist():
                row = int(asset.rows[at])
                said = " ".join(result.at(int(ts[row]) + result.market.interval_ms, symbol).why)
                seen.add(code)
                expected = {
                    decisions.WARMING: "warming up",
                    decisions.MISSING: "missing",
                    decisions.FLAT: ("no position", "rebalance schedule", "Held at 0"),
                    decisions.NOTHING_SENT: "",
                }[code]
                assert any(words in said for words in ([expected] if isinstance(expected, str) else expected))
    assert {decisions.WARMING, decisions.FLAT, decisions.NOTHING_SENT} <= seen


def test_of_a_large_run_only_told_bars_are_kept(run, monkeypatch):
    result, whole = run
    monkeypatch.setattr(decisions, "MOST_VALUES", 10)
    monkeypatch.setattr(decisions, "MOST_TOLD", 7)
    part = bar_decisions(result)
    assert part is not None
    some = [asset for asset in part.assets if asset is not None]
    assert sum(len(asset.rows) for asset in some) == 7
    for kept, asset in zip(some, whole.assets, strict=True):
        at = np.searchsorted(asset.rows, kept.rows)
        assert np.array_equal(kept.values, asset.values[:, at], equal_nan=True)


def test_an_event_class_and_sleeves_have_none():
    class Once(b4.Events):
        on = b4.bars("1h")

        def on_bar(self, ctx, bar):
            pass

    market = synth(coins=1, bars=300, seed=1)
    assert bar_decisions(b4.backtest(Once, market, record=False)) is None
    sleeves = b4.sleeves(one=b4.sleeve(crossing, 0.5), two=(crossing, 0.5))
    assert bar_decisions(b4.backtest(sleeves, market, record=False)) is None
