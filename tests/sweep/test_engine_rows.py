"""The engine's rows of a sweep: each equals what the single run's records give, bit for bit, however the sweep is carried out."""

from __future__ import annotations

import copy
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.config import Config
from bot4.backtest.funding import Funding
from bot4.data.funding import load_funding
from bot4.report import formulas, rows, stats
from tests.backtest.markets import HOUR, walk
from tests.examples.cases import CASES
from tests.oracle import cases, compare

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = [kind for kind in cases.KINDS if kind != "signals"]
SEEDS = 12
WAYS: list[dict[str, Any]] = [{"workers": 1}, {"share": False}, {"workers": 2, "tile": 2}, {"slice_rows": 7, "tile": 3}]


def same(one: Any, other: Any) -> bool:
    """Returns whether two digests are equal, NaN included."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return bool(one == other)


def assert_ways_agree(sweep: Any, programs: list[str]) -> dict[str, Any]:
    """Returns the digest, which is the same however it is made."""
    found: dict[str, Any] = sweep.run(programs)
    for way in WAYS:
        again = sweep.run(programs, **way)
        assert again.keys() == found.keys()
        assert [name for name in found if not same(found[name], again[name])] == [], way
    return found


def expected(records: dict[str, Any], first_ms: int | None) -> dict[str, Any]:
    """Returns what a digest must say of a single run, from its records."""
    from_row = 0 if first_ms is None else int(np.searchsorted(records["equity_ts"], first_ms))
    ts, equity = records["equity_ts"][from_row:], records["equity"][from_row:]
    fall = formulas.max_drawdown(ts, equity)
    trades = records["trades"]
    closed = trades["exit_ts"] >= 0
    pnl = trades["pnl"][closed].tolist()
    ends = (
        {} if not len(ts) else {"start_equity": int(equity[0]), "final_equity": int(equity[-1]), "start_ms": int(ts[0])}
    )
    return ends | {
        "bars": len(ts),
        "drawdown": fall.depth,
        "drawdown_start_ms": fall.start_ms,
        "drawdown_trough_ms": fall.trough_ms,
        "drawdown_end_ms": -1 if fall.end_ms is None else fall.end_ms,
        "longest_drawdown_ms": fall.longest_ms,
        "orders": len(records["orders"]["id"]),
        "fills": len(records["fills"]["asset"]),
        "trades": len(pnl),
        "open_positions": int((~closed).sum()),
        "wins": sum(x > 0 for x in pnl),
        "trade_bars": int(trades["bars"][closed].sum()),
        "desk_hash": records["desk_hash"],
        "wide": {
            "equity_sum": sum(equity.tolist()),
            "fees": sum(records["fills"]["fee"].tolist()),
            "traded": sum(trades["entry_notional"].tolist()) + sum(trades["exit_notional"].tolist()),
            "funding": sum(records["funding"]["amount"].tolist()),
            "won": sum(x for x in pnl if x > 0),
            "lost": -sum(x for x in pnl if x < 0),
        },
        "closes": formulas.daily_closes(ts, equity)[1].tolist(),
    }


def of_row(digest: dict[str, Any], run: int, like: dict[str, Any]) -> dict[str, Any]:
    """Returns the same of a row of a digest."""
    row: dict[str, Any] = {name: digest[name][run] for name in like if name not in ("wide", "closes")}
    if not like["bars"]:
        row["drawdown_end_ms"] = -1
    wide = {name: rows.whole(digest, name)[run] for name in like["wide"]}
    return row | {
        "desk_hash": digest["desk_hash"][run].tobytes(),
        "wide": wide,
        "closes": rows.closes(digest, run).tolist(),
    }


def variants(program: dict[str, Any], symbols: list[str]) -> list[str]:
    """Returns the program and others that differ from it in some numbers, as far as the engine takes them."""
    made = [program]
    for by in (1, 2, 1):
        other = copy.deepcopy(program)
        for node in other["nodes"]:
            if node["op"] == "const":
                node["f"] = [x * (1 + by / 8) for x in node["f"]]
            elif node.get("f") and node["f"][0] >= 2 and float(node["f"][0]).is_integer():
                node["f"][0] += by
        made.append(other)
    words = [json.dumps(each) for each in made]
    return [text for text in words if is_taken(text, symbols)]


def is_taken(program: str, symbols: list[str]) -> bool:
    try:
        _engine.describe(program, symbols)
    except _engine.EngineError:
        return False
    return True


def first_decision(
    described: dict[str, Any], program: dict[str, Any], market: Any, trade_from: int | None
) -> int | None:
    """Returns the first decision's time by the rule of docs/design.md."""
    addressed = {part.get("asset") for kind in ("targets", "entries", "orders") for part in program.get(kind, [])}
    found = []
    for symbol, settled in zip(market.symbols, described["settled"], strict=True):
        times = [bar[0] + market.interval_ms for bar in market.bars[symbol]][settled:]
        late = [t for t in times if trade_from is None or t >= trade_from]
        if late and (None in addressed or symbol in addressed):
            found.append(late[0])
    return min(found, default=None)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_of_random_single_runs(kind: str) -> None:
    first = cases.KINDS[kind][0]
    for seed in range(first, first + SEEDS):
        made = cases.case(kind, seed)
        market = compare.engine_market(made.market)
        programs = variants(made.program, made.market.symbols)
        config = json.dumps(made.config)
        more: dict[str, Any] = {}
        if made.funding is not None:
            more["funding"] = [None if each is None else compare.series(each) for each in made.funding]
        if made.funding_default is not None:
            more["funding_default"] = made.funding_default
        digest = assert_ways_agree(_engine.Sweep(market, config, **more), programs)
        for run, program in enumerate(programs):
            records = _engine.run(market, program, config, **more)
            described = _engine.describe(program, made.market.symbols)
            first_ms = first_decision(described, json.loads(program), made.market, made.config.get("trade_from_ms"))
            wanted = expected(records, first_ms)
            assert of_row(digest, run, wanted) == wanted, f"cases.case({kind!r}, {seed}), variant {run}"


