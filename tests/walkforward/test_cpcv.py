"""`b4.cpcv`: counts, paths and choices against plain loops over days; nothing near a test is ever trained on."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.records.store import RecordStore
from tests.backtest.markets import perpetuals, walk
from tests.walkforward.strategies import DAY, cross, fixed, idle, regimes, side

GRID = {"fast": [3, 8, 20], "slow": [15, 40]}


@pytest.fixture(scope="module")
def bars():
    return walk(24 * 90, seed=4)


@pytest.fixture(scope="module")
def found(bars):
    return b4.cpcv(cross, bars, GRID, purge="2d", embargo="3d", record=False)


def runs_of(bars, found):
    """Daily returns of every combination over the whole span, from single runs."""
    start, end = found.groups.blocks[0].start_ms, found.groups.blocks[-1].end_ms
    daily = {}
    for fast, slow in itertools.product(GRID["fast"], GRID["slow"]):
        if fast < slow:
            run = b4.backtest(cross, bars, start=start, end=end, fast=fast, slow=slow, record=False)
            daily[fast, slow] = run.daily_returns[1]
    return daily


@pytest.mark.parametrize(("groups", "tested", "splits", "paths"), [(6, 2, 15, 5), (10, 2, 45, 9)])
def test_counts_and_that_each_path_has_every_day_once(bars, groups, tested, splits, paths):
    found = b4.cpcv(cross, bars, GRID, groups=groups, tested=tested, purge=0, embargo=0, record=False)
    assert len(found.folds) == found.stats.splits == splits
    assert found.daily.shape == (paths, len(found.times))
    assert np.isfinite(found.daily).all()
    assert np.all(np.diff(found.times) == DAY)
    tested_days = sum(fold.test_days for fold in found.folds)
    assert tested_days == paths * len(found.times)


def test_choices_and_paths_are_those_of_a_plain_loop_over_days(bars, found):
    daily = runs_of(bars, found)
    first, days = found.groups.blocks[0].start_ms, len(found.times)
    group = np.array(
        [
            next(g for g, b in enumerate(found.groups.blocks) if b.start_ms <= first + d * DAY < b.end_ms)
            for d in range(days)
        ]
    )
    used: dict[int, list[np.ndarray]] = {g: [] for g in range(6)}
    for fold, chosen in zip(found.folds, itertools.combinations(range(6), 2), strict=True):
        test = [d for d in range(days) if group[d] in chosen]
        train = [
            d
            for d in range(days)
            if group[d] not in chosen and not any(-2 <= d - t <= 2 or 2 < d - t <= 2 + 3 for t in test)
        ]
        ratios = {key: values[train].mean() / values[train].std(ddof=1) for key, values in daily.items()}
        best = max(ratios, key=lambda key: ratios[key])
        assert (fold.params["fast"], fold.params["slow"]) == best
        assert (fold.train_days, fold.test_days) == (len(train), len(test))
        assert fold.sharpe_in == pytest.approx(ratios[best] * math.sqrt(365))
        for g in chosen:
            used[g].append(daily[best][group == g])
    for path, returns in enumerate(found.daily):
        for g in range(6):
            assert returns[group == g].tolist() == used[g][path].tolist()


def test_default_purge_is_the_usual_holding_time_and_embargo_a_hundredth(bars):
    found = b4.cpcv(cross, bars, GRID, record=False)
    start, end = found.groups.blocks[0].start_ms, found.groups.blocks[-1].end_ms
    held = [
        b4.backtest(cross, bars, start=start, end=end, params=params, record=False).stats.mean_bars_held
        for params in [*found.tried.values, {}]
    ]
    assert found.groups.purge_ms == math.ceil(float(np.median(held)) / 24) * DAY
    assert found.groups.embargo_ms == math.ceil((end - start) / DAY / 100) * DAY


def test_workers_change_nothing(bars):
    one, two = (b4.cpcv(cross, bars, GRID, workers=n, record=False).to_dict() for n in (1, 2))
    assert one == two


@pytest.mark.parametrize("metric", ["sortino", "calmar", "cagr", "total_return", "max_drawdown", "min:volatility"])
def test_every_measure_of_days_may_choose(bars, metric):
    found = b4.cpcv(cross, bars, GRID, metric=metric, record=False)
    assert all(fold.has_choice for fold in found.folds)
    assert found.splits["rank"].is_finite().all()


def test_where_nothing_can_be_learned_choosing_is_worth_nothing_and_where_it_can_it_is():
    steady = b4.cpcv(side, perpetuals(regimes(0.0006, 0.0006, 0.0006)), {"sign": [-1, 1]}, record=False)
    assert steady.stats.overfit == 0.0
    assert steady.stats.splits_losing == 0
    assert {fold.params["sign"] for fold in steady.folds} == {1}
    turning = perpetuals(regimes(0.0008, -0.0008, 0.0008, -0.0008, 0.0008, -0.0008, days=20))
    fooled = b4.cpcv(side, turning, {"sign": [-1, 1]}, purge=0, embargo=0, record=False)
    assert fooled.stats.overfit > 0.5
    assert fooled.stats.slope < 0


def test_every_run_is_recorded_once(bars, records_home):
    found = b4.cpcv(cross, bars, GRID)
    runs = RecordStore().runs(limit=100)
    assert len(runs) == found.evaluations == 6
    assert {run["kind"] for run in runs} == {"cpcv"}
    assert RecordStore().groups()[0].status == "done"
    again = b4.cpcv(cross, bars, GRID)
    assert again.trials is not None
    assert again.trials.runs == 6


def test_without_parameters_or_trades_it_says_so(bars):
    plain = b4.cpcv(fixed, bars, record=False)
    assert any("Nothing was fitted" in note for note in plain.notes)
    assert np.ptp(plain.daily, axis=0).max() == 0.0
    quiet = b4.cpcv(idle, bars, {"level": [2, 3]}, record=False)
    assert all(not fold.has_choice and fold.params["level"] == 1 for fold in quiet.folds)
    assert any("No combination has a sharpe in the training of split 1" in note for note in quiet.notes)
    json.loads(quiet.to_json())
    assert "–" in quiet.summary()


def test_summary_frames_and_json(found):
    text = found.summary()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "6 groups, 2 tested: 15 splits, 5 paths, purge 2 days, embargo 3 days" in text
    assert found.splits.height == 15
    assert found.splits["tested"].to_list() == [[a + 1, b + 1] for a, b in itertools.combinations(range(6), 2)]
    assert found.paths.height == 5
    assert found.equity["path_5"][-1] == pytest.approx(1 + found.paths["total_return"][4])
    plain = json.loads(found.to_json())
    assert set(plain["stats"]) == set(found.stats)
    assert len(plain["splits"]) == 15
    assert "<pre>cross · " in found._repr_html_()
    assert repr(found).startswith("<CpcvResult cross · 15 splits · 5 paths")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"groups": 4, "tested": 4}, "4 of 4 groups as test leaves none of one kind"),
        ({"groups": 300}, "300 groups need at least 300 days"),
        ({"purge": "40d"}, "leave no training beside the test groups"),
        ({"metric": "profit_factor"}, "there is no metric 'profit_factor'"),
        ({"embargo": "long"}, "embargo is 'long', not a length"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(bars, given, said):
    with pytest.raises(BacktestError, match=said):
        b4.cpcv(cross, bars, GRID, record=False, **given)
