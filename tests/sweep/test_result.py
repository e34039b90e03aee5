"""What is read out of a sweep: best rows, heat maps, neighbourhoods against brute force, chance, files."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.sweep.worth import expected_maximum

from .conftest import cross

GRID = {"slow": [60, 20, 40], "fast": "5:30:5", "weight": [0.25, 0.5]}


@pytest.fixture(scope="module")
def result():
    from tests.backtest.markets import market, walk

    bars = market(walk(1_500, seed=1, drift=0.0005), walk(1_500, seed=2))
    return b4.sweep(cross, bars, GRID, record=False)


def test_best_rows_come_first_whichever_way_is_better(result):
    assert result.best("sharpe", 5)["sharpe"].to_list() == sorted(result.frame["sharpe"], reverse=True)[:5]
    assert result.best("turnover", 5)["turnover"].to_list() == sorted(result.frame["turnover"])[:5]
    assert result.best("max:trades", 1)["trades"].item() == max(result.frame["trades"])
    with pytest.raises(BacktestError, match=r"n is 0; ask for at least one row"):
        result.best(n=0)


@pytest.mark.parametrize(("metric", "pick"), [("sharpe", max), ("turnover", min)])
def test_a_heat_map_holds_the_best_or_the_mean_of_what_was_run(result, metric, pick):
    best, mean = result.heatmap("fast", "slow", metric), result.heatmap("fast", "slow", metric, how="mean")
    assert best.columns == ["slow", "5", "10", "15", "20", "25", "30"]
    assert best["slow"].to_list() == [20, 40, 60]
    for slow, fast in itertools.product((20, 40, 60), range(5, 31, 5)):
        some = result.frame.filter((pl.col("slow") == slow) & (pl.col("fast") == fast))[metric].to_list()
        cell, average = (t.filter(pl.col("slow") == slow)[str(fast)].item() for t in (best, mean))
        if fast >= slow:
            assert some == []
            assert cell is average is None
        else:
            assert cell == pick(some)
            assert average == pytest.approx(np.mean(some), rel=1e-12)


def test_a_heat_map_of_what_was_not_varied_is_a_sentence(result):
    with pytest.raises(BacktestError, match=r"'fats' was not varied in this sweep; choose two of slow, fast, weight"):
        result.heatmap("fats", "slow")
    with pytest.raises(BacktestError, match=r"a heat map needs two parameters, and fast is given twice"):
        result.heatmap("fast", "fast")
    with pytest.raises(BacktestError, match=r"how is 'worst'; give best or mean"):
        result.heatmap("fast", "slow", how="worst")


@pytest.mark.parametrize("metric", ["sharpe", "turnover"])
def test_stability_equals_a_search_for_neighbours_by_hand(result, metric):
    steps = {"slow": 20, "fast": 5, "weight": 0.25}
    rows = result.frame.to_dicts()
    found = result.stability(metric).to_dicts()
    for row, stable in zip(rows, found, strict=True):
        near = [
            other
            for other in rows
            if other is not row and all(abs(other[name] - row[name]) < 1.5 * step for name, step in steps.items())
        ]
        values = [other[metric] for other in near]
        assert stable["neighbours"] == len(near)
        assert stable["mean"] == pytest.approx(np.mean(values), rel=1e-9)
        assert stable["std"] == pytest.approx(np.std(values), rel=1e-6, abs=1e-9)
        worst, best = (min, max) if metric == "sharpe" else (max, min)
        assert (stable["worst"], stable["best"]) == (worst(values), best(values))
        within = [abs(other["sharpe"] - row["sharpe"]) <= row["sharpe_se"] for other in near]
        assert stable["within_se"] == pytest.approx(np.mean(within))


def test_neighbours_in_a_search_lie_within_a_tenth_of_the_tried_range(bars):
    result = b4.sweep(cross, bars, {"fast": "2:60", "slow": "61:200"}, search="lhs", n=60, record=False)
    rows = result.frame.to_dicts()
    spans = {name: max(r[name] for r in rows) - min(r[name] for r in rows) for name in ("fast", "slow")}
    for row, stable in zip(rows, result.stability().to_dicts(), strict=True):
        near = [
            o
            for o in rows
            if o is not row and all(abs(o[n] - row[n]) / span <= 0.1 + 1e-12 for n, span in spans.items())
        ]
        assert stable["neighbours"] == len(near)
        assert (stable["mean"] is None) == all(o["sharpe"] is None for o in near)


def test_texts_have_no_neighbours_and_one_row_is_stable_alone(bars):
    @b4.strategy(on=b4.bars("1h"))
    def sided(m, side: str = b4.choice("long", "both"), fast: int = b4.param(8, 2, 60)):
        below = -1.0 if side == "both" else 0.0
        return b4.target(b4.where(m.close > m.close.ema(fast), 1.0, below))

    both = b4.sweep(sided, bars, {"side": ["long", "both"], "fast": [5, 10]}, record=False)
    assert both.stability()["neighbours"].to_list() == [1, 1, 1, 1]
    alone = b4.sweep(sided, bars, {"fast": 5}, record=False)
    assert alone.stability()["neighbours"].to_list() == [0]
    assert alone.stability()["mean"].to_list() == [None]
    assert alone.worth == ""
    assert "1 combination: 1 run" in alone.summary()


def test_a_parameter_named_like_a_statistic_has_a_column_of_its_own(bars):
    @b4.strategy(on=b4.bars("1h"))
    def odd(m, trades: int = b4.param(8, 2, 60)):
        return b4.target(b4.where(m.close > m.close.ema(trades), 1.0, 0.0))

    result = b4.sweep(odd, bars, {"trades": [5, 10]}, record=False)
    assert result.frame["param_trades"].to_list() == [5, 10]
    assert result.at(trades=5).stats.trades == result.frame["trades"][0]


def test_expected_maximum_is_that_of_simulated_trials():
    rng = np.random.default_rng(0)
    for trials in (10, 100, 1_000):
        simulated = rng.normal(0, 0.7, (4_000, trials)).max(axis=1).mean()
        assert expected_maximum(0.7, trials) == pytest.approx(simulated, rel=0.02)
    assert expected_maximum(1.0, 1) == 0.0
    assert math.isnan(expected_maximum(1.0, 0))


def test_parquet_holds_rows_and_daily_returns(result, tmp_path):
    path = result.to_parquet(tmp_path / "rows.parquet")
    frame = pl.read_parquet(path)
    assert frame.drop("daily").equals(result.frame)
    daily = np.array([[np.nan if v is None else v for v in row] for row in frame["daily"].to_list()])
    assert np.array_equal(daily, result.daily, equal_nan=True)
    assert [p.name for p in tmp_path.iterdir()] == ["rows.parquet"]


def test_memory_of_a_row_is_below_a_kilobyte_and_its_days(result):
    one = sum(values[:1].nbytes for values in result.rows.stats.values()) + 8
    assert one < 1_024
    assert result.daily.nbytes == 8 * len(result) * len(result.times)


def test_event_classes_and_sleeves_are_run_one_by_one_and_say_so(bars):
    class Twice(b4.Events):
        on = b4.bars("1h")
        every: int = b4.param(24, 2, 200)

        def on_start(self, ctx):
            self.count = 0

        def on_bar(self, ctx, bar):
            self.count += 1
            if self.count % self.every == 0:
                ctx.target(0.0 if ctx.position().qty else 0.3)

    result = b4.sweep(Twice, bars, {"every": [50, 100]}, record=False)
    for row in result.frame.to_dicts():
        assert row["final_equity"] == b4.backtest(Twice, bars, every=row["every"], record=False).stats.final_equity
    assert "Twice is an event class or sleeves, whose runs share nothing: they are run one by one" in " ".join(
        result.summary().split()
    )
    with pytest.raises(BacktestError, match=r"run one by one on this machine; leave on=\"ray\" \(--on ray\) out"):
        b4.sweep(Twice, bars, {"every": [50]}, on="ray")


def test_a_wide_heat_map_becomes_blocks_and_says_which_part_is_shown(bars):
    result = b4.sweep(cross, bars, {"fast": "2:60:1", "slow": "61:200:3"}, record=False)
    out = result.summary(80)
    assert max(map(len, out.splitlines())) <= 80
    assert "2 … 60, " in out
    assert " of 2,773 cells" in out
    assert any(
        set(line.split(maxsplit=1)[-1]) <= set("▁▂▃▄▅▆▇█· ") for line in out.splitlines() if line.startswith("  61 ")
    )


def test_three_parameters_have_no_heat_map_on_the_screen_and_long_names_are_cut(bars):
    @b4.strategy(on=b4.bars("1h"))
    def long(m, window_of_the_average: int = b4.param(8, 2, 60), b: float = 0.5, c: bool = True):
        return b4.target(b4.where(m.close > m.close.ema(window_of_the_average), b if c else 0.1, 0.0))

    grid = {"window_of_the_average": [5, 10], "b": [0.25, 0.5], "c": [True, False]}
    result = b4.sweep(long, bars, grid, metric="calmar", record=False)
    out = result.summary(80)
    assert "window_of…" in out
    assert "across" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert repr(result).startswith("<SweepResult long · 8 runs · best calmar ")
    assert result._repr_html_().startswith("<pre>long · BTC/USDT, ETH/USDT · 1h")


def test_fixed_parameters_and_assumptions_stand_on_the_screen(bars):
    result = b4.sweep(cross, bars, {"fast": [5, 10]}, params={"slow": 50}, record=False)
    assert "slow=50" in result.summary()
    assert result.trials is None
    assert "Trials so far" not in result.summary()


def test_the_front_holds_what_nobody_beats(result):
    front = result.front("sharpe", "min:turnover")
    rows = result.frame.to_dicts()

    def beats(one, other) -> bool:
        pairs = [(one["sharpe"], other["sharpe"]), (-one["turnover"], -other["turnover"])]
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    expected = {row["ordinal"] for row in rows if not any(beats(other, row) for other in rows)}
    assert set(front["ordinal"]) == expected
    assert front["sharpe"].to_list() == sorted(front["sharpe"], reverse=True)
    assert result.front().height >= 1


def test_records_that_cannot_be_read_are_a_warning_and_lose_no_row(bars, records_home):
    records_home.mkdir()
    (records_home / "records.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.warns(RuntimeWarning, match="The sweep is not recorded, so it cannot be gone on with"):
        swept = b4.sweep(cross, bars, {"fast": [5, 10]})
    assert len(swept) == 2
    assert swept.trials is None
