"""Splits against brute force: every pair of a training and a test moment is compared, none of the interval arithmetic is reused."""

from __future__ import annotations

import itertools
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot4.backtest import BacktestError
from bot4.backtest.walkforward.splits import Lengths, Span, combinations, groups, paths, purged, walk

STEP = 3_600_000


def moments(spans) -> list[int]:
    """The decisions of spans, hour by hour, as plain numbers of hours."""
    return [at for span in spans for at in range(span.start_ms // STEP, span.end_ms // STEP)]


def is_near(train: int, test: list[int], purge: int, embargo: int) -> bool:
    """Whether what a training decision knows and holds meets that of any test decision, or begins in the embargo after it."""
    known = set(range(train, train + purge + 1))
    for one in test:
        held = set(range(one, one + purge + 1))
        if known & held:
            return True
        if one + purge < train <= one + purge + embargo:
            return True
    return False


@st.composite
def cut_up(draw):
    """Neighbouring groups of some hours, some of them test; purge and embargo in hours."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=2, max_size=8))
    edges = [0, *itertools.accumulate(sizes)]
    spans = [Span(a * STEP, b * STEP) for a, b in itertools.pairwise(edges)]
    tested = draw(st.sets(st.integers(0, len(spans) - 1), min_size=1, max_size=len(spans)))
    return spans, tested, draw(st.integers(0, 7)), draw(st.integers(0, 7))


@settings(max_examples=300, deadline=None)
@given(cut_up())
def test_purge_and_embargo_leave_exactly_what_a_comparison_of_all_pairs_leaves(case):
    spans, tested, purge, embargo = case
    test = [spans[n] for n in sorted(tested)]
    train = [span for n, span in enumerate(spans) if n not in tested]
    left = purged(train, test, purge * STEP, embargo * STEP)
    others = moments(test)
    assert moments(left) == [at for at in moments(train) if not is_near(at, others, purge, embargo)]
    assert all(a.end_ms < b.start_ms for a, b in itertools.pairwise(left)), "parts are apart and in order"


@settings(max_examples=200, deadline=None)
@given(
    st.integers(2, 40),
    st.integers(1, 20),
    st.integers(0, 10),
    st.integers(0, 6),
    st.integers(0, 6),
    st.booleans(),
    st.integers(1, 150),
)
def test_no_training_moment_of_a_window_knows_anything_of_its_test(train, test, more, purge, embargo, anchored, whole):
    lengths = Lengths(train * STEP, test * STEP, (test + more) * STEP, purge * STEP, embargo * STEP, anchored)
    if purge + embargo >= train or train + test > whole:
        with pytest.raises(BacktestError):
            walk(Span(0, whole * STEP), lengths)
        return
    found = walk(Span(0, whole * STEP), lengths)
    for number, split in enumerate(found):
        fitted, tried = moments(split.train), moments(split.test)
        assert fitted, "there is something to train on"
        assert not any(is_near(at, tried, purge, 0) for at in fitted)
        assert min(tried) - max(fitted) == purge + embargo + 1
        assert fitted[0] == (0 if anchored else number * (test + more))
        assert len(tried) == test or (number == len(found) - 1 and 2 * len(tried) >= test)
    tried = [at for split in found for at in moments(split.test)]
    assert len(tried) == len(set(tried)), "no moment is tested twice"
    assert whole - max(tried) - 1 < max(2 * test, test + more), "the end of the data is used"


@pytest.mark.parametrize(
    ("count", "tested", "splits", "ways"), [(6, 2, 15, 5), (10, 2, 45, 9), (6, 3, 20, 10), (5, 1, 5, 1)]
)
def test_combinatorial_counts(count, tested, splits, ways):
    blocks = groups(Span(0, count * 10 * STEP), count, STEP)
    assert len(combinations(blocks, tested)) == splits == comb(count, tested)
    assert len(paths(count, tested)) == ways == tested * comb(count, tested) // count


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1))))
def test_every_path_has_every_group_once_and_every_test_group_is_used_once(case):
    count, tested = case
    blocks = groups(Span(0, (count * 7 + 3) * STEP), count, STEP)
    splits, ways = combinations(blocks, tested), paths(count, tested)
    used = []
    for way in ways:
        assert len(way) == count
        for group, split in enumerate(way):
            assert blocks[group] in splits[split].test, "the path takes the group from a split that tests it"
            used.append((split, group))
    assert sorted(used) == sorted({(s, blocks.index(b)) for s, one in enumerate(splits) for b in one.test})


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(12, 200))
def test_groups_tile_the_span_and_differ_by_one_unit_at_most(count, units):
    found = groups(Span(5 * STEP, (5 + units) * STEP), count, STEP)
    assert moments(found) == list(range(5, 5 + units))
    sizes = {span.length_ms // STEP for span in found}
    assert max(sizes) - min(sizes) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 7), st.integers(1, 3), st.integers(0, 4), st.integers(0, 4))
def test_no_training_moment_of_a_combination_knows_anything_of_its_tests(count, tested, purge, embargo):
    blocks = groups(Span(0, count * 13 * STEP), count, STEP)
    if tested >= count:
        return
    for split in combinations(blocks, tested, purge * STEP, embargo * STEP):
        tried = moments(split.test)
        everything = range(count * 13)
        kept = [at for at in everything if at not in set(tried) and not is_near(at, tried, purge, embargo)]
        assert moments(split.train) == kept


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        (Lengths(50 * STEP, 10 * STEP, 5 * STEP), "step is 5 hours and test 10 hours: tests would overlap"),
        (
            Lengths(10 * STEP, 10 * STEP, 10 * STEP, 6 * STEP, 4 * STEP),
            "purge and embargo take 10 hours of a training of 10 hours",
        ),
        (Lengths(95 * STEP, 10 * STEP, 10 * STEP), "needs 105 hours, and after the warm-up there are 100 hours"),
        (Lengths(24 * STEP, 1, 1), "windows, more than 10,000; give a longer step"),
    ],
)
def test_windows_that_do_not_fit_are_refused_in_a_sentence(lengths, said):
    with pytest.raises(BacktestError, match=said.replace("(", r"\(")):
        walk(Span(0, 100 * STEP), lengths)


@pytest.mark.parametrize(
    ("count", "tested", "said"),
    [
        (4, 4, "4 of 4 groups as test leaves none of one kind"),
        (4, 0, "test at least 1 group and at most 3"),
        (30, 15, "155,117,520 splits, more than 10,000"),
    ],
)
def test_combinations_that_cannot_be_are_refused_in_a_sentence(count, tested, said):
    with pytest.raises(BacktestError, match=said):
        combinations(groups(Span(0, 100 * STEP), count, STEP), tested)


def test_a_purge_that_leaves_no_training_is_refused():
    with pytest.raises(BacktestError, match="leave no training beside the test groups 1, 3"):
        combinations(groups(Span(0, 40 * STEP), 4, STEP), 2, 10 * STEP)


def test_more_groups_than_days_are_refused():
    with pytest.raises(
        BacktestError, match="12 groups need at least 12 hours, and after the warm-up there are 10 hours"
    ):
        groups(Span(0, 10 * STEP), 12, STEP)
