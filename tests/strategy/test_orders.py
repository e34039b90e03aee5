"""Orders, entries, legs and takes, as they stand in the program (docs/design.md, "Orders and entries")."""

from __future__ import annotations

import itertools
import json
from typing import Any, Literal

import pytest

import bot4 as b4
from bot4.strategy import Expr, Order, Orders, Program
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000
DAY = 24 * HOUR


def program(*wanted: Any, kind: Any = "strategy") -> Program:
    return build_program(wanted, Frame("s", kind, HOUR))


def text(p: Program, node: int) -> str:
    return p.lines[node].text


def test_an_order_is_written_as_designed() -> None:
    m = b4.market()
    dip = b4.order.limit(
        "dip",
        "buy",
        0.1,
        m.close - 2 * m.atr(14),
        when=m.close.crosses_below(m.close.ema(20)),
        until=m.close > m.close.ema(20),
        expires="1d",
        post_only=True,
        oco="first",
        stop=3 * m.atr(14),
        take=b4.take.fixed(pct=0.05),
    )
    p = program(dip, b4.order.stop("up", "buy", b4.size.qty(2), m.high, oco="first", after="dip"))
    first, second = p.orders
    assert {k: first[k] for k in ("key", "side", "kind", "asset", "tif", "expires", "post_only", "oco")} == {
        "key": "dip",
        "side": 1,
        "kind": "limit",
        "asset": None,
        "tif": "gtd",
        "expires": {"ms": DAY},
        "post_only": True,
        "oco": "first",
    }
    assert text(p, first["price"]) == "close - 2 * atr(high, low, close, 14)"
    assert text(p, first["when"]) == "crosses_below(close, ema(close, 20))"
    assert text(p, first["until"]) == "close > ema(close, 20)"
    assert first["size"] == {"unit": "weight", "node": first["size"]["node"]}
    assert text(p, first["exits"]["stop"]) == "3 * atr(high, low, close, 14)"
    assert text(p, first["exits"]["take"]) == "(close - 2 * atr(high, low, close, 14)) * 0.05"  # of its own price
    assert set(first) == {
        *("key side kind asset size price when until tif expires post_only oco exits").split()
    }  # what is absent is left out
    assert (second["size"]["unit"], second["trigger"], second["after"], second["tif"]) == (
        "qty",
        next(i for i, n in enumerate(p.nodes) if n.s == "high"),
        "dip",
        "gtc",
    )
    written = json.loads(p.json)
    assert written["orders"] == list(p.orders)
    assert written["targets"] == []
    assert "entries" not in written
    assert "legs" not in written


def test_each_kind_waits_for_what_it_names() -> None:
    m = b4.market()
    made = [
        b4.order.market("a", "sell", 0.1, when=m.close > 1),
        b4.order.limit("b", "sell", 0.1, m.high),
        b4.order.stop("c", "sell", 0.1, m.low),
        b4.order.stop_limit("d", "sell", 0.1, m.high, m.low),
        b4.order.take_profit("e", "sell", 0.1, m.high),
        b4.order.trailing("f", "sell", 0.1, 5),
    ]
    p = program(made)
    waits = [{k: text(p, o[k]) for k in ("price", "trigger", "distance") if k in o} for o in p.orders]
    assert [o["kind"] for o in p.orders] == ["market", "limit", "stop", "stop_limit", "take_profit", "trailing"]
    assert waits == [
        {},
        {"price": "high"},
        {"trigger": "low"},
        {"trigger": "high", "price": "low"},
        {"trigger": "high"},
        {"distance": "5"},
    ]
    assert all(o["side"] == -1 for o in p.orders)


def test_while_makes_the_size_missing_where_it_is_not_true() -> None:
    m = b4.market()
    p = program(b4.order.limit("dip", "buy", 0.25, m.low, while_=m.close > m.open))
    (order,) = p.orders
    size = p.nodes[order["size"]["node"]]
    assert size.op == "where"
    assert [p.nodes[i].op for i in size.inputs] == ["gt", "const", "sqrt"]  # missing is √−1
    assert "when" not in order


def test_a_risk_is_measured_to_the_stop_it_goes_with() -> None:
    m = b4.market()
    risk = b4.size.risk(0.01)
    given = b4.order.limit("a", "buy", b4.size.risk(0.01, per_unit=7), m.low, stop=m.atr(3))
    fixed = b4.order.limit("b", "buy", risk, m.low, stop=m.atr(3))
    trail = b4.order.limit("c", "buy", risk, m.low, trail=b4.stop.trailing(pct=0.5))
    p = program(given, fixed, trail)
    assert [text(p, o["size"]["per_unit"]) for o in p.orders] == ["7", "atr(high, low, close, 3)", "low * 0.5"]
    e = program(b4.entries(long=m.close > 1, size=risk, stop=b4.stop.fixed(pct=0.1)))
    (row,) = e.entries
    assert row["size"]["per_unit"] == row["stops"][0]["node"]
    assert text(e, row["size"]["per_unit"]) == "close * 0.1"


