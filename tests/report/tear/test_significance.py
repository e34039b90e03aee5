"""Standard errors and probabilities against published values, statsmodels, SciPy, and plain definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.report.tear import hac
from bot4.report.tear.numbers import chi2_p, geometric_mean, longest_run, normal_p, student_p
from bot4.report.tear.significance import autocorrelations, min_track_record, probabilistic_sharpe, sharpe_lo

from .curves import CURVES, exact_returns, returns_of, sheet

DAY = math.sqrt(365)


@pytest.mark.parametrize(("skew", "kurt", "published"), [(-2.448, 10.164, 0.913), (0.0, 3.0, 0.982)])
def test_probabilistic_sharpe_is_the_published_one(skew, kurt, published):
    """Bailey and López de Prado (2012), the fund of their example: monthly 0.458 over 24 months."""
    assert probabilistic_sharpe(0.458, 0.0, 24, skew, kurt) == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(("skew", "kurt", "months"), [(-2.448, 10.164, 34.6), (0.0, 3.0, 15.25)])
def test_minimum_track_record_is_the_published_one(skew, kurt, months):
    """To what a ratio given with three digits allows."""
    assert min_track_record(0.458, 0.0, skew, kurt) == pytest.approx(months, rel=6e-3)


@pytest.mark.parametrize(("ratio", "at_95", "at_99"), [(1, 990, 1979), (1.5, 441, 882), (2, 249, 498), (3, 112, 223)])
def test_minimum_track_record_of_daily_returns(ratio, at_95, at_99):
    assert min_track_record(ratio / DAY, 0.0, 0.0, 3.0) == pytest.approx(at_95, abs=1)
    assert min_track_record(ratio / DAY, 0.0, 0.0, 3.0, 0.99) == pytest.approx(at_99, abs=1)


def test_minimum_track_record_grows_with_skew_and_kurtosis():
    assert min_track_record(2 / DAY, 0.0, -1.0, 12.0) == pytest.approx(281, abs=1)
    assert min_track_record(2 / DAY, 0.0, -1.0, 12.0, 0.99) == pytest.approx(561, abs=1)
    assert math.isnan(min_track_record(0.0, 0.0, 0.0, 3.0)), "no ratio of 0 becomes significant"
    year = math.sqrt(250)
    assert min_track_record(2 / year, 1 / year, 0.0, 3.0) / 250 == pytest.approx(2.73, abs=5e-3)


def test_track_record_of_the_minimum_length_has_a_probability_of_95_per_cent():
    length = min_track_record(0.1, 0.0, -0.5, 6.0)
    below, above = (probabilistic_sharpe(0.1, 0.0, count, -0.5, 6.0) for count in (int(length), int(length) + 1))
    assert below <= 0.95 <= above


@pytest.mark.parametrize("name", CURVES)
def test_errors_of_mean_and_sharpe_are_those_of_statsmodels(name):
    """The Sharpe ratio by GMM written out: moments (r − μ, (r − μ)² − σ²), gradient (1/σ, −μ/(2σ³))."""
    sandwich = pytest.importorskip("statsmodels.stats.sandwich_covariance")
    regression = pytest.importorskip("statsmodels.regression.linear_model")
    found = sheet(returns_of(name))
    returns, own = exact_returns(found), found.significance
    count, mean, variance = len(returns), returns.mean(), returns.var()
    moments = np.column_stack([returns - mean, (returns - mean) ** 2 - variance])
    spectrum = sandwich.S_hac_simple(moments, nlags=own.hac_lags) / count
    slope = np.array([1 / math.sqrt(variance), -mean / (2 * variance**1.5)])
    assert own.sharpe_se_hac == pytest.approx(math.sqrt(slope @ spectrum @ slope / count) * DAY)
    fit = regression.OLS(returns, np.ones(count)).fit(cov_type="HAC", cov_kwds={"maxlags": own.hac_lags})
    assert own.mean_t == pytest.approx(fit.tvalues[0])
    assert min(own.mean_p, 1 - own.mean_p) * 2 == pytest.approx(fit.pvalues[0], abs=1e-12)


@pytest.mark.parametrize("name", CURVES)
def test_autocorrelation_tests_are_those_of_statsmodels(name):
    diagnostic = pytest.importorskip("statsmodels.stats.diagnostic")
    found = sheet(returns_of(name))
    returns = exact_returns(found)
    table = diagnostic.acorr_ljungbox(returns, lags=[10])
    assert found.significance.ljung_box_p == pytest.approx(float(table["lb_pvalue"].iloc[0]), rel=1e-6, abs=1e-15)
    stattools = pytest.importorskip("statsmodels.tsa.stattools")
    assert autocorrelations(returns, 5) == pytest.approx(stattools.acf(returns, nlags=5)[1:])


def test_hac_error_equals_the_non_normal_one_of_independent_returns():
    """Without lags the delta method gives Mertens (2002) but for the degree of freedom."""
    found = sheet(returns_of("fat"))
    returns = exact_returns(found)
    plain = hac.sharpe_se(returns, 0) * DAY
    assert plain == pytest.approx(found.stats.sharpe_se, rel=2e-3)


def test_sharpe_of_autocorrelated_returns_is_that_of_lo():
    """SR(q) = SR·q/√(q + 2·Σ (q − k)·ρ_k); positive autocorrelation makes the annual ratio smaller."""
    rng = np.random.default_rng(0)
    noise, returns = rng.normal(0.001, 0.02, 3_000), np.empty(3_000)
    returns[0] = noise[0]
    for day in range(1, 3_000):
        returns[day] = 0.3 * returns[day - 1] + noise[day]
    rho = autocorrelations(returns, 3)
    plain = returns.mean() / returns.std(ddof=1)
    expected = plain * 365 / math.sqrt(365 + 2 * sum((365 - k) * rho[k - 1] for k in (1, 2, 3)))
    assert sharpe_lo(returns, 3) == pytest.approx(expected)
    assert sharpe_lo(returns, 3) < 0.85 * plain * DAY
    assert sharpe_lo(returns, 0) == pytest.approx(plain * DAY)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 101, 1_000, 5_001])
def test_student_p_is_that_of_scipy(freedom):
    stats = pytest.importorskip("scipy.stats")
    for t in (0.0, 0.3, -1.0, 1.96, 3.5, 8.0):
        assert student_p(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), abs=1e-12)


def test_normal_and_chi2_p_are_those_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    for value in (0.0, 0.5, 1.96, 5.0, 30.0):
        assert normal_p(value) == pytest.approx(2 * stats.norm.sf(value))
        for freedom in (2, 4, 10):
            assert chi2_p(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom))


def test_what_has_no_value_is_nan():
    values = [student_p(math.nan, 5), student_p(1.0, 0), normal_p(math.nan), chi2_p(math.nan, 2)]
    values += [geometric_mean(np.empty(0)), hac.sharpe_se(np.zeros(5), 2), hac.mean_se(np.zeros(1), 0)]
    assert all(math.isnan(value) for value in values)


def test_longest_run_counts_neighbours():
    assert longest_run(np.array([], dtype=bool)) == 0
    assert longest_run(np.array([True, True, False, True, True, True])) == 3
    assert longest_run(np.array([False, False])) == 0


def test_a_clearly_positive_mean_has_a_small_p_and_a_negative_one_a_large():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, 1_000)
    noise -= noise.mean()
    good, bad = (sheet(noise + shift).significance for shift in (0.002, -0.002))
    assert good.mean_p < 1e-6
    assert bad.mean_p > 1 - 1e-6
    assert good.psr > 0.999
    assert bad.psr < 0.001
    assert math.isnan(bad.min_track_record_days)


def test_probability_against_the_benchmark_is_a_half_for_holding_itself():
    returns = returns_of("garch")
    own = sheet(returns, returns).significance
    assert own.psr_benchmark == pytest.approx(0.5, abs=1e-6)
    assert own.psr > own.psr_benchmark
