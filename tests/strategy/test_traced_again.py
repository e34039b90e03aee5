"""A strategy traced many times: what is remembered between traces never hides a change, and texts that nobody reads are not made."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from bot4.strategy import StrategyError

from .conftest import HEADER, Loader

HOUR = 3_600_000
BODY = """
def size():
    return scale

scale = 0.5

@b4.strategy(on=b4.bars("1h"))
def trend(m, fast: int = b4.param(8, 2, 60)):
    return b4.target(b4.where(m.close.ema(fast) > m.close, size(), 0.0))
"""


def test_a_name_that_comes_to_mean_data_is_refused_at_the_next_trace(load_source: Loader):
    module = load_source(HEADER + BODY)
    first = module.trend.trace()
    vars(module)["scale"] = 0.7
    assert module.trend.trace().json != first.json
    vars(module)["scale"] = np.zeros(5)
    with pytest.raises(StrategyError, match=r"scale \(ndarray\) holds a whole column of data"):
        module.trend.trace()


def test_a_helper_that_comes_to_read_the_clock_is_refused(load_source: Loader):
    module = load_source(HEADER + BODY)
    module.trend.trace()
    exec("import time\ndef size():\n    return time.time()\n", module.__dict__)
    with pytest.raises(StrategyError, match=r"reads the wall clock through time\.time"):
        module.trend.trace()


def test_lines_conditions_and_wants_are_made_when_looked_at_and_stay_the_same(load_source: Loader):
    module = load_source(HEADER + BODY)
    program = module.trend.trace({"fast": 12})
    lines = program.lines
    assert len(lines) == len(program.nodes)
    assert lines[program.conditions[0].node].text == "ema(close, 12) > close"
    assert program.conditions[0] is program.conditions[0]
    assert [w.text for w in program.wanted] == ["target weight where(ema(close, 12) > close, 0.5, 0)"]


def test_a_strategy_that_was_traced_can_be_forgotten(load_source: Loader):
    module = load_source(HEADER + BODY)
    module.trend.trace()
    gone = weakref.ref(module.trend.function)
    module.__dict__.clear()
    del module
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    "path",
    sorted(path for path in (Path(__file__).parents[2] / "examples").glob("*.py") if not path.stem.endswith("_client")),
    ids=lambda path: path.stem,
)
def test_the_plain_case_is_lowered_to_the_same_program_as_the_general_one(path, monkeypatch):
    from bot4.backtest.source import load_strategy

    symbols = ("BTC/USDT", "ETH/USDT", "BTC/USDT:USDT", "ETH/USDT:USDT")
    strategy = load_strategy(path)
    plain = strategy.trace({}, symbols, HOUR)
    monkeypatch.setattr(sys.modules["bot4.strategy.build"], "lower_plain", lambda order, interval_ms: None)
    general = strategy.trace({}, symbols, HOUR)
    assert plain.json == general.json
    assert plain.explain() == general.explain()
    assert plain.warnings == general.warnings


def test_an_ordinary_strategy_is_plain():
    from bot4.backtest.source import load_strategy
    from bot4.strategy.homes import reachable
    from bot4.strategy.plain import lower_plain

    trend = load_strategy(Path(__file__).parents[2] / "examples" / "trend.py")
    assert lower_plain(reachable([trend().expression]), HOUR) is not None
