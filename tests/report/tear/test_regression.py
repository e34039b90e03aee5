"""The regression on the benchmark against statsmodels and plain definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.report.stats import compute
from bot4.report.tear import Benchmark, tear_sheet

from ..samples import DAY
from .curves import CURVES, START, daily_run, exact_returns, garch, returns_of, sheet


@pytest.mark.parametrize("name", CURVES)
def test_line_and_its_errors_are_those_of_statsmodels(name):
    regression = pytest.importorskip("statsmodels.regression.linear_model")
    returns = returns_of(name)
    other = garch(seed=5, days=len(returns))
    found = sheet(0.5 * returns + 0.4 * other, other)
    own, y, x = found.regression, exact_returns(found), found.series.benchmark_returns
    design = np.column_stack([np.ones(len(x)), x])
    fit = regression.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": own.hac_lags})
    assert (own.alpha, own.beta) == pytest.approx((fit.params[0] * 365, fit.params[1]))
    assert (own.alpha_se, own.beta_se) == pytest.approx((fit.bse[0] * 365, fit.bse[1]))
    assert (own.alpha_t, own.beta_t) == pytest.approx(tuple(fit.tvalues))
    assert own.alpha_p == pytest.approx(fit.pvalues[0])
    assert own.r2 == pytest.approx(fit.rsquared)
    assert own.residual_volatility == pytest.approx(math.sqrt(fit.mse_resid * 365))
    for side, found_beta in ((x > 0, own.up_beta), (x < 0, own.down_beta)):
        assert found_beta == pytest.approx(np.polyfit(x[side], y[side], 1)[0])


def test_captures_are_ratios_of_geometric_means():
    found = sheet(np.array([0.02, -0.01, 0.03, -0.02]), np.array([0.04, -0.02, 0.06, -0.04]))
    own = found.regression
    assert own.up_capture == pytest.approx((math.sqrt(1.02 * 1.03) - 1) / (math.sqrt(1.04 * 1.06) - 1))
    assert own.down_capture == pytest.approx((math.sqrt(0.99 * 0.98) - 1) / (math.sqrt(0.98 * 0.96) - 1))
    assert own.beta == pytest.approx(0.5)
    assert own.alpha == pytest.approx(0.0, abs=1e-6)
    assert own.tracking_error == pytest.approx(np.std([0.02, -0.01, 0.03, -0.02], ddof=1) * math.sqrt(365), rel=1e-6)


def test_holding_itself_has_beta_one_and_nothing_else():
    returns = garch(days=300)
    own = sheet(returns, returns).regression
    assert (own.beta, own.r2, own.alpha) == pytest.approx((1.0, 1.0, 0.0), abs=1e-6)
    assert own.excess_cagr == pytest.approx(0.0, abs=1e-6)


def test_another_benchmark_is_known_from_its_first_value_on():
    """It starts 10 days late at another scale, by another clock (noon), and ends 5 days early."""
    returns, other = garch(days=60), garch(seed=2, days=60)
    columns = daily_run(returns)
    values = np.asarray(7.0 * np.cumprod(1.0 + other), dtype=np.float64)
    ts = START + np.arange(60) * DAY + DAY // 2
    benchmark = Benchmark("index", ts[10:55], values[10:55])
    found = tear_sheet(columns, compute(columns), benchmark)
    series = found.series
    assert series.benchmark_name == found.regression.benchmark == "index"
    assert np.isnan(series.benchmark[:11]).all()
    assert np.isnan(series.benchmark[56:]).all(), "an ended series does not stand still"
    assert series.benchmark[11] == pytest.approx(series.equity[11]), "it starts where equity stands"
    assert series.benchmark_returns[11:54] == pytest.approx(other[11:54])
    assert found.regression.days == 44
    assert found.calendar.periods[0].benchmark_returns[11:54] == pytest.approx(other[11:54])
    assert np.nanstd(series.matched_returns[11:55], ddof=1) == pytest.approx(
        np.nanstd(series.benchmark_returns, ddof=1)
    )


def test_benchmark_that_stands_still_explains_nothing():
    returns = garch(days=50)
    own = sheet(returns, np.zeros(50)).regression
    assert all(math.isnan(value) for value in (own.alpha, own.beta, own.r2, own.up_capture, own.treynor))
