"""A policy above many runs: sweeps, walk-forwards and sleeves are guarded like a single run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest.source import load_strategy
from bot4.cli.main import run
from tests.backtest.markets import perpetuals, walk
from tests.risk.crashes import EXAMPLES
from tests.risk.test_crashes import made_bars
from tests.risk.test_gate import keyed
from tests.risk.test_model import restless, stopped

POLICY = {
    "account": {"total_loss": False, "drawdown": 0.3},
    "strategy": {"losing_streak": 3},
    "portfolio": {"span": 10, "value_at_risk": 0.06, "var_breach": 0.1},
    "sizing": {"heat": 2.0},
    "order": {"orders_per_day": 6},
    "venue": {"stop": 0.05},
}


@pytest.fixture(scope="module")
def market():
    return perpetuals(*(walk(300, seed=seed) for seed in (3, 4)))


@pytest.mark.parametrize("strategy", [restless, keyed], ids=lambda strategy: strategy.name)
def test_each_row_of_a_sweep_is_the_single_run_under_the_policy(strategy, market):
    grid = {"size": [1.0, 2.0, 3.0], "n": [2, 5]}
    rows = b4.sweep(strategy, market, grid, policy=POLICY, record=False, funding_default=0.0).frame.to_dicts()
    assert len(rows) == 6
    bare = b4.sweep(strategy, market, grid, record=False, funding_default=0.0).frame.to_dicts()
    for row, free in zip(rows, bare, strict=True):
        one = b4.backtest(
            strategy, market, policy=POLICY, record=False, funding_default=0.0, size=row["size"], n=row["n"]
        )
        for name in ("final_equity", "sharpe", "max_drawdown", "trades", "orders", "fees"):
            assert row[name] == getattr(one.stats, name), name
        assert row["final_equity"] != free["final_equity"], "the policy binds"


def test_a_walk_forward_runs_every_window_under_the_policy(market):
    grid = {"size": [1.0, 3.0]}
    guarded, free = (
        b4.walkforward(restless, market, grid, train="4d", test="2d", policy=policy, record=False, funding_default=0.0)
        for policy in (POLICY, None)
    )
    assert guarded.stats.final_equity != free.stats.final_equity
    assert any(part.guard.height for part in guarded.results)
    assert not any(part.guard.height for part in free.results)


def test_each_sleeve_is_guarded_by_itself_and_its_records_say_whose_they_are():
    both = b4.sleeves(one=(restless, 0.5), two=(stopped, 0.4))
    settings: dict[str, Any] = {"record": False, "funding_default": 0.0, "volume_share": 1.0, "impact": 0.0}
    market = perpetuals(*(walk(300, seed=seed).with_columns(volume=pl.lit(1e6)) for seed in (3, 4)))
    whole = b4.backtest(both, market, policy=POLICY, cash=100_000.0, **settings)
    for name, strategy, cash in (("one", restless, 50_000.0), ("two", stopped, 40_000.0)):
        alone = b4.backtest(strategy, market, policy=POLICY, cash=cash, **settings)
        own = whole.sleeve(name)
        assert own.guard.height > 0
        for column in ("ts", "to", "layer", "value", "equity"):
            assert np.array_equal(own.records["guard"][column], alone.records["guard"][column]), (name, column)
    assert set(whole.guard["sleeve"]) == {"one", "two"}
    assert whole.guard.height == sum(whole.sleeve(name).guard.height for name in ("one", "two"))
    notes = "\n".join(whole.view.notes)
    assert "Policy (one): " in notes
    assert "Policy (two): " in notes


def test_the_drawdown_of_sleeves_together_stays_within_that_of_each():
    long = load_strategy(str(EXAMPLES / "leveraged_long.py"))
    both = b4.sleeves(one=(long, 0.5), two=(long, 0.5))
    result = b4.backtest(both, made_bars(), policy={}, record=False, funding_default=0.0)
    parts = [result.sleeve(name) for name in ("one", "two")]
    assert all(part.guard["to"].to_list()[-1] == "killed" for part in parts)
    assert result.stats.max_drawdown >= min(part.stats.max_drawdown for part in parts) - 1e-12


def test_the_commands_take_a_policy(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made_bars()["BTC/USDT:USDT"].rename({"ts": "ts_ms"}).write_parquet("binancefut-BTCUSDT-1h.parquet")
    (tmp_path / "long.py").write_text(
        "import bot4 as b4\n\n\n@b4.strategy(on=b4.bars('1h'))\ndef long(m, w: float = b4.param(1.0, 0.5, 3.0)):\n"
        "    return b4.target(b4.where(m.close > 0, w, 0.0), budget=3.0)\n"
    )
    words = [
        "--data",
        "binancefut-BTCUSDT-1h.parquet",
        "--no-record",
        "--policy",
        str(EXAMPLES / "policy.toml"),
        "--json",
        "-",
    ]
    assert run(["sweep", "long.py", "--param", "w=1,3", *words]) == 0
    best = json.loads(capsys.readouterr().out)
    assert best["rows"], "a sweep has rows"
