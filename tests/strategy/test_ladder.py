"""Grids and DCA are orders: the levels, sizes and exits they declare, and no more than their budget."""

from __future__ import annotations

from typing import Any

import pytest

import bot4 as b4
from bot4.strategy import Orders, Program
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000


def program(*wanted: Any) -> Program:
    return build_program(wanted, Frame("s", "strategy", HOUR))


def numbers(p: Program, name: str) -> list[float]:
    """The constant prices (or exits) of the program's orders."""
    found = []
    for o in p.orders:
        node = p.nodes[o[name] if name in o else o["exits"][name]]
        assert node.op == "const"
        found.append(node.f[0])
    return found


def test_a_linear_grid_takes_each_rung_at_the_next_level() -> None:
    p = program(b4.ladder.grid(low=90, high=100, rungs=4, size=0.05, budget=0.2))
    assert [o["key"] for o in p.orders] == ["grid-01", "grid-02", "grid-03", "grid-04"]
    assert numbers(p, "price") == [90.0, 92.5, 95.0, 97.5]
    assert numbers(p, "take_at") == [92.5, 95.0, 97.5, 100.0]
    assert {o["side"] for o in p.orders} == {1}
    assert {o["kind"] for o in p.orders} == {"limit"}
    waits = [p.lines[p.nodes[o["size"]["node"]].inputs[0]].text for o in p.orders]
    assert waits == [f"close >= {level}" for level in ("90", "92.5", "95", "97.5")]


def test_a_geometric_grid_has_equal_ratios() -> None:
    p = program(b4.ladder.grid(low=50, high=800, rungs=4, spacing="geometric", size=0.05, budget=0.2, start="now"))
    assert numbers(p, "price") == pytest.approx([50, 100, 200, 400])
    assert numbers(p, "take_at") == pytest.approx([100, 200, 400, 800])
    assert all(p.nodes[o["size"]["node"]].op == "const" for o in p.orders)  # at once: nothing masks it


def test_a_grid_of_sells_is_taken_below() -> None:
    p = program(b4.ladder.grid([90, 95, 100], size=b4.size.qty(2), budget=4, side="sell", stop_at=110))
    assert numbers(p, "price") == [95.0, 100.0]
    assert numbers(p, "take_at") == [90.0, 95.0]
    assert numbers(p, "stop_at") == [110.0, 110.0]
    assert {o["side"] for o in p.orders} == {-1}
    assert p.lines[p.nodes[p.orders[0]["size"]["node"]].inputs[0]].text == "close <= 95"


def test_a_grid_may_take_at_a_distance_or_not_at_all() -> None:
    m = b4.market()
    p = program(b4.ladder.grid([90, 100], size=[0.1, 0.2], budget=0.3, take=b4.take.fixed(pct=0.5)))
    assert numbers(p, "price") == [90.0, 100.0]
    assert numbers(p, "take") == [45.0, 50.0]
    assert [p.nodes[p.nodes[o["size"]["node"]].inputs[1]].f[0] for o in p.orders] == [0.1, 0.2]
    bare = program(b4.ladder.grid([90, 100], size=0.1, budget=0.2, take=None, until=m.close > 200, while_=m.close > 80))
    assert all("exits" not in o and "until" in o for o in bare.orders)
    shown = bare.lines[bare.nodes[bare.orders[0]["size"]["node"]].inputs[0]].text
    assert shown in ("close >= 90 & close > 80", "(close >= 90) & (close > 80)")


def test_levels_may_move_with_the_market() -> None:
    m = b4.market()
    week = m.at("1w")
    p = program(b4.ladder.grid(low=week.low, high=week.high, rungs=2, size=0.1, budget=0.2))
    assert [p.lines[o["price"]].text for o in p.orders] == ["low@1w", "low@1w + (high@1w - low@1w) * 0.5"]
    g = program(b4.ladder.grid(low=week.low, high=week.high, rungs=2, spacing="geometric", size=0.1, budget=0.2))
    assert [g.lines[o["exits"]["take_at"]].text for o in g.orders] == ["low@1w * (high@1w / low@1w) ** 0.5", "high@1w"]


def test_a_budget_that_is_just_kept_is_kept() -> None:
    assert isinstance(b4.ladder.grid(low=1, high=2, rungs=3, size=1 / 3, budget=1.0), Orders)
    assert isinstance(b4.ladder.grid(low=1, high=2, rungs=3, size=0.1, budget=0.3), Orders)


def test_dca_lays_its_steps_from_the_first_price() -> None:
    m = b4.market()
    plan = b4.ladder.dca(
        m.close.rsi(14) < 30,
        size=b4.size.notional(100),
        steps=3,
        step=0.02,
        multiplier=2.0,
        step_scale=1.5,
        take=b4.take.fixed(pct=0.03),
        stop=b4.stop.fixed(pct=0.2),
        budget=1500,
    )
    p = program(plan)
    rows = {o["key"]: o for o in p.orders}
    assert list(rows) == ["dca-first", "dca-step-1", "dca-step-2", "dca-step-3", "dca-take"]
    first = rows["dca-first"]
    assert (first["kind"], first["size"]["unit"]) == ("market", "notional")
    assert p.nodes[first["when"]].op == "and"
    sizes = [p.nodes[rows[k]["size"]["node"]].f[0] for k in ("dca-first", "dca-step-1", "dca-step-2", "dca-step-3")]
    assert sizes == [100.0, 200.0, 400.0, 800.0]
    depths = [0.02, 0.02 + 0.03, 0.02 + 0.03 + 0.045]
    for i, depth in enumerate(depths, start=1):
        step = rows[f"dca-step-{i}"]
        assert (step["kind"], step["after"], step["side"]) == ("limit", "dca-first", 1)
        entry, factor = (
            p.nodes[n] for n in sorted(p.nodes[step["price"]].inputs, key=lambda n: p.nodes[n].op != "hold_when")
        )
        assert entry.op == "hold_when"
        assert factor.f[0] == pytest.approx(1 - depth)
        assert p.lines[step["until"]].text == "pos.flat"
        assert p.lines[step["exits"]["stop_at"]].text.endswith(" * 0.2")
    take = rows["dca-take"]
    assert (take["kind"], take["side"], take["reduce_only"]) == ("limit", -1, True)
    assert p.lines[take["price"]].text == "pos.avg_price + pos.avg_price * 0.03"
    assert p.lines[first["exits"]["stop"]].text == "close * 0.2"
    assert p.warnings == ()


def test_dca_of_a_short_lies_above_and_needs_no_stop() -> None:
    p = program(
        b4.ladder.dca(True, size=0.1, steps=1, step=0.5, take=b4.market().atr(5), budget=0.2, side="sell", key="s")
    )
    rows = {o["key"]: o for o in p.orders}
    assert set(rows) == {"s-first", "s-step-1", "s-take"}
    assert p.lines[rows["s-step-1"]["price"]].text.endswith("* 1.5")
    assert all("exits" not in o for o in p.orders)
    assert rows["s-take"]["side"] == 1
    addressed = b4.ladder.dca(
        b4.asset("A").close > 1, size=0.1, steps=1, step=0.5, take=b4.take.fixed(pct=0.1), budget=0.2, asset="A"
    )
    assert {n.only for n in build_program([addressed], Frame("s", "portfolio", HOUR)).nodes} == {"A"}
