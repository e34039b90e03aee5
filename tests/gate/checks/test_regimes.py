"""Kinds of market are told by the days before, in thirds where there is no trend, and warn where too few were seen."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate.checks import regimes
from bot4.gate.evidence import Daily
from tests.gate.checks.samples import evidence


def market_of(given, returns):
    return dataclasses.replace(given, market=Daily(given.market.days, returns))


def trending(given, drift):
    rng = np.random.default_rng(5)
    return market_of(given, drift + 0.01 * rng.standard_normal(len(given.market.days)))


def test_a_market_without_trend_spends_a_third_of_its_days_in_each_kind():
    walks = [np.expm1(0.02 * np.random.default_rng(seed).standard_normal(4_000)) for seed in range(20)]
    found = np.concatenate([regimes.kinds(walk)[90:] for walk in walks])
    assert np.bincount(found) / len(found) == pytest.approx([1 / 3] * 3, abs=0.03)


def test_nothing_of_the_day_or_after_it_is_known():
    returns = 0.02 * np.random.default_rng(3).standard_normal(500)
    before = regimes.kinds(returns)
    returns[300:] = 0.5
    assert (regimes.kinds(returns)[:301] == before[:301]).all()
    assert (regimes.kinds(returns)[400:] != before[400:]).any()


def test_the_first_ninety_days_and_a_market_at_rest_are_unknown():
    assert (regimes.kinds(np.full(90, 0.01)) == regimes.UNKNOWN).all()
    assert (regimes.kinds(np.zeros(300)) == regimes.UNKNOWN).all()


def test_a_turning_market_is_covered():
    made = regimes.check(evidence(out=900))
    assert (made.passed, made.role) == (True, "warn")
    assert sum(made.details["days"].values()) == 900
    assert {"rising", "falling"} <= set(made.details["covered"])


@pytest.mark.parametrize(("drift", "name"), [(0.004, "rising"), (-0.004, "falling")])
def test_one_kind_alone_warns_and_names_it(drift, name):
    made = regimes.check(trending(evidence(out=400), drift))
    assert made.passed is False
    assert made.details["covered"] == [name]
    assert f"Only {name} is covered" in made.words


@pytest.mark.parametrize(("days", "passed"), [(30, True), (29, False)])
def test_thirty_days_of_a_second_kind_are_enough(days, passed, monkeypatch):
    given = evidence(out=400)
    kinds = np.full(400, 2)
    kinds[:days] = 0
    monkeypatch.setattr(regimes, "of_days", lambda _: kinds)
    assert regimes.check(given).passed is passed


def test_what_was_earned_in_each_kind_is_the_whole():
    given = evidence(out=900)
    made = regimes.check(given)
    whole = np.prod([1 + row["total"] for row in made.details["by_kind"].values()])
    assert whole == pytest.approx(np.prod(1 + given.out.returns))
