"""What a written axis yields, and what is said of one that cannot be read."""

from __future__ import annotations

import math

import pytest

from bot4.backtest import BacktestError
from bot4.backtest.sweep.axis import Axis, read_axis
from bot4.backtest.sweep.space import Space, read_space, read_texts
from bot4.strategy import Parameter, ParameterError

from .conftest import cross

WINDOW = Parameter(24, 1.0, 1000.0, name="n")
SHARE = Parameter(0.1, 0.0, 1.0, name="share")
SIDE = Parameter("long", options=("long", "both"), name="side")
FLAG = Parameter(True, name="flag")


@pytest.mark.parametrize(
    ("parameter", "given", "values"),
    [
        (WINDOW, "5:50:5", (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)),
        (WINDOW, "5:49:5", (5, 10, 15, 20, 25, 30, 35, 40, 45)),
        (WINDOW, "5:5:1", (5,)),
        (WINDOW, "10,20,10", (10, 20)),
        (WINDOW, "7", (7,)),
        (WINDOW, "log:1:1000:4", (1, 10, 100, 1000)),
        (WINDOW, "log:1:4:7", (1, 2, 3, 4)),  # whole numbers that fall together count once
        (SHARE, "0.1:0.5:0.1", (0.1, 0.2, 0.3, 0.4, 0.5)),
        (SHARE, "0:1:0.25", (0.0, 0.25, 0.5, 0.75, 1.0)),
        (SIDE, "both", ("both",)),
        (SIDE, "both,long", ("both", "long")),
        (FLAG, "true,false", (True, False)),
        (WINDOW, range(5, 50, 5), (5, 10, 15, 20, 25, 30, 35, 40, 45)),
        (WINDOW, [60, 80], (60, 80)),
        (WINDOW, 12, (12,)),
    ],
)
def test_an_axis_yields_exactly_these_values(parameter, given, values):
    found = read_axis(parameter, given).values
    assert found == values
    assert [type(v) for v in found] == [type(v) for v in values]


@pytest.mark.parametrize(
    ("parameter", "given", "said"),
    [
        (WINDOW, "50:5:5", r"n=50:5:5 is an empty grid; write the lower end first: n=5:50:5\.$"),
        (WINDOW, "5:50:0", r"the step of n=5:50:0 is 0; give a step above 0\.$"),
        (WINDOW, "5:50", r"n=5:50 has no step; write n=5:50:STEP for a grid, or add --search random"),
        (WINDOW, "a:b:c", r"n=a:b:c cannot be read; write 5:50:5"),
        (WINDOW, "5:50:5:5", r"cannot be read"),
        (WINDOW, "5:nan:5", r"cannot be read"),
        (WINDOW, "log:0:10:3", r"no scale; write log:FROM:TO:COUNT with 0 < FROM < TO"),
        (WINDOW, "log:1:10", r"cannot be read"),
        (WINDOW, "1:1000:0.0001", r"has 9,990,001 values, more than 1,000,000; give a larger step\.$"),
        (WINDOW, [], r"the grid of n is empty; give at least one value, such as n=24\.$"),
        (WINDOW, None, r"the grid of n is None; give a list of values"),
        (FLAG, "1:2:1", r"flag is True or False: write values with commas"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(parameter, given, said):
    with pytest.raises(BacktestError, match=said):
        read_axis(parameter, given)


def test_values_the_parameter_does_not_allow_are_its_own_error():
    with pytest.raises(ParameterError, match=r"parameter n is 1500, but must be an integer from 1 to 1000"):
        read_axis(WINDOW, "500:2000:500")
    with pytest.raises(ParameterError, match=r"parameter n is 5\.5, but must be an integer"):
        read_axis(WINDOW, "5:6:0.5")


def test_a_range_is_for_a_search_and_every_share_of_it_is_equally_likely():
    axis = read_axis(WINDOW, "5:8", is_search=True)
    assert axis.is_range
    drawn = [axis.at((k + 0.5) / 400) for k in range(400)]
    assert [drawn.count(v) for v in (5, 6, 7, 8)] == [100, 100, 100, 100]
    log = Axis("x", (), 1.0, 100.0, None, True, False)
    assert math.isclose(float(log.at(0.5)), 10.0)
    steps = Axis("x", (), 0.0, 1.0, 0.25, False, False)
    assert sorted({steps.at(k / 100) for k in range(100)}) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_the_last_axis_runs_fastest_and_every_combination_comes_once():
    space = Space((Axis("a", (1, 2)), Axis("b", ("x", "y", "z"))), {})
    assert space.size == 6
    found = [space.combination(k) for k in range(6)]
    assert found == [{"a": a, "b": b} for a in (1, 2) for b in ("x", "y", "z")]


def test_a_grid_of_unknown_parameters_or_none_at_all():
    with pytest.raises(ParameterError, match=r"cross has no parameter 'fats'\. Did you mean fast\?"):
        read_space(cross, {"fats": [1]}, {})
    with pytest.raises(BacktestError, match=r"the grid is empty; say what to vary, for example --param fast=2:60:6"):
        read_space(cross, {}, {})
    with pytest.raises(BacktestError, match=r"fast is both varied and fixed"):
        read_space(cross, {"fast": [1]}, {"fast": 2})


def test_a_search_without_a_grid_takes_what_is_declared():
    space = read_space(cross, {}, {"slow": 100}, is_search=True)
    assert [(a.name, a.low, a.high, a.is_int) for a in space.axes] == [("fast", 2.0, 60.0, True)]
    assert space.fixed == {"slow": 100}


def test_texts_of_a_command_line():
    assert read_texts(["fast=5:50:5", "slow=1,2"]) == {"fast": "5:50:5", "slow": "1,2"}
    with pytest.raises(BacktestError, match=r"--param fast has no values"):
        read_texts(["fast"])
    with pytest.raises(BacktestError, match=r"--param a is given twice; put its values into one, as in a=1,2"):
        read_texts(["a=1", "a=2"])