SWEPT: dict[str, list[dict[str, Any]]] = {
    "trend": [{}, {"fast": 12}, {"fast": 12, "slow": 96}, {"slow": 96}, {"fast": 30}],
    "donchian": [{}],
    "momentum": [{}],
    "grid": [{}],
    "rsi2": [{}],
    "dca": [{}],
    "carry": [{}],
    "ichimoku": [{}],
    "opening_range": [{}],
    "pairs": [{}],
    "regimes": [{}],
    "voltarget": [{}],
    "hold": [{}],
}


def swept(example: str) -> list[dict[str, Any]]:
    """Returns the parameters of some runs: each numeric parameter moved one step by itself, and both ways together."""
    if SWEPT[example] != [{}]:
        return SWEPT[example]
    from bot4.backtest.setup import as_strategy

    chosen = as_strategy(str(EXAMPLES / f"{example}.py"))
    found: list[dict[str, Any]] = [{}]
    for name, parameter in chosen.parameters.items():
        if isinstance(parameter.default, int) and not isinstance(parameter.default, bool):
            found.append({name: parameter.default + 1})
        elif isinstance(parameter.default, float):
            found.append({name: parameter.default * 1.125})
    return found


@pytest.mark.parametrize("example", sorted(SWEPT))
def test_row_statistics_are_those_of_the_examples(example: str) -> None:
    case = CASES[example]
    market = b4.load(case.market())
    funding = case.funding() if case.funding else None
    results = []
    for parameters in swept(example):
        try:
            results.append(
                b4.backtest(str(EXAMPLES / f"{example}.py"), market, funding=funding, params=parameters, record=False)
            )
        except b4.StrategyError:
            continue  # a step outside the parameter's range
    assert_rows_are_those_of(results, funding)


