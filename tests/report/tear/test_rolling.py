"""Moving windows against pandas' own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from .curves import CURVES, exact_returns, garch, returns_of, sheet

pd = pytest.importorskip("pandas")
YEARLY = math.sqrt(365)


@pytest.mark.parametrize("name", CURVES)
def test_windows_are_those_of_pandas(name):
    returns = returns_of(name)
    found = sheet(returns, garch(seed=4, days=len(returns)))
    own, other = pd.Series(exact_returns(found)), pd.Series(found.series.benchmark_returns)
    for window in found.rolling.windows:
        days = window.days
        moved = own.rolling(days)
        assert window.times.tolist() == found.series.times[days:].tolist()
        expected = {
            "volatility": moved.std() * YEARLY,
            "sharpe": moved.mean() / moved.std() * YEARLY,
            "sortino": moved.mean() / np.sqrt((own.clip(upper=0) ** 2).rolling(days).mean()) * YEARLY,
            "beta": moved.cov(other) / other.rolling(days).var(),
            "benchmark_volatility": other.rolling(days).std() * YEARLY,
            "benchmark_sharpe": other.rolling(days).mean() / other.rolling(days).std() * YEARLY,
        }
        for field, values in expected.items():
            assert getattr(window, field) == pytest.approx(values.to_numpy()[days - 1 :], rel=1e-6, abs=1e-9), field


def test_the_window_of_the_whole_run_is_the_summary():
    found = sheet(garch(days=365))
    window = found.rolling.windows[-1]
    assert window.sharpe.tolist() == pytest.approx([found.stats.sharpe])
    assert window.sortino.tolist() == pytest.approx([found.stats.sortino])
    assert window.beta.tolist() == pytest.approx([found.regression.beta])


def test_windows_longer_than_the_run_are_empty_and_flat_ones_unknown():
    returns = np.concatenate([np.zeros(40), garch(days=40)])
    thirty, ninety, year = sheet(returns).rolling.windows
    assert (len(thirty.times), len(ninety.times), len(year.sharpe)) == (51, 0, 0)
    assert np.isnan(thirty.sharpe[:11]).all()
    assert (thirty.volatility[:11] == 0).all()
    assert np.isnan(thirty.beta[:11]).all()
    assert not np.isnan(thirty.sharpe[11:]).any()
