"""What must hold of every run, seen through the bindings of the release build: any cutting, restart or order of registration gives the same
bits, memory stays flat, and Ctrl-C is heard."""

from __future__ import annotations

import gc
import json
import math
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.config import Config
from bot4.data import synth

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
SLICES = [1, 7, 1024, 1_000_000]


@pytest.fixture(scope="module")
def market() -> b4.Market:
    return synth(coins=3, bars=6000, interval="1h", seed=5)


def case(name: str, market: b4.Market) -> tuple[str, str]:
    """The program and configuration of an example on these markets."""
    from bot4.backtest.setup import as_strategy

    strategy = as_strategy(EXAMPLES / f"{name}.py")
    return strategy.trace({}, market.symbols, market.interval_ms).json, Config().engine_json(market, None)


def same(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert a["state_hash"] == b["state_hash"]
    assert np.array_equal(a["equity"], b["equity"])
    for table in ("orders", "fills", "trades"):
        for column, values in a[table].items():
            assert np.array_equal(values, b[table][column]), (table, column)


@pytest.mark.parametrize("name", ["trend", "ichimoku", "grid", "dca"])
def test_slices_of_any_length_are_bit_equal(name: str, market: b4.Market) -> None:
    program, config = case(name, market)
    whole = _engine.run(market.native, program, config)
    assert len(whole["fills"]["ts"]) >= 2, "the example trades"
    for rows in SLICES:
        same(whole, _engine.run(market.native, program, config, rows))


@pytest.mark.parametrize("name", ["trend", "ichimoku", "grid", "dca"])
def test_saved_and_restored_it_goes_on_bit_equal(name: str, market: b4.Market) -> None:
    program, config = case(name, market)
    whole = _engine.run(market.native, program, config)
    first = _engine.Replay(market.native, program, config)
    assert first.advance(2_345) == 2_345
    second = _engine.Replay(market.native, program, config)
    second.load(first.save())
    assert second.hash() == first.hash()
    assert second.advance(1_000_000) == len(whole["equity"]) - 2_345
    assert second.hash() == whole["state_hash"]
    equity = np.concatenate([first.results()["equity"], second.results()["equity"]])
    assert np.array_equal(equity, whole["equity"])


def test_a_snapshot_of_another_program_is_refused(market: b4.Market) -> None:
    program, config = case("trend", market)
    other, _ = case("ichimoku", market)
    state = _engine.Replay(market.native, program, config).save()
    with pytest.raises(_engine.EngineError, match="identity"):
        _engine.Replay(market.native, other, config).load(state)


def test_registration_order_does_not_matter(market: b4.Market) -> None:
    frames = market.frames()
    strategy = str(EXAMPLES / "trend.py")
    forward = b4.backtest(strategy, frames, record=False)
    backward = b4.backtest(strategy, dict(reversed(frames.items())), record=False)
    assert forward.fills.equals(backward.fills)
    assert forward.equity.equals(backward.equity)


def resident_memory() -> list[int]:
    """Runs the trend 20 and then 100 times; returns the resident memory (kB) after each."""
    market = synth(coins=3, bars=6000, interval="1h", seed=5)
    program, config = case("trend", market)
    found = []
    for runs in (20, 100):
        for _ in range(runs):
            _engine.run(market.native, program, config)
        gc.collect()
        status = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
        assert status
        found.append(int(status[1]))
    return found


def test_memory_is_flat_over_a_hundred_runs() -> None:
    # A process of its own: what a thousand tests before left behind comes and goes with the allocator, and is not the engine's.
    call = "from tests.engine.test_invariants import resident_memory; print(*resident_memory())"
    done = subprocess.run([sys.executable, "-c", call], cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert abs(after - before) <= 0.01 * before


def test_ctrl_c_stops_a_long_run_within_100_ms() -> None:
    rows = 4_000_000
    close = np.full(rows, 100.0)
    listing = {
        "symbol": "AAA/USDT",
        "venue": "synth",
        "kind": "spot",
        "base": "AAA",
        "quote": "USDT",
        "tick": [1, 2],
        "lot": [1, 3],
    }
    columns = (np.arange(rows, dtype=np.int64) * 60_000, close, close, close, close, close)
    native = _engine.Market(json.dumps([listing]), 60_000, [columns])
    nodes = [{"op": "col", "s": "close"}] + [{"op": "ema", "in": [k], "f": [50.0]} for k in range(60)]
    program = {
        "version": 1,
        "kind": "expression",
        "interval_ms": 60_000,
        "clocks": [60_000],
        "nodes": nodes,
        "targets": [],
    }
    pressed = [0.0]

    def press(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    waited = []
    try:
        for _ in range(3):
            pressed[0] = time.perf_counter() + 0.05
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                _engine.evaluate(native, json.dumps(program), [60])
            waited.append(time.perf_counter() - pressed[0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert min(waited) < 0.1, waited


# --- the same state as the debug build ------------------------------------------------------------------------------------------


def splitmix_bars(seed: int, rows: int) -> tuple[np.ndarray[Any, Any], ...]:
    """The seeded bars of `engine/core/tests/replay.rs`, written again."""
    mask, state = (1 << 64) - 1, seed

    def uniform() -> float:
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return float((z ^ (z >> 31)) >> 11) / float(1 << 53)

    def cents(x: float) -> float:
        whole = math.floor(x * 100.0)
        return (whole + (x * 100.0 - whole >= 0.5)) / 100.0

    out: list[tuple[float, ...]] = []
    ts, price = [], 100.0
    for row in range(rows):
        if uniform() < 0.03:
            continue
        opened = cents(price)
        price = min(max(price * (1.0 + 0.04 * (uniform() - 0.5)), 5.0), 500.0)
        close = cents(price)
        reach = 1.0 + 0.01 * uniform()
        high, low = cents(max(opened, close) * reach), cents(min(opened, close) / reach)
        ts.append(row * 3_600_000)
        out.append((opened, high, low, close, math.floor(uniform() * 400.0) / 10.0))
    return (np.array(ts, dtype=np.int64), *(np.array(column) for column in zip(*out, strict=True)))


def test_release_reaches_the_state_that_the_debug_build_reaches() -> None:
    """`cargo test` asserts the same hash for the unoptimised build with its checks."""
    source = (HERE.parents[1] / "engine/core/tests/replay.rs").read_text()
    found = re.search(r'fn program\(.*?r#"(.*?)"#;', source, re.S)
    assert found
    symbols = ["AAA/USDT", "BBB/USDT:USDT", "CCC/USDT:USDT"]
    listings = [
        {
            "symbol": s,
            "venue": "test",
            "kind": "linear" if ":" in s else "spot",
            "base": s[:3],
            "quote": "USDT",
            "tick": [1, 2],
            "lot": [1, 1],
        }
        for s in symbols
    ]
    native = _engine.Market(json.dumps(listings), 3_600_000, [splitmix_bars(seed, 700) for seed in range(3)])  # type: ignore[misc]
    terms = {"taker_e9": 1_000_000, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
    config = {
        "cash": 1_000_000_000_000,
        "half_spread_e9": 100_000,
        "impact": 1.0,
        "volume_share_e9": 300_000_000,
        "collar_e9": 30_000_000,
        "max_leverage_e9": 3_000_000_000,
        "instruments": [terms] * 3,
    }
    run = _engine.run(native, found[1], json.dumps(config))
    assert len(run["fills"]["ts"]) > 50
    assert run["state_hash"] == (HERE / "state_hash.txt").read_text().strip()
