"""Against quantstats, on synthetic and real equity curves; where it means something else, the test states the difference.

Differences are explained for readers in docs/metrics.md, "quantstats".
"""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import fields

import numpy as np
import pytest

from .curves import CURVES, START, exact_returns, garch, returns_of, sheet

os.environ.setdefault("MPLBACKEND", "Agg")
pd = pytest.importorskip("pandas")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    qs = pytest.importorskip("quantstats.stats")
pytestmark = pytest.mark.filterwarnings("ignore")
YEAR = 365


@pytest.fixture(scope="module", params=CURVES)
def both(request):
    returns = returns_of(request.param)
    found = sheet(returns, garch(seed=3, days=len(returns)))
    index = pd.date_range(pd.Timestamp(START, unit="ms"), periods=len(returns), freq="D")
    return found, pd.Series(exact_returns(found), index=index), pd.Series(found.series.benchmark_returns, index=index)


def test_ratios_are_those_of_quantstats(both):
    found, returns, _ = both
    own, stats = found.ratios, found.stats
    expected = {
        "smart_sharpe": qs.smart_sharpe(returns, periods=YEAR),
        "smart_sortino": qs.smart_sortino(returns, periods=YEAR),
        "sortino_sqrt2": qs.adjusted_sortino(returns, periods=YEAR),
        "omega": qs.omega(returns),
        "gain_to_pain": qs.gain_to_pain_ratio(returns),
        "payoff": qs.payoff_ratio(returns),
        "win_rate": qs.win_rate(returns),
        "profit_factor": qs.profit_factor(returns),
        "kelly": qs.kelly_criterion(returns),
        "common_sense": qs.common_sense_ratio(returns),
        "cpc": qs.cpc_index(returns),
        "avg_return": qs.avg_return(returns),
        "avg_win": qs.avg_win(returns),
        "avg_loss": qs.avg_loss(returns),
        "expected_daily": qs.expected_return(returns),
        "outlier_loss": qs.outlier_loss_ratio(returns),
    }
    for name, value in expected.items():
        assert getattr(own, name) == pytest.approx(value, rel=1e-9), name
    assert stats.sharpe == pytest.approx(qs.sharpe(returns, periods=YEAR))
    assert stats.sortino == pytest.approx(qs.sortino(returns, periods=YEAR))
    assert stats.volatility == pytest.approx(qs.volatility(returns, periods=YEAR))
    assert stats.cagr == pytest.approx(qs.cagr(returns, periods=YEAR))
    assert stats.calmar == pytest.approx(qs.calmar(returns, periods=YEAR))


def test_quantstats_counts_days_of_zero_as_wins_in_the_outlier_ratio(both):
    found, returns, _ = both
    assert found.ratios.outlier_win == pytest.approx(returns.quantile(0.99) / returns[returns > 0].mean())
    if not (returns == 0).any():
        assert found.ratios.outlier_win == pytest.approx(qs.outlier_win_ratio(returns))


def test_drawdown_measures_differ_by_a_degree_of_freedom_and_by_the_base(both):
    found, returns, _ = both
    days = len(returns)
    own = found.drawdowns
    assert found.stats.max_drawdown == pytest.approx(qs.max_drawdown(returns))
    assert own.underwater.min() == pytest.approx(qs.max_drawdown(returns))
    # Ours divides by all days and the base, quantstats by days − 1.
    assert own.ulcer_index * math.sqrt((days + 1) / (days - 1)) == pytest.approx(qs.ulcer_index(returns))
    # Ours compounds, quantstats adds returns up.
    added = abs(returns.sum()) / -found.stats.max_drawdown
    assert qs.recovery_factor(returns) == pytest.approx(added)
    assert own.recovery_factor == pytest.approx(found.stats.total_return / -found.stats.max_drawdown)
    # Ours takes the growth rate, quantstats the total return.
    assert found.ratios.martin == pytest.approx(found.stats.cagr / own.ulcer_index)
    assert qs.ulcer_performance_index(returns) == pytest.approx(found.stats.total_return / qs.ulcer_index(returns))


def test_ten_worst_daily_drawdowns_are_those_of_quantstats(both):
    found, returns, _ = both
    table = qs.drawdown_details(qs.to_drawdown_series(returns)).sort_values("max drawdown").head(10)
    depths = [row.depth * 100 for row in found.drawdowns.worst]
    assert depths == pytest.approx(table["max drawdown"].tolist())
    troughs = [str(pd.Timestamp(row.trough_ms - 1, unit="ms").date()) for row in found.drawdowns.worst]
    assert troughs == table["valley"].tolist()


