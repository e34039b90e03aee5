"""Why a value is what it is: the branch taken, the comparison behind it, the part that is missing. From the outside in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from bot4.report import text
from bot4.strategy.graph import CARRIED

from .decision import NodeValue

DEEPEST = 4
"""Steps that are told; deeper ones stand in the tree."""
LONGEST = 90
COMPARISONS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}
Nodes = Mapping[int, NodeValue]


def because(nodes: Nodes, root: int) -> list[str]:
    """Returns what made the root's value, at most a few clauses; nothing where the expression is plain arithmetic."""
    if math.isnan(nodes[root].value):
        return list(_missing(nodes, root))
    return list(_reasons(nodes, root, DEEPEST))


def number(value: float) -> str:
    """Returns a value as shown everywhere here: six significant digits, `missing` for none."""
    return "missing" if math.isnan(value) else text.price(float(f"{value:.6g}"))


def shown(node: NodeValue, value: float) -> str:
    """Returns a node's value in words: true and false of conditions."""
    if node.is_condition and value in (0.0, 1.0):
        return "true" if value else "false"
    return number(value)


def short(node: NodeValue) -> str:
    """Returns a node's text, without its parts where it is long."""
    return node.text if len(node.text) <= LONGEST else node.label


def _reasons(nodes: Nodes, at: int, depth: int) -> Iterator[str]:
    node = nodes[at]
    if depth == 0 or node.op in ("const", "col"):
        return
    inputs = [nodes[i] for i in node.inputs if i in nodes]
    if node.op in CARRIED or node.op in ("clip", "neg", "abs", "hold_when", "not", "fill_missing"):
        yield from _reasons(nodes, node.inputs[0], depth)
    elif node.op == "where":
        condition, chosen = inputs[0], inputs[1] if inputs[0].value else inputs[2]
        told = list(_reasons(nodes, condition.node, depth - 1))
        *first, last = told or [f"{short(condition)} is {shown(condition, condition.value)}"]
        yield from first
        yield f"{last}, which gives {short(chosen)}"
        yield from _reasons(nodes, chosen.node, depth - 1)
    elif node.op in COMPARISONS:
        left, right = sorted(inputs, key=lambda x: x.op == "const") if node.op in ("eq", "ne") else inputs
        yield f"{_valued(left)} {COMPARISONS[node.op]} {_valued(right)} is {shown(node, node.value)}"
    elif node.op in ("and", "or"):
        yield from _terms(nodes, node, inputs, depth)
    elif node.op == "latch":
        names = ("long", "short", "exit")
        parts = ", ".join(f"{name} {shown(x, x.value)}" for name, x in zip(names, inputs, strict=True) if _says(x))
        state = {1.0: "long", -1.0: "short", 0.0: "out"}[node.value]
        yield f"the latch is {state} ({parts} at this bar)"
    elif node.op in ("mul", "div") and node.value == 0:
        zero = next((x for x in inputs if x.value == 0), inputs[0])
        yield from _reasons(nodes, zero.node, depth)
    elif node.op in ("add", "sub", "mul", "div"):
        for x in inputs:
            yield from _reasons(nodes, x.node, depth - 2 if depth > 2 else 0)
    elif node.note:
        yield f"{short(node)} is {shown(node, node.value)} ({node.note})"


def _terms(nodes: Nodes, node: NodeValue, inputs: list[NodeValue], depth: int) -> Iterator[str]:
    """Tells the terms that decide: the false ones of an `and` that is false, the true ones of an `or` that is true."""
    deciding = 0.0 if node.op == "and" else 1.0
    for x in inputs:
        if node.value != deciding or x.value == deciding:
            told = list(_reasons(nodes, x.node, depth - 1))
            yield from told or [f"{short(x)} is {shown(x, x.value)}"]


def _valued(node: NodeValue) -> str:
    return node.text if node.op == "const" else f"{short(node)} ({shown(node, node.value)})"


def _says(node: NodeValue) -> bool:
    return node.op != "const"


def _missing(nodes: Nodes, root: int) -> Iterator[str]:
    """Names the deepest nodes without a value: where it began."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        node = nodes[at]
        deeper = [i for i in node.inputs if i in nodes and math.isnan(nodes[i].value)]
        if deeper:
            stack.extend(deeper)
        else:
            yield f"{short(node)} is missing ({_why_missing(nodes, node)}, {node.line})"


def _why_missing(nodes: Nodes, node: NodeValue) -> str:
    if node.op == "col":
        return "there is no bar"
    if node.op == "div" and nodes[node.inputs[1]].value == 0:
        return "it divides by zero"
    if node.op == "sqrt" and nodes[node.inputs[0]].op == "const":
        return "the strategy says so"
    return f"{node.op} has no value here: its window is not full, or its inputs allow none"
