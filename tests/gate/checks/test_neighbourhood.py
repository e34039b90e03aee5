"""The neighbourhood: its probability of loss judges, that of overfitting only beside it; without parameters, the halves themselves."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from bot4.gate import stats
from bot4.gate.checks import neighbourhood
from tests.gate.checks.samples import evidence, noise, value_of

near = pytest.approx


def family(drift, *, shared=0.5, days=1_800, configurations=9, seed=0):
    """Returns evidence whose neighbourhood has these annual Sharpe ratios (one for all or one for each)."""
    given = evidence(out=1_200)
    rng = np.random.default_rng(seed)
    common = noise(rng, days, 0.01)
    own = np.column_stack([noise(rng, days, 0.01) for _ in range(configurations)])
    table = np.sqrt(shared) * common[:, None] + np.sqrt(1 - shared) * own + np.asarray(drift) / np.sqrt(365) * 0.01
    return dataclasses.replace(given, neighbours=table)


def cscv(table, blocks):
    """Returns (loss probability, probability of overfitting) by going through the halves one by one."""
    pieces = np.array_split(table, blocks)
    losses, worse = [], []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([pieces[n] for n in chosen])
        outside = np.concatenate([pieces[n] for n in range(blocks) if n not in chosen])
        best = np.argmax(inside.mean(axis=0) / inside.std(axis=0, ddof=1))
        kept = outside.mean(axis=0) / outside.std(axis=0, ddof=1)
        losses.append(kept[best] < 0)
        worse.append((kept < kept[best]).sum() + 1 <= (table.shape[1] + 1) / 2)
    return np.mean(losses), np.mean(worse)


@pytest.mark.parametrize(("drift", "passed"), [(2.0, True), (-0.5, False)])
def test_a_good_family_holds_and_a_losing_one_does_not(drift, passed):
    made = neighbourhood.check(family(drift))
    assert made.passed is passed
    assert made.waits is False
    assert made.details["halves"] == 12_870


def test_value_and_overfitting_are_those_of_the_halves_one_by_one():
    given = family(0.4)
    settings = dataclasses.replace(given.registration.settings, blocks=8)
    given = dataclasses.replace(given, registration=dataclasses.replace(given.registration, settings=settings))
    loss, pbo = cscv(given.neighbours, 8)
    made = neighbourhood.check(given)
    assert made.value == near(loss)
    assert made.details["pbo"] == near(pbo)


def shifted_to(loss):
    """Returns evidence whose probability of loss is at most `loss` and above it with a hair less return."""
    base = family(0.0, seed=4).neighbours
    low, high = 0.0, 0.01
    for _ in range(22):  # to 2e-9: closer than that a half is on one side or the other by its rounding
        middle = (low + high) / 2
        low, high = (middle, high) if stats.cscv(base + middle).loss_probability > loss else (low, middle)
    return base, low, high


def test_the_bar_is_a_quarter():
    base, low, high = shifted_to(0.25)
    given = evidence(out=1_200)
    plain = dataclasses.replace(given.registration.settings, overfit_probability=1.0)
    given = dataclasses.replace(given, registration=dataclasses.replace(given.registration, settings=plain))
    assert neighbourhood.check(dataclasses.replace(given, neighbours=base + high)).passed is True
    assert neighbourhood.check(dataclasses.replace(given, neighbours=base + low)).passed is False


def test_overfitting_alone_fails_nothing_and_fails_beside_a_higher_loss():
    good = neighbourhood.check(family(2.0, shared=0.95))
    assert good.details["pbo"] > 0.4  # all equally good: one half by construction
    assert good.passed is True
    given = family(2.0, shared=0.95)
    strict = dataclasses.replace(given.registration.settings, overfit_probability=0.0, overfit_loss=0.0)
    made = neighbourhood.check(family(0.8, shared=0.5, seed=4))
    assert 0 < value_of(made) <= 0.25
    harder = dataclasses.replace(
        family(0.8, shared=0.5, seed=4), registration=dataclasses.replace(given.registration, settings=strict)
    )
    assert neighbourhood.check(harder).passed is False


def test_too_few_neighbours_are_not_judged_and_the_fix_is_said():
    given = family(2.0)
    still = given.neighbours.copy()
    still[:, 4:] = 0.0
    made = neighbourhood.check(dataclasses.replace(given, neighbours=still))
    assert (made.passed, made.is_met, made.waits) == (None, False, False)
    assert "4 configurations that traded and needs 5" in made.words
    still[:, 4] = given.neighbours[:, 4]
    assert neighbourhood.check(dataclasses.replace(given, neighbours=still)).passed is True


def test_without_parameters_the_halves_of_the_only_configuration_are_counted():
    given = evidence(out=1_200, made_parameters={}, made_grid=[{}])
    made = neighbourhood.check(given)
    assert made.passed is True
    pieces = np.array_split(given.neighbours[8:, 0], 16)
    sums = np.array([piece.sum() for piece in pieces])
    share = np.mean([sum(sums[list(half)]) < 0 for half in itertools.combinations(range(16), 8)])
    assert made.value == near(share)
    losing = dataclasses.replace(given, neighbours=given.neighbours - 0.002)
    assert neighbourhood.check(losing).passed is False


def test_the_cloud_has_the_registered_one_first():
    given = evidence(out=1_200)
    made = neighbourhood.check(given)
    own = given.out.returns
    assert made.details["cloud_out"][0] == near(own.mean() / own.std(ddof=1) * np.sqrt(365))
    assert len(made.details["cloud_in"]) == 9


def test_the_ranks_of_the_histogram_are_those_of_all_halves():
    made = neighbourhood.check(evidence(out=1_200))
    counts = made.details["rank_counts"]
    assert sum(counts) == 12_870
    assert sum(counts[:5]) / 12_870 == near(made.details["pbo"])  # of nine the fifth is the middle
    assert 0.1 < made.details["pbo"] < 0.9
