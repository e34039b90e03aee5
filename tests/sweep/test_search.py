"""Searches: what they draw, that a seed fixes it, that they find what is there, and what they refuse."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.sweep.adaptive import Adaptive
from bot4.backtest.sweep.axis import Axis
from bot4.backtest.sweep.search import latin_hypercube, random_combinations
from bot4.backtest.sweep.space import Space

from .conftest import cross

UNIT = Space((Axis("a", (), 0.0, 1.0), Axis("b", (), 0.0, 1.0), Axis("c", (), 1.0, 1000.0, None, True)), {})


def test_a_latin_hypercube_uses_every_share_of_every_axis_once():
    rows = latin_hypercube(UNIT, 50, seed=3)
    for name, scaled in (("a", lambda v: v), ("b", lambda v: v), ("c", lambda v: np.log10(v) / 3)):
        shares = sorted(int(scaled(row[name]) * 50) for row in rows)
        assert shares == list(range(50))


def test_a_random_search_is_even_and_never_draws_twice():
    grid = Space((Axis("a", (1, 2, 3)), Axis("b", ("x", "y"))), {})
    assert sorted(tuple(row.values()) for row in random_combinations(grid, 100, seed=0)) == [
        (a, b) for a in (1, 2, 3) for b in ("x", "y")
    ]
    rows = random_combinations(UNIT, 4_000, seed=1)
    counts = np.bincount([int(row["a"] * 10) for row in rows], minlength=10)
    assert abs(counts - 400).max() < 5 * np.sqrt(400 * 0.9)


@pytest.mark.parametrize("search", ["random", "lhs", "tpe", "cmaes", "nsga2"])
def test_a_seed_fixes_a_search_and_another_one_changes_it(bars, search):
    grid = {"fast": "2:60", "slow": "5:200"}

    def frame(seed: int):
        return b4.sweep(cross, bars, grid, search=search, n=40, seed=seed, record=False).frame

    assert frame(1).equals(frame(1))
    assert not frame(1).equals(frame(2))


@pytest.mark.parametrize("search", ["tpe", "cmaes", "nsga2"])
def test_a_search_that_learns_comes_closer_than_chance(search):
    """On (a − 0.7)² + (b − 0.2)², which is to be small: the mean of the last batches lies far below the mean of the first."""
    space = Space((Axis("a", (), 0.0, 1.0), Axis("b", (), 0.0, 1.0)), {})
    proposer = Adaptive(space, search, 320, 7, (-1,))
    means = []
    while batch := proposer.ask(1_000):
        values = {number: [(float(row["a"]) - 0.7) ** 2 + (float(row["b"]) - 0.2) ** 2] for number, row in batch}
        proposer.tell(values)
        means.append(np.mean([v[0] for v in values.values()]))
    assert len(means) == 10
    assert np.mean(means[-2:]) < 0.6 * means[0]


def test_numbers_are_searched_by_their_order_and_texts_as_choices():
    space = Space(
        (Axis("n", (40, 10, 20)), Axis("side", ("long", "both")), Axis("k", (), 2.0, 9.0, 2.0, False, True)), {}
    )
    proposer = Adaptive(space, "tpe", 64, 0, (1,))
    rows = [row for _, row in proposer.ask(64)]
    assert {row["n"] for row in rows} == {10, 20, 40}
    assert {row["side"] for row in rows} == {"long", "both"}
    assert {row["k"] for row in rows} <= {2, 4, 6, 8}


def test_refused_and_repeated_proposals_are_counted_and_cost_no_run(bars):
    result = b4.sweep(cross, bars, {"fast": [5, 10, 40], "slow": [20, 60]}, search="tpe", n=64, seed=0, record=False)
    assert len(result) == 5  # of six combinations one is refused
    count = result.count
    assert count.runs + count.refused + count.repeated == count.total == 64
    assert count.refused == 1


def test_several_metrics_are_for_nsga2(bars):
    result = b4.sweep(cross, bars, search="nsga2", n=40, metric="sharpe,min:turnover", record=False)
    assert [str(metric) for metric in result.metrics] == ["sharpe", "turnover"]
    assert f"On the front: {len(result.front())} rows that none beats in sharpe and turnover at once" in " ".join(
        result.summary().split()
    )
    with pytest.raises(BacktestError, match=r"tpe improves one metric, and 2 are given; give one, or use nsga2"):
        b4.sweep(cross, bars, search="tpe", n=40, metric="sharpe,turnover")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"search": "best"}, r"search is 'best'; give grid, random, lhs, tpe, cmaes or nsga2\.$"),
        ({"search": "tpe"}, r"the search tpe needs n, how many combinations to try, for example n=200"),
        ({"search": "random", "n": 0}, r"n is 0; a search tries at least 1 combination"),
        ({"search": "random", "n": -5}, r"n is -5; a search tries at least 1 combination"),
        ({"n": 5}, r"n is 5, but a grid tries every combination"),
        ({"metric": "sharp"}, r"there is no metric 'sharp' in a sweep's rows; did you mean sharpe\?$"),
        (
            {"metric": "trades"},
            r"the metric trades does not say whether more or less is better; write max:trades or min:trades",
        ),
        ({"metric": ""}, r"no metric is given; write one, such as sharpe"),
        ({"on": "moon"}, r"on is 'moon'; give local or ray"),
        ({"workers": -1}, r"workers is -1; give the number of cores, or 0 for all"),
        ({"limit": 0}, r"limit is 0; the largest grid has at least 1 combination"),
        ({"params": {"fast": 5}}, r"fast is both varied and fixed"),
        ({"cash": -1}, r"cash is -1; it must lie between"),
        ({"cahs": 5}, r"b4\.sweep has no setting 'cahs'; did you mean cash\?"),
        ({"fast": 5}, r"fast is a parameter of cross; put it into grid={…} to vary it or into params={…} to fix it"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence(bars, call, said):
    with pytest.raises(BacktestError, match=said):
        b4.sweep(cross, bars, {"fast": [5, 6]}, **call)


def test_a_missing_extra_names_the_command(bars, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(
        BacktestError, match=r'the search tpe needs optuna, which is not installed; run: pip install "bot4\[search\]"$'
    ):
        b4.sweep(cross, bars, search="tpe", n=10)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        BacktestError, match=r'on="ray" needs Ray, which is not installed; run: pip install "bot4\[ray\]"$'
    ):
        b4.sweep(cross, bars, {"fast": [5]}, on="ray")


def test_a_grid_of_a_billion_says_how_many_how_long_and_what_instead(bars):
    @b4.strategy(on=b4.bars("1h"))
    def wide(m, a: int = b4.param(1, 1, 1000), b: int = b4.param(1, 1, 1000), c: int = b4.param(1, 1, 1000)):
        return b4.target(b4.where(m.close.ema(a) > m.close.ema(b) * (1 + c / 1000), 1.0, 0.0))

    grid = dict.fromkeys("abc", "1:1000:1")
    with pytest.raises(
        BacktestError,
        match=r"this grid has 1,000,000,000 combinations, about [\d,]+ (days|years|h|min) .*as measured on this data, and the limit is "
        r'1,000,000; search it instead: search="tpe", n=500 \(or raise --limit, limit=\)\.$',
    ):
        b4.sweep(wide, bars, grid)
