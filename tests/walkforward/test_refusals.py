"""What cannot be walked is refused in one sentence that says what, where and the fix, before anything is run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot4.backtest import BacktestError
from bot4.backtest.walkforward import walkforward
from bot4.backtest.walkforward.lengths import length_text, parse_length
from bot4.strategy import ParameterError
from tests.backtest.markets import walk
from tests.walkforward.strategies import cross, side, wide

GRID: dict[str, Any] = {"fast": [3, 8, 20], "slow": [15, 40]}
HOUR = 3_600_000


@pytest.fixture(scope="module")
def bars():
    return walk(24 * 90, seed=4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"train": "80d", "test": "20d"}, "a window of 80 days training and 20 days test needs 100 days"),
        ({"train": "30d", "test": "10d", "step": "5d"}, "tests would overlap and count days twice"),
        ({"train": "30d", "test": "10d", "step": 0}, "step is 0, too short for a window"),
        ({"train": "10d", "test": "5d", "purge": "10d"}, "purge and embargo take 10 days of a training of 10 days"),
        ({"train": "6m", "test": "10d"}, "m means minutes; for half a year write 182d"),
        ({"train": "soon"}, "train is 'soon', not a length; write a number and a unit"),
        ({"train": "30d", "test": "90m"}, "test is 90m, which is no whole number of bars of 1h"),
        ({"purge": -1}, "purge is -1; give a number of bars from 0"),
        ({"metric": "sharp"}, "there is no metric 'sharp' in a sweep's rows; did you mean sharpe"),
        ({"select": "luckiest"}, "select is 'luckiest'; give best"),
        ({"workers": -2}, "workers is -2; give a whole number"),
        ({"grid": {"fast": []}}, "the grid of fast is empty"),
        ({"grid": {"fast": [20], "slow": [15]}}, "refuses all 1 combinations of the grid"),
        ({"grid": {"fast": [3]}, "params": {"fast": 3}}, "fast stands in the grid and in params"),
        ({"cash": -1}, "cash is -1"),
    ],
)
def test_what_cannot_be_walked_is_refused_in_a_sentence(bars, given, said):
    with pytest.raises(BacktestError, match=said) as caught:
        walkforward(cross, bars, **{"grid": GRID, "record": False, **given})
    assert str(caught.value).count("\n") == 0


def test_an_unknown_parameter_of_the_grid_is_named(bars):
    with pytest.raises(ParameterError, match="cross has no parameter 'fsat'"):
        walkforward(cross, bars, {"fsat": [3]}, record=False)


def test_a_grid_that_is_too_large_says_so_before_anything_is_traced(bars):
    with pytest.raises(BacktestError, match="the grid has 1,000,000 combinations, more than 100,000 for each training"):
        walkforward(wide, bars, {name: range(100) for name in "abc"}, record=False)


def test_too_little_data_says_how_much_is_needed():
    with pytest.raises(
        BacktestError, match="too little for 8 tests with a training before each; give at least 12 days"
    ):
        walkforward(side, walk(24 * 9), {"sign": [1]}, record=False)
    with pytest.raises(BacktestError, match=r"the data ends within the warm-up of fast=3, slow=15 \(20 bars"):
        walkforward(cross, walk(20), GRID, record=False)


def test_lengths_are_texts_bars_and_timedeltas_and_are_told_in_words():
    assert parse_length("train", "2y", HOUR) == 2 * 365 * 24 * HOUR
    assert parse_length("train", 36, HOUR) == 36 * HOUR
    assert parse_length("train", dt.timedelta(days=3), HOUR) == 72 * HOUR
    told = [length_text(ms) for ms in (24 * HOUR, 48 * HOUR, 36 * HOUR, HOUR // 2, 25 * HOUR + 1, 1_500, 0)]
    assert told == ["1 day", "2 days", "36 hours", "30 minutes", "1.0 days", "2 seconds", "0 seconds"]
