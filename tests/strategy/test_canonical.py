"""One graph, one program: sharing, order and folding do not depend on how Python built the expressions, nor change a value."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot4.strategy import (
    Expr,
    NodeRow,
    Program,
    asset,
    latch,
    market,
    maximum,
    minimum,
    state,
    target,
    trace_expression,
    where,
)
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000
Plan = tuple[object, ...]

LEAVES = [("open",), ("high",), ("low",), ("close",), ("volume",)]
NUMBERS = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0]).map(lambda v: ("const", v))


def plans(depth: int) -> st.SearchStrategy[Plan]:
    """Returns random plans of numeric expressions: nested tuples that `Builder` turns into expressions."""
    leaf: st.SearchStrategy[Plan] = st.sampled_from(LEAVES) | NUMBERS
    if depth == 0:
        return leaf
    below = plans(depth - 1)
    two = st.tuples(st.sampled_from(["add", "sub", "mul", "min", "max"]), below, below)
    history = st.tuples(st.sampled_from(["shift", "ema", "sum"]), below, st.integers(1, 4))
    choice = st.tuples(st.just("where"), st.tuples(st.sampled_from(["gt", "ge"]), below, below), below, below)
    return leaf | two | history | choice


COMMUTING = ("add", "mul", "min", "max")


class Builder:
    """Builds a plan: parts in a random order, commuting operands in a random order, parts built anew or reused at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.made: dict[Plan, Expr | float] = {}

    def build(self, plan: Plan) -> Expr | float:
        if plan in self.made and self.random.random() < 0.5:
            return self.made[plan]
        name, *rest = plan
        parts: list[object] = list(rest)
        order = list(range(len(parts)))
        self.random.shuffle(order)
        for i in order:
            part = parts[i]
            if isinstance(part, tuple):
                parts[i] = self.build(part)
        if name in COMMUTING:
            self.random.shuffle(parts)
        self.made[plan] = self.join(str(name), parts)
        return self.made[plan]

    def join(self, name: str, parts: list[object]) -> Expr | float:
        if not parts:
            found = getattr(market(), name)
            assert isinstance(found, Expr)
            return found
        a: object = parts[0]
        b: object = parts[1] if len(parts) > 1 else None
        as_expression = minimum(a, a) if isinstance(a, float) else a
        table: dict[str, Callable[[], Expr | float]] = {
            "const": lambda: a,  # type: ignore[return-value, dict-item]
            "add": lambda: a + b,  # type: ignore[operator]
            "sub": lambda: a - b,  # type: ignore[operator]
            "mul": lambda: a * b,  # type: ignore[operator]
            "min": lambda: minimum(a, b),
            "max": lambda: maximum(a, b),
            "gt": lambda: as_expression > b,  # type: ignore[operator]
            "ge": lambda: as_expression >= b,  # type: ignore[operator]
            "where": lambda: where(a, b, parts[2]),
            "shift": lambda: as_expression.shift(b),  # type: ignore[attr-defined]
            "ema": lambda: as_expression.ema(b),  # type: ignore[attr-defined]
            "sum": lambda: as_expression.rolling(b).sum(),  # type: ignore[attr-defined]
        }
        return table[name]()


def program_of(plan: Plan, seed: int) -> Program:
    built = Builder(seed).build(plan)
    return build_program([target(built)], Frame("random", "portfolio", HOUR))


