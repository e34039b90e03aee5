"""Drawdowns against a plain loop over the marks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.report.formulas import max_drawdown
from bot4.report.stats import compute
from bot4.report.tear import tear_sheet
from bot4.report.tear.drawdowns import below_peak, find_falls

from ..samples import DAY, HOUR, run
from .curves import CURVES, returns_of, sheet

VALUES = st.lists(st.integers(1, 8), min_size=1, max_size=40)


def plain_falls(values):
    """Returns (peak row, trough row, end row, depth) of each fall, mark by mark."""
    found, peak, trough = [], 0, None
    for row, value in enumerate(values):
        if value >= values[peak]:
            if trough is not None:
                found.append((peak, trough, row, values[trough] / values[peak] - 1))
            peak, trough = row, None
        elif trough is None or value < values[trough]:
            trough = row
    if trough is not None:
        found.append((peak, trough, len(values), values[trough] / values[peak] - 1))
    return found


@given(VALUES)
def test_falls_are_those_of_a_loop(values):
    falls = find_falls(np.array(values, dtype=np.float64))
    rows = list(zip(falls.start.tolist(), falls.trough.tolist(), falls.end.tolist(), falls.depth.tolist(), strict=True))
    assert rows == plain_falls(values)


@given(VALUES)
def test_the_worst_is_the_maximum_drawdown_of_the_summary(values):
    columns = run(values, ts=(np.arange(len(values)) + 1) * 7 * HOUR)
    stats = compute(columns)
    worst = tear_sheet(columns, stats).drawdowns.worst
    known = max_drawdown(columns.equity_ts, columns.equity)
    if worst:
        first = worst[0]
        assert (first.depth, first.start_ms, first.trough_ms) == (known.depth, known.start_ms, known.trough_ms)
        assert first.end_ms == known.end_ms
        assert first.days == pytest.approx(stats.max_drawdown_days)
    else:
        assert known.depth == 0.0


@given(VALUES)
def test_underwater_is_the_lowest_mark_of_each_day(values):
    ts = (np.arange(len(values)) + 1) * 10 * HOUR
    columns = run(values, ts=ts)
    found = tear_sheet(columns, compute(columns)).drawdowns
    under = np.array(values) / np.maximum.accumulate(values) - 1
    for row, close in enumerate(found.times[1:], start=1):
        inside = (ts > found.times[row - 1]) & (ts <= close)
        assert found.underwater[row] == (under[inside].min() if inside.any() else under[ts <= close][-1])
    assert found.underwater.min() == under.min()


def test_ten_rows_deepest_first():
    found = sheet(returns_of("garch")).drawdowns
    assert len(found.worst) == 10
    assert [row.depth for row in found.worst] == sorted(row.depth for row in found.worst)
    assert found.count > 10


def test_a_row_says_where_the_run_stood():
    columns = run([100.0, 120.0, 90.0, 105.0, 120.0, 119.0], ts=np.arange(1, 7) * DAY)
    found = tear_sheet(columns, compute(columns)).drawdowns
    first, second = found.worst
    assert (first.depth, first.amount) == pytest.approx((-0.25, 30.0))
    assert (first.start_return, first.trough_return) == pytest.approx((0.2, -0.1))
    assert (first.days, first.fall_days, first.recovery_days) == (3, 1, 2)
    assert (second.end_ms, second.days) == (None, 1)
    assert math.isnan(second.recovery_days)
    assert (found.lowest_ms, found.highest_ms) == (3 * DAY, 2 * DAY)
    assert (found.lowest_equity, found.highest_equity) == pytest.approx((90, 120))
    assert found.time_under_water == pytest.approx(3 / 5)
    assert found.mean_depth == pytest.approx((-0.25 - 1 / 120) / 2)
    assert found.mean_days == pytest.approx(2)


@pytest.mark.parametrize("name", CURVES)
def test_indices_are_their_definitions(name):
    found = sheet(returns_of(name))
    equity = found.series.equity
    depths = [value / max(equity[: row + 1]) - 1 for row, value in enumerate(equity)]
    own = found.drawdowns
    assert own.ulcer_index == pytest.approx(math.sqrt(sum(d * d for d in depths) / len(depths)))
    assert own.pain_index == pytest.approx(-sum(depths) / len(depths))
    assert own.pain_ratio == pytest.approx(found.stats.cagr / own.pain_index)
    peaks = [max(found.series.benchmark[: row + 1]) for row in range(len(equity))]
    assert own.benchmark_underwater == pytest.approx(found.series.benchmark / np.array(peaks) - 1)


def test_unknown_values_have_no_peak():
    assert below_peak(np.array([math.nan, 2.0, 1.0, math.nan])) == pytest.approx(
        [math.nan, 0.0, -0.5, math.nan], nan_ok=True
    )
