"""Comparing runs: common days, correlation, and a standard error that covers at its level on simulated returns."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.records.compare import Pair, common_days, compare_returns
from bot4.records.difference import Difference, differences

from .samples import DAY


def normal_pair(rng, days, mean, correlation):
    first, noise = rng.standard_normal((2, days))
    second = correlation * first + math.sqrt(1 - correlation**2) * noise
    return 0.01 * (first + mean), 0.02 * (second + mean)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_equal_sharpe_ratios_differ_by_chance_as_often_as_the_level_says(correlation):
    rng = np.random.default_rng(7)
    z = [compare_returns(a, 0, b, 0).z for a, b in (normal_pair(rng, 500, 0.05, correlation) for _ in range(2_000))]
    share = np.mean(np.abs(z) > 1.96)
    assert abs(share - 0.05) < 3 * math.sqrt(0.05 * 0.95 / 2_000)


def test_the_standard_error_is_the_spread_of_simulated_differences():
    rng = np.random.default_rng(8)
    pairs = [compare_returns(a, 0, b, 0) for a, b in (normal_pair(rng, 400, 0.1, 0.5) for _ in range(2_000))]
    assert np.std([pair.difference for pair in pairs]) == pytest.approx(pairs[0].standard_error, rel=0.06)


def test_a_worked_example_by_hand():
    one, two = np.array([0.01, -0.01, 0.02, 0.0]), np.array([0.02, 0.0, 0.01, 0.01])
    pair = compare_returns(one, 0, two, 0)
    first, second = 0.005 / np.std(one, ddof=1), 0.01 / np.std(two, ddof=1)
    rho = 0.0002 / 3 / (np.std(one, ddof=1) * np.std(two, ddof=1))
    variance = (2 - 2 * rho + 0.5 * (first**2 + second**2 - 2 * first * second * rho**2)) / 4
    assert pair.correlation == pytest.approx(rho)
    assert (pair.sharpe, pair.other_sharpe) == pytest.approx((first * math.sqrt(365), second * math.sqrt(365)))
    assert pair.z == pytest.approx((second - first) / math.sqrt(variance))


def test_only_common_days_are_compared():
    one, two = np.arange(10.0), np.arange(100.0, 120.0)
    left, right = common_days(one, 5 * DAY, two, 8 * DAY)
    assert left.tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert right.tolist() == [100, 101, 102, 103, 104, 105, 106]
    assert [len(part) for part in common_days(one, 0, two, 50 * DAY)] == [0, 0]
    cut, whole = common_days(one[:1], 5 * DAY + 1, two, 6 * DAY)
    assert (cut.tolist(), whole.tolist()) == ([0], [100]), "a first day that is cut short is that day all the same"


def test_too_few_days_or_no_variation_compare_to_nothing():
    assert compare_returns(np.ones(2), 0, np.ones(2), 0).days == 2
    flat = compare_returns(np.zeros(9), 0, np.arange(9.0), 0)
    assert math.isnan(flat.difference)
    assert math.isnan(flat.z)
    assert math.isfinite(flat.other_sharpe)
    same = compare_returns(np.arange(9.0), 0, np.arange(9.0), 0)
    assert same.difference == 0
    assert math.isnan(same.z) or same.z == 0


def test_a_pair_without_error_has_no_z():
    assert math.isnan(Pair(5, 1.0, 1.0, 1.0, 0.0, 0.0).z)


def test_everything_in_which_two_records_differ_is_found():
    run = {
        "name": "t", "identity": "i", "kind": "backtest", "seed": None, "instruments": ["b"], "interval_ms": 1, "start_ms": 0,
        "end_ms": 9, "data_hash": "d", "version": "1", "params": {"a": 1, "b": 2}, "config": {"fee": 1.0}, "stats": {"x": 1.0},
    }  # fmt: skip
    assert differences(run, dict(run)) == []
    other = run | {
        "identity": "j",
        "seed": 3,
        "data_hash": "e",
        "version": "2",
        "params": {"a": 1, "c": 5},
        "config": {"fee": 2.0},
    }
    assert differences(run, other | {"stats": {"x": None}}) == [
        Difference("strategy", "identity", "i", "j"),
        Difference("strategy", "seed", None, 3),
        Difference("parameters", "b", 2, None),
        Difference("parameters", "c", None, 5),
        Difference("data", "data_hash", "d", "e"),
        Difference("settings", "fee", 1.0, 2.0),
        Difference("version", "version", "1", "2"),
        Difference("statistics", "x", 1.0, None),
    ]
