"""Choosing: the first of equals, plateaus by a plain count of neighbours; default grids from bounds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.sweep.metrics import Metric
from bot4.backtest.walkforward.candidates import default_grid
from bot4.backtest.walkforward.choose import choose, plateau
from bot4.backtest.walkforward.measures import degradation, efficiency, growth
from bot4.backtest.walkforward.metrics import OF_DAYS, scores_of_days

SHAPE = (5, 4)
PLACES = list(itertools.product(range(5), range(4)))
SCORES = st.lists(st.one_of(st.integers(-3, 3).map(float), st.just(math.nan)), min_size=20, max_size=20)


def test_the_first_of_equals_is_chosen_and_none_without_a_score():
    assert choose(np.array([math.nan, 2.0, 3.0, 3.0]), [(0,), (1,), (2,), (3,)]) == 2
    assert choose(np.array([math.nan, math.nan]), [(0,), (1,)]) is None
    assert choose(np.array([math.nan, -math.inf]), [(0,), (1,)]) is None


@settings(max_examples=40, deadline=None)
@given(SCORES)
def test_a_plateau_is_the_mean_over_the_neighbours_that_have_a_score(values):
    scores = np.array(values)
    table = scores.reshape(SHAPE)
    for number, (a, b) in enumerate(PLACES):
        around = table[max(a - 1, 0) : a + 2, max(b - 1, 0) : b + 2]
        expected = math.nan if math.isnan(table[a, b]) else np.nanmean(around)
        assert plateau(scores, PLACES)[number] == pytest.approx(expected, nan_ok=True)


def test_a_lone_peak_loses_to_broad_ground():
    scores = np.zeros(SHAPE)
    scores[0, 0] = 5.0
    scores[3:5, 2:4] = 2.0
    assert PLACES[choose(scores.ravel(), PLACES, "best") or 0] == (0, 0)
    assert choose(scores.ravel(), PLACES, "plateau") in [PLACES.index((a, b)) for a in (3, 4) for b in (2, 3)]


def test_growth_adds_up_over_neighbouring_spans():
    whole = growth(100.0, 132.0, 30.0)
    parts = growth(100.0, 120.0, 10.0) * 10 + growth(120.0, 132.0, 20.0) * 20
    assert whole == pytest.approx(parts / 30)
    assert growth(100.0, 0.0, 10.0) == -math.inf
    assert math.isnan(growth(100.0, 110.0, 0.0))
    assert efficiency(0.05, 0.10) == 0.5
    assert math.isnan(efficiency(0.05, -0.10))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-30, 30).map(lambda n: n / 10), st.floats(-3, 3)), min_size=4, max_size=30))
def test_degradation_is_the_least_squares_line(pairs):
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    found = degradation(np.append(x, math.nan), np.append(y, 1.0))
    assert found.points == len(x)
    if float(np.ptp(x)) < 1e-3:
        return
    table = np.column_stack([np.ones(len(x)), x])
    (level, slope), *_ = np.linalg.lstsq(table, y, rcond=None)
    rest = y - table @ [level, slope]
    spread = np.linalg.inv(table.T @ table)[1, 1] * (rest @ rest) / (len(x) - 2)
    assert (found.level, found.slope) == pytest.approx((level, slope), rel=1e-6, abs=1e-6)
    assert found.error == pytest.approx(math.sqrt(spread), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("days", [1, 2, 7, 200, 1_731])
def test_scores_of_many_runs_are_those_of_each_alone_to_the_last_bit(days):
    daily = np.random.default_rng(days).normal(0.001, 0.02, (40, 2 * days))[:, ::2]
    daily[3] = 0.0
    for name, measure in OF_DAYS.items():
        found = scores_of_days(daily, Metric(name, -1))
        alone = np.array([-measure(row) for row in np.ascontiguousarray(daily)])
        assert np.array_equal(found, alone, equal_nan=True)


def test_two_points_make_no_line():
    assert math.isnan(degradation(np.array([1.0, 2.0]), np.array([1.0, 2.0])).slope)


@b4.strategy(on=b4.bars("1h"))
def many(
    m,
    n: int = b4.param(7, 2, 50, step=5),
    rate: float = b4.param(0.3, 0.001, 1.0, log=True),
    side: str = b4.choice("long", "both"),
    plain: int = 3,
):
    """Every kind of parameter."""
    return b4.target(b4.where(m.close > 0, rate * n * plain if side == "long" else 0.0, 0.0))


def test_a_grid_from_the_declared_bounds_has_options_steps_logarithms_and_defaults():
    grid = default_grid(many)
    assert list(grid) == ["n", "rate", "side"]
    assert grid["side"] == ["long", "both"]
    assert grid["n"][0] == 2
    assert 7 in grid["n"]
    assert all((value - 2) % 5 == 0 for value in grid["n"] if isinstance(value, int))
    ratios = np.diff(np.log(grid["rate"]))
    assert 0.3 in grid["rate"]
    assert len(grid["rate"]) == 7
    assert ratios[:4] == pytest.approx(ratios[0])
    assert math.prod(len(axis) for axis in grid.values()) <= 120
    assert "n" not in default_grid(many, {"n": 12})


def test_too_many_declared_parameters_ask_for_a_choice():
    @b4.strategy(on=b4.bars("1h"))
    def crowded(
        m, a=b4.param(1, 0, 9), b=b4.param(1, 0, 9), c=b4.param(1, 0, 9), d=b4.param(1, 0, 9), e=b4.param(1, 0, 9),
        f=b4.param(1, 0, 9), g=b4.param(1, 0, 9),
    ):  # fmt: skip
        return b4.target(b4.where(m.close > a + b + c + d + e + f + g, 1.0, 0.0))

    with pytest.raises(
        BacktestError, match=r"crowded declares 7 parameters, too many .* as in --param a=LOW:HIGH:STEP"
    ):
        default_grid(crowded)