def test_the_order_of_orders_in_the_list_means_nothing() -> None:
    m = b4.market()
    btc = b4.asset("BTC")
    made = [
        b4.order.limit("z", "buy", 0.1, m.low.ema(3)),
        b4.order.stop("a", "sell", 0.2, m.high.ema(4)),
        b4.order.limit("m", "buy", 0.3, btc.low, asset="BTC"),
        b4.order.limit("n", "buy", 0.3, b4.asset("AVAX").low, asset="AVAX"),
    ]
    programs = [program(b4.orders(list(given)), kind="portfolio") for given in itertools.permutations(made)]
    assert len({p.json for p in programs}) == 1
    assert [(o["asset"], o["key"]) for o in programs[0].orders] == [
        (None, "a"),
        (None, "z"),
        ("AVAX", "n"),
        ("BTC", "m"),
    ]


def test_orders_hold_orders_lists_and_sets() -> None:
    m = b4.market()
    rungs = [b4.order.limit(f"rung-{i}", "buy", 0.01, m.close - i) for i in range(1, 4)]
    found = b4.orders(rungs, b4.order.stop("out", "sell", 1.0, m.low, reduce_only=True))
    assert isinstance(found, Orders)
    assert [o.key for o in b4.orders(found).members] == ["rung-1", "rung-2", "rung-3", "out"]
    assert all(isinstance(o, Order) for o in found.members)


def test_entries_are_written_as_designed() -> None:
    m = b4.market()
    p = program(
        b4.entries(
            long=m.close > m.high.rolling(20).max().shift(1),
            exit=m.close < m.low.rolling(10).min().shift(1),
            size=b4.size.risk(0.01, per_unit=2 * m.atr(20)),
            max_units=4,
            stop=[b4.stop.trailing(2 * m.atr(20)), b4.stop.time("30d")],
            take=4 * m.atr(20),
            max_positions=3,
            priority=m.close.returns(20),
            rearm="immediate",
            cooldown="12h",
        )
    )
    (e,) = p.entries
    assert [p.nodes[i].op for i in p.nodes[e["long"]].inputs] == ["col", "shift"]
    assert {k: e[k] for k in ("asset", "max_units", "max_positions", "rearm", "cooldown")} == {
        "asset": None,
        "max_units": 4,
        "max_positions": 3,
        "rearm": {"mode": "immediate"},
        "cooldown": {"ms": 12 * HOUR},
    }
    assert "short" not in e
    assert [s["kind"] for s in e["stops"]] == ["trailing", "time"]
    assert e["size"]["unit"] == "risk"
    assert e["size"]["per_unit"] == e["stops"][0]["node"]
    assert p.nodes[e["priority"]].op == "returns"
    assert text(p, e["take"]).startswith("4 * atr")
    assert p.nodes[e["exit"]].op == "lt"
    assert p.warnings == ()


def test_a_target_takes_profit() -> None:
    m = b4.market()
    p = program(b4.target(1.0, take=b4.take.fixed(pct=0.1)))
    assert text(p, p.targets[0]["take"]) == "close * 0.1"
    assert "take" not in program(b4.target(1.0)).targets[0]
    addressed = program(b4.target(1.0, asset="A", take=2 * b4.asset("A").atr(5), stop=b4.stop.fixed(pct=0.1)))
    assert {n.only for n in addressed.nodes} == {"A"}
    assert text(program(b4.target(m.close, take=m.close)), 0) == "close"


def test_legs_point_at_their_targets() -> None:
    z = b4.asset("A").close.rolling(9).zscore()
    pair = b4.legs({"A": -z, "B": b4.target(z, band=0.05)}, broken="flatten", tolerance=0.1)
    listed = b4.legs([b4.target(0.1, asset="D"), b4.target(-0.1, asset="E")], broken="hold")
    p = program(pair, b4.target(0.5, asset="C"), listed, kind="portfolio")
    assert [t["asset"] for t in p.targets] == ["C", "A", "B", "D", "E"]
    assert p.legs == (
        {"targets": [1, 2], "broken": "flatten", "tolerance": 0.1},
        {"targets": [3, 4], "broken": "hold", "tolerance": 0.05},
    )
    assert p.targets[2]["band"] == 0.05


def test_orders_of_one_asset_and_a_target_of_another_live_together() -> None:
    quote = b4.asset("A").close
    p = program(
        b4.orders(b4.order.limit("bid", "buy", 0.1, quote, asset="A")), b4.target(0.1, asset="B"), kind="portfolio"
    )
    assert [o["asset"] for o in p.orders] == ["A"]
    assert [t["asset"] for t in p.targets] == ["B"]


