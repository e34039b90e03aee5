"""What may go wrong on the way: an interrupt, records that cannot be written, ruin, accounts in several currencies, odd metrics."""

from __future__ import annotations

import numpy as np
import pytest

import bot4 as b4
from bot4.records.store import RecordStore
from tests.backtest.markets import frame, perpetuals, walk
from tests.walkforward.strategies import cross, fixed, regimes, side

GRID = {"fast": [3, 8, 20], "slow": [15, 40]}


@pytest.fixture(scope="module")
def bars():
    return walk(24 * 90, seed=4)


def test_an_interrupted_walk_has_recorded_what_it_tried(bars):
    def stop(done: int, total: int) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        b4.walkforward(cross, bars, GRID, train="30d", test="10d", workers=1, progress=stop)
    (group,) = RecordStore().groups()
    assert (group.kind, group.status) == ("walkforward", "stopped")
    assert 0 < group.runs < group.total


def test_a_finished_walk_is_a_group_that_is_done_with_all_its_runs(bars):
    told: list[tuple[int, int]] = []
    found = b4.walkforward(
        cross, bars, GRID, train="30d", test="10d", progress=lambda done, total: told.append((done, total))
    )
    (group,) = RecordStore().groups()
    assert (group.status, group.runs) == ("done", found.evaluations)
    assert group.total >= group.runs
    assert told[-1][0] == found.evaluations
    runs = RecordStore().group_runs(group.id)
    assert runs["ordinal"].to_list() == list(range(found.evaluations))
    tests = {(w.test.start_ms, w.test.end_ms) for w in found.steps}
    spans = set(zip(runs["start"].dt.timestamp("ms"), runs["end"].dt.timestamp("ms"), strict=True))
    assert tests <= spans


def test_a_walk_that_fits_nothing_is_as_long_as_it_says(bars):
    found = b4.walkforward(fixed, bars, train="30d", test="10d")
    (group,) = RecordStore().groups()
    assert group.runs == group.total == found.evaluations == 2 * len(found.steps)


def test_records_that_cannot_be_written_are_one_warning_and_no_obstacle(bars, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("BOT4_HOME", str(blocked / "home"))
    with pytest.warns(RuntimeWarning, match="The runs are not recorded") as caught:
        found = b4.walkforward(cross, bars, GRID, train="30d", test="10d")
    assert len(caught) == 1
    assert len(found.steps) >= 3


def test_a_ruined_account_ends_the_walk():
    @b4.strategy(on=b4.bars("1h"))
    def reckless(m, size: int = b4.param(900, 100, 900)):
        """Short a fixed number of coins."""
        return b4.target(qty=0 * m.close - size)

    steps = np.concatenate([np.full(24 * 25, 100.0), np.full(24 * 55, 300.0)])
    data = perpetuals(frame(steps + 0.01 * (np.arange(len(steps)) % 2)))
    found = b4.walkforward(reckless, data, {"size": [900]}, train="10d", test="10d", record=False)
    assert len(found.steps) < found.planned == 7
    assert found.stats.final_equity <= 0
    assert found.stats.cagr == -1.0
    assert any("The account was ruined in window" in note for note in found.notes)
    found.summary()
    found.to_json()


def test_stated_accounts_begin_each_test_anew_and_the_curve_goes_on_in_proportion(bars):
    found = b4.walkforward(
        cross,
        bars,
        {"fast": [3, 8]},
        train="30d",
        test="10d",
        accounts={"main": {"cash": {"USDT": 5_000}}},
        record=False,
    )
    firsts = {int(w.outside.columns.equity[0]) for w in found.steps}
    assert firsts == {5_000 * 10**8}
    product = np.prod([1 + w.outside.stats.total_return for w in found.steps])
    assert found.stats.total_return == pytest.approx(product - 1, abs=1e-9)
    assert np.abs(np.diff(found.curve.equity)).max() < 0.1 * found.curve.equity.max(), "no jump at a border"


@pytest.mark.parametrize("metric", ["calmar", "min:volatility", "min:spread_cost", "max:trades"])
def test_any_statistic_may_choose_in_its_own_direction(bars, metric):
    found = b4.walkforward(cross, bars, GRID, train="30d", test="10d", metric=metric, record=False)
    window = found.steps[0]
    name, sign = metric.split(":")[-1], -1 if metric.startswith("min:") else 1
    values = [
        b4.backtest(cross, bars, start=window.train.start_ms, end=window.train.end_ms, params=one, record=False).stats[
            name
        ]
        for one in found.tried.values
    ]
    assert window.inside.value(name) == sign * max(sign * float(value or 0) for value in values)


def test_a_choice_that_rests_on_few_trades_is_named():
    found = b4.walkforward(
        side, perpetuals(regimes(0.0006, 0.0006)), {"sign": [-1, 1]}, train="20d", test="10d", record=False
    )
    assert any(
        note.startswith("The choice of windows 1") and "fewer than 10 closed trades" in note for note in found.notes
    )


def test_windows_of_hours_begin_at_bars(bars):
    found = b4.walkforward(cross, bars, {"fast": [3, 8]}, train="500h", test="36h", record=False)
    first = found.steps[0].train.start_ms
    assert [w.test.start_ms - first for w in found.steps] == [
        (500 + 36 * n) * 3_600_000 for n in range(len(found.steps))
    ]
    assert found.curve.ts[0] == found.steps[0].test.start_ms
