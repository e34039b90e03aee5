"""How many lags an error takes: against `arch`, which computes the same bandwidth by itself."""

from __future__ import annotations

import numpy as np
import pytest
from arch.covariance.kernel import Bartlett

from bot4.report.tear.hac import autocovariances, lags_chosen, lags_for


def series(coefficient, count, seed):
    """An AR(1) of normal values."""
    found = np.random.default_rng(seed).normal(size=count)
    for place in range(1, count):
        found[place] += coefficient * found[place - 1]
    return found


@pytest.mark.parametrize("coefficient", [-0.4, 0.0, 0.15, 0.5, 0.8])
def test_lags_are_the_bandwidth_of_newey_and_west(coefficient):
    """At 100 values, where arch, which rounds the first guess of lags up, and we, who round it down, both take four."""
    for seed in range(20):
        found = series(coefficient, 100, seed)
        wanted = min(max(int(Bartlett(found).opt_bandwidth), 4), 13)
        assert lags_chosen(autocovariances(found, 13), 100, 13) == wanted


def test_white_values_take_the_fewest_and_the_cap_holds():
    assert lags_chosen(np.array([1.0, *np.zeros(25)]), 1_000, 25) == lags_for(1_000) == 6
    assert lags_chosen(np.array([1.0, *np.full(25, 0.9)]), 2_000, 25) == 25
    assert lags_chosen(np.array([1.0, -0.5, *np.zeros(24)]), 1_000, 25) == 25
    assert lags_chosen(np.array([1.0, 0.1, 0.1]), 1_000, 2) == 2


def test_autocovariances_are_those_of_the_definition():
    found = series(0.3, 50, 1)
    centred = found - found.mean()
    plain = [sum(centred[t] * centred[t - lag] for t in range(lag, 50)) / 50 for lag in range(6)]
    assert autocovariances(found, 5) == pytest.approx(plain, rel=1e-12)
