"""The two heavy statistics stay within their budgets: processor time, since a busy machine says nothing about them."""

from __future__ import annotations

import time

import numpy as np
import pytest

from bot4.gate import stats

BUDGET_SECONDS = 5.0


def processor_seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def test_cscv_of_12_870_halves_of_100_configurations():
    table = np.random.default_rng(1).normal(size=(2_000, 100))
    assert processor_seconds(lambda: stats.cscv(table)) < BUDGET_SECONDS


@pytest.mark.parametrize("model", [stats.dcc, stats.cdcc])
def test_correlations_of_20_assets_over_2_500_days(model):
    rng = np.random.default_rng(2)
    common = rng.standard_t(5, size=(2_500, 1))
    table = 0.02 * (0.7 * common + 0.7 * rng.standard_t(5, size=(2_500, 20)))
    assert processor_seconds(lambda: model(table)) < BUDGET_SECONDS
