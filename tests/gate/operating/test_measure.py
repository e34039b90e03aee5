"""Many paths measured at once: the same z, lags and errors as one series by itself."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import boundary
from bot4.gate.selftest.generators import BATCH, KINDS, batches
from bot4.gate.selftest.measure import look_days, measure
from bot4.gate.selftest.operating import FIRST_DAYS, YEARLY, bars, passed_at

near = pytest.approx
LOOKS = look_days(FIRST_DAYS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_look_is_that_of_the_boundary_itself(kind):
    paths = kind.draw(np.random.default_rng(5), int(LOOKS[-1]), 6)
    added = np.linspace(-1, 4, 6) / YEARLY
    found = measure(paths, LOOKS)
    z, lags, bar = found.z(added), found.lags(), bars(FIRST_DAYS)
    passes = passed_at(z, bar)
    for path in range(6):
        first = 0
        for number, days in enumerate(LOOKS, start=1):
            taken = boundary.look(paths[:days, path] + added[path], number=number, first_days=FIRST_DAYS)
            assert taken.score.z == near(z[number - 1, path], rel=1e-9)
            assert taken.score.lags == lags[number - 1, path]
            assert taken.boundary == near(bar[number - 1])
            if taken.verdict != "EXTEND":
                first = number if taken.verdict == "PASS" else 0
                break
            assert taken.next_days == days + 30
            assert taken.chance is not None
            assert 0 <= taken.chance <= 1
        assert passes[path] == first


def test_more_lags_are_taken_where_memory_is_long():
    rng = np.random.default_rng(6)
    white = rng.normal(size=(int(LOOKS[-1]), 50))
    slow = white.copy()
    for day in range(1, len(slow)):
        slow[day] += 0.5 * slow[day - 1]
    assert measure(white, LOOKS).lags().mean() < 9
    assert measure(slow, LOOKS).lags().mean() > 10


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_kind_has_an_edge_and_all_have_unit_variance(kind):
    paths = kind.draw(np.random.default_rng(7), 1_000, 2_000)
    assert paths.shape == (1_000, 2_000)
    error = 1.0 / np.sqrt(paths.size) / kind.long_run
    assert abs(paths.mean()) < 4 * error
    assert paths.var() == near(1.0, abs=0.03)
    scaled = (paths - paths.mean()) / paths.std()
    assert np.mean(scaled**4) > 5


def test_each_kind_has_what_it_is_named_for():
    by_name = {kind.name: kind.draw(np.random.default_rng(8), 1_000, 1_000) for kind in KINDS}
    follows = {name: np.mean(paths[1:] * paths[:-1]) for name, paths in by_name.items()}
    squares = {name: np.mean((paths[1:] ** 2 - 1) * (paths[:-1] ** 2 - 1)) for name, paths in by_name.items()}
    assert follows["AR(1)"] == near(0.15, abs=0.01)
    assert abs(follows["fat tails"]) < 0.005
    assert squares["GARCH"] > 0.5
    assert abs(squares["fat tails"]) < 0.2
    assert np.mean(by_name["crashes"] ** 3) < -0.4
    assert np.mean(by_name["crashes"] < -3.5) > 0.006
    assert by_name["AR(1)"].mean(axis=0).std() * np.sqrt(1_000) == near(np.sqrt(1.15 / 0.85), abs=0.06)


def test_a_longer_run_begins_with_the_paths_of_a_shorter_one():
    kind = KINDS[1]
    short = [rng.random() for rng, _ in batches(kind, BATCH, 3)]
    long = [(rng.random(), size) for rng, size in batches(kind, 2 * BATCH + 7, 3)]
    assert [size for _, size in long] == [BATCH, BATCH, 7]
    assert long[0][0] == short[0]
    assert len({value for value, _ in long}) == 3
