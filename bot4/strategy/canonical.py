"""One graph, one list: equal nodes are shared, and the order depends on the graph alone.

Every node gets a colour, a hash over its operation and its inputs' colours; commutative inputs are sorted by colour. States
close cycles, so their colours are refined until nothing new is told apart (partition refinement, as for finite automata):
equal colours then mean equal values on every row. Order: states first, in order of discovery; then depth first from the
outputs, inputs before users. What no output needs never appears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from .catalogue import CATALOGUE
from .node import Node

_Colours = dict[int, bytes]


@lru_cache(maxsize=1 << 16)
def _hash(own: tuple[object, ...], inputs: tuple[bytes, ...] | None = None) -> bytes:
    """Returns a colour; remembered, because the programs of a sweep are mostly made of the same parts."""
    parts = own if inputs is None else (*own, list(inputs))
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


def _own(node: Node) -> tuple[object, ...]:
    numbers = tuple([v.hex() for v in node.f]) if node.f else ()
    return (node.op, numbers, node.s, node.clock.period_ms or 0, node.only or "")


def _walk(roots: Sequence[Node]) -> list[Node]:
    """Returns all nodes under `roots`, inputs before users; a state counts as having no inputs, its next is a further root."""
    order: list[Node] = []
    seen: set[int] = set()
    waiting = list(roots)
    position = 0
    while position < len(waiting):
        stack = [(waiting[position], False)]
        position += 1
        while stack:
            node, is_done = stack.pop()
            if is_done:
                order.append(node)
                continue
            key = id(node)
            if key in seen:
                continue
            seen.add(key)
            if not node.inputs or node.op == "state":
                order.append(node)
                waiting.extend(node.inputs)
            else:
                stack.append((node, True))
                stack.extend([(i, False) for i in reversed(node.inputs) if id(i) not in seen])
    return order


def _colour(order: list[Node]) -> _Colours:
    states = [n for n in order if n.op == "state"]
    colours: _Colours = {id(s): _hash(_own(s)) for s in states}
    for _ in range(len(states) + 1):
        for node in order:
            if node.op == "state":
                continue
            if not node.inputs:
                colours[id(node)] = _hash(_own(node), ())
                continue
            inputs = [colours[id(i)] for i in node.inputs]
            if CATALOGUE[node.op].commutes:
                inputs.sort()
            colours[id(node)] = _hash(_own(node), tuple(inputs))
        before = len({colours[id(s)] for s in states})
        refined = {id(s): _hash((*_own(s), colours[id(s.inputs[0])])) for s in states}
        if len(set(refined.values())) == before:
            break
        colours |= refined
    return colours


def canonical(roots: Sequence[Node]) -> tuple[list[Node], dict[int, int]]:
    """Returns the nodes in order, and the position of each node under `roots` by `id(node)` (shared nodes share one)."""
    order = _walk(roots)
    colours = _colour(order)
    leaders: dict[bytes, Node] = {}
    for node in order:
        leaders.setdefault(colours[id(node)], node)
    lead = {id(n): leaders[colours[id(n)]] for n in order}
    for node in leaders.values():
        if node.inputs:
            node.inputs = [lead[id(i)] for i in node.inputs]
            if CATALOGUE[node.op].commutes:
                node.inputs.sort(key=lambda i: colours[id(i)])
    walked = _walk([lead[id(r)] for r in roots])
    listed = [n for n in walked if n.op == "state"] + [n for n in walked if n.op != "state"]
    place = {id(n): i for i, n in enumerate(listed)}
    return listed, {id(n): place[id(lead[id(n)])] for n in order if id(lead[id(n)]) in place}
