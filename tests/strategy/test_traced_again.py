"""A strategy traced many times: what is remembered between traces never hides a change, and texts that nobody reads are not made."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from bot4.strategy import StrategyError

from .conftest import HEADER, Loader

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
