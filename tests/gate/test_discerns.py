"""Each test rejects what it must and keeps what it must: fixed seeds, and shares of rejections for those we wrote."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import stats
from bot4.gate.stats.distributions import chi2_tail

SEED = 20_261_127


def arch_series(count, seed=SEED):
    """ARCH(1): e = √(0.2 + 0.7·e₋₁²)·z: uncorrelated, and its squares are not."""
    z = np.random.default_rng(seed).normal(size=count)
    found = np.zeros(count)
    for row in range(1, count):
        found[row] = np.sqrt(0.2 + 0.7 * found[row - 1] ** 2) * z[row]
    return found


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(SEED).normal(size=3_000)


def test_a_random_walk_is_not_stationary(noise):
    walk = np.cumsum(noise)
    assert stats.adf(walk).p_value > 0.1
    assert stats.phillips_perron(walk).p_value > 0.1
    assert stats.kpss(walk).p_value < 0.01


def test_noise_is_stationary(noise):
    assert stats.adf(noise).p_value < 1e-6
    assert stats.phillips_perron(noise).p_value < 1e-6
    assert stats.kpss(noise).p_value > 0.1


def test_a_normal_sample_is_normal_and_others_are_not(noise):
    rng = np.random.default_rng(SEED)
    assert stats.jarque_bera(noise).adjusted_p > 0.05
    assert stats.jarque_bera(rng.standard_t(4, size=3_000)).adjusted_p < 1e-6
    assert stats.jarque_bera(rng.exponential(size=300)).adjusted_p < 1e-6


def test_an_arch_series_is_not_white(noise):
    changing = arch_series(3_000)
    assert stats.arch_lm(changing).p_value < 1e-6
    assert stats.arch_lm(noise).p_value > 0.05
    assert stats.ljung_box(changing**2).p_value < 1e-6


def test_autocorrelated_returns_are_found_and_noise_is_not(noise):
    trending = noise.copy()
    trending[1:] += 0.2 * noise[:-1]
    assert stats.ljung_box(trending).p_value < 1e-6
    assert stats.ljung_box(noise).p_value > 0.05
    found = stats.variance_ratio(trending)
    assert found.p_value < 1e-6
    assert found.ratio == pytest.approx(1 + 0.2 / 1.04, abs=0.04)  # 1 + ρ₁ of MA(1)
    assert stats.variance_ratio(noise).p_value > 0.05


def test_dfa_knows_noise_walks_and_returning_series():
    noise = np.random.default_rng(SEED).normal(size=4_096)
    assert stats.dfa(noise).exponent == pytest.approx(0.5, abs=0.05)
    assert stats.dfa(np.cumsum(noise)).exponent == pytest.approx(1.5, abs=0.05)
    assert stats.dfa(np.diff(noise), smallest=32).exponent < 0.2
    assert stats.dfa(np.cumsum(noise)).fit > 0.99


def test_dfa_is_the_naive_one():
    values = np.random.default_rng(SEED).standard_t(5, size=600)
    profile = np.cumsum(values - values.mean())
    logs, lengths = [], np.unique(np.geomspace(10, 150, 20).round().astype(int))
    for length in lengths:
        left = []
        for start in (0, len(profile) % length):
            for row in range(len(profile) // length):
                part = profile[start + row * length : start + (row + 1) * length]
                steps = np.arange(length)
                left.append(part - np.polyval(np.polyfit(steps, part, 1), steps))
        logs.append(np.log(np.sqrt(np.mean(np.concatenate(left) ** 2))))
    assert stats.dfa(values).exponent == pytest.approx(np.polyfit(np.log(lengths), logs, 1)[0], abs=1e-9)


def test_the_corrected_jarque_bera_has_its_size_where_the_plain_one_has_not():
    """5,000 normal samples of 30: Urzúa's correction rejects near 5 %, the plain test too rarely."""
    rng = np.random.default_rng(SEED)
    found = [stats.jarque_bera(rng.normal(size=30)) for _ in range(5_000)]
    plain = np.mean([one.p_value < 0.05 for one in found])
    corrected = np.mean([one.adjusted_p < 0.05 for one in found])
    assert plain < 0.035
    assert 0.038 < corrected < 0.062


def test_ljung_box_has_its_size():
    rng = np.random.default_rng(SEED)
    share = np.mean([stats.ljung_box(rng.normal(size=400)).p_value < 0.05 for _ in range(2_000)])
    assert share == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 2_000))


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10])
def test_tails_of_chi_square_are_those_of_scipy(freedom):
    chi2 = pytest.importorskip("scipy.stats").chi2
    for value in (1e-6, 0.3, 1.0, 3.84, 12.0, 80.0):
        assert chi2_tail(value, freedom) == pytest.approx(chi2.sf(value, freedom), rel=1e-9)
    assert chi2_tail(0.0, freedom) == chi2_tail(-1.0, freedom) == 1.0
    assert np.isnan(chi2_tail(np.nan, freedom))
