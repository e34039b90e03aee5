"""Circuit breakers of whole runs: settings read and refused, and random runs judged by the slow breakers in `breaker_model`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.conditions import Condition
from bot4.backtest.reasons import TRIPS
from bot4.backtest.setup import prepare
from bot4.data import load
from bot4.risk.breakers import COMMON, OWN, Breakers, read_breakers
from bot4.risk.errors import RiskError
from bot4.risk.policy import Policy, read_policy
from tests.backtest.markets import HOUR, START, frame, market, perpetuals, walk

from .breaker_model import judge
from .test_model import listed, restless, stopped

EXAMPLES = Path(__file__).parents[2] / "examples"
NONE = {
    "account": dict.fromkeys(("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage"), False),
    "order": {"risk_per_trade": False},
    "portfolio": {"correlation": False},
}
"""A policy without limits."""
RUNS = 120


def some_breakers(rng: np.random.Generator) -> dict[str, Any]:
    def maybe(*values):
        return False if rng.random() < 0.3 else values[rng.integers(len(values))]

    def common():
        return {
            "window": f"{rng.integers(1, 60)}h", "min_calls": int(rng.integers(1, 6)), "error_rate": maybe(0.3, 0.5, 0.8),
            "failures": maybe(1, 2, 4), "cooldown": f"{rng.integers(1, 30)}h", "trials": int(rng.integers(1, 4)),
        }  # fmt: skip

    own = {
        "venue": {"rejects": maybe(1, 3, 6)},
        "account": {"loss": maybe(0.005, 0.02, 0.05), "drawdown": maybe(0.03, 0.1)},
        "strategy": {},
        "feed": {"stale": maybe("2h", "5h")},
        "symbol": {"slippage": maybe(1, 2, 8), "price_gap": maybe(0.0005, 0.002, 0.01)},
    }
    kept = {kind: common() | keys for kind, keys in own.items() if rng.random() < 0.6}
    return {"global_share": maybe(0.2, 0.5)} | (kept or {"strategy": common()})


def holey(rng: np.random.Generator, data: pl.DataFrame) -> pl.DataFrame:
    """Takes stretches out of a frame."""
    kept = np.ones(len(data), dtype=bool)
    for start in rng.integers(20, len(data), 3):
        kept[start : start + rng.integers(1, 9)] = False
    return data.filter(pl.Series(kept))


@pytest.mark.parametrize("strategy", [restless, stopped, listed], ids=lambda strategy: strategy.name)
def test_changes_and_cuts_are_those_of_the_slow_model(strategy):
    cut = changed = 0
    trips: Counter[str] = Counter()
    for seed in range(RUNS // 3):
        rng = np.random.default_rng(7_000 + seed)
        frames = [holey(rng, walk(240, seed=10 * seed + at)) for at in range(rng.integers(1, 4))]
        data = perpetuals(*frames)
        policy = read_policy({**NONE, "breaker": some_breakers(rng)})
        result = b4.backtest(
            strategy, data, policy=policy, record=False, size=float(rng.uniform(1, 3)), n=int(rng.integers(2, 9)),
            volume_share=float(rng.choice([0.01, 0.1])), latency_ms=int(rng.choice([0, HOUR])), spread_bps=float(rng.choice([0, 2, 20])),
            venue_conditions=[Condition(START + int(rng.integers(20, 200)) * HOUR, START + 215 * HOUR, ("market", "limit"))],
        )  # fmt: skip
        assert policy.breakers is not None
        settings = policy.breakers.engine_terms([i.venue for i in data.instruments])
        found, refused = judge(result.records, data, settings, HOUR, int(result.records["equity_ts"][0]))
        trips.update(TRIPS[int(code)] for code in result.records["breakers"]["trip"])
        changed, cut = changed + found, cut + refused
    assert changed > 150
    assert cut > 30
    assert {"loss", "price_gap", "stale_feed", "cooled_down", "trials_passed", "trial_failed", "derived"} <= set(trips)
    if strategy is not listed:
        assert {"losing_streak", "reject_storm", "failures", "slippage"} <= set(trips)


@pytest.mark.parametrize("strategy", [restless, listed], ids=lambda strategy: strategy.name)
def test_a_run_saved_anywhere_goes_on_to_the_same_state(strategy):
    setup = prepare(strategy, perpetuals(walk(300, seed=5), walk(300, seed=6)), {"cash": 1e5})
    program = setup.trace({})
    policy = read_policy(
        {**NONE, "breaker": some_breakers(np.random.default_rng(1)) | {"symbol": {"price_gap": 0.001}}}
    )
    config = replace(setup.config, policy=policy).engine_json(setup.market, None)
    whole = _engine.run(setup.market.native, program.json, config)
    assert len(whole["breakers"]["ts"]) > 20
    for cut in (1, 77, 250):
        first, second = (_engine.Replay(setup.market.native, program.json, config) for _ in range(2))
        first.advance(cut)
        second.load(first.save())
        assert second.breakers() == first.breakers()
        second.advance(400)
        assert second.results()["state_hash"] == whole["state_hash"]


def test_without_a_section_there_are_no_breakers_and_one_that_binds_nothing_changes_no_fill():
    data = load({"BTC/USDT:USDT": walk(500, seed=9)})
    idle = {"venue": {"failures": 10**6, "rejects": False, "error_rate": False, "latency": False}}
    runs = [b4.backtest(restless, data, policy=policy, record=False) for policy in (NONE, {**NONE, "breaker": idle})]
    assert all(run.breakers.is_empty() for run in runs)
    for table in ("orders", "fills", "trades"):
        for name, column in runs[0].records[table].items():
            assert np.array_equal(column, runs[1].records[table][name])


def test_what_bars_cannot_say_a_host_measures():
    setup = prepare(restless, perpetuals(walk(50, seed=1)), {})
    program = setup.trace({})
    quiet = {"symbol": {"slippage": False}, "venue": {}, "account": {}, "feed": {}}
    config = replace(setup.config, policy=read_policy({**NONE, "breaker": quiet})).engine_json(setup.market, None)
    sources = {
        "clock_skew": ("feed", 1_000), "spread": ("symbol", 3 * 10**9), "latency": ("venue", 5 * 10**9), "position_drift": ("account", 1),
    }  # fmt: skip
    for source, (kind, limit) in sources.items():
        for value, opens in ((limit - 1, False), (limit, True)):
            run = _engine.Replay(setup.market.native, program.json, config)
            run.advance(10)
            run.measure(kind, 0, source, value)
            run.advance(1)
            found = {(kind, state) for kind, _, state in run.breakers() if state != "closed"}
            assert found == ({(kind, "open")} if opens else set()), (source, value)
    with pytest.raises(_engine.EngineError, match="no kind of breaker measures nothing"):
        run.measure("venue", 0, "nothing", 1)


def test_the_example_reads_and_is_the_defaults_with_a_longer_window():
    read = read_policy(EXAMPLES / "breakers.toml")
    assert read.breakers is not None
    assert read.breakers.kinds["venue"]["window"] == "1d"
    assert set(read.breakers.kinds) == set(OWN)
    known = {key for kind in OWN for key in COMMON | OWN[kind]}
    written = (EXAMPLES / "breakers.toml").read_text()
    assert all(f"{key} = " in written for key in known)


def test_kinds_are_those_named_and_the_content_makes_them_again():
    assert set(read_breakers({}, "x").kinds) == set(OWN)
    some = read_breakers({"trials": 7, "venue": {"rejects": False}, "symbol": {"trials": 2}}, "x")
    assert {kind: values["trials"] for kind, values in some.kinds.items()} == {"venue": 7, "symbol": 2}
    assert some.kinds["venue"]["rejects"] is None
    policy = Policy(breakers=some)
    assert read_policy(json.loads(json.dumps(policy.content()))) == policy
    assert Breakers(global_share=None).engine_terms(["a", "b", "a"]) == {"venue_of": [0, 1, 0]}


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({"symbol": {"price_gap": 0}}, "breaker.symbol.price_gap is 0; it must lie between 1e-09 and 1e+06: "
         "give a fraction of the price such as 0.2, or false."),
        ({"loss": 0.1}, "there is no key breaker.loss; keys of [breaker] are window, min_calls, error_rate, failures, cooldown, trials."),
        ({"trials": False}, "breaker.trials is not usable; give a whole number of orders."),
        ({"cooldown": "soon"}, "breaker.cooldown is not usable; give a span such as 1h."),
        ({"feed": 3}, "breaker.feed is 3; give a section [breaker.feed], or leave it out."),
        ({"global_share": 2}, "breaker.global_share is 2; it must lie between 1e-09 and 1: give a fraction such as 0.5, or false."),
        (5, "breaker is 5; give a section [breaker], see examples/breakers.toml."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence_with_key_and_fix(section, sentence):
    with pytest.raises(RiskError) as raised:
        read_policy({"breaker": section})
    assert str(raised.value) == f"the policy: {sentence}"


def test_the_summary_says_what_opened_and_the_frame_names_it():
    closes = [100.0] * 20 + [130.0] * 20
    opens = [100.0] * 20 + [130.0] * 20
    data = market(frame(closes, opens=opens))
    breaker = {"symbol": {"price_gap": 0.2, "cooldown": "3h", "slippage": False}}
    result = b4.backtest(restless, data, policy={**NONE, "breaker": breaker}, record=False)
    first = result.breakers.row(0, named=True)
    assert (first["kind"], first["name"], first["source"], first["value"]) == (
        "symbol",
        "BTC/USDT",
        "price_gap",
        pytest.approx(0.3),
    )
    assert "Breaker: price_gap opened symbol BTC/USDT 2020-01-01 21:00 (30 %, limit 20 %)." in result.notes
