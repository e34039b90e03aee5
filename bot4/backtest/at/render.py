"""A decision as text: a tree for a terminal, the same lines plain for a pipe.

A node stands once; where it is used again its name and value stand without its parts. Constants stand in their user's text alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bot4.report import text
from bot4.strategy.graph import CARRIED

from .because import number, shown
from .decision import Decision, NodeValue, TargetState

if TYPE_CHECKING:
    from rich.tree import Tree


class Line(NamedTuple):
    """One line: how deep it stands, a label, what it says."""

    depth: int
    label: str
    said: str


def plain(decision: Decision) -> str:
    """Returns the decision as lines, indented by depth."""
    head, *rest = lines(decision)
    body = [f"{'  ' * one.depth}{one.label}{'  ' if one.label and one.said else ''}{one.said}" for one in rest]
    return "\n".join([head.said, *body]).replace(text.NBSP, " ")


def tree(decision: Decision) -> Tree:
    """Returns the decision as a tree of rich."""
    from rich.text import Text
    from rich.tree import Tree

    head, *rest = lines(decision)
    root = Tree(Text(head.said, style="bold"), guide_style="dim")
    open_branches = [root]
    for one in rest:
        label = Text(one.label, style="bold" if one.depth == 1 else "")
        if one.said:
            label.append(f"  {one.said}" if one.label else one.said, style="default")
        del open_branches[one.depth :]
        open_branches.append(open_branches[-1].add(label))
    return root


def lines(decision: Decision) -> Iterator[Line]:
    """Yields the lines, the title first."""
    sleeve = f" · sleeve {decision.sleeve}" if decision.sleeve else ""
    yield Line(0, "", f"{decision.strategy}{sleeve} · {decision.symbol} · decision of {text.moment(decision.ts)} UTC")
    for sentence in decision.why if not decision.sleeves else ():
        yield Line(1, "why", sentence)
    for clause in decision.because:
        yield Line(2, "because", clause)
    yield Line(1, "bar", _bar(decision))
    if decision.account:
        yield Line(1, "account", _account(decision.account))
    if decision.position and not decision.sleeves:
        yield Line(1, "position", _position(decision))
    if decision.target is not None:
        yield from _target(decision.target)
    yield from _holds(decision)
    yield from _tree(decision)
    for one in decision.orders:
        yield Line(1, f"key {one.key}", f"{one.side} {one.kind}: {one.why}")
    yield from _records(decision)
    for part in decision.sleeves:
        for depth, label, said in lines(part):
            yield Line(depth + 1, label, said)


def _bar(decision: Decision) -> str:
    bar = decision.bar
    prices = "  ".join(f"{name} {text.price(bar[name])}" for name in ("open", "high", "low", "close"))
    return (
        f"opened {text.moment(int(bar['ts']))}: {prices}  volume {text.price(bar['volume'])}  (row {int(bar['row'])})"
    )


def _account(account: Mapping[str, float]) -> str:
    parts = [f"equity {text.amount(account['equity'])}"]
    parts += [f"cash {text.amount(account['cash'])}"] if "cash" in account else []
    parts += [f"gross {text.ratio(account['gross'])}"] if "gross" in account else []
    parts += [f"drawdown {text.percent(account['drawdown'])}"] if "drawdown" in account else []
    return "  ".join(parts)


def _position(decision: Decision) -> str:
    position = decision.position
    pending = position.get("pending", 0.0)
    waits = f", {text.price(pending)} on the way" if pending else ""
    if not position["qty"]:
        return f"flat{waits}"
    said = f"{text.price(position['qty'])}"
    if "weight" in position and not math.isnan(position["weight"]):
        said += f" ({text.percent(position['weight'])} of equity)"
    if not math.isnan(position.get("avg_price", math.nan)):
        said += f" at {text.price(position['avg_price'])}, {text.percent(position['pnl'], signed=True)}"
        said += f" in {text.plural(int(position['bars_held']), 'bar')}"
    return said + waits


def _target(target: TargetState) -> Iterator[Line]:
    yield Line(1, "target", f"{number(target.raw)} ({target.unit})")
    if not math.isnan(target.wanted):
        over = target.gross > target.budget
        why = f": all targets ask for {number(target.gross)}, the budget is {number(target.budget)}" if over else ""
        yield Line(2, "before the budget", number(target.wanted))
        yield Line(2, "after the budget", f"{number(target.budgeted)}{why}")
        band = f"{number(target.distance)} away; the band is {number(target.band)}"
        yield Line(2, "last acted on", f"{number(target.acted_before)}, {band}")
    if target.acted != target.acted_before:
        yield Line(2, "now acted on", number(target.acted))
    if target.next_due is not None:
        due = "due now" if target.is_due else "not due"
        yield Line(2, "schedule", f"{due}; next {text.moment(target.next_due)}")


def _holds(decision: Decision) -> Iterator[Line]:
    hold = decision.hold
    if hold is not None:
        yield Line(
            1, "held", f"since the {hold['side']} position's stop, {text.moment(hold['since'])}, until {hold['until']}"
        )
    if decision.stops:
        yield Line(1, "levels", "  ".join(f"{name} {text.price(level)}" for name, level in decision.stops.items()))


def _tree(decision: Decision) -> Iterator[Line]:
    told: set[int] = set()
    if decision.roots:
        yield Line(1, "expressions", "")
    for name, root in decision.roots.items():
        yield from _branch(decision.nodes, root, 2, f"{name} =", told)


def _branch(nodes: Mapping[int, NodeValue], at: int, depth: int, prefix: str, told: set[int]) -> Iterator[Line]:
    node = nodes[at]
    while node.op in CARRIED and node.inputs[0] in nodes and nodes[node.inputs[0]].text == node.text:
        if node.inputs[0] in told:
            break
        node = nodes[node.inputs[0]]
    before = "" if math.isnan(node.before) or node.before == node.value else f"  (before {shown(node, node.before)})"
    note = f"  {node.note}" if node.note else ""
    parts = [i for i in node.inputs if nodes[i].op != "const" and nodes[i].text != "missing"]
    again = "  ↑" if parts and node.node in told else ""
    value = shown(node, node.value)
    yield Line(depth, f"{prefix} {node.label}".strip(), f"{value}{before}{note}{again}")
    if node.node in told:
        return
    told.add(node.node)
    for part in parts:
        yield from _branch(nodes, part, depth + 1, "", told)


def _records(decision: Decision) -> Iterator[Line]:
    groups = (
        ("fills in the bar", decision.fills, _fill),
        ("exits in the bar", decision.exits, _order),
        ("sent", decision.sent, _order),
        ("cancelled", decision.cancelled, _order),
        ("at work", decision.working, _working),
    )
    for label, rows, told in groups:
        if rows:
            yield Line(1, label, "")
            for row in rows:
                yield Line(2, "", told(row))


def _order(row: Mapping[str, Any]) -> str:
    key = f" {row['key']}" if row["key"] is not None else ""
    price = f" at {text.price(row['price'])}" if row["price"] is not None else ""
    cause = f" ({row['cause']})" if row["cause"] is not None else ""
    return f"order {row['id']}{key}: {row['kind']} {row['side']} {text.price(row['qty'])}{price}, {row['reason']}: {row['status']}{cause}"


def _working(row: Mapping[str, Any]) -> str:
    key = f" {row['key']}" if row["key"] is not None else ""
    price = f" at {text.price(row['price'])}" if row["price"] is not None else ""
    trigger = f" when {text.price(row['trigger'])} is reached" if row["trigger"] is not None else ""
    return f"order {row['id']}{key}: {row['kind']} {row['side']} {text.price(row['left'])}{price}{trigger}, sent {text.moment(row['ts'])}"


def _fill(row: Mapping[str, Any]) -> str:
    side = "bought" if row["qty"] > 0 else "sold"
    role = "maker" if row["maker"] else "taker"
    return (
        f"order {row['order']}: {side} {text.price(abs(row['qty']))} at {text.price(row['price'])} "
        f"({row['rule']}, {role}, {row['reason']}), position {text.price(row['position'])}"
    )
