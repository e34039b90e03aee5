"""`b4.walkforward`: its tests are the runs one would make by hand, its choices those of a plain loop, nothing later leaks into either."""

from __future__ import annotations

import io
import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from rich.console import Console

import bot4 as b4
from bot4.backtest.walkforward import walkforward
from bot4.backtest.walkforward.cpcv_result import CPCV_STAT_NAMES
from bot4.backtest.walkforward.numbers import WALK_STAT_NAMES
from bot4.records.store import RecordStore
from tests.backtest.markets import REAL, market, perpetuals, walk
from tests.walkforward.strategies import DAY, cross, fixed, idle, named, regimes, side

GRID: dict[str, Any] = {"fast": [3, 8, 20], "slow": [15, 40]}
WINDOWS: dict[str, Any] = {"train": "30d", "test": "10d"}


@pytest.fixture(scope="module")
def bars():
    return walk(24 * 90, seed=4)


@pytest.fixture(scope="module")
def found(bars, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOT4_HOME", str(tmp_path_factory.mktemp("home")))
        return walkforward(cross, bars, GRID, **WINDOWS)


def by_hand(bars, span, cash=100_000.0, **params):
    return b4.backtest(cross, bars, start=span.start_ms, end=span.end_ms, cash=cash, params=params, record=False)


def test_the_stitched_equity_equals_runs_made_by_hand_with_the_same_cuts_bit_for_bit(bars, found):
    cash = 100_000.0
    ts: list[int] = []
    equity: list[int] = []
    for window in found.steps:
        run = by_hand(bars, window.test, cash, **window.params)
        own = run.records["equity_ts"] >= window.test.start_ms
        times, marks = run.records["equity_ts"][own].tolist(), run.records["equity"][own].tolist()
        ts += times[1:] if ts else times
        equity += marks[1:] if equity else marks
        cash = marks[-1] / 1e8
        assert run.records["state_hash"] == window.outside.records["state_hash"]
        assert times[0] == window.test.start_ms
    assert found.curve.ts.tolist() == ts
    assert found.curve.equity.tolist() == equity
    assert np.all(np.diff(ts) == 3_600_000), "one mark an hour, no hole and no repetition at a border"
    assert found.stats.final_equity == equity[-1] / 1e8


def test_each_training_chooses_what_a_plain_loop_over_single_runs_chooses(bars, found):
    for window in found.steps:
        best, chosen = -math.inf, None
        for fast, slow in itertools.product(GRID["fast"], GRID["slow"]):
            if fast >= slow:
                continue
            ratio = by_hand(bars, window.train, fast=fast, slow=slow).stats.sharpe
            if ratio > best:
                best, chosen = ratio, {"fast": fast, "slow": slow}
        assert dict(window.params) == chosen
        assert window.inside.value("sharpe") == best


def test_windows_follow_each_other_from_the_first_possible_decision_on(bars, found):
    first = found.steps[0].train.start_ms
    settled = b4.backtest(cross, bars, params={"fast": 3, "slow": 40}, record=False)
    ready = int(bars["ts"][0]) + max(rows or 0 for rows in settled.settled_rows) * 3_600_000 + 3_600_000
    assert first == -(-ready // DAY) * DAY, "the warm-up of the slowest combination, then the next midnight"
    assert [w.test.start_ms for w in found.steps] == [first + (30 + 10 * n) * DAY for n in range(len(found.steps))]
    assert found.steps[-1].test.end_ms <= int(bars["ts"][-1]) + 3_600_000


def test_later_bars_change_no_earlier_window(bars, found):
    end = found.steps[1].test.end_ms
    changed = bars.with_columns(
        [
            pl.when(pl.col("ts") >= end).then(pl.col(c) * 3).otherwise(pl.col(c))
            for c in ("open", "high", "low", "close")
        ]
    )
    other = walkforward(cross, changed, GRID, **WINDOWS, record=False)
    for one, two in zip(found.steps[:2], other.steps[:2], strict=True):
        assert one.params == two.params
        assert one.inside.stats == two.inside.stats
        assert one.outside.records["state_hash"] == two.outside.records["state_hash"]
    assert found.steps[-1].outside.records["state_hash"] != other.steps[-1].outside.records["state_hash"]


def test_workers_change_nothing(bars, found):
    two = walkforward(cross, bars, GRID, **WINDOWS, workers=2, record=False)
    one = walkforward(cross, bars, GRID, **WINDOWS, workers=1, record=False)
    strip = {"notes", "caveats", "trials"}
    plain = [{k: v for k, v in r.to_dict().items() if k not in strip} for r in (one, two, found)]
    assert plain[0] == plain[1] == plain[2]


def test_a_planted_change_of_regime_is_seen_in_the_drift():
    up, down = 0.0008, -0.0008
    found = walkforward(
        side,
        perpetuals(regimes(up, up, down, down)),
        {"sign": [-1, 1]},
        train="20d",
        test="10d",
        record=False,
        params={},
    )
    chosen = {w.test.start_ms: w.params["sign"] for w in found.steps}
    turn = int(regimes(up)["ts"][0]) + 60 * DAY
    assert all(sign == 1 for at, sign in chosen.items() if at <= turn)
    assert all(sign == -1 for at, sign in chosen.items() if at >= turn + 20 * DAY)
    assert found.params["sign"].to_list() == list(chosen.values())
    changes = sum(a != b for a, b in itertools.pairwise(chosen.values()))
    assert changes == 1
    assert any(f"sign changed at 1 of {len(chosen) - 1} borders" in note for note in found.notes)


def test_the_choice_beats_the_default_where_the_default_is_wrong():
    found = walkforward(
        side, perpetuals(regimes(-0.0008, -0.0008, -0.0008)), {"sign": [-1, 1]}, train="20d", test="10d", record=False
    )
    s = found.stats
    assert s.windows_compared == s.windows_beating_default == len(found.steps) > 4
    assert s.total_return > 0 > s.default_return
    wrong = walkforward(
        side, perpetuals(regimes(0.0008, 0.0008)), {"sign": [-1, 1]}, train="20d", test="10d", record=False
    )
    assert wrong.stats.windows_compared == 0, "the choice is the default"


def test_anchored_training_begins_with_the_first_and_grows(bars):
    found = walkforward(cross, bars, GRID, **WINDOWS, anchored=True, record=False)
    assert {w.train.start_ms for w in found.steps} == {found.steps[0].train.start_ms}
    assert [w.train.length_ms // DAY for w in found.steps] == [30 + 10 * n for n in range(len(found.steps))]
    assert "anchored: at least 30 days of training" in found.summary()


def test_purge_and_embargo_stand_between_training_and_test(bars):
    found = walkforward(cross, bars, GRID, **WINDOWS, purge="2d", embargo=24, record=False)
    for window in found.steps:
        assert window.test.start_ms - window.train.end_ms == 3 * DAY
        run = by_hand(bars, window.train, **window.params)
        assert run.stats.sharpe == window.inside.value("sharpe")
        assert run.market.end_ms == window.train.end_ms
    assert "purge 2 days, embargo 1 day" in found.summary(120)


def test_tests_that_do_not_touch_hold_cash_between(bars):
    found = walkforward(cross, bars, GRID, train="20d", test="5d", step="10d", record=False)
    ends = [int(w.outside.columns.equity[-1]) for w in found.steps[:-1]]
    starts = [int(w.outside.columns.equity[0]) for w in found.steps[1:]]
    assert ends == starts
    assert any("between them the stitched curve holds cash" in note for note in found.notes)
    assert np.count_nonzero(np.diff(found.curve.ts) > 3_600_000) == len(found.steps) - 1


def test_efficiency_is_growth_outside_over_growth_inside(found):
    for window in found.steps:
        inside, outside = window.inside.stats, window.outside.stats
        rate = [math.log(s["final_equity"] / s["start_equity"]) * 365 / s["days"] for s in (inside, outside)]
        if rate[0] > 0:
            assert window.efficiency == pytest.approx(rate[1] / rate[0], rel=1e-12)
        else:
            assert math.isnan(window.efficiency)
    s = found.stats
    days = sum(w.outside.stats.days for w in found.steps)
    assert s.growth == pytest.approx(math.log(s.final_equity / s.start_equity) * 365 / days)
    weighted = [w.growth_inside * w.inside.value("days") for w in found.steps]
    assert s.growth_inside == pytest.approx(sum(weighted) / sum(w.inside.value("days") for w in found.steps))


def test_numbers_of_the_curve_are_those_of_its_daily_returns(found):
    frame = found.equity.with_columns(pl.col("ts").dt.offset_by("-1ms").dt.date().alias("day"))
    closes = frame.group_by("day", maintain_order=True).agg(pl.col("equity").last())["equity"].to_numpy()[1:]
    values = np.concatenate([[100_000.0], closes])
    returns = values[1:] / values[:-1] - 1
    assert found.daily_returns[1] == pytest.approx(returns, abs=1e-15)
    s = found.stats
    assert s.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365))
    assert s.total_return == pytest.approx(np.prod(1 + returns) - 1)
    falls = found.equity["equity"] / found.equity["equity"].cum_max() - 1
    assert s.max_drawdown == pytest.approx(falls.min())
    assert s.trades == sum(len(w.outside.trades) for w in found.steps)


def test_every_evaluation_is_a_run_record(bars, records_home):
    found = walkforward(cross, bars, GRID, **WINDOWS)
    runs = RecordStore().runs(limit=1_000)
    assert {run["kind"] for run in runs} == {"walkforward"}
    assert len(runs) == found.evaluations
    assert found.trials is not None
    assert found.trials.runs == 0
    again = walkforward(cross, bars, GRID, **WINDOWS)
    assert again.trials is not None
    assert again.trials.runs == found.evaluations
    assert any("the run records know of none on these markets" in sentence for sentence in found.caveats)
    assert any(f"had been tried {found.evaluations} times" in sentence for sentence in again.caveats)
    assert again.trials.distinct == 6, "five combinations that b4.require allows, and the defaults"


def test_nothing_is_recorded_where_that_is_asked(bars, records_home):
    found = walkforward(cross, bars, GRID, **WINDOWS, record=False)
    assert found.trials is None
    assert not records_home.exists()


def test_a_strategy_without_parameters_runs_unfitted_and_says_so(bars):
    found = walkforward(fixed, bars, **WINDOWS, record=False)
    assert any("Nothing was fitted, for fixed declares no parameters" in note for note in found.notes)
    assert found.stats.windows_compared == 0
    assert "nothing is fitted" in found.summary()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"grid": {"fast": [3]}}, "the grid has a single combination"),
        ({"params": {"fast": 3, "slow": 20}}, "no parameter that is left open declares bounds"),
    ],
)
def test_why_nothing_was_fitted_is_said(bars, given, said):
    found = walkforward(cross, bars, **WINDOWS, **given, record=False)
    assert any(said in note for note in found.notes)
    assert "Parameter drift" not in str(found.summary())


