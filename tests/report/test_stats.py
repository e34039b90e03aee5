"""Statistics of hand-made runs, each number checked with a pencil or against a plain loop."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.report import columns
from bot4.report.columns import AMOUNT, held_after, rows_at
from bot4.report.costs import fill_costs, half_spread_ticks, turnover
from bot4.report.exposure import exposure, gross_values
from bot4.report.holding import holding_values
from bot4.report.stats import STAT_NAMES, compute, daily_returns

from .samples import DAY, HOUR, UNIT, asset, run

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def two_trades():
    """Buys 1 BTC at 100.02 on row 1, sells at row 3; buys again on row 4 and keeps it. Fees 0.1 %."""
    fills = [
        # order ts        row asset lots   ticks  base   fee            reason position flow
        (0, 1 * HOUR, 1, 0, 1000, 10_002, 10_000, 10_002_000, 1, 1000, 0),
        (1, 3 * HOUR, 3, 0, -1000, 10_998, 11_000, 10_998_000, 1, 0, 0),
        (2, 4 * HOUR, 4, 0, 500, 12_003, 12_000, 6_001_500, 1, 500, 0),
    ]
    trades = [
        (0, 1, HOUR, 3 * HOUR, 1000, 10_002 * 10**6, 10_998 * 10**6, 21_000_000, 975_000_000, 3, 1),
        (0, 1, 4 * HOUR, -1, 500, 6_001_500_000, 0, 6_001_500, -6_001_500, 2, 1),
    ]
    prices = [100.0, 100.0, 105.0, 110.0, 120.0, 130.0]
    return run(
        [1000, 999.9, 1004.9, 1009.6, 1009.5, 1014.5], assets=[asset(prices)], fills=fills, trades=trades, cash=1000
    )


def test_costs_are_split_by_rule():
    costs = fill_costs(two_trades())
    assert costs.fees.tolist() == pytest.approx([0.10002, 0.10998, 0.060015])
    assert costs.spread.tolist() == pytest.approx([0.01, 0.02, 0.005 * 2]), (
        "⌈10000·1e-4⌉ = 1, ⌈11000·1e-4⌉ = ⌈12000·1e-4⌉ = 2 ticks"
    )
    assert costs.impact.tolist() == pytest.approx([0.01, 0.0, 0.005]), "what the spread does not explain"
    assert costs.notional.tolist() == pytest.approx([100.02, 109.98, 60.015])


@given(st.integers(0, 2**60), st.integers(0, 500_000_000))
def test_half_spread_is_the_exact_ceiling(base, half_spread_e9):
    if base * half_spread_e9 < 2**62 * 10**9:
        ticks = half_spread_ticks(np.array([base], dtype=np.int64), half_spread_e9)
        assert ticks[0] == -(-base * half_spread_e9 // 10**9)


def test_a_fill_better_than_its_base_costs_nothing():
    """A sale cannot go below 1 tick: its slip may be smaller than the half spread."""
    fills = [(0, HOUR, 1, 0, -1000, 1, 1, 0, 1, -1000, 0)]
    costs = fill_costs(run([1, 1], fills=fills))
    assert (costs.spread[0], costs.impact[0]) == (0.0, 0.0)


def test_statistics_of_two_trades():
    stats = compute(two_trades())
    assert (stats.bars, stats.orders, stats.fills, stats.trades, stats.open_positions) == (6, 0, 3, 1, 1)
    assert stats.total_return == pytest.approx(0.0145)
    assert stats.fees == pytest.approx(0.270015)
    assert stats.total_cost == pytest.approx(stats.fees + stats.spread_cost + stats.impact_cost)
    assert (stats.funding, stats.interest, stats.liquidation_fees, stats.liquidations) == (0, 0, 0, 0)
    assert (stats.win_rate, stats.expectancy, stats.mean_bars_held) == (1.0, 9.75, 3.0)
    assert stats.mean_trade_return == pytest.approx(9.75 / 100.02)
    assert math.isnan(stats.profit_factor), "no loss yet: the ratio is unknown, not infinite"
    assert stats.time_in_market == pytest.approx(4 / 6)
    assert stats.max_gross == pytest.approx(105 / 1004.9)
    assert stats.mean_gross == pytest.approx((100 / 999.9 + 105 / 1004.9 + 60 / 1009.5 + 65 / 1014.5) / 6)
    assert stats.traded == pytest.approx(270.015)
    mean_equity = np.mean([1000, 999.9, 1004.9, 1009.6, 1009.5, 1014.5])
    assert stats.turnover == pytest.approx(270.015 / mean_equity / (5 / 24 / 365))
    assert stats.max_drawdown == pytest.approx(-0.0001)


def test_profit_factor_is_won_over_lost():
    trades = [(0, 1, 0, HOUR, 1, UNIT, UNIT, 0, pnl * UNIT, 1, 1) for pnl in (3, -1, 1, -1, 0)]
    stats = compute(run([1, 1], trades=trades))
    assert (stats.trades, stats.win_rate, stats.profit_factor) == (5, 0.4, 2.0)
    assert stats.expectancy == pytest.approx(0.4)


def test_turnover_counts_both_sides():
    assert turnover(200.0, 100.0, 1.0) == 2.0
    assert math.isnan(turnover(200.0, 0.0, 1.0))
    assert math.isnan(turnover(200.0, 100.0, 0.0))


def test_warm_up_is_left_out():
    assets = [asset([100.0] * 6, first_decision=3 * HOUR)]
    sample = run([1, 1, 1, 1, 2, 2], assets=assets)
    assert compute(sample).start_ms == 3 * HOUR
    assert compute(sample).bars == 4
    assert sample.equity.tolist() == [UNIT, UNIT, 2 * UNIT, 2 * UNIT]


def test_a_run_that_never_left_its_warm_up_still_has_statistics():
    short = asset([100.0, 101.0])
    object.__setattr__(short, "first_decision_ms", None)
    sample = run([5, 5], assets=[short])
    stats = compute(sample)
    assert (sample.first_decision_ms, stats.total_return, stats.trades) == (None, 0.0, 0)
    assert stats.holding_return == 0.0, "nothing was bought: there was no decision to start from"


def test_a_run_without_bars_has_no_numbers_but_does_not_fail():
    stats = compute(run([], assets=[], cash=1))
    assert (stats.bars, stats.start_equity, stats.fees) == (0, 1.0, 0.0)
    assert math.isnan(stats.holding_return)
    assert math.isnan(stats.mean_gross)
    assert math.isnan(stats.turnover)


def test_daily_returns_are_dated_by_their_close():
    equity = 100 * 1.001 ** np.arange(72)
    times, returns = daily_returns(run(equity, ts=(np.arange(72) + 1) * HOUR))
    assert times.tolist() == [DAY, 2 * DAY, 3 * DAY]
    assert returns[1:].tolist() == pytest.approx([1.001**24 - 1] * 2)


def test_statistics_are_attributes_and_keys():
    stats = compute(two_trades())
    assert stats["sharpe_se"] is stats.sharpe_se
    assert list(stats) == list(STAT_NAMES)
    assert len(stats) == len(STAT_NAMES)
    with pytest.raises(KeyError):
        stats["shrape"]


def test_statistics_print_one_line_each():
    lines = str(compute(two_trades())).splitlines()
    assert len(lines) == len(STAT_NAMES)
    assert "final_equity            1,014.5" in lines
    assert "start_ms                1970-01-01 01:00" in lines
    assert "profit_factor           –" in lines
    assert "fills                   3" in lines


# --- positions on the grid --------------------------------------------------------------------------------------------------


def test_gross_follows_every_asset_on_its_own_rows(monkeypatch):
    """Two assets, the second listed later and with a hole; blocks of two rows give the same as one."""
    first = asset([10.0, 11.0, 12.0, 13.0, 14.0], lot=1.0)
    late = asset([100.0, 101.0], start=2 * HOUR, interval=2 * HOUR, symbol="ETH/USDT", lot=1.0)
    fills = [
        (0, 0, 0, 0, 2, 1, 1, 0, 1, 2, 0),
        (1, 2 * HOUR, 0, 1, -1, 1, 1, 0, 1, -1, 0),
        (2, 3 * HOUR, 3, 0, -2, 1, 1, 0, 1, 0, 0),
    ]
    sample = run([1000.0] * 5, assets=[first, late], fills=fills)
    gross, is_in = gross_values(sample, sample.equity_ts)
    assert gross.tolist() == [20.0, 22.0, 24.0 + 100.0, 100.0, 101.0]
    assert is_in.all()
    whole = exposure(sample)
    monkeypatch.setattr(columns, "BLOCK_ROWS", 2)
    assert exposure(sample) == whole
    assert whole.max_gross == pytest.approx(0.124)


@given(
    st.lists(st.integers(0, 9), max_size=10),
    st.lists(st.integers(-1, 12), max_size=8),
    st.integers(0, 9),
    st.integers(0, 5),
)
def test_held_after_is_the_last_fill_at_or_before(rows, asked, first, count):
    fill_rows = np.array(sorted(rows), dtype=np.int64)
    positions = np.arange(1, len(rows) + 1, dtype=np.int64)
    for wanted in (sorted(asked), list(range(first, first + count))):
        held = held_after(fill_rows, positions, np.array(wanted, dtype=np.int64))
        assert held.tolist() == [sum(1 for r in rows if r <= row) for row in wanted]


@pytest.mark.parametrize("first", [0, 2, 7])
def test_rows_at_finds_the_last_closed_bar(first):
    one = asset(np.arange(5.0))
    times = np.arange(first, first + 4, dtype=np.int64) * HOUR + HOUR
    expected = [max([i for i, t in enumerate(one.ts) if t + HOUR <= now], default=-1) for now in times]
    assert rows_at(one, HOUR, times).tolist() == expected
    assert rows_at(one, HOUR, times[:0]).tolist() == []


# --- buy and hold -----------------------------------------------------------------------------------------------------------


def test_holding_buys_at_the_first_open_after_the_first_decision():
    sample = run([100.0] * 4, assets=[asset([10, 20, 30, 40], opens=[10, 25, 30, 40], first_decision=HOUR)], cash=100)
    values = holding_values(sample, sample.equity_ts)
    assert values.tolist() == pytest.approx([100.0] + [100 * 0.999 / 25 * close for close in (20, 30, 40)])


def test_holding_splits_cash_and_waits_for_late_listings():
    early = asset([10.0, 10.0, 20.0, 20.0], first_decision=HOUR, fee=0.0)
    late = asset([5.0, 10.0], start=2 * HOUR, symbol="ETH/USDT", first_decision=3 * HOUR, fee=0.0)
    never = asset([7.0], symbol="XRP/USDT", first_decision=HOUR, fee=0.0)
    sample = run([90.0] * 4, assets=[early, late, never], cash=90)
    assert holding_values(sample, sample.equity_ts).tolist() == pytest.approx(
        [90, 90, 30 * 2 + 30 + 30, 30 * 2 + 60 + 30]
    )


def test_holding_numbers_are_those_of_its_curve():
    sample = run([100.0] * 72, assets=[asset(100 * 1.01 ** np.arange(72), fee=0.0, first_decision=HOUR)], cash=100)
    stats = compute(sample)
    values = holding_values(sample, sample.equity_ts)
    assert stats.holding_return == pytest.approx(values[-1] / 100 - 1)
    assert stats.holding_max_drawdown == 0.0
    assert stats.holding_cagr == pytest.approx((values[-1] / 100) ** (365 / (71 / 24)) - 1)


# --- documentation ----------------------------------------------------------------------------------------------------------


def test_every_statistic_is_documented_and_nothing_else():
    rows = re.findall(r"^\| `(\w+)` \|", DOCS.read_text(encoding="utf-8").split("## JSON")[0], flags=re.MULTILINE)
    assert rows == list(STAT_NAMES)


def test_amounts_are_in_hundred_millionths():
    assert AMOUNT * UNIT == 1.0