@settings(max_examples=150, deadline=None)
@given(plans(4), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_same_graph_gives_the_same_program_however_it_was_built(plan: Plan, one: int, other: int) -> None:
    assert program_of(plan, one).json == program_of(plan, other).json


@settings(max_examples=150, deadline=None)
@given(plans(4), st.integers(0, 10_000))
def test_nodes_are_in_order_unique_and_needed(plan: Plan, seed: int) -> None:
    program = program_of(plan, seed)
    rows: set[NodeRow] = set()
    for place, n in enumerate(program.nodes):
        assert all(i < place for i in n.inputs)
        rows.add(n)
    assert len(rows) == len(program.nodes)  # no node twice
    needed = {t["node"] for t in program.targets}
    for place in range(len(program.nodes) - 1, -1, -1):
        if place in needed:
            needed.update(program.nodes[place].inputs)
    assert needed == set(range(len(program.nodes)))  # none in vain


class Reference:
    """Values of a plan on rows, straight from the plan: no sharing, no folding, no program."""

    def __init__(self, bars: list[dict[str, float]]) -> None:
        self.bars = bars

    def value(self, plan: Plan, t: int) -> float:
        name, *rest = plan
        if not rest:
            return self.bars[t][str(name)]
        if name == "const":
            return float(rest[0])  # type: ignore[arg-type]
        first: Plan = rest[0]  # type: ignore[assignment]
        if name == "shift":
            lag = int(rest[1])  # type: ignore[call-overload]
            return self.value(first, t - lag) if t >= lag else math.nan
        if name == "sum":
            n = int(rest[1])  # type: ignore[call-overload]
            return math.fsum(self.value(first, t - i) for i in range(n)) if t >= n - 1 else math.nan
        if name == "where":
            chosen = self.value(first, t)
            return math.nan if math.isnan(chosen) else self.value(rest[1] if chosen else rest[2], t)  # type: ignore[arg-type]
        a, b = self.value(first, t), self.value(rest[1], t)  # type: ignore[arg-type]
        if math.isnan(a) or math.isnan(b):
            return math.nan
        results = {"add": a + b, "sub": a - b, "mul": a * b, "min": min(a, b), "max": max(a, b)}
        return (results | {"gt": float(a > b), "ge": float(a >= b)})[str(name)]


class Interpreter:
    """Values of a program's nodes on rows, for the few operations of the plans."""

    def __init__(self, program: Program, bars: list[dict[str, float]]) -> None:
        self.nodes, self.bars = program.nodes, bars

    def value(self, node: int, t: int) -> float:
        n = self.nodes[node]
        if n.op == "col":
            return self.bars[t][n.s]
        if n.op == "const":
            return n.f[0]
        k = int(n.f[0]) if n.f else 0
        if n.op == "shift":
            return self.value(n.inputs[0], t - k) if t >= k else math.nan
        if n.op == "roll_sum":
            return math.fsum(self.value(n.inputs[0], t - i) for i in range(k)) if t >= k - 1 else math.nan
        values = [self.value(i, t) for i in n.inputs]
        if n.op == "where":
            return math.nan if math.isnan(values[0]) else values[1] if values[0] else values[2]
        if any(math.isnan(v) for v in values):
            return math.nan
        a, b = values
        results = {"add": a + b, "sub": a - b, "mul": a * b, "minimum": min(a, b), "maximum": max(a, b)}
        return (results | {"gt": float(a > b), "ge": float(a >= b)})[n.op]


def without_recursion(plan: Plan) -> bool:
    return plan[0] != "ema" and all(without_recursion(p) for p in plan if isinstance(p, tuple))


@settings(max_examples=100, deadline=None)
@given(plans(3).filter(without_recursion), st.integers(0, 10_000))
def test_sharing_and_folding_change_no_value(plan: Plan, seed: int) -> None:
    draw = random.Random(seed)
    bars = [{c[0]: draw.choice([-1.0, 0.25, 2.0, 7.0]) for c in LEAVES} for _ in range(14)]
    program = program_of(plan, seed)
    node = program.targets[0]["node"]
    for t in (0, 5, 13):
        expected, found = Reference(bars).value(plan, t), Interpreter(program, bars).value(node, t)
        assert (math.isnan(expected) and math.isnan(found)) or expected == found


def ops(expression: object) -> list[str]:
    return [n.op for n in trace_expression(expression, interval_ms=HOUR).nodes]


def test_constants_fold_exactly_and_only_where_exact() -> None:
    m = market()
    assert trace_expression(minimum(3, 4) * 2 + 1, interval_ms=HOUR).nodes == (NodeRow("const", (), (7.0,)),)
    assert ops(where(minimum(1, 2) > 0, m.close, m.open)) == ["col"]
    assert ops(m.close * 1) == ops(1 * m.close) == ops(m.close / 1) == ops(+m.close) == ["col"]
    assert ops(minimum(2, 3).sqrt()) == ["const"]
    assert ops(minimum(2, 3).log()) == ["const", "log"]  # the engine's own logarithm decides the last bit
    assert ops(minimum(-1, 3).sqrt()) == ["const", "sqrt"]  # missing, which a program cannot hold as a number
    assert ops(minimum(1e308, 1.5e308) * 10) == ["const", "const", "mul"]  # overflow is missing too
    assert ops(minimum(-1, 3).sign()) == ["const"]
    assert ops(minimum(1, 2).between(0, 3) & (minimum(1, 2) > 5)) == ["const"]


def test_a_folded_division_by_zero_stays_a_division() -> None:
    assert ops(minimum(1, 2) / minimum(0, 1)) == ["const", "const", "div"]


def test_zero_has_one_spelling() -> None:
    assert json.loads(trace_expression(minimum(-0.0, 0.0) + market().close, interval_ms=HOUR).json)["nodes"][0] == {
        "op": "const",
        "in": [],
        "f": [0.0],
    }


def counter(step: float) -> Expr:
    s = state(0.0)
    return s.next(s + step * market().close)


def test_equal_states_are_shared_and_different_ones_are_not() -> None:
    shared = trace_expression(counter(1.0) * counter(1.0), interval_ms=HOUR)
    assert [n.op for n in shared.nodes].count("state") == 1
    apart = trace_expression(counter(2.0) * counter(3.0), interval_ms=HOUR)
    assert [n.op for n in apart.nodes].count("state") == 2


def test_equal_loops_of_several_states_are_shared() -> None:
    def loop() -> Expr:
        a, b = state(0.0), state(0.0)
        a.next(b + market().close)
        b.next(a + market().open)
        return a

    def other() -> Expr:
        a, b = state(0.0), state(0.0)
        b.next(a + market().open)
        a.next(b + market().close)
        return a

    program = trace_expression(loop() + other(), interval_ms=HOUR)
    assert [n.op for n in program.nodes].count("state") == 2


def test_a_state_stands_before_what_follows_it() -> None:
    s = state(0.0)
    delayed = state(0.0).next(s)
    s.next(where(market().close > 1, s + 1, 0.0))
    program = trace_expression(delayed + s, interval_ms=HOUR)
    states = [i for i, n in enumerate(program.nodes) if n.op == "state"]
    assert states == [0, 1]
    for place, n in enumerate(program.nodes):
        assert all((i > place) == (n.op == "state") for i in n.inputs)
    assert "mul" in [n.op for n in program.nodes]  # the state that follows a state passes through × 1


def test_a_state_lives_where_what_follows_it_lives() -> None:
    s = state(0.0)
    s.next(s + asset("BTC").close)
    program = trace_expression(market().close * s, interval_ms=HOUR)
    row = program.nodes[0]
    assert (row.op, row.only) == ("state", "BTC")
    assert [(n.s, n.only) for n in program.nodes if n.op == "pick"] == [("BTC", None)]
    assert program.feedback == frozenset()


def test_a_state_of_nothing_but_itself_lives_wherever_it_is_used() -> None:
    rows_seen = state(0.0)
    rows_seen.next(rows_seen + 1)
    program = trace_expression({"a": asset("A").close * rows_seen, "b": market().close * rows_seen}, interval_ms=HOUR)
    assert sorted(str(n.only) for n in program.nodes if n.op == "state") == ["A", "None"]


def test_a_long_chain_needs_no_deep_stack() -> None:
    x = market().close
    for _ in range(5000):
        x = x + market().open
    assert len(trace_expression(x, interval_ms=HOUR).nodes) == 5002
    assert len(x.describe()) <= 400


def test_describing_a_doubling_chain_is_quick() -> None:
    x = market().close
    for _ in range(200):
        x = x * x
    assert x.describe(3) == "… * … * (… * …) * (… * … * (… * …))"
    assert x.name.endswith("…")


def test_the_side_a_constant_is_on_does_not_matter() -> None:
    m = market()
    assert trace_expression(2 * m.close, interval_ms=HOUR).json == trace_expression(m.close * 2, interval_ms=HOUR).json
    assert (
        trace_expression(m.close == 2, interval_ms=HOUR).json == trace_expression(m.close == 2, interval_ms=HOUR).json
    )


def test_latch_without_a_side_gets_a_constant_false() -> None:
    program = trace_expression(latch(short=market().close > 1), interval_ms=HOUR)
    row = program.nodes[-1]
    assert row.op == "latch"
    assert [program.nodes[i].op for i in row.inputs] == ["const", "gt", "const"]


@pytest.mark.parametrize("seed", range(3))
def test_json_is_canonical_text(seed: int) -> None:
    program = program_of(("add", ("ema", ("close",), 3), ("const", 0.1)), seed)
    assert program.json == json.dumps(json.loads(program.json), separators=(",", ":"))
    assert "NaN" not in program.json
