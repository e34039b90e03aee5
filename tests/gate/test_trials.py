"""Many trials: how many they count as, corrected p-values, and the tests of the best of them."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import stats

near = pytest.approx


def test_copies_count_once_and_independent_trials_each():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(4_000, 1))
    copies = one @ rng.uniform(0.5, 2, size=(1, 10))
    assert stats.effective_trials(copies).effective == near(1.0)
    assert stats.effective_trials(rng.normal(size=(4_000, 10))).effective == near(10, abs=0.2)
    mixed = np.sqrt(0.8) * one + np.sqrt(0.2) * rng.normal(size=(4_000, 10))
    found = stats.effective_trials(mixed)
    assert found.correlation == near(np.corrcoef(mixed.T)[np.triu_indices(10, 1)].mean())
    assert found.effective == near(0.8 + 0.2 * 10, abs=0.15)
    assert stats.effective_trials(one[:, 0]).effective == 1.0


def test_trials_against_each_other_never_count_as_more_than_there_are():
    one = np.random.default_rng(2).normal(size=500)
    found = stats.effective_trials(np.column_stack([one, -one]))
    assert (found.correlation, found.effective) == near((-1.0, 2.0))


@pytest.mark.parametrize(("method", "theirs"), [(stats.sidak, "sidak"), (stats.holm, "holm")])
def test_corrected_p_values_are_those_of_statsmodels(method, theirs):
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    for p_values in ([0.01, 0.04, 0.03, 0.005], [0.5], [0.999, 0.0, 0.2], np.random.default_rng(3).uniform(size=40)):
        rejected, corrected, _, _ = multipletests(p_values, alpha=0.05, method=theirs)
        found = method(p_values)
        assert found.p_values == near(corrected, abs=1e-12)
        assert found.rejected == rejected.sum()


@pytest.mark.parametrize(("trials", "z"), [(1, 2.326), (5, 2.877), (10, 3.089), (50, 3.539), (100, 3.718)])
def test_sidak_at_one_per_cent_needs_the_z_of_the_study(trials, z):
    normal = pytest.importorskip("scipy.stats").norm
    found = stats.sidak([normal.sf(z)] + [0.5] * (trials - 1))
    assert found.p_values[0] == near(0.01, abs=5e-5)


def test_the_best_of_many_without_an_edge_is_not_superior_and_a_planted_one_is():
    rng = np.random.default_rng(4)
    null = rng.normal(size=(500, 20)) * 0.01
    found = stats.spa(null, seed=1)
    assert found.p_lower <= found.p_value <= found.p_upper
    assert found.p_value > 0.1
    assert stats.reality_check(null, seed=1).p_value > 0.1
    assert stats.stepm(null, seed=1).superior == ()
    null[:, 6] += 0.0025
    found = stats.spa(null, seed=1)
    assert (found.best, found.p_value < 0.01) == (7, True)
    assert stats.reality_check(null, seed=1).p_value < 0.05
    assert stats.stepm(null, seed=1).superior == (7,)


def test_stepm_is_the_example_of_arch():
    """Its documentation: 500 × 5 normal losses, seed 42, one shifted by −0.25: the first is superior."""
    losses = np.random.RandomState(42).standard_normal((500, 5))
    losses[:, 0] -= 0.25
    benchmark = np.random.RandomState(43).standard_normal(500)
    assert stats.stepm(-losses, -benchmark, seed=0).superior == (1,)


def test_bad_series_weaken_the_reality_check_and_not_the_spa():
    rng = np.random.default_rng(5)
    table = rng.normal(size=(400, 11)) * 0.01
    table[:, 1:] = table[:, 1:] * 4 - 0.03
    table[:, 0] += 0.002
    assert stats.spa(table, seed=2).p_value < 0.02
    assert stats.reality_check(table, seed=2).p_value > stats.spa(table, seed=2).p_value


def test_spa_against_cash_has_its_size():
    """200 times the best of five without an edge: about 5 % below 0.05."""
    rng = np.random.default_rng(6)
    found = [stats.spa(rng.normal(size=(150, 5)), block=1, resamples=200, seed=k).p_value for k in range(200)]
    assert np.mean(np.array(found) < 0.05) == near(0.05, abs=0.047)  # three standard errors


def test_the_same_seed_gives_the_same_figures():
    table = np.random.default_rng(7).normal(size=(200, 3))
    assert stats.spa(table, seed=3) == stats.spa(table, seed=3)
    assert stats.bootstrap(table[:, 0], seed=3) == stats.bootstrap(table[:, 0], seed=3)


@pytest.mark.parametrize("kind", ["stationary", "circular", "moving"])
def test_the_bootstrap_finds_the_error_of_a_mean_of_dependent_values(kind):
    noise = np.random.default_rng(8).normal(size=3_001)
    values = noise[1:] + 0.8 * noise[:-1]
    found = stats.bootstrap(values, kind=kind, block=20, seed=1)
    assert found.error == near(1.8 / np.sqrt(3_000), rel=0.12)
    assert found.low < found.estimate < found.high
    assert stats.bootstrap(values, kind=kind, block=1, seed=1).error < 0.8 * found.error


def test_blocks_of_noise_are_short_and_any_function_can_be_resampled():
    noise = np.random.default_rng(9).normal(size=1_000)
    assert stats.bootstrap(noise, resamples=100).block < 4
    found = stats.bootstrap(noise, statistic=np.median, resamples=500)
    assert found.estimate == np.median(noise)
    assert found.statistic == "median"
