"""Runs at the edge of what has statistics: every part computes, without a warning, and says NaN where it knows nothing.

pytest turns warnings into errors here.
"""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot4 as b4
from bot4.report.columns import RunColumns
from bot4.report.stats import compute
from bot4.report.tear import PARTS, Benchmark, TearSheet, tear_sheet
from tests.backtest.markets import frame, market, perpetuals, walk

from ..samples import DAY, HOUR, asset, run
from .curves import daily_run, garch


def all_parts(columns: RunColumns, benchmark: Benchmark | None = None) -> TearSheet:
    """Computes every part with warnings as errors, and writes it down."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tear_sheet(columns, compute(columns), benchmark)
        parts = {name: getattr(found, name) for name in PARTS}
        json.dumps(found.to_dict(), allow_nan=False)
    for name, part in parts.items():
        assert isinstance(part, PARTS[name])
        no_infinity(part, name)
    return found


def no_infinity(value: object, path: str) -> None:
    """Asserts that nothing in a part is infinite."""
    if is_dataclass(value):
        for one in fields(value):
            no_infinity(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            no_infinity(one, f"{path}[{number}]")
    elif isinstance(value, np.ndarray):
        assert not np.isinf(value.astype(np.float64)).any(), path
    elif isinstance(value, float):
        assert not math.isinf(value), path


def test_a_run_without_marks_has_nothing():
    found = all_parts(run([]))
    assert found.drawdowns.worst == ()
    assert found.trades.count == 0
    assert math.isnan(found.significance.psr)
    assert found.calendar.trailing == ()


def test_one_mark_and_one_day():
    for equity, ts in (
        ([100.0], [HOUR]),
        ([100.0, 101.0], [HOUR, DAY]),
        ([100.0, 101.0, 99.0], [DAY, 2 * DAY, 3 * DAY]),
    ):
        found = all_parts(run(equity, ts=ts, assets=[asset([100.0] * 4, interval=DAY)]))
        assert math.isnan(found.significance.sharpe_se) or len(equity) == 3
        assert found.rolling.windows[0].times.size == 0


def test_flat_equity_has_no_ratio_and_no_drawdown():
    found = all_parts(daily_run(np.zeros(100), np.zeros(100)))
    assert math.isnan(found.significance.sharpe)
    assert math.isnan(found.significance.sharpe_se_hac)
    assert found.bootstrap.volatility.estimate == 0.0
    assert math.isnan(found.bootstrap.sharpe.low)
    assert (found.drawdowns.worst, found.drawdowns.ulcer_index) == ((), 0.0)
    assert found.bootstrap.loss_probability == 1.0, "it ends at its start"
    assert math.isnan(found.tails.cf_var_95)


def test_a_straight_line_up_has_no_loss_to_divide_by():
    found = all_parts(daily_run(np.full(60, 0.01)))
    ratios = found.ratios
    assert all(
        math.isnan(x) for x in (ratios.omega, ratios.payoff, ratios.gain_to_pain, ratios.avg_loss, ratios.martin)
    )
    assert ratios.win_rate == 1.0


def test_total_loss_stays_a_total_loss():
    returns = np.concatenate([garch(days=40), [-1.0], np.zeros(30)])
    found = all_parts(daily_run(returns, garch(seed=2, days=71)))
    assert found.stats.cagr == -1.0
    assert found.drawdowns.worst[0].depth == -1.0
    assert found.drawdowns.worst[0].end_ms is None
    assert found.series.returns[41:].tolist() == [0.0] * 30
    assert found.calendar.periods[-1].returns[-1] == -1.0


def test_equity_below_zero_does_not_break_logarithms():
    equity = [100.0, 90.0, -20.0, -10.0, 5.0]
    found = all_parts(run(equity, ts=np.arange(1, 6) * DAY, assets=[asset([100.0] * 6, interval=DAY)]))
    assert found.drawdowns.worst[0].depth == pytest.approx(-1.2)
    assert found.bootstrap.max_drawdown.estimate == -1.0


def test_gaps_of_months_are_days_of_zero():
    ts = np.concatenate([np.arange(1, 40), np.arange(300, 340)]) * DAY
    equity = 100 * np.cumprod(1 + garch(days=79))
    found = all_parts(run(equity, ts=ts, assets=[asset(equity, start=0, interval=DAY)]))
    assert found.series.days == 338
    assert (found.series.returns == 0).sum() >= 260


def test_a_benchmark_that_never_overlaps_says_nothing():
    late = Benchmark("late", np.array([10**15, 10**15 + DAY]), np.array([1.0, 2.0]))
    for benchmark in (late, Benchmark("empty", np.empty(0, dtype=np.int64), np.empty(0))):
        found = all_parts(daily_run(garch(days=50)), benchmark)
        assert found.regression.days == 0
        assert math.isnan(found.regression.beta)
        assert np.isnan(found.series.benchmark).all()
        assert found.calendar.benchmark_years == ()


def test_shorts_only():
    @b4.strategy
    def shorts(m):
        return b4.target(b4.where(m.close < m.close.ema(20), -0.5, 0.0), band=0.05)

    found = all_parts(b4.backtest(shorts, perpetuals(walk(1_500)), cash=1e6, record=False).columns)
    assert found.trades.longs == 0
    assert found.trades.shorts == found.trades.count > 10
    assert found.exposure.mean_net == pytest.approx(-found.exposure.mean_gross)
    assert found.exposure.time_long == 0.0
    assert [group.label for group in found.breakdown.sides] == ["short"]


def test_a_strategy_that_never_trades():
    @b4.strategy
    def never(m):
        return b4.target(b4.where(m.close > 1e9, 1.0, 0.0))

    found = all_parts(b4.backtest(never, market(frame(np.linspace(100, 200, 500))), record=False).columns)
    assert (found.trades.count, found.trades.best_asset) == (0, None)
    assert found.breakdown.assets == ()
    assert len(found.breakdown.hours) == 24
    assert found.costs.total == 0.0
    assert math.isnan(found.costs.share_of_gross)


def test_many_assets_of_different_ages():
    @b4.strategy
    def each(m):
        return b4.target(b4.where(m.close > m.close.ema(10), 0.02, 0.0), band=0.005)

    frames = {f"C{number}/USDT": walk(400 + 7 * number, seed=number) for number in range(40)}
    found = all_parts(b4.backtest(each, frames, cash=1e7, record=False).columns)
    assert len(found.exposure.assets) == len(found.costs.assets) == 40
    assert found.exposure.max_positions > 10
    assert sum(group.trades for group in found.breakdown.assets) == found.trades.count


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 200), st.integers(1, 6)), min_size=0, max_size=50),
    st.sampled_from([HOUR, DAY]),
    st.booleans(),
)
def test_no_curve_breaks_a_part(steps, interval, has_benchmark):
    """Any equity, also 0 and below, at any times apart: no warning, no infinity, plain data that JSON takes."""
    first = 100.0
    equity = [first, *(float(value) for value, _ in steps)]
    ts = 1_600_000_000_000 // HOUR * HOUR + np.cumsum([0, *(gap for _, gap in steps)]) * interval
    bars = asset(np.linspace(first, 50.0, 100), start=int(ts[0]) - interval, interval=interval)
    benchmark = Benchmark("own", ts[::2], np.linspace(1.0, 2.0, len(ts))[::2]) if has_benchmark else None
    all_parts(run(equity, ts=ts, assets=[bars], interval=interval), benchmark)
