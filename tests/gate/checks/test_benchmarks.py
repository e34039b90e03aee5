"""SPA against cash and against holding at the same volatility; the p-value against one by another bootstrap."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate.checks import benchmarks
from bot4.gate.evidence import Daily
from bot4.gate.finding import Settings
from tests.gate.checks.samples import evidence, value_of

near = pytest.approx


def held_with(correlation, sharpe=2.0, market_sharpe=1.0, days=1_200):
    """Returns evidence whose strategy and market have these Sharpe ratios and this correlation."""
    given = evidence(sharpe=sharpe, out=days)
    rng = np.random.default_rng(9)
    own = (given.out.returns - given.out.returns.mean()) / given.out.returns.std()
    other = rng.standard_normal(days)
    other -= other.mean() + own * np.mean(own * other)
    mixed = correlation * own + np.sqrt(1 - correlation**2) * other / other.std()
    returns = 0.03 * (mixed + market_sharpe / np.sqrt(365))
    before = given.market.returns[:-days]
    return dataclasses.replace(given, market=Daily(given.market.days, np.concatenate([before, returns])))


@pytest.mark.parametrize(("sharpe", "passed"), [(3.0, True), (0.2, False), (-1.0, False)])
def test_an_edge_beats_cash_and_none_does_not(sharpe, passed):
    made = benchmarks.check_cash(evidence(sharpe=sharpe, out=900))
    assert made.passed is passed
    assert made.waits is not passed


def test_the_p_value_against_cash_is_that_of_a_bootstrap_of_the_mean():
    """Independent days: SPA of one series is the one-sided bootstrap test of its mean."""
    given = evidence(sharpe=1.0, out=900)
    returns = given.out.returns
    rng = np.random.default_rng(0)
    drawn = np.array([rng.choice(returns, len(returns)).mean() for _ in range(4_000)]) - returns.mean()
    assert benchmarks.check_cash(given).value == near(np.mean(drawn >= returns.mean()), abs=0.015)


def test_the_bar_is_five_percent():
    quick = Settings(resamples=1_000)
    found = [
        benchmarks.check_cash(evidence(sharpe=sharpe, out=400, made_settings=quick))
        for sharpe in np.linspace(1.2, 2.1, 10)
    ]
    assert {one.passed for one in found} == {True, False}
    for one in found:
        assert one.passed is (value_of(one) <= 0.05)


def test_the_same_evidence_gives_the_same_p_and_another_seed_another():
    one, two, other = (benchmarks.check_cash(evidence(sharpe=1.0, out=400, made_seed=seed)).value for seed in (1, 1, 2))
    assert one == two
    assert one != other
    assert one == near(other, abs=0.02)


@pytest.mark.parametrize(("market_sharpe", "passed"), [(0.0, True), (1.9, False)])
def test_holding_at_the_same_volatility_warns(market_sharpe, passed):
    made = benchmarks.check_holding(held_with(0.5, sharpe=2.5, market_sharpe=market_sharpe))
    assert (made.role, made.passed) == ("warn", passed)
    assert made.details["correlation"] == near(0.5)


def test_holding_is_scaled_to_the_strategys_volatility():
    given = held_with(0.6)
    matched = benchmarks.scaled(given.market.returns[-1_200:], given.out.returns)
    assert np.std(matched) == near(np.std(given.out.returns))
    assert "(33\u00a0% of it invested)" in benchmarks.check_holding(given).words


@pytest.mark.parametrize(("correlation", "judged"), [(0.21, True), (0.19, False), (-0.3, True)])
def test_days_that_go_their_own_way_are_not_compared_with_holding(correlation, judged):
    made = benchmarks.check_holding(held_with(correlation))
    assert (made.passed is not None) is judged


def test_a_market_at_rest_is_no_benchmark():
    given = evidence(out=400)
    still = Daily(given.market.days, np.zeros(len(given.market.days)))
    assert benchmarks.check_holding(dataclasses.replace(given, market=still)).passed is None


def test_the_market_itself_is_not_judged_against_itself():
    given = held_with(0.5)
    own = Daily(given.out.days, given.market.returns[-1_200:])
    made = benchmarks.check_holding(dataclasses.replace(given, out=own))
    assert made.passed is not True
