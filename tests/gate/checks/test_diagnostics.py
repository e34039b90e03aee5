"""Diagnostics see what is there, say which estimator it asks for, and never judge."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate.checks import diagnostics
from bot4.gate.evidence import Daily
from tests.gate.checks.samples import evidence

near = pytest.approx


def days_of(returns, market=None):
    given = evidence(out=len(returns), inside=600)
    given = dataclasses.replace(given, out=dataclasses.replace(given.out, returns=returns))
    if market is not None:
        whole = np.concatenate([given.market.returns[:600], market])
        given = dataclasses.replace(given, market=Daily(given.market.days, whole))
    return given


def test_normal_white_days_are_told_from_others():
    white = 0.01 * np.random.default_rng(2).standard_normal(900)
    made = diagnostics.check(days_of(white))
    assert made.words == "The days are normal; not autocorrelated; of constant variance."
    assert (made.role, made.passed, made.is_met) == ("info", None, True)
    slow = np.convolve(white, [0.6, 0.4], mode="same")
    assert "autocorrelated: the robust error counts" in diagnostics.check(days_of(slow)).words


def test_changing_variance_and_fat_tails_are_seen():
    rng = np.random.default_rng(3)
    variance, returns = 1e-4, []
    for shock in rng.standard_t(5, size=1_200):
        returns.append(np.sqrt(variance * 3 / 5) * shock)
        variance = 1e-6 + 0.15 * returns[-1] ** 2 + 0.83 * variance
    words = diagnostics.check(days_of(np.array(returns))).words
    assert "not normal" in words
    assert "of changing variance" in words


def test_the_market_is_correlated_with_as_a_whole_and_on_its_worst_days():
    rng = np.random.default_rng(4)
    market = 0.02 * rng.standard_normal(800)
    own = 0.3 * market + 0.004 * rng.standard_normal(800)
    made = diagnostics.check(days_of(own, market)).details
    assert made["correlation"] == near(np.corrcoef(own, market)[0, 1])
    worst = market <= np.quantile(market, 0.05)
    assert made["worst_mean"] == near(own[worst].mean())
    assert made["dcc_last"] == near(made["correlation"], abs=0.1)
    assert made["dcc_highest"] >= made["dcc_worst"]


def test_what_cannot_be_computed_is_none_and_not_a_failure():
    made = diagnostics.check(days_of(0.01 * np.random.default_rng(5).standard_normal(400), np.zeros(400)))
    assert (made.details["dcc_last"], made.details["correlation"]) == (None, None)
    assert made.passed is None
