"""`Program`: a traced strategy as plain data, and its canonical JSON text (docs/design.md).

Beside the text stand what an error or a diagnosis needs and the engine does not: source lines, parameters, warnings, the
conditions behind a target. Not here: how targets become nodes (`build`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .kinds import ClockFamily
from .node import Node

if TYPE_CHECKING:
    from .events.plan import EventPlan

ProgramKind = Literal["strategy", "portfolio", "expression", "events", "sleeves"]
VERSION = 1


class NodeRow(NamedTuple):
    """One node of the program: `inputs` are positions in the list, `clock` an index into the clocks, `only` a symbol."""

    op: str
    inputs: tuple[int, ...]
    f: tuple[float, ...] = ()
    s: str = ""
    clock: int = 0
    only: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the program's form: keys at their default are left out."""
        row: dict[str, Any] = {"op": self.op, "in": list(self.inputs)}
        optional = {"f": list(self.f), "s": self.s, "clock": self.clock, "only": self.only}
        return row | {k: v for k, v in optional.items() if v}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a node comes from: file, line, the line's text, and the node itself as readable text."""

    file: str
    line: int
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition behind a target, an entry or an order: which one was never true?"""

    node: int
    text: str
    file: str
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class Program:
    """A traced strategy. `json` is the canonical text; `outputs` are the nodes asked for by name (`trace_expression`).

    `targets`, `orders`, `entries` and `legs` are the lists of the text; `wanted` holds a line in words for each of their rows. Of an
    event strategy it is the signals' program, and `events` says who decides. Of `b4.sleeves` all lists are empty, and `sleeves` holds a
    program for each member. `lines`, `conditions` and `wanted` are made when first looked at.
    """

    name: str
    kind: ProgramKind
    interval_ms: int
    json: str
    nodes: tuple[NodeRow, ...]
    targets: tuple[dict[str, Any], ...]
    lines: Mapping[int, SourceLine]
    conditions: Sequence[Condition] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    outputs: Mapping[str, int] = field(default_factory=dict)
    orders: tuple[dict[str, Any], ...] = ()
    entries: tuple[dict[str, Any], ...] = ()
    legs: tuple[dict[str, Any], ...] = ()
    wanted: Sequence[SourceLine] = ()
    events: EventPlan | None = None
    sleeves: tuple[SleeveProgram, ...] = ()
    family: ClockFamily = ClockFamily.BAR
    """What makes a row: a bar, a moment of the book, or one of trades."""

    @property
    def feedback(self) -> frozenset[int]:
        """Positions of the nodes that descend from the position or the account: run row by row by the desk."""
        found: set[int] = set()
        before = -1
        while before != len(found):  # again, because a state's input stands later in the list
            before = len(found)
            found |= {i for i, n in enumerate(self.nodes) if n.op in ("pos", "account") or found.intersection(n.inputs)}
        return frozenset(found)

    @property
    def addressed(self) -> frozenset[str | None]:
        """Symbols that a target, an order or entries lead; None stands for every asset."""
        if self.events is not None:
            return frozenset({None})
        return frozenset(row["asset"] for row in (*self.targets, *self.orders, *self.entries))

    def explain(self) -> str:
        """Returns one line per node (position, part, operation, text, source line), then one for all that is wanted."""
        if self.sleeves:
            return "\n".join(
                f"{s.name}  {s.share_e9 / 1e9:.10g} of the cash\n{s.program.explain()}" for s in self.sleeves
            )
        feedback = self.feedback
        rows = []
        for i, n in enumerate(self.nodes):
            part, line = "feedback" if i in feedback else "static", self.lines[i]
            rows.append(f"{i:4d}  {part:8}  {n.op:14}  {line.text}  ({line.file}:{line.line})")
        rows += [f"      wanted    {w.text}  ({w.file}:{w.line})" for w in self.wanted]
        return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class SleeveProgram:
    """One of several programs on an account: its name, its share of the cash in billionths, the program."""

    name: str
    share_e9: int
    program: Program


def node_rows(listed: Sequence[Node], place: Mapping[int, int], clocks: Sequence[int]) -> tuple[NodeRow, ...]:
    """Returns the rows of a canonical list. `clocks` are periods in ms, the base first."""
    return tuple(
        [
            NodeRow(
                n.op,
                tuple([place[id(i)] for i in n.inputs]),
                n.f,
                n.s,
                0 if n.clock.period_ms is None else clocks.index(n.clock.period_ms),
                n.only,
            )
            for n in listed
        ]
    )


def source_lines(listed: Sequence[Node]) -> dict[int, SourceLine]:
    """Returns the source line of every node."""
    return {
        i: SourceLine(n.source.origin.file, n.source.origin.line, n.source.origin.source, _text(n))
        for i, n in enumerate(listed)
    }


def _text(node: Node) -> str:
    from .describe import describe, number_text

    return number_text(node.f[0]) if node.op == "const" else describe(node.source)


def canonical_json(
    kind: ProgramKind,
    interval_ms: int,
    clocks: Sequence[int],
    rebalance: dict[str, int] | None,
    nodes: Sequence[NodeRow],
    lists: Mapping[str, Sequence[dict[str, Any]]],
    family: ClockFamily = ClockFamily.BAR,
) -> str:
    """Returns the canonical text: fixed order of keys, no spaces, shortest exact floats, never NaN.

    `lists` are targets, orders, entries and legs; those that are empty are left out by who makes them (targets never). What rows
    are made of stands there where it is not bars.
    """
    head = {
        "version": VERSION,
        "kind": kind,
        "interval_ms": interval_ms,
        "clocks": list(clocks),
        "rebalance": rebalance,
    }
    if family is not ClockFamily.BAR:
        head["rows"] = family.value
    tail = {name: list(rows) for name, rows in lists.items()}
    texts = ",".join([_row_text(node) for node in nodes])
    return f'{_text_of(head)[:-1]},"nodes":[{texts}],{_text_of(tail)[1:]}'


@lru_cache(maxsize=1 << 16)
def _row_text(row: NodeRow) -> str:
    """Returns the text of a node; remembered, because the programs of a sweep are mostly made of the same nodes."""
    return _text_of(row.to_json())


_text_of = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
