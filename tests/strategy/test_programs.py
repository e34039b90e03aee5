"""The programs of the examples, as the engine will read them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from bot4.backtest.source import strategies_in
from bot4.strategy import EventStrategy, Strategy

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
SEVERAL = ("sleeves",)
"""Several programs on one account: `tests/backtest/test_sleeves.py` and `tests/examples` run them."""
# What ends in _client speaks to the exchange and is no strategy.
EXAMPLES = sorted(
    p.stem for p in (ROOT / "examples").glob("*.py") if p.stem not in SEVERAL and not p.stem.endswith("_client")
)


def example(name: str) -> Strategy:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found, *others = strategies_in(module).values()
    assert others == []
    return found if isinstance(found, Strategy) else EventStrategy(found)


@pytest.mark.parametrize("name", ["trend", "momentum"])
def test_the_architecture_examples_give_their_golden_programs(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert example(name).trace().json == json.dumps(golden, separators=(",", ":"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_traces_without_warnings_and_says_what_it_does(name: str) -> None:
    strategy = example(name)
    program = strategy.trace()
    assert program.warnings == ()
    assert program.targets or program.entries or program.orders or program.events
    assert strategy.doc
    assert program.kind == strategy.kind
    assert len(program.lines) == len(program.nodes)
    path = str(ROOT / "examples" / f"{name}.py")
    assert {line.file for line in program.lines.values()} == {path}
    source = Path(path).read_text().splitlines()
    for line in program.lines.values():
        assert line.source == source[line.line - 1].strip()


def test_the_trend_keeps_what_a_diagnosis_needs() -> None:
    strategy = example("trend")
    program = strategy.trace({"fast": 10})
    assert program.parameters == {"fast": 10, "slow": 168}
    assert [c.text for c in program.conditions] == ["ema(close, 10) > ema(close, 168)"]
    assert program.conditions[0].source == "rising = m.close.ema(fast) > m.close.ema(slow)"
    assert program.nodes[program.conditions[0].node].op == "gt"
    assert program.feedback == frozenset()
    assert "static    ema             ema(close, 10)" in program.explain()


def test_the_feedback_part_is_what_descends_from_the_position() -> None:
    program = example("donchian").trace()
    ops = {program.nodes[i].op for i in program.feedback}
    assert ops == {"pos", "add", "gt", "or", "and"}
    assert "feedback  and" in program.explain()


def test_ichimoku_runs_on_three_clocks_and_meets_on_the_base() -> None:
    program = example("ichimoku").trace()
    written = json.loads(program.json)
    hour = 3_600_000
    assert written["clocks"] == [hour, 4 * hour, 24 * hour]
    clock = {i: n.clock for i, n in enumerate(program.nodes)}
    for n in program.nodes:
        inputs = {clock[i] for i in n.inputs}
        if n.op.startswith("carry"):
            assert n.clock == 0
            assert inputs <= {1, 2}
        else:
            assert inputs <= {n.clock}
    assert [n.op for n in program.nodes].count("carry_event") == 1


def test_the_pair_is_decided_on_the_rows_of_each_leg() -> None:
    program = example("pairs").trace(symbols=["BTC/USDT:USDT", "ETH/USDT:USDT"])
    only = [n.only for n in program.nodes]
    for n, symbol in zip(program.nodes, only, strict=True):
        seen = {only[i] for i in n.inputs}
        assert seen <= ({n.s} if n.op == "pick" else {symbol})
    assert [(t["asset"], only[t["node"]]) for t in program.targets] == [
        (s, s) for s in ("ETH/USDT:USDT", "BTC/USDT:USDT")
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_engine_accepts_every_example(name: str) -> None:
    engine = pytest.importorskip("bot4._engine", reason="the engine is not built")
    symbols = ["BTC/USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"]
    assert engine.describe(example(name).trace(symbols=symbols).json, symbols)["identity"]