@pytest.mark.skipif(not REAL.exists(), reason=f"no market data in {REAL}")
def test_on_real_bars_with_holes_the_stitched_equity_is_that_of_runs_made_by_hand():
    path, grid = REAL / "binance-BTCUSDT-1h.parquet", {"fast": [5, 20], "slow": [40, 80]}
    found = walkforward(cross, path, grid, train="2y", test="250d", record=False)
    assert len(found.steps) >= 5
    assert np.diff(found.curve.ts).max() > 3_600_000, "there are hours without a bar"
    cash, last = 100_000.0, 0
    for window in found.steps:
        run = b4.backtest(
            cross,
            path,
            start=window.test.start_ms,
            end=window.test.end_ms,
            cash=cash,
            params=dict(window.params),
            record=False,
        )
        assert run.records["state_hash"] == window.outside.records["state_hash"]
        marks = found.curve.equity[found.curve.window == window.number]
        assert int(marks[-1]) == int(run.records["equity"][-1])
        cash, last = run.stats.final_equity, int(run.records["equity"][-1])
    assert found.stats.final_equity == last / 1e8


def test_without_a_grid_the_declared_bounds_make_one(bars):
    found = walkforward(cross, bars, **WINDOWS, record=False)
    values = found.tried.values
    assert len(values) + found.tried.refused == 81
    fast = sorted({int(one["fast"]) for one in values})
    assert (fast[0], fast[-1]) == (2, 20)
    assert 5 in fast, "the default is in it"
    assert all(int(one["fast"]) < int(one["slow"]) for one in values)


