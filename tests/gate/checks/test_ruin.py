"""A year drawn from the days: the chance of ruin at its bar, the bootstrap against arithmetic, trades against brute force."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from bot4.gate.checks import ruin
from bot4.gate.finding import Settings
from tests.gate.checks.samples import evidence, returns_of, value_of

near = pytest.approx
QUICK = Settings(resamples=2_000)


def days_of(returns, **more):
    given = evidence(out=len(returns), made_settings=QUICK, **more)
    return dataclasses.replace(given, out=dataclasses.replace(given.out, returns=returns))


def test_a_calm_strategy_is_met_and_a_wild_one_is_not():
    assert ruin.check(days_of(returns_of(2.0, 700, deviation=0.01))).passed is True
    wild = ruin.check(days_of(returns_of(1.0, 700, deviation=0.05)))
    assert (wild.passed, wild.waits) == (False, False)
    assert value_of(wild) > 0.5


def test_the_bar_is_one_year_in_a_hundred():
    found = [ruin.check(days_of(returns_of(1.0, 500, deviation=d))) for d in np.linspace(0.012, 0.03, 10)]
    assert {one.passed for one in found} == {True, False}
    for one in found:
        assert one.passed is (value_of(one) <= 0.01)


def test_years_drawn_have_the_mean_and_the_deviation_of_the_days():
    returns = returns_of(1.0, 700)
    curves = ruin.paths(returns, 1.0, 20_000, np.random.default_rng(0))
    logs = np.log1p(returns)
    assert curves.shape == (366, 20_000)
    ends = np.log(curves[-1])
    assert ends.mean() == near(365 * logs.mean(), abs=5 * logs.std() * math.sqrt(365 / 20_000))
    assert ends.std() == near(logs.std() * math.sqrt(365), rel=0.03)


def test_blocks_keep_runs_of_days_together():
    """Days that come in runs fall deeper in blocks than one by one."""
    runs = np.repeat(np.where(np.random.default_rng(1).random(70) < 0.5, 0.002, -0.002), 10)
    runs -= runs.mean()
    single, blocked = (
        np.median(ruin.deepest(ruin.paths(runs, block, 2_000, np.random.default_rng(2)))) for block in (1.0, 10.0)
    )
    assert blocked > 1.5 * single
    assert ruin.check(days_of(runs)).details["block"] > 5


def test_less_than_a_year_of_days_still_makes_a_year():
    curves = ruin.paths(returns_of(1.0, 200), 2.0, 100, np.random.default_rng(0))
    assert curves.shape == (366, 100)
    assert np.isfinite(curves).all()


def test_the_deepest_fall_is_that_of_each_curve_one_by_one():
    curves = ruin.paths(returns_of(0.0, 300), 3.0, 50, np.random.default_rng(3))
    found = ruin.deepest(curves)
    for column in range(50):
        peak, fall = 0.0, 0.0
        for value in curves[:, column]:
            peak = max(peak, value)
            fall = max(fall, 1 - value / peak)
        assert found[column] == near(fall)


def test_a_day_that_loses_all_ruins():
    returns = returns_of(3.0, 400)
    returns[200] = -1.0
    made = ruin.check(days_of(returns))
    assert made.passed is False
    assert made.value == near(1 - (1 - 1 / 400) ** 365, abs=0.06)


def test_the_fan_opens_from_one_and_its_levels_are_in_order():
    made = ruin.check(days_of(returns_of(2.0, 700)))
    fan = np.array(made.details["fan"])
    assert fan.shape == (5, len(made.details["fan_days"]))
    assert (fan[:, 0] == 1).all()
    assert (np.diff(fan, axis=0) >= 0).all()


def test_trades_drawn_one_by_one():
    given = days_of(returns_of(2.0, 730), trades=200)
    made = ruin.check(given)
    pnl, rng = given.trades.pnl, np.random.default_rng(99)
    assert made.details["trades_a_year"] == 100
    falls, streaks, losing = [], [], []
    for _ in range(2_000):
        equity, peak, fall, run, longest = 1.0, 1.0, 0.0, 0, 0
        for value in rng.choice(pnl, 100):
            equity *= 1 + value
            peak = max(peak, equity)
            fall = max(fall, 1 - equity / peak)
            run = run + 1 if value < 0 else 0
            longest = max(longest, run)
        falls.append(fall)
        streaks.append(longest)
        losing.append(equity < 1)
    assert made.details["trade_fall_95"] == near(np.quantile(falls, 0.95), rel=0.08)
    assert made.details["trade_losing"] == near(np.mean(losing), abs=0.04)
    assert abs(made.details["trade_streak_95"] - np.quantile(streaks, 0.95)) <= 1


def test_too_few_trades_are_left_out():
    assert ruin.check(days_of(returns_of(2.0, 730), trades=2)).details["trade_fall_95"] is None


def test_the_same_seed_draws_the_same_years():
    given = days_of(returns_of(1.0, 400))
    assert ruin.check(given) == ruin.check(given)
    other = dataclasses.replace(given, registration=dataclasses.replace(given.registration, seed=2))
    assert ruin.check(given).details["fan"] != ruin.check(other).details["fan"]
