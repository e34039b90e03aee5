"""A sweep's rows equal single runs, whatever the strategy; what is refused is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.setup import as_strategy
from bot4.records.store import RecordStore
from tests.examples.cases import CASES, EXAMPLES

from .conftest import cross

GRID = {"fast": [5, 10, 40], "slow": "20:60:20"}


def test_rows_equal_single_runs_bit_for_bit(bars):
    result = b4.sweep(cross, bars, GRID, record=False)
    assert len(result) == 7
    for place, row in enumerate(result.frame.iter_rows(named=True)):
        single = b4.backtest(cross, bars, fast=row["fast"], slow=row["slow"], record=False)
        for name in result.rows.stats:
            expected = single.stats[name]
            found = row[name]
            missing = expected is None or math.isnan(expected)
            assert found is None if missing else found == expected, name
        times, returns = single.daily_returns
        own_times, own_returns = result.rows.row_returns(place)
        assert np.array_equal(times, own_times)
        assert np.array_equal(returns, own_returns)
        assert result.rows.identities[place] == single.identity


@pytest.mark.parametrize("example", ["carry", "donchian", "grid", "pairs", "rsi2", "trend"])
def test_rows_of_examples_equal_single_runs_bit_for_bit(example):
    """Entries, keyed orders, legs and funding: the first number of each strategy at its bounds, and its default."""
    case = CASES[example]
    strategy = as_strategy(str(EXAMPLES / f"{example}.py"))
    parameter = next(p for p in strategy.parameters.values() if p.low is not None)
    bounds = [parameter.type(v) for v in (parameter.low, parameter.high) if v is not None]
    values = list(dict.fromkeys([parameter.default, *bounds]))
    data, funding = case.market(), case.funding() if case.funding else None
    result = b4.sweep(strategy, data, {parameter.name: values}, funding=funding, record=False)
    assert result.count.runs + result.count.refused == len(values)
    for place, row in enumerate(result.rows.params):
        single = b4.backtest(strategy, data, funding=funding, params=dict(row), record=False)
        for name, column in result.rows.stats.items():
            own, expected = column[place].item(), single.stats[name]
            missing = expected is None or math.isnan(expected)
            assert math.isnan(own) if missing else own == expected, name
        assert np.array_equal(result.rows.row_returns(place)[1], single.daily_returns[1])


def test_refused_combinations_are_skipped_and_counted(bars):
    result = b4.sweep(cross, bars, GRID, record=False)
    assert (result.count.total, result.count.runs, result.count.refused) == (9, 7, 2)
    assert result.frame["ordinal"].to_list() == [0, 1, 2, 3, 4, 5, 8]  # 6 and 7 are fast 40 with slow 20 and 40


def test_all_refused_is_one_sentence_with_the_reason(bars):
    with pytest.raises(
        BacktestError, match=r"b4.require refused all 2 combinations.*the fast window must be the shorter one"
    ):
        b4.sweep(cross, bars, {"fast": [50, 60], "slow": [20]}, record=False)


def test_every_row_is_a_record_and_counts_as_a_trial(bars, records_home):
    result = b4.sweep(cross, bars, GRID)
    assert len(RecordStore().runs()) == 7
    assert result.trials is not None
    assert result.trials.distinct == 7


def test_a_row_can_be_run_whole(bars):
    result = b4.sweep(cross, bars, GRID, params={"weight": 0.9}, record=False)
    single = result.at(fast=10, slow=40)
    assert single.params == {"fast": 10, "slow": 40, "weight": 0.9}
    row = result.frame.filter((result.frame["fast"] == 10) & (result.frame["slow"] == 40))
    assert row["final_equity"].item() == single.stats.final_equity
