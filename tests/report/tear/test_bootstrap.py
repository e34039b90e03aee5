"""The block bootstrap: block length against arch, resampling against its definition, coverage on simulated returns.

A larger study of coverage is `python -m benchmarks.bootstrap_coverage`.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.bootstrap_coverage import covered, fewest
from bot4.report import formulas
from bot4.report.tear.bootstrap import block_length, bootstrap, optimal_block, walk

from .curves import CURVES, exact_returns, garch, returns_of, sheet


@pytest.mark.parametrize("name", CURVES)
def test_block_length_is_that_of_arch(name):
    arch = pytest.importorskip("arch.bootstrap")
    returns = exact_returns(sheet(returns_of(name)))
    for values in (returns, returns**2):
        known = float(arch.optimal_block_length(values)["stationary"].iloc[0])
        # The paper divides by the variance of all days, arch by that of the days in common: where a correlation is at the bound they
        # stop at another lag (squares of FTT alone).
        assert optimal_block(values) == pytest.approx(known, rel=0.05 if name == "FTTUSDT" else 1e-6)
    assert block_length(returns) == max(1.0, optimal_block(returns), optimal_block(returns**2))


def test_block_length_of_short_and_of_autocorrelated_series_is_that_of_arch():
    arch = pytest.importorskip("arch.bootstrap")
    rng = np.random.default_rng(2)
    noise = rng.normal(size=600)
    smooth = np.convolve(noise, np.ones(20), mode="valid")
    for values in (noise, noise[:40], smooth, smooth[:120]):
        known = float(arch.optimal_block_length(values)["stationary"].iloc[0])
        assert optimal_block(values) == pytest.approx(known, rel=1e-6)
    assert optimal_block(smooth) > 5 * optimal_block(noise)


def test_blocks_are_geometric_and_every_day_is_drawn_equally_often():
    count, block, resamples = 200, 8.0, 500
    rows = np.stack(list(walk(np.random.default_rng(1), count, block, resamples)))
    assert rows.shape == (count, resamples)
    follows = (rows[1:] - rows[:-1]) % count == 1
    share = 1 - (1 - 1 / block) - (1 / block) / count  # a jump lands on the next row by chance
    draws = follows.size
    assert abs((~follows).mean() - share) < 4 * math.sqrt(share * (1 - share) / draws)
    counts = np.bincount(rows.ravel(), minlength=count)
    assert abs(counts / counts.mean() - 1).max() < 0.25
    assert counts.sum() == count * resamples


def test_statistics_of_resamples_are_the_formulas():
    """Each resample's Sharpe ratio, Sortino ratio, volatility, growth and drawdown, one by one, from the same rows."""
    returns = garch(days=120)
    found = bootstrap(sheet(returns).series, seed=9, resamples=40)
    own = exact_returns(sheet(returns))
    rows = np.stack(list(walk(np.random.default_rng(9), 120, found.block_days, 40)), axis=1)
    drawn = own[rows]
    paths = np.cumprod(np.concatenate([np.ones((40, 1)), 1 + drawn], axis=1), axis=1)
    expected = {
        "sharpe": [formulas.sharpe(one) for one in drawn],
        "sortino": [formulas.sortino(one) for one in drawn],
        "volatility": [formulas.volatility(one) for one in drawn],
        "cagr": [path[-1] ** (365 / 120) - 1 for path in paths],
        "max_drawdown": [(path / np.maximum.accumulate(path)).min() - 1 for path in paths],
    }
    for name, values in expected.items():
        interval = getattr(found, name)
        assert interval.error == pytest.approx(np.std(values, ddof=1)), name
        assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975]))), name
    assert found.loss_probability == np.mean(paths[:, -1] <= 1)


def test_same_seed_same_numbers_and_estimates_are_those_of_the_summary():
    found = sheet(garch(days=300))
    first, again, other = (bootstrap(found.series, seed) for seed in (5, 5, 6))
    assert first == again
    assert first.sharpe != other.sharpe
    stats = found.stats
    for name in ("sharpe", "sortino", "cagr", "volatility", "max_drawdown"):
        interval = getattr(first, name)
        assert interval.estimate == pytest.approx(stats[name]), name
        assert interval.low < interval.estimate < interval.high, name


def test_a_day_of_ruin_stays_finite():
    returns = np.concatenate([garch(days=50), [-1.0]])
    found = bootstrap(sheet(returns).series, resamples=200)
    assert found.max_drawdown.low == pytest.approx(-1.0)
    assert found.cagr.low == pytest.approx(-1.0)
    assert all(math.isfinite(x) for x in (found.cagr.high, found.sharpe.low, found.sharpe.high))


SHORT = {"sharpe": 0.02, "cagr": 0.02, "volatility": 0.06, "max_drawdown": 0.15}
"""By how much intervals of two years may cover less than 95 %, from the study in docs/metrics.md: percentile intervals of finite samples
do, and that of the drawdown does not know how far the sample's mean is from the true one."""


@pytest.mark.parametrize("process", ["normal", "fat", "smooth"])
def test_intervals_cover_at_their_level(process):
    """60 samples of two years each; what is allowed is what chance does once in a thousand samples of samples."""
    hits = covered(process, samples=60, days=730, resamples=200, seed=2024)
    low = {name: hits[name] / 60 for name, short in SHORT.items() if hits[name] < fewest(60, 0.95 - short)}
    assert low == {}


def test_intervals_are_not_wider_than_they_say():
    """A level of 50 % is held by half of the samples, not by all."""
    hits = covered("normal", samples=60, days=180, resamples=200, seed=7, level=0.5)
    for name in ("sharpe", "volatility", "cagr"):
        assert fewest(60, 0.45) <= hits[name] <= 60 - fewest(60, 0.45), name
