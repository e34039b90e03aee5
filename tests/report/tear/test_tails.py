"""Tails against SciPy, numerical integration and published domains."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.report.tear.cornish_fisher import cornish_fisher, parameters
from bot4.report.tear.tails import hill, historical

from .curves import CURVES, exact_returns, returns_of, sheet


@pytest.mark.parametrize("name", CURVES)
def test_shape_is_that_of_scipy(name):
    stats = pytest.importorskip("scipy.stats")
    found = sheet(returns_of(name))
    own, returns = found.tails, exact_returns(found)
    assert own.skewness == pytest.approx(stats.skew(returns))
    assert own.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))
    known = stats.jarque_bera(returns)
    assert (own.jarque_bera, own.jarque_bera_p) == pytest.approx((known.statistic, known.pvalue))


def test_historical_quantile_and_shortfall_of_a_hundred_and_one_days():
    returns = np.arange(-50, 51) / 1000.0
    assert historical(returns, 0.05) == pytest.approx((-0.045, np.mean(np.arange(-50, -44)) / 1000))
    assert historical(returns, 0.01) == pytest.approx((-0.049, -0.0495))


def drawn(s: float, k: float, count: int = 200_001) -> np.ndarray:
    """Returns the expansion at the quantiles of a normal distribution, evenly spaced in probability."""
    special = pytest.importorskip("scipy.special")
    z = special.ndtri((np.arange(count) + 0.5) / count)
    return np.asarray(z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36)


@pytest.mark.parametrize(("skew", "excess"), [(0.0, 0.0), (0.0, 8.0), (-1.0, 5.0), (0.5, 6.0), (1.2, 9.0), (0.0, 30.0)])
def test_cornish_fisher_has_the_moments_and_tails_it_claims(skew, excess):
    stats = pytest.importorskip("scipy.stats")
    found = parameters(skew, excess)
    assert found is not None
    s, k = found
    values = drawn(s, k)
    assert stats.skew(values) == pytest.approx(skew, abs=0.01)
    assert stats.kurtosis(values) == pytest.approx(excess, abs=0.01 + 0.04 * excess)
    values = np.sort(values / values.std())
    for share, (quantile, below) in zip((0.05, 0.01), cornish_fisher((0.05, 0.01), skew, excess + 3), strict=True):
        count = round(share * len(values))
        assert quantile == pytest.approx(values[count], abs=2e-3)
        assert below == pytest.approx(values[:count].mean(), abs=5e-3)


def test_cornish_fisher_of_a_normal_distribution_is_the_normal_one():
    (at_95, below_95), (at_99, _) = cornish_fisher((0.05, 0.01), 0.0, 3.0)
    assert (at_95, at_99) == pytest.approx((-1.644854, -2.326348), abs=1e-6)
    assert below_95 == pytest.approx(-2.062713, abs=1e-6)


def test_cornish_fisher_ends_where_maillard_says():
    """Without skewness the parameter may reach 8, which is an excess kurtosis of 43.2 (Maillard 2012, section 3)."""
    end = parameters(0.0, 43.1)
    assert end is not None
    assert end[1] == pytest.approx(8.0, abs=0.02)
    assert parameters(0.0, 43.4) is None
    assert parameters(0.0, -0.5) is None, "tails thinner than normal ones bend back"
    assert parameters(3.0, 2.0) is None, "no distribution has these moments: kurtosis ≥ skewness² + 1"
    assert all(math.isnan(value) for value in cornish_fisher((0.05,), math.nan, 3.0)[0])


def test_hill_finds_the_index_of_a_pareto_tail():
    rng = np.random.default_rng(3)
    index, error = hill(0.01 * (1 + rng.pareto(3.0, 20_000)))
    assert error == pytest.approx(index / math.sqrt(1_000))
    assert abs(index - 3.0) < 3 * error
    losses = np.array([8.0, 4.0, 2.0, 1.0] + [0.5] * 36)
    assert hill(losses)[0] == pytest.approx(1 / ((math.log(8 / 2) + math.log(4 / 2)) / 2))
    assert math.isnan(hill(np.full(100, -1.0))[0]), "a run without losses has no left tail"


def test_best_and_worst_days_and_the_run_without_them():
    returns = np.array([0.01, -0.02, 0.03, -0.04, 0.05, 0.06, -0.07, 0.08])
    own = sheet(returns).tails
    assert [day.value for day in own.best_days] == pytest.approx([0.08, 0.06, 0.05, 0.03, 0.01])
    assert [day.value for day in own.worst_days] == pytest.approx([-0.07, -0.04, -0.02, 0.01, 0.03])
    assert own.without_best == pytest.approx(0.98 * 0.96 * 0.93 - 1)
    assert own.without_worst == pytest.approx(1.05 * 1.06 * 1.08 - 1)
    days = own.best_days[0].ms
    assert days == sheet(returns).series.times[-1]
