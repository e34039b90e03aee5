"""Lowering of the plain case: everything on the base clock and for each asset, no states and no cross-sections.

Most strategies are plain, and a sweep lowers thousands of them. The nodes are those of `lowering`, which decides every other case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .expr import Expr
from .folding import fold
from .kinds import ANYWHERE, BASE, EVERY_ASSET
from .lowering import CROSS_SECTIONS, WINDOWED, check_time_window
from .node import Node
from .spans import YEAR_MS

_OTHERS = CROSS_SECTIONS | {"state"}


def lower_plain(order: Sequence[Expr], interval_ms: int) -> dict[int, Node] | None:
    """Returns the node of every expression by `id`, None where the case is not plain. `order` has inputs before users.

    Raises StrategyError for a window of time that does not fit the clock.
    """
    for x in order:
        if x.op in _OTHERS or not (x.fixed_home is ANYWHERE or x.fixed_home == EVERY_ASSET):
            return None
    made: dict[int, Node] = {}
    for x in order:
        if x.op in WINDOWED and x.s == "ms":
            check_time_window(x, interval_ms)
        if x.op == "annual_root":
            made[id(x)] = Node("const", [], (math.sqrt(YEAR_MS / interval_ms),), "", BASE, None, x)
            continue
        node = Node(x.op, [made[id(i)] for i in x.inputs], x.f, x.s, BASE, None, x)
        made[id(x)] = fold(node) if x.inputs else node
    return made
