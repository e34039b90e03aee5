"""The value at risk is known before its day and right where days are alike; too many exceedances and too deep a fall fail."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import betabinom, chi2

from bot4.gate.checks import tail
from bot4.gate.selftest.generators import autoregression, crashes, garch
from tests.gate.checks.samples import evidence, noise, value_of

near = pytest.approx


def with_returns(returns, inside=None):
    given = evidence(out=len(returns))
    given = dataclasses.replace(given, out=dataclasses.replace(given.out, returns=returns))
    if inside is not None:
        given = dataclasses.replace(given, inside=dataclasses.replace(given.inside, returns=inside))
    return given


@pytest.mark.parametrize("draw", [garch, crashes, autoregression])
def test_of_strategies_as_good_out_of_sample_about_one_in_a_hundred_is_refused(draw):
    known, count = 365, 730
    returns = draw(np.random.default_rng(1), known + count, 600).T
    refused = []
    for path in returns:
        rank, bars = tail.value_at_risk(path, known, 0.99)
        refused.append(tail.exceedance_p(int((path[known:] < bars).sum()), count, rank, known) < 0.01)
    assert np.mean(refused) <= 0.015


def test_without_the_error_of_the_quantile_more_are_refused():
    known, count = 600, 1_095
    returns = np.random.default_rng(2).standard_t(4, size=(3_000, known + count))
    bars = np.sort(returns[:, :known], axis=1)[:, 5]
    hits = (returns[:, known:] < bars[:, None]).sum(axis=1)
    exact = betabinom.sf(hits - 1, count, 6, known - 5) < 0.01
    share = np.maximum(hits, 0.5) / count
    ratio = 2 * (hits * np.log(share / 0.01) + (count - hits) * np.log((1 - share) / 0.99))
    kupiec = (chi2.sf(ratio, 1) < 0.01) & (share > 0.01)
    assert 0.003 < exact.mean() < 0.0145
    assert kupiec.mean() > 2 * exact.mean()


def test_the_quantile_knows_the_days_in_sample_alone_and_a_day_nothing_of_itself():
    returns = noise(np.random.default_rng(1), 500)
    before = tail.value_at_risk(returns, 250, 0.99)[1]
    other = returns.copy()
    other[300:] *= 5
    after = tail.value_at_risk(other, 250, 0.99)[1]
    assert (before[:51] == after[:51]).all()
    assert (after[60:] < before[60:]).mean() > 0.99


def test_the_value_at_risk_is_that_of_riskmetrics():
    returns = noise(np.random.default_rng(3), 400)
    variance, spread = np.mean(returns[:30] ** 2), []
    for value in returns:
        spread.append(np.sqrt(variance))
        variance = 0.94 * variance + 0.06 * value**2
    rank, bars = tail.value_at_risk(returns, 300, 0.99)
    assert rank == 3
    assert bars == near(np.sort(returns[:300] / np.array(spread[:300]))[2] * np.array(spread[300:]))


def test_days_as_before_are_met():
    made = tail.check_risk(evidence(out=700, inside=600))
    assert made.passed is True
    assert (made.details["count"], made.details["history"]) == (700, 600)


def crashed(number):
    """Returns evidence with so many deep losses, spread over 800 days without another, after 600 usual days in sample."""
    rng = np.random.default_rng(3)
    inside, out = noise(rng, 600), np.abs(noise(rng, 800))
    out[np.linspace(5, 795, number).astype(int)] = -0.2
    return with_returns(out, inside)


def test_the_bar_is_one_percent_of_the_count_and_its_chance():
    found = {number: tail.check_risk(crashed(number)) for number in range(5, 30)}
    assert {one.passed for one in found.values()} == {True, False}
    for number, one in found.items():
        assert one.details["exceedances"] == number
        assert one.value == near(betabinom.sf(number - 1, 800, 6, 595))
        assert one.passed is (value_of(one) >= 0.01)
        assert one.waits is False


def test_a_short_time_in_sample_takes_the_first_days_out_of_sample_instead():
    made = tail.check_risk(with_returns(noise(np.random.default_rng(6), 500), np.zeros(600)))
    assert (made.details["history"], made.details["count"]) == (250, 250)


def test_too_little_history_waits():
    made = tail.check_risk(with_returns(noise(np.random.default_rng(7), 200), np.zeros(600)))
    assert (made.passed, made.waits) == (None, True)


def test_days_without_a_return_are_left_out():
    rng = np.random.default_rng(8)
    out = noise(rng, 900)
    out[::3] = 0.0
    made = tail.check_risk(with_returns(out, noise(rng, 600)))
    assert made.details["count"] == 600


@pytest.mark.parametrize(("fall", "passed"), [(0.2499, True), (0.2501, False)])
def test_the_deepest_fall_is_held_to_the_limit(fall, passed):
    returns = np.full(400, 0.002)
    returns[100:110] = (1 - fall) ** 0.1 - 1
    made = tail.check_drawdown(with_returns(returns))
    assert (made.passed, made.waits) == (passed, False)
    assert made.value == near(fall)
    assert "on 2022-08-23" in made.words


def test_a_fall_from_the_very_start_counts_and_ruin_is_all():
    returns = np.full(400, 0.001)
    returns[0] = -0.3
    assert tail.check_drawdown(with_returns(returns)).value == near(0.3)
    returns[50] = -1.5
    assert tail.check_drawdown(with_returns(returns)).value == 1.0