def test_tails_are_those_of_quantstats(both):
    found, returns, _ = both
    own = found.tails
    assert own.tail_ratio == pytest.approx(qs.tail_ratio(returns))
    assert own.normal_var_95 == pytest.approx(qs.value_at_risk(returns))
    assert own.normal_var_99 == pytest.approx(qs.value_at_risk(returns, confidence=0.99))
    assert own.es_95 == pytest.approx(qs.conditional_value_at_risk(returns, method="historical"))
    # quantstats has the sample's unbiased skewness and excess kurtosis (pandas), we population moments and the raw one.
    days = len(returns)
    assert own.skewness * math.sqrt(days * (days - 1)) / (days - 2) == pytest.approx(qs.skew(returns))
    excess = (days - 1) / ((days - 2) * (days - 3)) * ((days + 1) * own.kurtosis - 3 * (days - 1))
    assert excess == pytest.approx(qs.kurtosis(returns))


def test_probabilistic_sharpe_is_that_of_quantstats(both):
    """To 2e-3: quantstats takes unbiased moments and another T."""
    found, returns, _ = both
    assert found.significance.psr == pytest.approx(qs.probabilistic_sharpe_ratio(returns), abs=2e-3)


def test_regression_is_that_of_quantstats(both):
    found, returns, benchmark = both
    own, greeks = found.regression, qs.greeks(returns, benchmark, periods=YEAR)
    assert own.alpha == pytest.approx(greeks["alpha"])
    assert own.beta == pytest.approx(greeks["beta"])
    assert own.r2 == pytest.approx(qs.r_squared(returns, benchmark))
    # quantstats' ratio is per day, its Treynor ratio takes the total return for the mean.
    assert own.information_ratio == pytest.approx(qs.information_ratio(returns, benchmark) * math.sqrt(YEAR))
    assert own.treynor == pytest.approx(returns.mean() * YEAR / greeks["beta"])


def test_periods_are_those_of_quantstats(both):
    found, returns, _ = both
    periods = {period.name: period for period in found.calendar.periods}
    # quantstats' weeks are groups of (calendar year, ISO week): the last days of December join the year's first week. `test_calendar`
    # compares ours with pandas.
    for name, rule in {"month": "ME", "quarter": "QE", "year": "YE"}.items():
        assert periods[name].best == pytest.approx(qs.best(returns, aggregate=rule)), name
        assert periods[name].worst == pytest.approx(qs.worst(returns, aggregate=rule)), name
        assert periods[name].longest_wins == qs.consecutive_wins(returns, aggregate=rule), name
        assert periods[name].longest_losses == qs.consecutive_losses(returns, aggregate=rule), name
    month = periods["month"]
    assert found.ratios.expected_monthly == pytest.approx(qs.expected_return(returns, aggregate="ME"))
    assert found.ratios.expected_yearly == pytest.approx(qs.expected_return(returns, aggregate="YE"))
    # quantstats leaves periods of exactly 0 out of the win rate.
    assert month.wins / (month.wins + month.losses) == pytest.approx(qs.win_rate(returns, aggregate="ME"))
    heat = qs.monthly_returns(returns, eoy=False)
    own = {row.year: row.months for row in found.calendar.years}
    for year, row in heat.iterrows():
        assert np.nan_to_num(own[int(year)]) == pytest.approx(row.to_numpy(dtype=float))


def test_every_ratio_is_a_number(both):
    found, _, _ = both
    ratios = found.ratios
    missing = [one.name for one in fields(ratios) if math.isnan(getattr(ratios, one.name))]
    assert missing == ["risk_adjusted_return"], "these runs have no fills, so no time in the market"


def test_serenity_takes_the_worst_twentieth_of_drawdowns(both):
    """quantstats takes the normal expected shortfall of drawdowns, which are not normal."""
    found, returns, _ = both
    equity = found.series.equity
    depths = equity / np.maximum.accumulate(equity) - 1
    worst = depths[depths <= np.quantile(depths, 0.05)].mean()
    pitfall = -worst / returns.std()
    assert found.ratios.serenity == pytest.approx(returns.sum() / (found.drawdowns.ulcer_index * pitfall))


def test_ruin_is_that_of_a_player_with_the_edge(both):
    """Against quantstats by its own formula: it takes the win rate for the edge, which is 2p − 1."""
    found, returns, _ = both
    wins = qs.win_rate(returns)
    assert qs.risk_of_ruin(returns) == pytest.approx(((1 - wins) / (1 + wins)) ** len(returns))
    edge = 2 * wins - 1
    expected = 1.0 if edge <= 0 else ((1 - edge) / (1 + edge)) ** len(returns)
    assert found.ratios.risk_of_ruin == pytest.approx(expected)


def test_matched_returns_have_the_volatility_of_the_benchmark(both):
    found, returns, benchmark = both
    scaled = returns / returns.std() * benchmark.std()
    assert found.series.matched_returns == pytest.approx(scaled.to_numpy())
