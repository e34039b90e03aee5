"""What higher returns would mend waits for them; what they would not fails for good."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate import boundary
from bot4.gate.finding import Settings
from bot4.gate.lifted import lift, lifted
from bot4.gate.verdict import judge
from tests.gate.checks.samples import evidence

near = pytest.approx
QUICK = Settings(resamples=500)


def looked(sharpe, number=2, **more):
    return evidence(sharpe=sharpe, out=730 + 30 * number, first=730, look=number, made_settings=QUICK, **more)


def test_lifted_days_earn_what_the_last_look_asks_for():
    given = looked(0.6)
    better = lifted(given)
    returns = better.out.returns
    assert returns.mean() / returns.std(ddof=1) * np.sqrt(730 + 365) == near(boundary.critical())
    assert returns - given.out.returns == near(np.full(790, lift(given)))
    assert better.stress["delay_1"] - given.stress["delay_1"] == near(np.full(790, lift(given)))
    assert better.asset_pnl.sum(axis=1) - given.asset_pnl.sum(axis=1) == near(np.full(790, lift(given)))


def test_days_that_earn_enough_are_left_as_they_are():
    assert lift(looked(3.0)) == 0.0
    assert lifted(looked(3.0)).out.returns.tolist() == looked(3.0).out.returns.tolist()


def late(given, lost):
    """Returns evidence whose Sharpe ratio is lower by so much one bar later."""
    less = given.out.returns - lost / np.sqrt(365) * 0.01
    return dataclasses.replace(given, stress={**given.stress, "delay_1": less})


@pytest.mark.parametrize(("lost", "outcome"), [(0.8, "EXTEND"), (1.0, "EXTEND"), (1.2, "FAIL"), (15.0, "FAIL")])
def test_an_unlucky_start_waits_and_a_cheat_does_not(lost, outcome):
    """At the last look 1.41 is asked for, of which a quarter is 0.35: up to 1.06 may be lost."""
    judged = judge(late(looked(0.9), lost))
    assert judged.finding("G6b").passed is False
    assert judged.finding("G6b").waits is (outcome == "EXTEND")
    assert judged.outcome == outcome


def test_a_fall_that_has_happened_is_not_undone():
    given = looked(0.9)
    returns = given.out.returns.copy()
    returns[300:303] = -0.1
    judged = judge(dataclasses.replace(given, out=dataclasses.replace(given.out, returns=returns)))
    assert judged.finding("G8b").waits is False
    assert judged.outcome == "FAIL"


def test_a_boundary_that_failed_for_good_stays_so():
    judged = judge(looked(-0.5, 8))
    assert judged.finding("G2").waits is False
    assert judged.outcome == "FAIL"
