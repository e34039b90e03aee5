"""z against the boundary: each look, the one only look, before the first; c counts trials; the deflated ratio is asked for beside it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import kurtosis, norm, skew

from bot4.gate import boundary
from bot4.gate.checks import proof
from bot4.gate.errors import GateError
from tests.gate.checks.samples import evidence, value_of

near = pytest.approx


def c_of(trials, false_pass=boundary.FALSE_PASS):
    return norm.ppf((1 - false_pass) ** (1 / trials))


def sharpe_at(z, make):
    """Returns the Sharpe ratio at which evidence made with it has this z."""
    low, high = 0.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if boundary.score(make(middle).out.returns).z < z else (low, middle)
    return low, high


def only(sharpe, **more):
    return evidence(sharpe=sharpe, out=1_200, **more)


def looked(sharpe, number=3, **more):
    return evidence(sharpe=sharpe, out=730 + 30 * number, first=730, look=number, **more)


@pytest.mark.parametrize("trials", [1.0, 7.3])
def test_the_one_look_at_three_years_passes_just_above_c(trials):
    below, above = sharpe_at(c_of(trials), lambda sharpe: only(sharpe))
    assert proof.check_evidence(only(above + 1e-6, trials=trials)).passed is True
    refused = proof.check_evidence(only(below - 1e-6, trials=trials))
    assert (refused.passed, refused.waits) == (False, False)
    assert refused.bar == near(c_of(trials))
    assert refused.details["is_only"] is True


def test_a_look_passes_just_above_its_boundary_and_waits_below():
    bar = c_of(1) * math.sqrt((730 + 365) / 820)
    below, above = sharpe_at(bar, looked)
    assert proof.check_evidence(looked(above + 1e-6)).passed is True
    made = proof.check_evidence(looked(below - 1e-6))
    assert (made.passed, made.waits) == (False, True)
    assert made.bar == near(bar)
    assert made.details["next_days"] == 850
    assert 0.3 < made.details["chance"] < 0.75


def test_from_the_sixth_look_on_a_loss_fails_for_good_and_so_does_the_twelfth():
    assert proof.check_evidence(looked(-0.3, 5)).waits is True
    assert proof.check_evidence(looked(-0.3, 6)).waits is False
    assert proof.check_evidence(looked(1.0, 12)).waits is False


def test_before_the_first_look_nothing_passes_however_good_it_is():
    made = proof.check_evidence(evidence(sharpe=6.0, out=700, look=0))
    assert (made.passed, made.waits) == (False, True)
    assert made.details["next_days"] == 730
    assert made.details["chance"] > 0.99


def test_every_opening_after_the_first_is_a_trial():
    once, thrice = (proof.check_evidence(only(3.0, openings=number)) for number in (1, 3))
    assert once.bar == near(c_of(1))
    assert thrice.bar == near(c_of(3))
    assert "3 trials" in thrice.words


def test_a_look_that_was_due_before_is_refused():
    with pytest.raises(GateError, match="the first look was due at 760"):
        proof.check_evidence(evidence(out=800, first=730, look=0))
    with pytest.raises(GateError, match="look 3 is taken at 820 days"):
        proof.check_evidence(evidence(out=800, first=730, look=3))


def test_the_path_ends_in_the_value_and_falls_to_the_bar():
    made = proof.check_evidence(looked(2.0))
    assert made.details["path_z"][-1] == near(made.value)
    assert made.details["path_bar"][-1] == near(made.bar)
    assert (np.diff(made.details["path_bar"]) < 0).all()


def deflated(returns, trials):
    """Returns the deflated Sharpe ratio from its paper, with √(1/T) as the trials' deviation."""
    count, ratio = len(returns), returns.mean() / returns.std(ddof=1)
    euler = 0.5772156649015329
    best = (1 - euler) * norm.ppf(1 - 1 / trials) + euler * norm.ppf(1 - 1 / (trials * math.e)) if trials > 1 else 0.0
    spread = 1 - skew(returns) * ratio + (kurtosis(returns, fisher=False) - 1) / 4 * ratio**2
    return norm.cdf((ratio - best / math.sqrt(count)) * math.sqrt((count - 1) / spread))


@pytest.mark.parametrize("trials", [1.0, 10.0, 50.0])
def test_the_deflated_ratio_is_the_papers(trials):
    given = only(2.0, trials=trials)
    made = proof.check_deflated(given)
    assert made.value == near(deflated(given.out.returns, trials), abs=1e-9)
    assert made.passed is bool(value_of(made) >= 0.95)


def test_the_deflated_ratio_has_its_bar_at_95_percent():
    low, high = 0.0, 8.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if deflated(only(middle).out.returns, 20.0) < 0.95 else (low, middle)
    assert proof.check_deflated(only(high + 1e-6, trials=20.0)).passed is True
    below = proof.check_deflated(only(low - 1e-6, trials=20.0))
    assert (below.passed, below.waits) == (False, True)


def test_with_one_trial_whatever_exceeds_the_boundary_has_the_deflated_ratio():
    given = only(sharpe_at(c_of(1), only)[1] + 1e-6)
    assert proof.check_evidence(given).passed
    assert proof.check_deflated(given).passed


def test_autocorrelation_lowers_z():
    given = only(2.5)
    smooth = np.convolve(given.out.returns, [0.5, 0.3, 0.2], mode="same")
    made = proof.check_evidence(dataclasses.replace(given, out=dataclasses.replace(given.out, returns=smooth)))
    assert made.details["hac_z"] < 0.8 * made.details["psr_z"]
    assert made.value == near(made.details["hac_z"])
    assert "(with autocorrelation;" in made.words
