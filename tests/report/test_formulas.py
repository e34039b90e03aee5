"""Formulas against published values, closed forms and plain-Python definitions."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.report import formulas
from bot4.report.columns import DAY_MS

HOUR = 3_600_000


# --- Sharpe and its standard error ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "ratio", "published"),
    [(12, 0.5, 0.306), (12, 1, 0.354), (12, 2, 0.500), (12, 3, 0.677)]
    + [(60, 1, 0.158), (60, 2, 0.224), (250, 1, 0.077), (250, 3, 0.148)],
)
def test_iid_standard_error_is_lo_2002_table(count, ratio, published):
    assert formulas.sharpe_se_iid(ratio, count) == pytest.approx(published, abs=5.1e-4)


@pytest.mark.parametrize(("skew", "kurt", "published"), [(-2.448, 10.164, 0.913), (0.0, 3.0, 0.982)])
def test_non_normal_standard_error_gives_the_published_probabilistic_sharpe(skew, kurt, published):
    """Bailey and López de Prado (2012): monthly Sharpe 0.458 over 24 months against 0; PSR = Φ(SR/se)."""
    error = formulas.sharpe_se(0.458, 24, skew, kurt)
    assert statistics.NormalDist().cdf(0.458 / error) == pytest.approx(published, abs=5e-4)


@given(st.floats(-3, 3), st.integers(3, 5000))
def test_mertens_reduces_to_lo_for_normal_returns(ratio, count):
    assert formulas.sharpe_se(ratio, count + 1, 0.0, 3.0) == pytest.approx(
        formulas.sharpe_se_iid(ratio, count), rel=1e-12
    )


def test_sharpe_is_mean_over_deviation_times_root_365():
    returns = np.array([0.01, -0.02, 0.03, 0.00])
    expected = statistics.mean(returns) / statistics.stdev(returns) * math.sqrt(365)
    assert formulas.sharpe(returns) == pytest.approx(expected, rel=1e-12)
    assert formulas.volatility(returns) == pytest.approx(statistics.stdev(returns) * math.sqrt(365), rel=1e-12)


def test_standard_error_covers_the_truth_about_as_often_as_it_says():
    """Skewed returns (shifted exponential), 400 runs: |estimate − truth| < 1.96 se in about 95 %."""
    rng = np.random.default_rng(5)
    truth, hits = 0.1, 0
    for _ in range(400):
        sample = rng.exponential(1.0, 500) - 1.0 + truth
        ratio = formulas.sharpe(sample) / math.sqrt(365)
        error = formulas.sharpe_se(ratio, 500, formulas.skewness(sample), formulas.kurtosis(sample))
        hits += abs(ratio - truth) < 1.96 * error
    assert 0.92 <= hits / 400 <= 0.98


def test_moments_of_a_coin_and_of_a_skewed_pair():
    assert formulas.kurtosis(np.array([1.0, -1.0] * 50)) == pytest.approx(1.0)
    assert formulas.skewness(np.array([1.0, -1.0] * 50)) == pytest.approx(0.0)
    assert formulas.skewness(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx((1 - 2 * 0.25) / math.sqrt(0.25 * 0.75))


def test_sortino_and_calmar_by_hand():
    returns = np.array([0.02, -0.01, 0.02, -0.01])
    assert formulas.sortino(returns) == pytest.approx(0.005 / math.sqrt(2e-4 / 4) * math.sqrt(365))
    assert formulas.calmar(0.5, -0.25) == pytest.approx(2.0)
    assert math.isnan(formulas.calmar(0.5, 0.0))


@pytest.mark.parametrize("returns", [np.empty(0), np.array([0.1]), np.zeros(9)])
def test_what_cannot_be_computed_is_nan(returns):
    assert math.isnan(formulas.sharpe(returns))
    assert math.isnan(formulas.sortino(returns))
    assert math.isnan(formulas.skewness(returns))
    assert math.isnan(formulas.sharpe_se(formulas.sharpe(returns), len(returns), 0.0, 3.0))


def test_undefined_standard_errors_are_nan():
    assert math.isnan(formulas.sharpe_se(0.5, 1, 0.0, 3.0))
    assert math.isnan(formulas.sharpe_se(0.5, 100, 9.0, 3.0)), "a variance estimate below zero says nothing"
    assert math.isnan(formulas.sharpe_se_iid(0.5, 0))
    assert math.isnan(formulas.volatility(np.array([0.1])))


# --- growth -------------------------------------------------------------------------------------------------------------------


def test_growth_over_two_years_is_the_square_root():
    assert formulas.cagr(100, 144, 2 * 365 * DAY_MS) == pytest.approx(0.2, rel=1e-12)
    assert formulas.total_return(100, 144) == pytest.approx(0.44)


def test_growth_has_an_answer_at_the_edges():
    assert formulas.cagr(100, 0, 365 * DAY_MS) == -1.0
    assert math.isnan(formulas.cagr(100, 101, DAY_MS - 1))
    assert math.isnan(formulas.cagr(1, 1e9, DAY_MS)), "1e9 in a day has no yearly rate that a float can hold"
    assert math.isnan(formulas.cagr(0, 1, 365 * DAY_MS))
    assert math.isnan(formulas.total_return(0, 1))


# --- days ---------------------------------------------------------------------------------------------------------------------


def reference_closes(ts, equity):
    """The definition, day by day."""
    closes, day_of = (
        [float(equity[0])],
        lambda t: -(-t // DAY_MS),
    )  # a point at midnight belongs to the day that ends there
    last = day_of(int(ts[-1]))
    for day in range(day_of(int(ts[0])), last + 1):
        seen = [float(v) for t, v in zip(ts, equity, strict=True) if day_of(int(t)) <= day]
        only_base = day == day_of(int(ts[0])) and len(seen) == 1
        if not only_base:
            closes.append(seen[-1])
    return closes


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60), st.integers(0, 60))
def test_daily_closes_follow_the_definition(gaps, start):
    ts = (np.cumsum([start, *gaps])) * HOUR
    equity = np.arange(100, 100 + len(ts), dtype=np.int64)
    times, closes = formulas.daily_closes(ts, equity)
    assert closes.tolist() == reference_closes(ts, equity)
    assert times[-1] <= ts[-1]
    assert len(times) == len(closes)


def test_no_points_give_no_closes():
    times, closes = formulas.daily_closes(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    assert len(times) == len(closes) == 0


def test_returns_after_ruin_are_zero():
    assert formulas.simple_returns(np.array([100.0, 50.0, -10.0, 5.0])).tolist() == pytest.approx([-0.5, -1.2, 0.0])


# --- drawdown -----------------------------------------------------------------------------------------------------------------


def reference_drawdown(equity):
    peak, worst = equity[0], 0.0
    for value in equity:
        peak = max(peak, value)
        worst = min(worst, value / peak - 1)
    return worst


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=80))
def test_depth_is_the_worst_fall_below_a_former_peak(values):
    ts = np.arange(len(values), dtype=np.int64) * HOUR
    fall = formulas.max_drawdown(ts, np.array(values, dtype=np.int64))
    assert fall.depth == pytest.approx(reference_drawdown(values), abs=1e-15)
    at = {int(t): v for t, v in zip(ts, values, strict=True)}
    assert at[fall.trough_ms] / at[fall.start_ms] - 1 == pytest.approx(fall.depth, abs=1e-15)
    if fall.end_ms is not None:
        assert at[fall.end_ms] >= at[fall.start_ms]
    assert fall.longest_ms >= fall.length_ms(int(ts[-1]))


def test_drawdown_knows_start_trough_end_and_the_longest():
    equity = np.array([100, 110, 55, 80, 110, 120, 119, 118, 117, 116, 121], dtype=np.int64)
    ts = np.arange(len(equity), dtype=np.int64)
    fall = formulas.max_drawdown(ts, equity)
    assert (fall.depth, fall.start_ms, fall.trough_ms, fall.end_ms) == (-0.5, 1, 2, 4)
    assert fall.length_ms(10) == 3
    assert fall.longest_ms == 5


def test_an_unfinished_drawdown_lasts_to_the_end():
    fall = formulas.max_drawdown(np.arange(4, dtype=np.int64), np.array([100, 90, 95, 99], dtype=np.int64))
    assert (fall.end_ms, fall.length_ms(3), fall.longest_ms) == (None, 3, 3)


def test_no_fall_is_no_drawdown():
    fall = formulas.max_drawdown(np.arange(3, dtype=np.int64), np.array([1, 1, 2], dtype=np.int64))
    assert (fall.depth, fall.longest_ms, fall.length_ms(2)) == (0.0, 0, 0)
    assert formulas.max_drawdown(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)).depth == 0.0
