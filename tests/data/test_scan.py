"""The scan against slow, obvious counterparts."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot4.data.columns import Columns
from bot4.data.names import FileName
from bot4.data.read import read_frame
from bot4.data.scan import BLOCK_ROWS, bad_rows, decimals, describe_row, describe_step, has_bad_rows, spacing
from tests.data.bars import HOUR_MS, START_MS, good


def columns(rows=48, **changes):
    built = read_frame(good(rows), "test", FileName())[0].columns
    values = {name: getattr(built, name).copy() for name in built._fields}
    for name, (row, value) in changes.items():
        values[name][row] = value
    return Columns(**values)


def naive_kind(open_, high, low, close, volume):
    values = (open_, high, low, close, volume)
    if any(math.isnan(x) for x in values):
        return "nan"
    if any(math.isinf(x) for x in values):
        return "infinite"
    if min(values[:4]) <= 0:
        return "not_positive"
    if high < low:
        return "high_below_low"
    if not (low <= open_ <= high and low <= close <= high):
        return "outside"
    return "negative_volume" if volume < 0 else None


NUMBERS = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 1.0, 2.0, 3.0, 5e-324, 1e308])


@given(st.lists(st.tuples(*[NUMBERS] * 5), min_size=1, max_size=30))
@settings(max_examples=300)
def test_bad_rows_are_those_of_a_loop(rows):
    values = np.array(rows).T
    bars = Columns(np.arange(len(rows)) * HOUR_MS, *(np.ascontiguousarray(v) for v in values))
    expected: dict[str, list[int]] = {}
    for row, bar in enumerate(rows):
        kind = naive_kind(*bar)
        if kind:
            expected.setdefault(kind, []).append(row)
    assert {kind: found.tolist() for kind, found in bad_rows(bars)} == expected
    assert has_bad_rows(bars) == bool(expected)
    for kind, found in bad_rows(bars):
        assert describe_row(bars, kind, int(found[0]))


@pytest.mark.parametrize("row", [0, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_a_bad_row_is_found_in_any_block(row):
    bars = columns(BLOCK_ROWS + 2, close=(row, math.nan))
    assert [(kind, rows.tolist()) for kind, rows in bad_rows(bars)] == [("nan", [row])]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50), st.integers(0, 10))
def test_decimals_are_the_fewest_that_hold_every_value(numbers, places):
    values = np.array([float(f"{n}e-{places}") for n in numbers])
    expected = max(_places(n, places) for n in numbers)
    assert decimals(values) == expected


def _places(n, places):
    while places and n % 10 == 0:
        n, places = n // 10, places - 1
    return places


def test_sums_of_decimals_are_still_decimals():
    assert decimals(np.array([0.1 + 0.2, 0.7 + 0.1])) == 1
    assert decimals(np.array([1.0, math.nan, math.inf])) == 0


def test_floats_of_no_grid_have_no_decimals():
    assert decimals(np.array([math.pi])) is None
    assert decimals(np.array([1e300])) == 0


def naive_spacing(ts, interval):
    gaps = [i for i in range(1, len(ts)) if ts[i] - ts[i - 1] > interval]
    return gaps, sum((ts[i] - ts[i - 1]) // interval - 1 for i in gaps)


@given(st.lists(st.integers(0, 5), min_size=3, max_size=60))
def test_missing_bars_are_counted_as_a_loop_counts_them(holes):
    steps = [HOUR_MS] * (len(holes) + 2) + [HOUR_MS * (1 + hole) for hole in holes]
    ts = START_MS + np.cumsum([0, *steps])
    found = spacing(ts)
    gaps, missing = naive_spacing(ts.tolist(), HOUR_MS)
    assert (found.interval_ms, found.missing, found.gaps.tolist()) == (HOUR_MS, missing, gaps)
    assert found.clean


def test_places_where_time_goes_wrong_are_told_apart():
    ts = START_MS + HOUR_MS * np.array([0, 1, 2, 2, 3, 1, 4, 5, 6, 7, 8])
    ts[-1] += 60_000
    found = spacing(ts)
    assert found.duplicates.tolist() == [3]
    assert found.backwards.tolist() == [5]
    assert found.off_interval.tolist() == [10]
    assert found.gaps.tolist() == [6]
    assert not found.clean
    assert "2022-01-01 08:01 comes 61m after" in describe_step(ts, 10, HOUR_MS)


def test_a_second_interval_is_no_row_of_gaps():
    ts = START_MS + np.concatenate((np.arange(100) * HOUR_MS, (100 + 2 * np.arange(60)) * HOUR_MS))
    found = spacing(ts)
    assert found.interval_ms == HOUR_MS
    assert found.mixed.tolist() == [101]
    thin = START_MS + np.cumsum([HOUR_MS] * 200 + [2 * HOUR_MS, 3 * HOUR_MS] * 60)
    assert len(spacing(thin).mixed) == 0


def test_the_name_decides_where_the_bars_do_not():
    two = np.array([START_MS, START_MS + 3 * HOUR_MS])
    assert spacing(two, HOUR_MS).interval_ms == HOUR_MS
    assert spacing(two).interval_ms == 3 * HOUR_MS
    assert spacing(two[:1], HOUR_MS).interval_ms == HOUR_MS
    assert spacing(two[:1]).interval_ms is None
    assert spacing(np.array([START_MS] * 3)).interval_ms is None
    hourly = START_MS + HOUR_MS * np.arange(10)
    assert spacing(hourly, 2 * HOUR_MS).interval_ms == HOUR_MS
    thin = START_MS + np.cumsum([0, HOUR_MS, 3 * HOUR_MS, HOUR_MS, 3 * HOUR_MS])
    assert spacing(thin, HOUR_MS).interval_ms == HOUR_MS


def test_a_million_rows_are_scanned_in_a_fraction_of_a_second():
    bars = columns(1_000_000)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        assert not has_bad_rows(bars)
        assert spacing(bars.ts).clean
        assert decimals(bars.open, bars.high, bars.low, bars.close) == 2
        assert decimals(bars.volume) == 3
        times.append(time.perf_counter() - began)
    # About 20 ms on a free core; the bound only catches a loop over rows.
    assert min(times) < 0.15