@b4.strategy(on=b4.bars("1h"))
def cross(m, fast: int = 8, slow: int = 30, weight: float = 0.5, short: float = 0.0):
    """Holds without stops: long stretches in which nothing happens but marks."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), weight, short))


PAIRS = [{"fast": fast, "slow": slow} for fast in (2, 5, 9) for slow in (20, 55, 144)]
LOT = [{"symbol": "BTC/USDT", "tick": "0.01", "lot": "0.00000001"}]
TIERS = [{"symbol": "BTC/USDT:USDT", "margin": {"mode": "cross", "leverage": 3, "tiers": [[0, 0.01]]}}]
QUIET: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "spot": ("BTC/USDT", {}, {}),
    "all of it": ("BTC/USDT", {"weight": 1.0}, {"fee_bps": 0.0, "spread_bps": 0.0}),
    "rising": ("BTC/USDT", {"weight": 1.0}, {"fee_bps": 0.0, "spread_bps": 0.0, "impact": 0.0}),
    "long and short": ("BTC/USDT:USDT", {"weight": 0.8, "short": -0.7}, {}),
    "fractions of a unit": ("BTC/USDT", {}, {"instruments": LOT}),
    "from a date": ("BTC/USDT", {}, {"start": "2020-03-05 07:00"}),
    "margin": ("BTC/USDT:USDT", {"weight": 2.0, "short": -2.0}, {"instruments": TIERS, "funding_default": 0.0001}),
}


@pytest.mark.parametrize("name", QUIET)
def test_quiet_stretches_are_summed_exactly(name: str) -> None:
    symbol, parameters, settings = QUIET[name]
    bars = walk(9_000, seed=5, drift=0.0004 if name == "rising" else 0.0)
    if name == "from a date":
        bars = bars.filter((pl.col("ts") // HOUR) % 700 > 90)  # days without a bar
    results = [b4.backtest(cross, {symbol: bars}, params=parameters | pair, record=False, **settings) for pair in PAIRS]
    assert_rows_are_those_of(results, None)


def assert_rows_are_those_of(results: list[b4.Result], funding: Any) -> None:
    """Asserts that one sweep of the results' programs gives their statistics, their daily returns and the states of their desks."""
    one = results[0]
    beside = Funding(load_funding(funding, one.market), one.config.funding_default).arguments()
    sweep = _engine.Sweep(one.market.native, one.config.engine_json(one.market, one.trade_from_ms), **beside)
    digest = assert_ways_agree(sweep, [result.program.json for result in results])
    row = rows.row_stats(digest)
    for run, result in enumerate(results):
        assert digest["desk_hash"][run].tobytes() == result.records["desk_hash"]
        for name, values in row.items():
            value, stat = values[run].item(), getattr(result.stats, name)
            if name == "max_drawdown_end_ms" and stat is None:
                stat = rows.NO_TIME
            assert repr(value) == repr(stat), (name, run)
        times, returns = rows.daily_returns(digest)
        own_times, own = stats.daily_returns(result.columns)
        first = int(digest["first_day"][run])
        assert times[first:].tolist() == own_times.tolist()
        assert returns[run, first:].tolist() == own.tolist()
        assert not returns[run, :first].any()


def hourly() -> tuple[Any, str, list[str]]:
    """Returns a market, a configuration and 36 programs over 20,000 bars."""
    market = b4.load({"BTC/USDT": walk(20_000, seed=3)})
    pairs = [(fast, slow) for fast in range(3, 15, 2) for slow in range(20, 140, 20)]
    texts = [cross.trace({"fast": fast, "slow": slow}, market.symbols, market.interval_ms).json for fast, slow in pairs]
    return market, Config().engine_json(market, None), texts


def test_progress_counts_runs_and_an_exception_in_it_ends_the_sweep() -> None:
    market, config, texts = hourly()
    told: list[tuple[int, int]] = []
    sweep = _engine.Sweep(market.native, config)
    sweep.run(texts, 2, tile=5, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (len(texts), len(texts))

    def refuse(done: int, total: int) -> None:
        raise LookupError(f"{done} of {total} are enough")

    with pytest.raises(LookupError, match="are enough"):
        sweep.run(texts, progress=refuse)


def test_ctrl_c_ends_a_sweep_at_once() -> None:
    market, config, texts = hourly()
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.2, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        _engine.Sweep(market.native, config).run(texts * 500)
    assert time.perf_counter() - sent[0] < 3.0  # 0.1 s where the machine is not shared


def test_what_does_not_fit_is_named_by_its_number() -> None:
    market, config, texts = hourly()
    sweep = _engine.Sweep(market.native, config)
    other = texts[4].replace("3600000", "7200000")
    with pytest.raises(_engine.EngineError, match=r"^combination 4: the program was traced for bars of 7200000 ms"):
        sweep.run([*texts[:4], other, *texts[5:]], workers=1)
    with pytest.raises(_engine.EngineError, match=r"^combination 1: the program is not in the format of version 1"):
        sweep.run([texts[0], '{"sleeves": []}'])
    with pytest.raises(_engine.EngineError, match="funding is given for 2 instruments"):
        _engine.Sweep(market.native, config, funding=[None, None])
    assert len(sweep.run([])["bars"]) == 0


def test_a_run_without_a_mark_has_a_row_too() -> None:
    bars = walk(40, seed=3)
    results = [
        b4.backtest(cross, {"BTC/USDT": bars}, fast=fast, start="2020-01-02 14:00", record=False) for fast in (2, 30)
    ]
    assert results[0].stats.bars < 5
    assert_rows_are_those_of(results, None)