def test_without_lengths_eight_tests_with_a_training_four_times_as_long(bars):
    found = walkforward(cross, bars, GRID, record=False)
    assert found.lengths.train == 4 * found.lengths.test
    assert found.lengths.test % DAY == 0
    assert len(found.steps) == 8


def test_a_training_without_trades_keeps_the_defaults_and_says_so(bars):
    found = walkforward(idle, bars, {"level": [2, 3]}, **WINDOWS, record=False)
    assert {w.params["level"] for w in found.steps} == {1}
    assert all(not w.has_choice and w.is_default for w in found.steps)
    assert any("No combination has a sharpe in the training of window 1" in note for note in found.notes)
    assert math.isnan(found.stats.sharpe)
    json.loads(found.to_json())


def test_parameters_of_texts_are_fitted_and_shown(bars, tmp_path):
    found = walkforward(named, bars, **WINDOWS, record=False)
    assert set(found.params["style"]) <= {"trend", "still"}
    page = found.report(tmp_path / "named.html").read_text()
    assert "style (0 = trend, 1 = still)" in page


def test_several_assets_with_funding_are_cut_alike():
    data = perpetuals(
        walk(24 * 70, seed=1), walk(24 * 70, seed=2), walk(24 * 20, seed=3, start=1_577_836_800_000 + 45 * DAY)
    )
    rates = pl.DataFrame({"ts": data.columns[0].ts[::8], "rate": np.full(len(data.columns[0].ts[::8]), 0.0002)})
    funding = {"ETH/USDT:USDT": rates, "XRP/USDT:USDT": rates}
    found = walkforward(cross, data, {"fast": [3, 8]}, train="20d", test="10d", funding=funding, record=False)
    window = found.steps[0]
    assert len(window.outside.market) == 2, "the third asset begins later"
    run = b4.backtest(
        cross,
        data,
        start=window.test.start_ms,
        end=window.test.end_ms,
        funding={"ETH/USDT:USDT": rates},
        params=dict(window.params),
        record=False,
    )
    assert run.records["state_hash"] == window.outside.records["state_hash"]
    assert run.stats.funding == window.outside.stats.funding != 0
    assert found.stats.funding == pytest.approx(sum(w.outside.stats.funding for w in found.steps))


