"""The oracle's nodes, clocks and scopes against values worked out by hand, so that the oracle itself can be trusted."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

from . import compare, generate, programs, signals
from .nodes import NAN, cross_section
from .programs import Builder
from .signals import Bar, bucket_start, evaluate_program

HOUR = 3_600_000
M = NAN


def bars_of(closes: list[float], hours: list[int] | None = None, **columns: list[float]) -> list[Bar]:
    rows = []
    for k, close in enumerate(closes):
        high, low = columns.get("high", closes)[k], columns.get("low", closes)[k]
        rows.append(((hours[k] if hours else k) * HOUR, close, high, low, close, 1.0))
    return rows


def column(
    op: str, inputs: list[list[float]], f: list[float] | None = None, s: str = "", hours: list[int] | None = None
) -> list[float]:
    """Evaluates one node over given input columns (a bar's own columns carry them; -1e300 stands for missing)."""
    b = Builder(HOUR)
    names = ["close", "high", "low"]
    carriers = [b.col(names[k]) for k in range(len(inputs))]
    hole, never = b.const(-1e300), b.n("div", b.const(0.0), b.const(0.0))
    sources = [b.n("where", b.n("eq", c, hole), never, c) for c in carriers]
    node = b.n(op, *sources, f=f, s=s)
    filled = [[-1e300 if math.isnan(v) else v for v in x] for x in inputs] + [[0.0] * len(inputs[0])] * (
        3 - len(inputs)
    )
    rows = bars_of(filled[0], hours, high=filled[1], low=filled[2])
    return evaluate_program(b.program([]), {"A": rows})[node, "A"]


def same(found: list[float], expected: list[float]) -> None:
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize(
    ("op", "f", "x", "expected"),
    [
        ("shift", [1], [1, 2, 3], [M, 1, 2]),
        ("change", [2], [1, 2, 4], [M, M, 3]),
        ("returns", [1], [2, 3, 0, 5], [M, 0.5, -1, M]),
        ("log_return", [1], [1, math.e, 0], [M, 1, M]),
        ("roll_sum", [2], [1, 2, M, 4, 5], [M, 3, M, M, 9]),
        ("roll_mean", [3], [1, 2, 6, 1], [M, M, 3, 3]),
        ("roll_min", [2], [3, 1, 2], [M, 1, 1]),
        ("roll_max", [2], [3, 1, 2], [M, 3, 2]),
        ("roll_rank", [3], [1, 2, 2, 1], [M, M, (1 + 1.5) / 3, 1 / 3]),
        ("roll_var", [3, 1], [1, 2, 6], [M, M, 7]),
        ("roll_var", [3, 0], [1, 2, 6], [M, M, 14 / 3]),
        ("roll_std", [2, 1], [1, 3, 3], [M, math.sqrt(2), 0]),
        ("roll_zscore", [3, 1], [1, 2, 6], [M, M, 3 / math.sqrt(7)]),
        ("roll_zscore", [2, 1], [5, 5], [M, M]),
        ("ema", [2], [1, 3, 5, M, 8], [M, 2, 4, M, 20 / 3]),
        ("rma", [2], [1, 3, 5], [M, 2, 3.5]),
        ("ewm_mean", [0.5], [M, 4, 8, M, 0], [M, 4, 6, M, 3]),
        ("ewm_std", [0.5], [1, 3, 3], [M, 1, math.sqrt(0.5 * (1 + 0.5))]),
        ("rsi", [2], [1, 3, 2, 2, 2], [M, M, 200 / 3, 200 / 3, 200 / 3]),
        ("rsi", [1], [1, 1, 2], [M, 0, 100]),
        ("bars_since", [], [0, 1, 0, M, 1], [M, 0, 1, 2, 0]),
        ("neg", [], [1, M], [-1, M]),
        ("sqrt", [], [4, -1], [2, M]),
        ("log", [], [1, 0], [0, M]),
        ("exp", [], [0, 1000], [1, M]),
        ("sign", [], [-3, 0, 2], [-1, 0, 1]),
        ("not", [], [0, 1, M], [1, 0, M]),
        ("is_missing", [], [0, M], [0, 1]),
    ],
)
def test_one_input(op: str, f: list[float], x: list[float], expected: list[float]) -> None:
    same(column(op, [x], f), expected)


@pytest.mark.parametrize(
    ("op", "f", "inputs", "expected"),
    [
        ("div", [], [[1, 1, M], [2, 0, 1]], [0.5, M, M]),
        ("pow", [], [[2, -1, 0], [3, 0.5, -1]], [8, M, M]),
        ("minimum", [], [[1, M], [2, 1]], [1, M]),
        ("lt", [], [[1, 2, M], [2, 2, 2]], [1, 0, M]),
        ("and", [], [[0, 1, 1, M, M], [M, M, 1, 0, M]], [0, M, 1, 0, M]),
        ("or", [], [[0, 1, 0, M, M], [M, M, 0, 1, M]], [M, 1, 0, 1, M]),
        ("where", [], [[1, 0, M, 1], [5, M, 5, M], [M, 6, 6, 6]], [5, 6, M, M]),
        ("clip", [], [[1, 5, 9], [2, 2, 2], [7, 7, 7]], [2, 5, 7]),
        ("between", [], [[1, 2, 7, 8], [2, 2, 2, 2], [7, 7, 7, 7]], [0, 1, 1, 0]),
        ("fill_missing", [], [[1, M], [2, 3]], [1, 3]),
        ("roll_corr", [3], [[1, 2, 3, 3], [2, 4, 6, 6]], [M, M, 1, 1]),
        ("roll_beta", [3], [[2, 4, 6], [1, 2, 3]], [M, M, 2]),
        ("true_range", [], [[5, 9, 6], [4, 7, 5], [4, 8, 6]], [M, 5, 3]),
        ("atr", [2], [[5, 9, 6, 7], [4, 7, 5, 6], [4, 8, 6, 7]], [M, M, 4, 2.5]),
        ("crosses_above", [], [[1, 3, 4, M, 5], [2, 2, 2, 2, 2]], [M, 1, 0, M, M]),
        ("crosses_below", [], [[3, 1, 1], [2, 2, 2]], [M, 1, 0]),
        ("latch", [], [[1, 0, 0, 0, 1], [0, 0, 1, M, 1], [0, 0, 0, 1, 0]], [1, 1, -1, 0, 1]),
        ("hold_when", [], [[1, 2, 3, 4], [1, 0, 1, M]], [M, 2, 2, 4]),
    ],
)
def test_more_inputs(op: str, f: list[float], inputs: list[list[float]], expected: list[float]) -> None:
    same(column(op, inputs, f), expected)


def test_time_windows_count_time_and_not_rows() -> None:
    x, hours = [1.0, 2.0, 3.0, 4.0], [0, 1, 4, 5]
    same(column("roll_sum", [x], [2.0 * HOUR], "ms", hours), [M, 3, 3, 7])
    same(column("shift", [x], [2.0 * HOUR], "ms", hours), [M, M, 2, 2])


@pytest.mark.parametrize(
    ("op", "f", "x", "expected"),
    [
        ("cs_rank", [], [3, 1, M, 1], [1, 0, M, 0.5]),
        ("cs_rank", [], [M, 7], [M, 0.5]),
        ("cs_zscore", [], [1, 3], [-1 / math.sqrt(2), 1 / math.sqrt(2)]),
        ("cs_zscore", [], [5, M], [M, M]),
        ("cs_zscore", [], [5, 5], [M, M]),
        ("cs_demean", [], [1, 2, 6], [-2, -1, 3]),
        ("cs_scale", [2.0], [1, -3, M], [0.5, -1.5, M]),
        ("cs_scale", [2.0], [0, 0], [0, 0]),
        ("cs_scale", [0.5, 0.8], [1, 3, -2, 0], [0.125, 0.375, -0.8, 0]),
        ("cs_bucket", [2], [5, 1, 3], [1, 0, 0]),
        ("cs_top", [2], [5, 1, 3, M], [1, 0, 1, M]),
    ],
)
def test_across_assets(op: str, f: list[float], x: list[float], expected: list[float]) -> None:
    same(cross_section(op, f, x), expected)


def test_a_state_loop_reads_the_row_before() -> None:
    b = Builder(HOUR)
    count = b.n("state", 3, f=[10.0])
    one = b.const(1.0)
    close = b.col("close")
    b.n("where", b_gt(b, close, 1), b.n("add", count, one), count)
    b.nodes[0]["in"] = [len(b.nodes) - 1]
    same(evaluate_program(b.program([]), {"A": bars_of([0, 5, 5, 0])})[count, "A"], [10, 10, 11, 12])


def b_gt(b: Builder, x: int, limit: float) -> int:
    return b.n("gt", x, b.const(limit))


def test_slower_clocks_complete_with_their_last_bar_or_the_next_that_comes() -> None:
    b = Builder(HOUR)
    b.clocks.append(2 * HOUR)
    slow = b.col("close", 1)
    carried = b.n("carry", slow)
    event = b.n("carry_event", b.n("gt", slow, b.const(2.5, 1), at=1))
    out = evaluate_program(b.program([]), {"A": bars_of([1, 2, 3, 5, 6, 7], [0, 1, 2, 5, 6, 8])})
    same(out[slow, "A"], [2, 3, 5, 6])
    same(out[carried, "A"], [M, 2, 2, 5, 5, 6])  # the bar of hour 5 completes the buckets of 2 and of 4
    same(out[event, "A"], [0, 0, 0, 1, 0, 1])


def test_buckets_of_weeks_start_on_monday() -> None:
    assert bucket_start(10 * 24 * HOUR, 168 * HOUR) == 4 * 24 * HOUR
    assert bucket_start(10 * HOUR, 4 * HOUR) == 8 * HOUR


def test_another_asset_is_seen_at_or_before_now_and_its_events_only_now() -> None:
    b = Builder(HOUR)
    other = b.col("close", only="B")
    seen = b.n("pick", other, s="B")
    event = b.n("pick_event", b.n("gt", other, b.const(0.0, only="B"), only="B"), s="B")
    out = evaluate_program(b.program([]), {"A": bars_of([1, 1, 1, 1]), "B": bars_of([7, 8], [1, 3])})
    same(out[seen, "A"], [M, 7, 7, 8])
    same(out[event, "A"], [0, 1, 0, 1])
    assert (other, "A") not in out


def test_settled_rows_follow_the_table() -> None:
    b = Builder(HOUR)
    b.clocks.append(4 * HOUR)
    close, slow = b.col("close"), b.col("close", 1)
    nodes = [b.n("ema", b.n("shift", close, f=[3.0]), f=[5.0]), b.n("carry", b.n("roll_mean", slow, f=[6.0], at=1))]
    nodes += [b.n("ewm_mean", close, f=[0.1]), b.n("atr", close, close, close, f=[7.0])]
    settled = signals.settled_rows(b.program([]))
    assert [settled[n] for n in nodes] == [53, 20, 190, 70]


def test_feedback_spreads_through_state_loops() -> None:
    b = Builder(HOUR)
    held, close = b.n("state", 3, f=[0.0]), b.col("close")
    pnl = b.n("pos", s="pnl")
    total = b.n("add", held, pnl)
    assert signals.feedback_nodes(b.program([])) == {held, pnl, total}
    assert close not in {held, pnl, total}


def test_the_generator_reaches_every_op_and_repeats_itself() -> None:
    cases = [programs.signal_case(seed) for seed in range(60)]
    assert {n["op"] for c in cases for n in c.program["nodes"]} == programs.ALL_OPS
    again: Any = programs.signal_case(7)
    assert again == cases[7]


@pytest.mark.parametrize(("factor", "found"), [(1.0, 0), (1.0 + 1e-13, 0), (1.0 + 1e-11, 1), (math.nan, 1)])
def test_the_comparison_notices_one_wrong_value(factor: float, found: int) -> None:
    b = Builder(HOUR)
    average = b.n("roll_mean", b.col("close"), f=[3.0])
    m = generate.market(Random(1), assets=1)
    case = generate.Case(1, m, b.program([]), {})
    columns = {key: list(column) for key, column in evaluate_program(case.program, m.bars).items()}
    columns[average, m.symbols[0]][20] *= factor
    checker = compare.Checker(case, columns)
    for ts, bars in signals.grid(m.bars):
        checker.step(ts, bars)
    assert len(checker.differences) == found
