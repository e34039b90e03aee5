"""Series that no market makes, and a few that strategies do: a number or a sentence, never an exception or a warning of a library."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from bot4.gate import stats
from bot4.gate.errors import GateError
from bot4.gate.stats.catalogue import STATISTICS

ROWS = 240
RNG = np.random.default_rng(1)
NOISE = RNG.normal(size=ROWS)
STRANGE = {
    "one trade": np.where(np.arange(ROWS) == 120, 0.1, 0.0),
    "few trades": np.where(RNG.random(ROWS) < 0.03, 0.01, 0.0),
    "two values in turn": np.where(np.arange(ROWS) % 2, 0.01, -0.01),
    "a line": np.arange(ROWS) * 1.0,
    "a wave": np.sin(np.arange(ROWS) * np.pi / 4),
    "growth": np.exp(np.arange(ROWS) / 50),
    "a step": np.where(np.arange(ROWS) < 120, 0.0, 0.01),
    "whole numbers": RNG.integers(-3, 4, size=ROWS),
    "yes and no": RNG.random(ROWS) < 0.5,
    "tiny": NOISE * 1e-12,
    "huge": NOISE * 1e12,
    "vanishing": NOISE * 1e-160,
    "overflowing": NOISE * 1e200,
    "one giant": np.where(np.arange(ROWS) == 7, 50.0, NOISE * 0.01),
    "far from zero": 1e6 + NOISE * 1e-3,
}
NEEDED = {"deflated_sharpe": {"trials": 5}}
NAMES = [name for name, one in STATISTICS.items() if one.series and one.series != ("p-values",)]


def outcome(call, *given, **settings):
    """Returns the result of a call, or the sentence with which it is refused."""
    try:
        return call(*given, **settings)
    except GateError as error:
        return str(error)


@pytest.mark.parametrize("name", NAMES)
def test_strange_series_give_a_number_or_a_sentence(name):
    statistic = STATISTICS[name]
    for what, values in STRANGE.items():
        order = np.random.default_rng(2)
        table = np.column_stack([values, order.permutation(values)])
        given = [table if statistic.is_table else values, *([-0.02, -0.03][: len(statistic.series) - 1])]
        quick = {"resamples": 100} if "resamples" in statistic.settings else {}
        found = outcome(statistic.call, *given, **quick, **NEEDED.get(name, {}))
        if isinstance(found, str):
            assert found.count("\n") == 0, what
            assert len(found) > 30, what
            continue
        assert type(found) is statistic.result, what
        wrong = [key for key, value in vars(found).items() if isinstance(value, float) and np.isinf(value)]
        assert wrong == [], what


SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@hypothesis.given(SHARES)
@hypothesis.settings(max_examples=200, deadline=None)
def test_corrected_p_values_keep_order_and_bounds(p_values):
    for method in (stats.holm, stats.sidak):
        found = np.array(method(p_values).p_values)
        assert (found >= np.array(p_values) - 1e-12).all()
        assert (found <= 1).all()
        assert (np.diff(found[np.argsort(p_values, kind="stable")]) >= -1e-12).all()
    holm = np.array(stats.holm(p_values).p_values)
    assert (holm <= np.minimum(np.array(p_values) * len(p_values), 1) + 1e-12).all()  # never stricter than Bonferroni


@hypothesis.given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-1, 1))
@hypothesis.settings(max_examples=60, deadline=None)
def test_units_change_no_ratio_and_no_test(seed, scale, shift):
    values = np.random.default_rng(seed).standard_t(4, size=80)
    assert stats.sharpe(values * scale).sharpe == pytest.approx(stats.sharpe(values).sharpe, rel=1e-9)
    moved = values * scale + shift * scale
    for test in (stats.jarque_bera, stats.ljung_box):
        assert test(moved).statistic == pytest.approx(test(values).statistic, rel=1e-6)


@hypothesis.given(st.integers(0, 10_000))
@hypothesis.settings(max_examples=40, deadline=None)
def test_the_order_of_configurations_changes_no_probability(seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(60, 5)) + rng.normal(size=5) * 0.2
    one, other = stats.cscv(table, blocks=6), stats.cscv(table[:, rng.permutation(5)], blocks=6)
    assert (one.pbo, one.loss_probability) == (other.pbo, other.loss_probability)
    assert 0 <= one.pbo <= 1
    assert stats.cscv(table * 1e-3, blocks=6).pbo == one.pbo
