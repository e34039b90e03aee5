"""`bot4 risk report` of runs whose breakers trip for every reason there is: each change with its time, cause and effect."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import bot4 as b4
from bot4.backtest.conditions import Condition
from bot4.backtest.reasons import BREAKER_KINDS, TRIPS
from bot4.cli.main import run
from bot4.live.rehearse import rehearse
from bot4.risk.policy import read_policy
from bot4.risk.report import ControlReport, control_report
from tests.backtest.markets import HOUR, START, perpetuals, walk

from .breaker_model import judge
from .test_breakers import NONE, holey, some_breakers
from .test_model import restless

BREAKER = 50
OBSERVED = {"clock_skew": "1h", "order_latency": "1h", "spread": 50, "position_drift": 50}
"""What bars cannot say, far above every limit."""


def reported(folder: Path, records: Any) -> ControlReport:
    """The report of a journal, held against the run's own records: every change, and orders refused, counted from the orders alone."""
    found, changes, orders = control_report(folder), records["breakers"], records["orders"]
    assert [(c.ts_ms, c.kind, c.number, c.source, c.value, c.limit) for c in found.breakers] == [
        (ts, BREAKER_KINDS[kind], number, TRIPS[trip], value, limit)
        for ts, kind, number, trip, value, limit in zip(
            *(changes[name].tolist() for name in ("ts", "kind", "index", "trip", "value", "limit")), strict=True
        )
    ]
    # Refused before they left, or what was left of them cancelled.
    when = np.where(orders["status"] == 3, orders["ts"], orders["done_ts"])
    refused = np.sort(when[orders["cause"] == BREAKER])
    edges = [*sorted({change.ts_ms for change in found.breakers}), 2**62]
    between = {begin: int(((refused >= begin) & (refused < end)).sum()) for begin, end in pairwise(edges)}
    assert [change.refused for change in found.breakers] == [between[change.ts_ms] for change in found.breakers]
    assert sum(between.values()) == len(refused)
    return found


def test_every_kind_of_trip_is_told_with_time_cause_and_effect(tmp_path: Path, capsys: Any) -> None:
    told: dict[str, int] = {}

    def take(found: ControlReport) -> None:
        for change in found.breakers:
            told[change.source] = told.get(change.source, 0) + change.refused

    bars = set(TRIPS.values()) - {"clock_skew", "latency", "spread", "position_drift"}
    seed = 0
    while not bars <= set(told):
        seed += 1
        assert seed < 60, sorted(bars - set(told))
        rng = np.random.default_rng(9_000 + seed)
        data = perpetuals(*(holey(rng, walk(240, seed=10 * seed + at)) for at in range(rng.integers(1, 4))))
        policy = read_policy({**NONE, "breaker": some_breakers(rng)})
        assert policy.breakers is not None
        folder = tmp_path / f"{seed}"
        result = b4.backtest(
            restless, data, policy=policy, record=False, size=float(rng.uniform(1, 3)), volume_share=0.1, journal=folder,
            venue_conditions=[Condition(START + int(rng.integers(20, 200)) * HOUR, START + 215 * HOUR, ("market",))],
        )  # fmt: skip
        settings = policy.breakers.engine_terms([i.venue for i in data.instruments])
        judge(result.records, data, settings, HOUR, int(result.records["equity_ts"][0]))
        take(reported(folder, result.records))
    spells = [
        {"from": START + (60 + 30 * at) * HOUR, "to": START + (75 + 30 * at) * HOUR, key: value}
        for at, (key, value) in enumerate(OBSERVED.items())
    ]
    terms = {
        "venue": {"latency": "5s", "cooldown": "2h"},
        "account": {"position_drift": 3, "loss": False, "drawdown": False, "cooldown": "2h"},
        "feed": {"clock_skew": "2s", "stale": "40d", "cooldown": "2h"},
        "symbol": {"spread": 3, "slippage": False, "price_gap": False, "cooldown": "2h"},
    }
    done = rehearse(
        restless, perpetuals(walk(240, seed=4)), workers=1, policy={**NONE, "breaker": terms}, journal=tmp_path / "rehearsed",
        faults={"observed": spells}, params={"size": 1.5},
    )  # fmt: skip
    assert done.is_same, done.difference
    take(reported(tmp_path / "rehearsed", done.result.records))
    assert set(told) == set(TRIPS.values())
    openings = (
        "losing_streak",
        "reject_storm",
        "loss",
        "slippage",
        "price_gap",
        "clock_skew",
        "latency",
        "spread",
        "position_drift",
    )
    assert {source: told[source] for source in openings if not told[source]} == {}
    capsys.readouterr()
    assert run(["risk", "report", str(tmp_path / "rehearsed")]) == 0
    out = capsys.readouterr().out
    assert "refused" in out
    for source in ("clock_skew", "latency", "spread", "position_drift"):
        assert any(source in line and "open" in line and "2020-01-0" in line for line in out.splitlines()), out