def test_finer_bars_are_cut_with_the_coarse_ones():
    fine = walk(24 * 60, seed=5)
    slow = market(fine).resample("4h")

    @b4.strategy(on=b4.bars("4h"))
    def dip(m, n: int = b4.param(5, 3, 9)):
        return b4.target(b4.where(m.close > m.close.ema(n), 0.8, 0.0), stop=b4.stop.fixed(m.atr(5)))

    found = walkforward(dip, slow, {"n": [3, 9]}, train="20d", test="10d", detail=market(fine), record=False)
    window = found.steps[1]
    run = b4.backtest(
        dip, slow, start=window.test.start_ms, end=window.test.end_ms, detail=market(fine), record=False,
        cash=window.outside.config.cash, params=dict(window.params),
    )  # fmt: skip
    assert run.records["state_hash"] == window.outside.records["state_hash"]
    assert window.outside.beside.detail is not None
    assert window.outside.beside.detail.covered == window.outside.market.rows


def test_event_classes_are_walked_too(bars):
    class Crosser(b4.Events):
        on = b4.bars("1h")
        n = b4.param(5, 3, 30)

        def signals(self, m):
            return {"up": m.close > m.close.ema(self.n)}

        def on_bar(self, ctx, bar):
            ctx.target(0.5 if ctx.signal("up") > 0 else 0.0)

    found = walkforward(Crosser, bars, {"n": [3, 30]}, train="30d", test="30d", record=False)
    assert len(found.steps) == 2
    assert found.stats.trades > 0


def test_the_frames_have_a_row_for_each_window_and_mark(found):
    frame = found.windows
    assert frame.height == len(found.steps)
    assert frame["return_out"].to_list() == [w.outside.stats.total_return for w in found.steps]
    assert frame.columns[:7] == ["window", "train_start", "train_end", "test_start", "test_end", "fast", "slow"]
    assert found.equity.height == len(found.curve.ts)
    assert found.equity["window"].unique().sort().to_list() == list(range(1, len(found.steps) + 1))


def test_the_summary_fits_in_eighty_columns_and_names_every_window(found):
    text = found.summary()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(f"\n{n} " in text for n in range(1, len(found.steps) + 1))
    assert "What this number is not" in text
    assert repr(found).startswith("<WalkForwardResult cross")
    assert "<pre>cross · " in found._repr_html_()
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(found)
    assert "Kept of the training" in console.export_text()


def test_json_has_every_number_and_no_nan(found):
    plain = json.loads(found.to_json())
    assert plain["kind"] == "walkforward"
    assert set(plain["stats"]) == set(found.stats)
    assert len(plain["windows"]) == len(found.steps)
    assert plain["windows"][0]["params"] == dict(found.steps[0].params)


def test_every_number_stands_in_the_docs():
    page = (Path(__file__).parents[2] / "docs" / "walkforward.md").read_text()
    names = {*WALK_STAT_NAMES, *CPCV_STAT_NAMES}
    assert {name for name in names if f"`{name}`" not in page} == set()
