"""A traced program as a graph to look at: nodes with label, part, warm-up and users, and the roots that decide.

Not here: how it is drawn (`bot4.report.layers`), what nodes are worth at a bar (`bot4.backtest.at`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .catalogue import CATALOGUE
from .spans import span_text

if TYPE_CHECKING:
    from .program import Program

SHORT, SHORT_PART = 56, 28
"""Longest text that stands whole, and longest part of a longer one that does."""
CARRIED = ("carry", "carry_event", "pick", "pick_event")
"""Operations that bring a value from another clock or asset and change nothing."""
ANY_ASSET = "the asset"


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One node. `valid` and `settled` are bars of the base clock: to the first value, and until it no longer depends on the start."""

    node: int
    label: str
    text: str
    op: str
    inputs: tuple[int, ...]
    is_condition: bool
    part: str
    """`static`, computed by slices before the run, or `feedback`, row by row, because it looks at position or account."""
    valid: int
    settled: int
    clock: str
    """Interval of the clock it is computed on, such as 4h."""
    asset: str | None
    """Symbol, of a node of one asset."""
    users: int
    """How often it is used: by nodes and as a root. Above 1 it is shared, and computed once."""
    line: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A program to look at."""

    name: str
    sleeve: str
    kind: str
    identity: str
    clock: str
    settled: Mapping[str, int]
    """Bars an asset needs before its first decision, by symbol (or `the asset`, where any may come)."""
    nodes: tuple[GraphNode, ...]
    roots: Mapping[str, int]
    parameters: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def graphs_of(program: Program, symbols: Sequence[str] = ()) -> tuple[Graph, ...]:
    """Returns the graph of a program, of `b4.sleeves` one for each member. Without `symbols` those that the program names count."""
    if program.sleeves:
        return tuple(_graph(one.program, symbols, one.name) for one in program.sleeves)
    return (_graph(program, symbols, ""),)


def _graph(program: Program, symbols: Sequence[str], sleeve: str) -> Graph:
    from bot4 import _engine

    named = list(symbols) or sorted(_named(program)) or [ANY_ASSET]
    described = _engine.describe(program.json, named)
    roots = roots_of(program)
    users = [0] * len(program.nodes)
    for i in (*(i for row in program.nodes for i in row.inputs), *roots.values()):
        users[i] += 1
    clocks = [span_text(ms) for ms in json.loads(program.json)["clocks"]]
    feedback = program.feedback
    nodes = tuple(
        GraphNode(
            node=i,
            label=label_of(program, i),
            text=program.lines[i].text,
            op=row.op,
            inputs=row.inputs,
            is_condition=is_condition(program, i),
            part="feedback" if i in feedback else "static",
            valid=int(described["valid"][i]),
            settled=int(described["node_settled"][i]),
            clock=clocks[row.clock],
            asset=row.only,
            users=users[i],
            line=f"{program.lines[i].file}:{program.lines[i].line}",
        )
        for i, row in enumerate(program.nodes)
    )
    addressed = program.addressed
    settled = zip(named, described["settled"], strict=True)
    return Graph(
        name=program.name,
        sleeve=sleeve,
        kind=program.kind,
        identity=str(described["identity"]),
        clock=span_text(program.interval_ms),
        settled={name: int(rows) for name, rows in settled if None in addressed or name in addressed},
        nodes=nodes,
        roots=roots,
        parameters=dict(program.parameters),
    )


def _named(program: Program) -> set[str]:
    found = {row.only for row in program.nodes} | {row.s for row in program.nodes if row.op in ("pick", "pick_event")}
    rows = (*program.targets, *program.orders, *program.entries)
    return {name for name in (*found, *(row["asset"] for row in rows)) if name}


def roots_of(program: Program, symbol: str | None = None) -> dict[str, int]:
    """Returns the nodes that decide on an asset by what for, `target`, `stop trailing`, `order dip price` …

    Without a symbol those of all assets, where the name of an asset that is addressed alone stands in front.
    """
    found: dict[str, int] = {}
    for target in _of(program.targets, symbol):
        found |= _under(target, symbol, {"target": target["node"]} | _protection(target))
    for entry in _of(program.entries, symbol):
        named = {name: entry[name] for name in ("long", "short", "exit", "priority") if entry.get(name) is not None}
        found |= _under(entry, symbol, named | _size(entry["size"], "size") | _protection(entry))
    for order in _of(program.orders, symbol):
        found |= _under(order, symbol, _order(order))
    if program.events is not None:
        found |= {f"signal {name}": node for name, node in program.events.signals.items()}
    return found or dict(program.outputs)


def _of(rows: Sequence[Mapping[str, Any]], symbol: str | None) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if symbol is None or row["asset"] in (None, symbol))


def _under(row: Mapping[str, Any], symbol: str | None, named: Mapping[str, int]) -> dict[str, int]:
    front = f"{row['asset']} " if symbol is None and row["asset"] is not None else ""
    return {f"{front}{name}": node for name, node in named.items()}


def _protection(row: Mapping[str, Any]) -> dict[str, int]:
    stops = {f"stop {one['kind']}": one["node"] for one in row["stops"] if one.get("node") is not None}
    return stops | ({"take": row["take"]} if row.get("take") is not None else {})


def _size(size: Mapping[str, Any], name: str) -> dict[str, int]:
    per_unit = {} if size.get("per_unit") is None else {f"{name} per unit": size["per_unit"]}
    return {name: size["node"]} | per_unit


def _order(order: Mapping[str, Any]) -> dict[str, int]:
    name = f"order {order['key']}"
    parts = {
        part: order[part] for part in ("price", "trigger", "distance", "when", "until") if order.get(part) is not None
    }
    parts |= {part: node for part, node in (order.get("exits") or {}).items() if node is not None}
    return _size(order["size"], f"{name} size") | {f"{name} {part}": node for part, node in parts.items()}


def is_condition(program: Program, node: int) -> bool:
    """Tells whether a node is true or false; constants count as numbers."""
    row = program.nodes[node]
    if any(one.node == node for one in program.conditions) or (row.op == "pos" and row.s in ("flat", "is_open")):
        return True
    return row.op in CARRIED and is_condition(program, row.inputs[0])


def label_of(program: Program, node: int) -> str:
    """Returns a node's text; of a long one the operation, with its long parts as their operation: `where(…, 1, ema(…))`."""
    row, whole = program.nodes[node], program.lines[node].text
    if len(whole) <= SHORT or row.op not in CATALOGUE or not row.inputs:
        return whole
    op = CATALOGUE[row.op]
    parts = [_part(program, i) for i in row.inputs]
    if op.infix:
        return f" {op.infix} ".join("(…)" if part == "…" else part for part in parts)
    if op.text in ("-", "~"):
        return op.text + parts[0]
    numbers = [span_text(int(row.f[0])) if row.s == "ms" else f"{value:.6g}" for value in row.f[:1]]
    return f"{op.text or op.name}({', '.join(parts + numbers)})"


