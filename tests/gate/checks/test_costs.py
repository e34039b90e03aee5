"""Twice the costs, one bar later, and the square-root law at their bars."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate.checks import costs
from tests.gate.checks.samples import evidence, returns_of

near = pytest.approx
GOOD = evidence(sharpe=2.0, out=600)


def under(name, sharpe, given=GOOD):
    return dataclasses.replace(given, stress={**given.stress, name: returns_of(sharpe, len(given.out.days))})


@pytest.mark.parametrize(("sharpe", "passed"), [(1.0, True), (1e-6, True), (-1e-6, False), (-2.0, False)])
def test_something_must_be_left_at_twice_the_costs(sharpe, passed):
    made = costs.check_doubled(under("costs_2x", sharpe))
    assert (made.passed, made.waits) == (passed, False)
    assert made.value == near(sharpe)


@pytest.mark.parametrize(("sharpe", "passed"), [(1.9, True), (0.51, True), (0.49, False), (0.0, False), (-3.0, False)])
def test_a_quarter_must_be_left_one_bar_later(sharpe, passed):
    made = costs.check_delayed(under("delay_1", sharpe))
    assert made.passed is passed
    assert made.bar == near(0.5)
    assert ("it may know what it cannot know" in made.words) is not passed


def test_of_foresight_nothing_is_left_one_bar_later():
    """Half of the cheats without costs would be left with more than 0 by luck alone."""
    rng = np.random.default_rng(7)
    caught = []
    for _ in range(40):
        future = 0.01 * rng.standard_normal(601)
        cheat = np.sign(future[:-1]) * future[:-1]
        late = np.sign(future[:-1]) * future[1:]
        given = dataclasses.replace(GOOD, out=dataclasses.replace(GOOD.out, returns=cheat))
        caught.append(
            costs.check_delayed(dataclasses.replace(given, stress={**GOOD.stress, "delay_1": late})).passed is False
        )
    assert all(caught)


def test_a_losing_strategy_is_not_accused_of_foresight():
    losing = evidence(sharpe=-1.0, out=600)
    made = costs.check_delayed(losing)
    assert made.passed is False
    assert "know" not in made.words


def test_a_strategy_that_never_trades_under_stress_has_nothing_left():
    idle = dataclasses.replace(GOOD, stress={name: np.zeros(600) for name in GOOD.stress})
    assert costs.check_doubled(idle).passed is False
    assert costs.check_delayed(idle).passed is False


def impact(given, factor=1.0):
    """Returns the square-root law's cost day by day and asset by asset."""
    equity, paid = given.equity, 0.0
    for day in range(len(given.out.days)):
        for asset in range(given.traded.shape[1]):
            own, market = given.traded[day, asset], given.volume[day, asset]
            if own:
                paid += factor * given.volatility[day, asset] * np.sqrt(own / market) * own / equity
        equity *= 1 + given.out.returns[day]
    return paid


def test_the_share_is_the_laws_over_the_gross_edge():
    made = costs.check_capacity(GOOD)
    assert made.value == near(impact(GOOD) / GOOD.gross.sum())
    assert made.passed is True


def test_the_bar_is_a_tenth_of_the_gross_edge_and_the_capacity_is_where_it_is_reached():
    """Four times the size is twice the share."""
    capacity = costs.check_capacity(GOOD).details["capacity"]
    for grown, passed in ((0.999, True), (1.001, False)):
        factor = capacity / GOOD.equity * grown
        large = dataclasses.replace(GOOD, equity=GOOD.equity * factor, traded=GOOD.traded * factor)
        made = costs.check_capacity(large)
        assert made.passed is passed
        assert made.value == near(0.1 * np.sqrt(grown))
        assert made.details["capacity"] == near(capacity)


def test_without_gross_edge_or_volume_there_is_no_capacity():
    assert costs.check_capacity(dataclasses.replace(GOOD, gross=-GOOD.gross)).passed is False
    empty = GOOD.volume.copy()
    empty[5, 1] = 0.0
    made = costs.check_capacity(dataclasses.replace(GOOD, volume=empty))
    assert (made.passed, made.value) == (False, None)
    quiet = GOOD.traded.copy()
    quiet[5, 1] = 0.0
    assert costs.check_capacity(dataclasses.replace(GOOD, volume=empty, traded=quiet)).passed is True


def test_days_before_a_volatility_is_known_take_the_usual_one():
    unknown = GOOD.volatility.copy()
    unknown[:30] = np.nan
    made = costs.check_capacity(dataclasses.replace(GOOD, volatility=unknown))
    assert made.value == near(costs.check_capacity(GOOD).value)