def test_an_addressed_order_sees_other_assets_and_other_clocks() -> None:
    slow = b4.asset("B").at("4h").close.crosses_above(1.0)
    p = program(b4.order.market("go", "buy", 0.1, when=slow, asset="A"), kind="portfolio")
    when = p.nodes[p.orders[0]["when"]]
    assert (when.op, when.only, when.s) == ("pick_event", "A", "B")
    assert p.nodes[when.inputs[0]].op == "carry_event"


def test_parameters_and_the_position_work_inside() -> None:
    @b4.strategy(on=b4.bars("1h"))
    def scale(m, rungs: int = b4.param(3, 1, 9), side: Literal["buy", "sell"] = b4.choice("buy", "sell")):
        """Rungs below."""
        made = [
            b4.order.limit(f"r{i}", side, 0.1 / rungs, m.pos.avg_price * (1 - i / 100)) for i in range(1, rungs + 1)
        ]
        return b4.orders(made)

    p = scale.trace({"rungs": 5, "side": "sell"})
    assert [o["key"] for o in p.orders] == ["r1", "r2", "r3", "r4", "r5"]
    assert {o["side"] for o in p.orders} == {-1}
    assert {p.nodes[i].op for i in p.feedback} == {"pos", "mul"}
    assert len(scale.trace({"rungs": 1}).orders) == 1


def test_explain_and_conditions_cover_orders_and_entries() -> None:
    m = b4.market()
    p = program(
        b4.order.limit("dip", "buy", 0.1, m.low, when=m.close > 5, until=m.close < 3, asset=None, take=m.atr(5)),
    )
    assert [c.text for c in p.conditions] == ["close > 5", "close < 3"]
    shown = p.explain().splitlines()[-1]
    assert (
        "dip: limit buy 0.1 of equity, price low, when close > 5, until close < 3, take atr(high, low, close, 5)"
        in shown
    )
    assert "test_orders.py:" in shown
    e = program(b4.entries(long=m.close > 5, short=m.close < 3, size=0.1, max_units=2))
    assert {c.text for c in e.conditions} == {"close > 5", "close < 3"}
    assert "entries of 0.1 of equity, long close > 5, short close < 3, up to 2 units" in e.explain()
    group = b4.legs({"A": 0.1, "B": -0.1}, broken="hold")
    assert "legs A and B: broken by more than 0.05 -> hold" in program(group, kind="portfolio").explain()


WARNED: list[tuple[str, Any, str]] = [
    ("alone", lambda m: b4.order.limit("a", "buy", 0.1, m.low, oco="x"), "alone in its group x"),
    ("again", lambda m: b4.order.market("a", "buy", 0.1, while_=m.close > 1), "sent again at every decision"),
    ("event", lambda m: b4.order.limit("a", "buy", 0.1, m.low, while_=m.close.crosses_above(1)), "one bar only"),
    ("no exit", lambda m: b4.entries(long=m.close > 1, size=0.1), "no exit, no stop and no take"),
]


@pytest.mark.parametrize(("ask", "told"), [w[1:] for w in WARNED], ids=[w[0] for w in WARNED])
def test_what_is_rarely_meant_is_reported(ask: Any, told: str) -> None:
    (warning,) = program(ask(b4.market())).warnings
    assert told in warning
    assert "test_orders.py:" in warning


QUIET: list[tuple[str, Any]] = [
    ("group", lambda m: [b4.order.limit(k, "buy", 0.1, m.low, oco="x") for k in "ab"]),
    ("moment", lambda m: b4.order.market("a", "buy", 0.1, when=m.close > 1)),
    ("bracket", lambda m: b4.order.market("a", "buy", 0.1, stop=m.atr(3))),
    ("after", lambda m: [b4.order.limit("a", "buy", 0.1, m.low), b4.order.market("b", "sell", 0.1, after="a")]),
    ("flip", lambda m: b4.entries(long=m.close > 1, short=m.close < 1, size=0.1)),
    ("held", lambda m: b4.entries(long=m.close > 1, size=0.1, stop=b4.stop.time(5))),
]


@pytest.mark.parametrize("ask", [q[1] for q in QUIET], ids=[q[0] for q in QUIET])
def test_what_is_meant_is_not_reported(ask: Any) -> None:
    assert program(ask(b4.market())).warnings == ()


def test_a_bare_size_may_be_an_expression() -> None:
    m = b4.market()
    size: Expr = (0.1 / m.close.vol(span=9)).clip(0, 1)
    p = program(b4.order.limit("a", "buy", size, m.low))
    assert p.nodes[p.orders[0]["size"]["node"]].op == "clip"
