"""Every wrapped or written statistic gives the figures that others published or computed on public series.

Figures marked P are published, the others were computed independently with statsmodels 0.15, arch 8 and SciPy 1.17.
"""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import stats

near = pytest.approx


def test_jarque_bera(mark_pound, macro):
    assert stats.jarque_bera(mark_pound).statistic == near(1102.8823, abs=1e-4)
    found = stats.jarque_bera(macro["inflation"])
    assert (found.statistic, found.skewness, found.kurtosis) == near((60.663718, 0.74139, 5.23012), abs=1e-5)


@pytest.mark.parametrize("count", [8, 37, 500])
def test_jarque_bera_is_that_of_scipy(count):
    scipy_stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(count).standard_t(4, size=count)
    own, other = stats.jarque_bera(values), scipy_stats.jarque_bera(values)
    assert (own.statistic, own.p_value) == near((other.statistic, other.pvalue), rel=1e-10)


def test_ljung_box(mark_pound, macro):
    assert stats.ljung_box(mark_pound).statistic == near(6.9747, abs=1e-4)
    assert stats.ljung_box(mark_pound).p_value == near(0.7278, abs=1e-4)
    assert stats.ljung_box(mark_pound, lags=20).statistic == near(27.8445, abs=1e-4)
    assert stats.ljung_box(mark_pound**2).statistic == near(396.2227, abs=1e-4)
    growth = np.diff(macro["log_gdp"])
    assert stats.ljung_box(growth, lags=4).statistic == near(33.4271, abs=1e-4)
    assert stats.ljung_box(growth, lags=8).statistic == near(36.4495, abs=1e-4)


@pytest.mark.parametrize("lags", [1, 3, 7, 10])
def test_ljung_box_is_that_of_statsmodels_for_odd_and_even_lags(mark_pound, lags):
    other = pytest.importorskip("statsmodels.stats.diagnostic").acorr_ljungbox(mark_pound, lags=[lags])
    own = stats.ljung_box(mark_pound, lags=lags)
    assert (own.statistic, own.p_value) == near((other["lb_stat"].iloc[0], other["lb_pvalue"].iloc[0]), rel=1e-9)


def test_arch_lm(mark_pound, macro):
    assert stats.arch_lm(mark_pound, demean=False).statistic == near(184.50552, abs=1e-5)
    found = stats.arch_lm(np.diff(macro["log_gdp"]), lags=4)
    assert (found.statistic, found.p_value) == near((9.92905, 0.04164), abs=1e-5)


def test_adf(mark_pound, macro):
    found = stats.adf(macro["inflation"], lags=4)
    assert (found.statistic, found.p_value) == near((-2.718575, 0.0709), abs=5e-5)
    found = stats.adf(macro["log_gdp"], lags=4, trend="ct")
    assert (found.statistic, found.p_value) == near((-2.259641, 0.4564), abs=5e-5)
    by_aic = stats.adf(mark_pound)
    assert (by_aic.statistic, by_aic.lags) == near((-43.96783, 0), abs=1e-5)


@pytest.mark.parametrize(
    ("trend", "critical"),  # P: MacKinnon (2010), asymptotic; 2,000,000 values differ from it by less than 0.001
    [
        ("n", (-2.56574, -1.94100, -1.61682)),
        ("c", (-3.43035, -2.86154, -2.56677)),
        ("ct", (-3.95877, -3.41049, -3.12705)),
    ],
)
def test_adf_has_the_critical_values_of_mackinnon(trend, critical):
    found = stats.adf(np.random.default_rng(0).normal(size=20_000), lags=0, trend=trend)
    assert (found.critical_1, found.critical_5, found.critical_10) == near(critical, abs=1e-3)


