"""Forecasts of losses: Kupiec, Christoffersen, Acerbi and Székely."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import stats
from bot4.gate.stats.risk import independence, unconditional

near = pytest.approx
BAR = -1.0


def hits_to_returns(hits):
    return np.where(hits, -2.0, 0.5)


def test_seven_of_250_is_the_known_figure():
    hits = np.zeros(250, dtype=bool)
    hits[::36] = True
    assert hits.sum() == 7
    found = stats.kupiec(hits_to_returns(hits), BAR, level=0.99)
    assert (found.exceedances, found.expected) == near((7, 2.5))
    assert (found.statistic, found.p_value) == near((5.497, 0.0190), abs=5e-4)


@pytest.mark.parametrize(
    ("count", "level", "low", "high"),  # Kupiec (1995), table: not rejected at 5 %
    [
        (255, 0.99, 1, 6),
        (255, 0.95, 7, 20),
        (510, 0.99, 2, 10),
        (510, 0.95, 17, 35),
        (1_000, 0.99, 5, 16),
        (1_000, 0.95, 38, 64),
        (365, 0.99, 1, 7),
        (365, 0.95, 11, 26),
    ],
)
def test_numbers_that_are_not_rejected_are_those_of_kupiec(count, level, low, high):
    kept = [x for x in range(count // 4) if unconditional(x, count, 1 - level) < 3.841459]
    assert (kept[0], kept[-1]) == (low, high)


def test_independence_is_the_likelihood_ratio_of_the_four_counts():
    hits = np.random.default_rng(1).random(400) < 0.1
    before, now = hits[:-1], hits[1:]
    n = {(i, j): int(np.sum((before == i) & (now == j))) for i in (0, 1) for j in (0, 1)}
    p01, p11 = n[0, 1] / (n[0, 0] + n[0, 1]), n[1, 1] / (n[1, 0] + n[1, 1])
    p = (n[0, 1] + n[1, 1]) / 399
    free = n[0, 0] * np.log(1 - p01) + n[0, 1] * np.log(p01) + n[1, 0] * np.log(1 - p11) + n[1, 1] * np.log(p11)
    tied = (n[0, 0] + n[1, 0]) * np.log(1 - p) + (n[0, 1] + n[1, 1]) * np.log(p)
    assert independence(hits) == near(2 * (free - tied))
    found = stats.christoffersen(hits_to_returns(hits), BAR, level=0.9)
    assert found.statistic == near(unconditional(int(hits.sum()), 400, 0.1) + independence(hits))


def test_clustered_exceedances_fail_christoffersen_and_pass_kupiec():
    hits = np.zeros(1_000, dtype=bool)
    for start in range(0, 1_000, 100):
        hits[start : start + 5] = True
    returns = hits_to_returns(hits)
    assert stats.kupiec(returns, BAR, level=0.95).p_value > 0.9
    found = stats.christoffersen(returns, BAR, level=0.95)
    assert found.p_value < 1e-6
    assert found.independence_p is not None
    assert found.independence_p < 1e-6


def test_both_have_their_size_and_find_a_wrong_forecast():
    rng = np.random.default_rng(2)
    right = [hits_to_returns(rng.random(1_000) < 0.05) for _ in range(1_500)]
    for test in (stats.kupiec, stats.christoffersen):
        share = np.mean([test(one, BAR, level=0.95).p_value < 0.05 for one in right])
        assert share == near(0.05, abs=0.025)
        wrong = [hits_to_returns(rng.random(1_000) < 0.1) for _ in range(100)]
        assert np.mean([test(one, BAR, level=0.95).p_value < 0.05 for one in wrong]) > 0.95


def test_no_exceedance_is_a_figure_too():
    found = stats.christoffersen(np.linspace(-0.5, 0.5, 255), BAR, level=0.99)
    assert found.exceedances == 0
    assert found.statistic == near(-2 * 255 * np.log(0.99))
    deep = stats.expected_shortfall(np.linspace(-0.5, 0.5, 255), BAR, -1.5)
    assert np.isnan([deep.z1, deep.z1_p]).all()
    assert deep.z2 == 1.0


NORMAL = (-1.959964, -2.337803)
"""Value at risk and expected shortfall of a standard normal at 97.5 %."""


def test_shortfall_statistics_are_those_of_the_paper():
    returns = np.random.default_rng(3).normal(size=250) * 1.3
    found = stats.expected_shortfall(returns, *NORMAL)
    beyond = returns[returns < NORMAL[0]]
    assert found.z1 == near(np.mean(beyond / -NORMAL[1]) + 1)
    assert found.z2 == near(np.sum(beyond / -NORMAL[1]) / (250 * 0.025) + 1)


@pytest.mark.parametrize(
    ("tail", "bars", "critical"),  # Acerbi and Székely (2014), table: Z2 at 5 %, 250 days, 97.5 %
    [(0.0, NORMAL, -0.70), (1 / 3, (-3.182446, -5.039787), -0.82)],
)
def test_critical_values_of_z2_are_those_of_the_paper(tail, bars, critical):
    from bot4.gate.stats.risk import _null

    null = _null(np.full(250, bars[0] / bars[1]), 0.025, tail, 40_000, np.random.default_rng(4))
    assert np.quantile(null, 0.05) == near(critical, abs=0.04)
    assert null.mean() == near(0.0, abs=0.02)


def test_the_shortfall_test_has_its_size_and_finds_a_forecast_that_is_too_low():
    rng = np.random.default_rng(5)
    right = [stats.expected_shortfall(rng.normal(size=500), *NORMAL, resamples=1_000) for _ in range(400)]
    assert np.mean([one.z2_p < 0.05 for one in right]) == near(0.05, abs=0.035)
    assert np.mean([one.z1_p < 0.05 for one in right]) == near(0.05, abs=0.04)
    wild = [stats.expected_shortfall(rng.standard_t(3, size=500), *NORMAL, resamples=1_000) for _ in range(100)]
    assert np.mean([one.z2_p < 0.05 for one in wild]) > 0.9


def test_forecasts_may_change_from_day_to_day():
    scale = np.random.default_rng(6).uniform(0.5, 3, size=2_000)
    returns = np.random.default_rng(7).normal(size=2_000) * scale
    assert stats.kupiec(returns, NORMAL[0] * scale, level=0.975).p_value > 0.05
    assert stats.expected_shortfall(returns, NORMAL[0] * scale, NORMAL[1] * scale).z2_p > 0.05
