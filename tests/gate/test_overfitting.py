"""CSCV: equal to the naive procedure, about one half on noise, near zero where one configuration is truly better."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bot4.gate import stats

near = pytest.approx


def naive(table, blocks):
    """The procedure as the paper writes it: every choice of halves put together row by row."""
    length = len(table) // blocks
    pieces = [table[len(table) - length * blocks :][k * length : (k + 1) * length] for k in range(blocks)]
    logits, outside = [], []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([pieces[k] for k in chosen])
        other = np.concatenate([pieces[k] for k in range(blocks) if k not in chosen])
        best = np.argmax(inside.mean(axis=0) / inside.std(axis=0, ddof=1))
        sharpes = other.mean(axis=0) / other.std(axis=0, ddof=1)
        rank = np.sum(sharpes <= sharpes[best])
        share = rank / (table.shape[1] + 1)
        logits.append(np.log(share / (1 - share)))
        outside.append(sharpes[best])
    return np.array(logits), np.array(outside)


@pytest.mark.parametrize("blocks", [2, 6, 8])
def test_it_is_the_naive_procedure(blocks):
    table = np.random.default_rng(blocks).standard_t(5, size=(203, 7)) * 0.01 + 0.0005
    found = stats.cscv(table, blocks=blocks)
    logits, outside = naive(table, blocks)
    assert found.logits == near(logits)
    assert found.pbo == np.mean(logits <= 0)
    assert found.loss_probability == np.mean(outside < 0)
    assert found.out_of_sample == near(outside.mean())
    assert found.count == 203 // blocks * blocks


@pytest.mark.parametrize(("blocks", "halves"), [(10, 252), (16, 12_870)])
def test_halves_are_counted_as_the_paper_does(blocks, halves):
    assert stats.cscv(np.random.default_rng(1).normal(size=(64, 2)), blocks=blocks).halves == halves


def families(count, edge, rng):
    """Yields families of ten configurations of two years, correlated 0.5, with these annual Sharpe ratios."""
    for _ in range(count):
        common = rng.normal(size=(730, 1))
        yield np.sqrt(0.5) * (common + rng.normal(size=(730, 10))) + np.asarray(edge) / np.sqrt(365)


def test_on_noise_it_is_about_one_half():
    """The study: mean .49 to .52 with a spread of .23 for ten configurations."""
    found = [stats.cscv(one, blocks=10).pbo for one in families(150, 0.0, np.random.default_rng(2))]
    assert np.mean(found) == near(0.5, abs=0.06)
    assert np.std(found) == near(0.23, abs=0.06)


def test_one_good_configuration_among_nothing_is_found():
    """The study: PBO ≤ .2 in 85 %, probability of loss ≤ .25 in 89 % of families with one Sharpe 2 among zeros."""
    found = [stats.cscv(one, blocks=10) for one in families(100, [2.0] + [0.0] * 9, np.random.default_rng(3))]
    assert np.mean([one.pbo <= 0.2 for one in found]) == near(0.853, abs=0.12)
    assert np.mean([one.loss_probability <= 0.25 for one in found]) == near(0.893, abs=0.1)


def test_equally_good_configurations_show_why_pbo_is_no_bar():
    """The study: all Sharpe 2: PBO ≤ .2 passes 11 %, probability of loss ≤ .25 all of them."""
    found = [stats.cscv(one, blocks=10) for one in families(100, 2.0, np.random.default_rng(4))]
    assert np.mean([one.pbo <= 0.2 for one in found]) < 0.3
    assert np.mean([one.loss_probability <= 0.25 for one in found]) > 0.95


def test_copies_share_their_rank():
    one = np.random.default_rng(5).normal(size=(100, 1))
    found = stats.cscv(np.hstack([one, one, one]), blocks=4)
    assert np.abs(found.logits).max() == near(0.0)  # rank 2 of 3, ω = 1/2


def test_a_configuration_that_rests_in_one_half_is_no_error():
    table = np.random.default_rng(6).normal(size=(80, 3))
    table[:40, 0] = 0.0
    found = stats.cscv(table, blocks=2)
    assert np.isfinite(found.logits).all()
    assert np.isfinite([found.in_sample, found.out_of_sample]).all()


def test_a_constant_return_over_half_of_the_time_is_refused():
    table = np.random.default_rng(7).normal(size=(80, 3))
    table[:40, 0] = 0.01
    with pytest.raises(stats.GateError, match="constant return over half of the 2 blocks"):
        stats.cscv(table, blocks=2)
