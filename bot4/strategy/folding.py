"""Constant folding: only where the result is exact, so that a folded program gives the same bits.

Folds + − × ÷ √, comparisons, logic and choices of constants (correctly rounded in IEEE 754), `where` with a constant condition,
and × 1 and ÷ 1. Never pow, log, exp: the engine's pinned implementation computes those. A non-finite result is not folded.
"""

from __future__ import annotations

import math

from .catalogue import CATALOGUE, Fold
from .node import Node

_PARTLY = frozenset({"where", "mul", "div"})
"""Operations that one constant operand may decide."""


def fold(node: Node) -> Node:
    """Returns a simpler node with the same values, or `node` itself."""
    if not node.inputs or (node.op not in _PARTLY and CATALOGUE[node.op].fold is None):
        return node
    values = [i.f[0] if i.op == "const" else None for i in node.inputs]
    operation = CATALOGUE[node.op].fold
    if operation is not None and values and None not in values:
        return _constant(node, operation, *values)
    if node.op == "where" and values[0] is not None:
        return node.inputs[1] if values[0] else node.inputs[2]
    if node.op in ("mul", "div") and len(values) == 2 and values[1] == 1.0:
        return node.inputs[0]
    if node.op == "mul" and values[0] == 1.0:
        return node.inputs[1]
    return node


def _constant(node: Node, operation: Fold, *values: float | None) -> Node:
    try:
        value = float(operation(*values)) + 0.0
    except (ArithmeticError, ValueError):  # √ of a negative number and the like: missing, which a program cannot hold
        return node
    if not math.isfinite(value):
        return node
    return Node("const", [], (value,), "", node.clock, node.only, node.source)
