"""The graph to look at: parts, users, warm-up and roots are those of the program and the engine."""

from __future__ import annotations

import bot4 as b4
from bot4 import _engine
from bot4.strategy.graph import graphs_of, label_of, roots_of


@b4.strategy(on=b4.bars("1h"))
def shared(m, n: int = 10):
    average = m.close.ema(n)
    held = b4.where(m.pos.bars_held > 5, 0.0, 1.0)
    return b4.target(b4.where(m.close > average, held, 0.0), stop=b4.stop.trailing(average * 0.1))


def graph(strategy=shared, **params):
    return graphs_of(strategy.trace(params, (), 3_600_000))[0]


def test_what_depends_on_the_position_is_feedback_and_what_is_used_twice_is_shared():
    found = graph()
    parts = {node.label: node.part for node in found.nodes}
    assert parts["ema(close, 10)"] == "static"
    assert parts["pos.bars_held > 5"] == "feedback"
    users = {node.label: node.users for node in found.nodes}
    assert users["ema(close, 10)"] == 2
    assert users["close"] == 2
    assert {node.label for node in found.nodes if node.is_condition} == {"close > ema(close, 10)", "pos.bars_held > 5"}


def test_warm_up_and_identity_are_the_engines():
    found = graph(n=20)
    described = _engine.describe(shared.trace({"n": 20}).json, ["the asset"])
    assert found.identity == described["identity"] != graph(n=21).identity
    assert [node.settled for node in found.nodes] == list(described["node_settled"])
    assert found.settled == {"the asset": 200}
    assert found.parameters == {"n": 20}


def test_roots_name_what_they_decide():
    found = graph()
    assert set(found.roots) == {"target", "stop trailing"}

    @b4.portfolio(on=b4.bars("1h"))
    def pair(u):
        return [b4.target(b4.asset(name).close / 1e6, asset=name) for name in ("BTC/USDT", "ETH/USDT")]

    program = pair.trace()
    assert set(roots_of(program)) == {"BTC/USDT target", "ETH/USDT target"}
    assert set(roots_of(program, "BTC/USDT")) == {"target"}
    assert set(graphs_of(program)[0].settled) == {"BTC/USDT", "ETH/USDT"}

    @b4.strategy(on=b4.bars("1h"))
    def bids(m):
        return b4.orders(b4.order.limit("bid", "buy", size=0.1, price=m.close - m.atr(5), stop=m.atr(5)))

    assert set(graph(bids).roots) == {"order bid size", "order bid price", "order bid stop"}


def test_sleeves_have_a_graph_each():
    whole = b4.sleeves(a=(shared, 0.5), b=b4.sleeve(shared, 0.5, n=30))
    found = graphs_of(whole.trace())
    assert [(one.sleeve, one.settled["the asset"]) for one in found] == [("a", 100), ("b", 300)]


def test_a_long_text_becomes_its_operation_with_short_parts():
    @b4.strategy(on=b4.bars("1h"))
    def long(m):
        inner = m.close.ema(5) - m.close.ema(10) + m.close.ema(20) - m.close.ema(40)
        return b4.target(b4.where(inner > 0, 1.0, 0.0))

    program = long.trace()
    labels = [label_of(program, node) for node in range(len(program.nodes))]
    assert labels[-1] == "where(…, 1, 0)"
    assert "ema(close, 5)" in labels
    assert all(len(label) <= 70 for label in labels)