def test_kpss(mark_pound, macro):
    found = stats.kpss(macro["inflation"], lags=4)
    assert found.statistic == near(0.654565, abs=1e-6)
    assert found.p_value == near(
        0.0177, abs=2e-3
    )  # statsmodels interpolates in the paper's table, arch in its own simulation
    found = stats.kpss(mark_pound)
    assert (found.statistic, found.lags) == near((0.14806, 7), abs=1e-5)
    # P: Kwiatkowski et al. (1992), table 1
    assert (found.critical_10, found.critical_5, found.critical_1) == near((0.347, 0.463, 0.739), abs=0.005)


def test_phillips_perron(mark_pound, macro):
    assert stats.phillips_perron(macro["inflation"], lags=4).statistic == near(-6.576711, abs=1e-6)
    found = stats.phillips_perron(mark_pound)
    assert (found.statistic, found.lags) == near((-44.03676, 26), abs=1e-5)


def test_variance_ratio(mark_pound):
    found = stats.variance_ratio(mark_pound[1:])
    assert (found.ratio, found.statistic) == near((1.01003, 0.29767), abs=1e-5)


def test_garch_is_the_published_benchmark(mark_pound):
    """P: Fiorentini, Calzolari and Panattoni (1996); within 1e-3 of the likelihood, 0.1 % of the coefficients, 2 % of the errors."""
    found = stats.garch(mark_pound, start="mean")
    assert found.log_likelihood == near(-1106.607881041288, abs=2e-3)
    values = [one.value for one in found.coefficients]
    assert values[1:] == near([0.0107613978518, 0.153134061820, 0.805973670305], rel=1e-3)
    assert values[0] == near(-0.006190408379994, abs=5e-5)
    errors = [one.error for one in found.coefficients]
    assert errors == near([0.00918935, 0.00649319, 0.05353170, 0.07246145], rel=0.02)


def test_models_of_volatility_have_the_computed_likelihoods(mark_pound):
    found = stats.garch(mark_pound)
    assert found.log_likelihood == near(-1104.5214, abs=0.01)
    assert (found.coefficient("alpha").value, found.coefficient("beta").value) == near((0.14548, 0.81684), abs=1e-3)
    assert stats.egarch(mark_pound).log_likelihood == near(-1100.3469, abs=0.01)
    found = stats.gjr(mark_pound)
    assert (found.log_likelihood, found.coefficient("gamma").value) == near((-1104.0588, 0.0258), abs=2e-3)
    found = stats.garch(mark_pound, distribution="t")
    assert (found.log_likelihood, found.coefficient("nu").value) == near((-987.9448, 4.3636), abs=2e-3)


@pytest.mark.parametrize("model", [stats.garch, stats.egarch, stats.gjr])
def test_units_of_returns_change_no_model(mark_pound, model):
    """Returns as fractions: the mean and volatilities shrink by 100, the likelihood moves by T·ln 100, the rest stays."""
    cent, whole = model(mark_pound), model(mark_pound / 100)
    assert whole.log_likelihood == near(cent.log_likelihood + len(mark_pound) * np.log(100), abs=0.01)
    assert whole.persistence == near(cent.persistence, abs=1e-3)
    assert whole.volatility == near(cent.volatility / 100, rel=1e-3)
    assert whole.next_volatility == near(cent.next_volatility / 100, rel=1e-3)
    value = {one.name: one.value for one in whole.coefficients}
    if model is not stats.egarch:
        e = mark_pound[-1] / 100 - value["mu"]
        ahead = value["omega"] + (value["alpha"] + (e < 0) * value.get("gamma", 0)) * e**2
        assert whole.next_volatility**2 == near(ahead + value["beta"] * whole.volatility[-1] ** 2, rel=1e-6)
    else:
        z = whole.residuals[-1]
        ahead = value["omega"] + value["alpha"] * (abs(z) - np.sqrt(2 / np.pi)) + value["gamma"] * z
        assert np.log(whole.next_volatility**2) == near(
            ahead + value["beta"] * np.log(whole.volatility[-1] ** 2), abs=1e-6
        )
