"""The boundary itself: its bars, its verdicts look by look, what it refuses. How often it passes what: `operating`."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot4.gate import boundary
from bot4.gate.errors import GateError

near = pytest.approx
FIRST = 730
DUE = [FIRST + 30 * number for number in range(1, 13)]
YEARLY = math.sqrt(365)


@pytest.mark.parametrize(
    ("trials", "c", "ours"), [(1, 2.40, 2.45), (5, 2.94, 2.98), (10, 3.15, 3.19), (50, 3.59, 3.63)]
)
def test_c_is_that_of_the_study_and_ours_a_little_above(trials, c, ours):
    assert boundary.critical(trials, false_pass=0.0082) == near(c, abs=0.006)
    assert boundary.critical(trials) == near(ours, abs=0.006)


def test_a_lower_chance_raises_the_bar():
    """The study asks for c = 2.45 to 2.5 where returns are autocorrelated."""
    assert boundary.critical(false_pass=0.0062) == near(2.5, abs=0.002)
    path = np.random.default_rng(12).normal(size=DUE[0])
    found = boundary.look(path, number=1, first_days=FIRST, false_pass=0.0062)
    assert found.boundary == near(2.5 * math.sqrt(1_095 / DUE[0]), abs=0.005)


def test_the_boundary_falls_from_2_94_to_2_46():
    path = np.random.default_rng(6).normal(size=DUE[-1])
    first = boundary.look(path[: DUE[0]], number=1, first_days=FIRST)
    last = boundary.look(path, number=12, first_days=FIRST)
    assert (first.boundary, last.boundary) == near((2.94, 2.46), abs=0.006)
    assert last.verdict == "FAIL"


def test_losing_from_the_sixth_look_on_fails():
    path = np.random.default_rng(7).normal(size=DUE[-1]) - 0.05
    assert boundary.look(path[: DUE[4]], number=5, first_days=FIRST).verdict == "EXTEND"
    assert boundary.look(path[: DUE[5]], number=6, first_days=FIRST).verdict == "FAIL"


def test_the_chance_of_passing_is_the_share_that_does():
    """Edges drawn as the mean is known (flat prior): among paths that stand at z near 2, as many pass next as was said."""
    rng = np.random.default_rng(8)
    base = rng.normal(size=(DUE[4],))
    base = (base - base.mean()) / base.std(ddof=1) + 2.55 / math.sqrt(DUE[4])
    found = boundary.look(base, number=5, first_days=FIRST)
    assert found.verdict == "EXTEND"
    drift = rng.normal(found.score.z / math.sqrt(DUE[4]), 1 / math.sqrt(DUE[4]), size=20_000)
    ends = found.score.z * math.sqrt(DUE[4]) + 30 * drift + math.sqrt(30) * rng.normal(size=20_000)
    assert np.mean(ends > found.c * math.sqrt(1_095)) == near(found.chance, abs=0.012)


def test_one_only_look_takes_three_years():
    path = np.random.default_rng(9).normal(size=1_095)
    path = path - path.mean()
    assert boundary.single(path + 0.1).verdict == "PASS"
    assert boundary.single(path + 0.01).verdict == "FAIL"
    assert boundary.single(path + 0.1, trials=1_000_000).verdict == "FAIL"
    with pytest.raises(GateError, match="takes 1,095 days and there are 1,094"):
        boundary.single(path[1:])


def test_units_change_nothing_and_more_trials_raise_the_bar():
    path = np.random.default_rng(10).normal(size=DUE[0]) + 0.12
    one = boundary.look(path, number=1, first_days=FIRST)
    assert boundary.look(path * 1e-3, number=1, first_days=FIRST).score.z == near(one.score.z)
    assert boundary.look(path, number=1, first_days=FIRST, trials=20).boundary > one.boundary


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": 0}, "look 0 does not exist; there are 12"),
        ({"number": 13}, "look 13 does not exist"),
        ({"number": 2}, "taken at 790 days and there are 760"),
        ({"trials": 0.5}, "trials is 0.5"),
        ({"false_pass": 0.7}, "false_pass is 0.7; give it a value between 0 and 0.5"),
        ({"first_days": -1}, "first_days is -1"),
        ({"returns": np.zeros(760)}, "0 throughout"),
        (
            {"returns": np.where(np.arange(760) < 152, 1.0, 0.0) - 0.2 + 2 / 1.5 * 0.4 * math.sqrt(760 / 759)},
            "two values only",
        ),
        ({"returns": np.ones(100)}, "needs at least 180"),
        ({"returns": np.full(760, np.nan)}, "NaN"),
    ],
)
def test_what_is_no_look_is_refused(change, said):
    asked = {"returns": np.random.default_rng(1).normal(size=760), "number": 1, "first_days": FIRST} | change
    with pytest.raises(GateError, match=said):
        boundary.look(asked.pop("returns"), **asked)