def _part(program: Program, node: int) -> str:
    text, op = program.lines[node].text, CATALOGUE.get(program.nodes[node].op)
    if len(text) <= SHORT_PART:
        return text
    return "…" if op is None or op.infix or op.text in ("-", "~") else f"{op.text or op.name}(…)"


_PRICES = frozenset({"open", "high", "low", "close"})
_KEEPS = frozenset(
    {
        *(
            "shift",
            "roll_mean",
            "roll_min",
            "roll_max",
            "ema",
            "rma",
            "ewm_mean",
            "hold_when",
            "carry",
            "pick",
            "state",
        ),
        *("fill_missing", "minimum", "maximum", "clip", "where", "abs"),
    }
)
"""Operations whose result is of the kind of its number inputs."""


def price_nodes(program: Program) -> frozenset[int]:
    """Returns the nodes that are prices, to be drawn over the bars: columns of prices, averages and extremes of prices, a price moved by a
    difference or scaled by a constant. Differences of prices are none."""
    found: set[int] = set()
    before = -1
    while before != len(found):  # again, because a state's input stands later in the list
        before = len(found)
        found |= {i for i in range(len(program.nodes)) if _is_price(program, i, found)}
    return frozenset(found)


def _is_price(program: Program, node: int, prices: set[int]) -> bool:
    row = program.nodes[node]
    of_prices = [i in prices for i in row.inputs]
    if row.op == "col":
        return row.s in _PRICES
    if row.op == "pos":
        return row.s == "avg_price"
    if row.op in _KEEPS:
        parts = of_prices[1:] if row.op == "where" else of_prices[:1] if row.op == "hold_when" else of_prices
        return any(parts)
    if row.op == "add":
        return any(of_prices)
    if row.op == "sub":
        return of_prices[0] and not of_prices[1]
    if row.op in ("mul", "div"):
        others = [program.nodes[i].op == "const" for i in row.inputs]
        scaled = (of_prices[0] and others[1]) or (row.op == "mul" and of_prices[1] and others[0])
        return bool(scaled) and _is_near_one(program, row.inputs, row.op)
    return False


def _is_near_one(program: Program, inputs: Sequence[int], op: str) -> bool:
    """Tells whether a price is scaled to a price: by 0.97, not by 0.1, which makes a distance of it. Sums are halved by any number."""
    constant = next(program.nodes[i].f[0] for i in inputs if program.nodes[i].op == "const")
    scaled = next(i for i in inputs if program.nodes[i].op != "const") if op == "mul" else inputs[0]
    if program.nodes[scaled].op == "add":
        return constant in (0.5, 2.0)
    return 0.5 < constant < 2.0
