"""The best of many without an edge: the registry's count holds it back, and nothing else does."""

from __future__ import annotations

import pytest

from bot4.gate.selftest import selection
from bot4.gate.selftest.selection import best_of

FAMILIES = 600


@pytest.fixture(scope="module", params=[0.0, 0.8])
def family(request):
    """What became of 600 families of 50, independent or correlated."""
    return best_of(FAMILIES, correlation=request.param, chased=200)


def test_counted_trials_keep_the_best_of_fifty_back(family):
    assert family.counted.share <= 0.01


def test_hidden_trials_let_it_pass(family):
    """Without Šidák's correction the best of 50 passes many times as often."""
    assert family.hidden.low > 0.03
    assert family.hidden.share > 5 * family.counted.share


def test_choosing_before_the_split_needs_no_correction(family):
    """Chosen on the days that are judged, and counted as one: `hidden`. Chosen before: as rare as one trial."""
    assert family.split.low <= 0.013
    assert family.hidden.low > 2 * family.split.high


def test_following_all_of_them_is_counted_as_well(family):
    assert family.chased.paths == 200
    assert family.chased.low <= 0.013


def test_the_effective_number_is_that_of_the_correlation(family):
    expected = 50 if family.correlation == 0 else 10.8
    assert family.effective == pytest.approx(expected, rel=0.01)


def test_a_registry_that_forgets_breaks_the_bound(monkeypatch):
    """The same run with every family counted as one trial: what a deleted registry would do."""

    class One:
        effective = 1.0

    monkeypatch.setattr(selection, "effective_trials", lambda table: One())
    found = best_of(200)
    assert found.counted == found.hidden
    assert found.counted.low > 0.013
