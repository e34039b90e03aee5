"""Sharpe ratios: errors, probabilities and lengths are those of the papers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.gate import stats
from bot4.report import formulas
from bot4.report.tear.significance import min_track_record, probabilistic_sharpe

near = pytest.approx


def shaped(sharpe, count, seed=1):
    """Normal returns whose measured Sharpe ratio per period is exactly this."""
    drawn = np.random.default_rng(seed).normal(size=count)
    return (drawn - drawn.mean()) / drawn.std(ddof=1) + sharpe


@pytest.mark.parametrize(
    ("count", "ratio", "error"),  # Lo (2002), layout of table 1
    [
        (12, 0.5, 0.306),
        (12, 1, 0.354),
        (12, 2, 0.5),
        (12, 3, 0.677),
        (60, 1, 0.158),
        (60, 2, 0.224),
        (250, 1, 0.077),
        (250, 3, 0.148),
    ],
)
def test_errors_of_independent_returns_are_those_of_lo(count, ratio, error):
    found = stats.sharpe(shaped(ratio, count), periods_per_year=1)
    assert found.sharpe == near(ratio)
    assert found.se_iid == near(error, abs=6e-4)


def test_errors_hold_in_simulation():
    """400 series of 1,000 returns, autocorrelated and fat-tailed: only the robust error is the spread of the ratio."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(400):
        noise = rng.standard_t(6, size=1_001)
        found.append(stats.sharpe(noise[1:] + 0.5 * noise[:-1] + 0.05, periods_per_year=1))
    spread = np.std([one.sharpe for one in found])
    assert np.mean([one.se_hac for one in found]) == near(spread, rel=0.12)
    assert np.mean([one.se for one in found]) < 0.85 * spread
    covered = np.mean([one.low <= 0.05 / math.sqrt(1.25 * 1.5) <= one.high for one in found])
    assert 0.90 < covered < 0.98


def test_autocorrelation_lowers_the_annual_ratio_as_lo_says():
    noise = np.random.default_rng(3).normal(size=60_001)
    found = stats.sharpe(noise[1:] + 0.5 * noise[:-1] + 0.1, periods_per_year=12)
    rho = 0.5 / 1.25
    assert found.sharpe_lo / found.sharpe == near(math.sqrt(12) / math.sqrt(12 + 2 * 11 * rho), rel=0.02)


def test_the_probabilistic_ratio_is_that_of_the_paper():
    """Bailey and López de Prado (2012): the fund with monthly SR 0.458 over two years."""
    assert probabilistic_sharpe(0.458, 0.0, 24, -2.448, 10.164) == near(0.913, abs=5e-4)
    assert probabilistic_sharpe(0.458, 0.0, 24, 0.0, 3.0) == near(0.982, abs=5e-4)


def test_a_series_gives_the_figures_of_its_moments():
    returns = np.random.default_rng(4).standard_t(5, size=700) * 0.01 + 0.001
    skew, kurt = formulas.skewness(returns), formulas.kurtosis(returns)
    ratio = returns.mean() / returns.std(ddof=1)
    found = stats.probabilistic_sharpe(returns, threshold=0.5)
    assert found.probability == near(probabilistic_sharpe(ratio, 0.5 / math.sqrt(365), 700, skew, kurt))
    assert found.p_value == near(1 - found.probability)
    needed = stats.min_track_record(returns, level=0.99)
    assert needed.needed == near(min_track_record(ratio, 0.0, skew, kurt, 0.99))
    assert needed.years == near(needed.needed / 365)
    other = pytest.importorskip("scipy.stats")
    assert (skew, kurt) == near((other.skew(returns), other.kurtosis(returns, fisher=False)))


def test_the_probabilistic_ratio_is_uniform_without_an_edge():
    rng = np.random.default_rng(5)
    found = [stats.probabilistic_sharpe(rng.normal(size=250)).probability for _ in range(4_000)]
    for level in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert np.mean(np.array(found) <= level) == near(level, abs=3.5 * math.sqrt(level * (1 - level) / 4_000))


@pytest.mark.parametrize(
    ("annual", "days_95", "days_99"), [(1, 990, 1979), (1.5, 441, 882), (2, 249, 498), (3, 112, 223)]
)
def test_track_records_are_those_of_the_study(annual, days_95, days_99):
    ratio = annual / math.sqrt(365)
    assert min_track_record(ratio, 0.0, 0.0, 3.0, 0.95) == near(days_95, abs=1)
    assert min_track_record(ratio, 0.0, 0.0, 3.0, 0.99) == near(days_99, abs=1)


def test_track_record_of_the_fund_and_none_without_an_excess():
    assert min_track_record(0.458, 0.0, -2.448, 10.164) == near(34.6, abs=0.05)
    assert min_track_record(0.458, 0.0, 0.0, 3.0) == near(15.25, abs=0.005)
    assert math.isnan(stats.min_track_record(shaped(-0.1, 100)).needed)


@pytest.mark.parametrize(("trials", "highest"), [(10, 1.5746), (50, 2.2763), (100, 2.5306), (1_000, 3.2551)])
def test_the_expected_maximum_is_that_of_the_paper_and_of_a_simulation(trials, highest):
    assert stats.expected_maximum(trials) == near(highest, abs=5e-5)
    drawn = np.random.default_rng(trials).normal(size=(4_000, trials)).max(axis=1)
    assert drawn.mean() == near(highest, abs=0.06)


def test_the_deflated_ratio_is_that_of_the_paper():
    """Bailey and López de Prado (2014): SR 2.5 a year of 250 days, T = 1250, V = ½ a year."""
    ratio, deviation = 2.5 / math.sqrt(250), math.sqrt(0.5 / 250)
    for trials, skew, kurt, expected in ((100, -3, 10, 0.9004), (46, -3, 10, 0.9505), (88, 0, 3, 0.9505)):
        threshold = deviation * stats.expected_maximum(trials)
        assert probabilistic_sharpe(ratio, threshold, 1250, skew, kurt) == near(expected, abs=5e-5)
    assert deviation * stats.expected_maximum(100) == near(0.1132, abs=5e-5)


def test_a_series_is_deflated_by_the_same_formula():
    returns = shaped(0.1, 1250)
    found = stats.deflated_sharpe(returns, trials=46, trial_deviation=math.sqrt(0.5), periods_per_year=250)
    assert found.threshold == near(math.sqrt(0.5) * stats.expected_maximum(46))
    direct = stats.probabilistic_sharpe(returns, threshold=found.threshold, periods_per_year=250)
    assert (found.probability, found.statistic) == (direct.probability, direct.statistic)


def test_trials_that_lie_close_together_count_with_the_error_they_share():
    found = stats.deflated_sharpe(shaped(0.1, 400), trials=20, trial_deviation=0.001)
    assert found.trial_deviation == near(math.sqrt(365 / 400))


def test_one_trial_needs_no_deflation():
    returns = shaped(0.05, 300)
    plain = stats.probabilistic_sharpe(returns).probability
    assert stats.deflated_sharpe(returns, trials=1).probability == plain


def test_the_shortest_backtest_is_that_of_the_paper():
    """Bailey et al. (2014): with five years no more than 45 trials, or SR 1 is expected from nothing."""
    assert stats.min_backtest_length(trials=45).years == near(5.0, abs=0.05)
    assert stats.min_backtest_length(trials=45, sharpe=2).years == near(1.25, abs=0.02)
