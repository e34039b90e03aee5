"""Evaluates a program (docs/design.md) over bars, row by row: clocks, scopes, cross-sections and state loops.

It is not an executor: it walks all nodes at every timestamp, in the order of the list. `nodes` holds the definitions. Feedback nodes
(`pos`, `account`) ask a callback, so that the desk can run in lock-step. A bar is `(ts, open, high, low, close, volume)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .nodes import NAN, Row, cross_section, evaluate, missing, true

Bar = tuple[int, float, float, float, float, float]
Feedback = Callable[[str, str, str], float]  # (symbol, "pos" | "account", field) -> value
COLUMNS = {"open": 1, "high": 2, "low": 3, "close": 4, "volume": 5}
WEEK_MS = 7 * 86_400_000
MONDAY_MS = 4 * 86_400_000  # 1970-01-05


class Always(Sequence[float]):
    """A constant as an input column: a constant belongs to every clock and scope."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __len__(self) -> int:
        return 1 << 60

    def __getitem__(self, key: Any) -> Any:
        return [self.value] * (key.stop - (key.start or 0)) if isinstance(key, slice) else self.value


def bucket_start(ts: int, period: int) -> int:
    """Returns the start of the bucket of `ts`: aligned to the epoch, whole weeks to Monday."""
    anchor = MONDAY_MS if period % WEEK_MS == 0 else 0
    return (ts - anchor) // period * period + anchor


def merge(start: int, bars: list[Bar]) -> Bar:
    """Returns the slower bar made of the base bars of one bucket."""
    volume = math.fsum(b[5] for b in bars)
    return (start, bars[0][1], max(b[2] for b in bars), min(b[3] for b in bars), bars[-1][4], volume)


class Evaluator:
    """All nodes for all assets; `columns[node, symbol]` is the node's column on its own clock, NaN where missing."""

    def __init__(self, program: Mapping[str, Any], symbols: Sequence[str], feedback: Feedback | None = None) -> None:
        self.nodes: list[dict[str, Any]] = list(program["nodes"])
        self.clocks: list[int] = list(program["clocks"])
        self.interval: int = program["interval_ms"]
        self.symbols = list(symbols)  # in id order
        self.feedback = feedback
        self.bars: dict[tuple[int, str], list[Bar]] = {(c, s): [] for c in range(len(self.clocks)) for s in symbols}
        self.times: dict[tuple[int, str], list[int]] = {key: [] for key in self.bars}
        self.open_buckets: dict[tuple[int, str], list[Bar]] = {key: [] for key in self.bars}
        self.completed: dict[tuple[int, str], int] = {
            key: 0 for key in self.bars
        }  # buckets completed by the current base row
        self.columns: dict[tuple[int, str], list[float]] = {}
        self.rows: dict[tuple[int, str], Row] = {}
        for index, node in enumerate(self.nodes):
            for symbol in self.scope(node):
                self.columns[index, symbol] = []
        for index, node in enumerate(self.nodes):
            for symbol in self.scope(node):
                self.rows[index, symbol] = self._row(index, node, symbol)

    def scope(self, node: Mapping[str, Any]) -> list[str]:
        only = node.get("only")
        return [s for s in self.symbols if s == only] if only else self.symbols

    def _row(self, index: int, node: Mapping[str, Any], symbol: str) -> Row:
        clock, f = node.get("clock", 0), [float(v) for v in node.get("f", [])]
        cols: list[Sequence[float]] = []
        for source in node.get("in", []):
            other = self.nodes[source]
            cols.append(Always(other["f"][0]) if other["op"] == "const" else self.columns.get((source, symbol), []))
        ms = node.get("s", "") == "ms"
        return Row(f, ms, cols, self.times[clock, symbol], self.clocks[clock], self.columns[index, symbol])

    def step(self, ts: int, bars: Mapping[str, Bar]) -> None:
        """Takes the bars of one timestamp (only of the assets that have one) and evaluates every node on them."""
        present = [s for s in self.symbols if s in bars]
        for symbol in present:
            for clock in range(1, len(self.clocks)):
                self._advance(clock, symbol, bars[symbol])
            self.bars[0, symbol].append(bars[symbol])
            self.times[0, symbol].append(ts)
        for index, node in enumerate(self.nodes):
            if node.get("clock", 0) != 0:
                continue
            scope = [s for s in (present if not node.get("only") else self.scope(node)) if s in bars]
            if node["op"].startswith("cs_"):
                inputs = [self.rows[index, s].cols[0][len(self.times[0, s]) - 1] for s in scope]
                values = cross_section(node["op"], [float(v) for v in node.get("f", [])], inputs)
            else:
                values = [self._value(index, node, s) for s in scope]
            for symbol, value in zip(scope, values, strict=True):
                self.store(index, symbol, value, last=True)

    def _advance(self, clock: int, symbol: str, bar: Bar) -> None:
        """Completes the buckets that this base bar completes: an older one it is too late for, and its own if it closes it."""
        period, waiting = self.clocks[clock], self.open_buckets[clock, symbol]
        start = bucket_start(bar[0], period)
        done = []
        if waiting and bucket_start(waiting[0][0], period) < start:
            done.append(merge(bucket_start(waiting[0][0], period), waiting))
            waiting.clear()
        waiting.append(bar)
        if bar[0] + self.interval == start + period:
            done.append(merge(start, waiting))
            waiting.clear()
        self.completed[clock, symbol] = len(done)
        for number, slow in enumerate(done):
            self.bars[clock, symbol].append(slow)
            self.times[clock, symbol].append(slow[0])
            for index, node in enumerate(self.nodes):
                if node.get("clock", 0) == clock and symbol in self.scope(node):
                    self.store(index, symbol, self._value(index, node, symbol), last=number == len(done) - 1)

    def store(self, index: int, symbol: str, value: float, last: bool) -> None:
        """Appends a value; `last` is False for a bucket that is overtaken by another within the same base row."""
        self.columns[index, symbol].append(value)

    def _value(self, index: int, node: Mapping[str, Any], symbol: str) -> float:
        op, clock, s = node["op"], node.get("clock", 0), node.get("s", "")
        if op.startswith("cs_"):
            raise ValueError("a cross-section on a slower clock is not defined; carry it to the base clock first")
        if op == "col":
            return self.bars[clock, symbol][-1][COLUMNS[s]]
        if op in ("carry", "carry_event"):
            return self._carried(op, node["in"][0], symbol)
        if op in ("pick", "pick_event"):
            return self._picked(op, node["in"][0], s, self.times[0, symbol][-1])
        if op in ("pos", "account"):
            assert self.feedback is not None, "a feedback node needs the desk"
            return self.feedback(symbol, op, s)
        row = self.rows[index, symbol]
        row.i = len(row.ts) - 1
        return evaluate(op, row)

    def _carried(self, op: str, source: int, symbol: str) -> float:
        """The last completed value; an event only on the row that completed it (of two buckets completed at once either counts)."""
        column = self.columns[source, symbol]
        if op == "carry":
            return column[-1] if column else NAN
        count = self.completed[self.nodes[source].get("clock", 0), symbol]
        fresh = column[len(column) - count :]
        if any(true(v) for v in fresh):
            return 1.0
        return NAN if missing(*fresh) else 0.0

    def _picked(self, op: str, source: int, chosen: str, ts: int) -> float:
        """The value of the chosen asset's last row at or before ts, or, for an event, of its row at ts only."""
        column, times = self.columns[source, chosen], self.times[0, chosen]
        if not column:
            return NAN if op == "pick" else 0.0
        return column[-1] if op == "pick" or times[-1] == ts else 0.0


def evaluate_program(
    program: Mapping[str, Any], bars: Mapping[str, Sequence[Bar]]
) -> dict[tuple[int, str], list[float]]:
    """Returns every node's column on its own clock, for `bars` = symbol (in id order) -> rows."""
    evaluator = Evaluator(program, list(bars))
    for ts, now in grid(bars):
        evaluator.step(ts, now)
    return evaluator.columns


def grid(bars: Mapping[str, Sequence[Bar]]) -> list[tuple[int, dict[str, Bar]]]:
    """Returns the timestamps at which any asset has a bar, each with the bars it has."""
    rows: dict[int, dict[str, Bar]] = {}
    for symbol, series in bars.items():
        for bar in series:
            rows.setdefault(bar[0], {})[symbol] = bar
    return sorted(rows.items())


def feedback_nodes(program: Mapping[str, Any]) -> set[int]:
    """Returns the nodes that descend from the position or the account, state loops included."""
    found: set[int] = set()
    while True:
        more = {
            i
            for i, n in enumerate(program["nodes"])
            if i not in found and (n["op"] in ("pos", "account") or any(k in found for k in n.get("in", [])))
        }
        if not more:
            return found
        found |= more


def settled_rows(program: Mapping[str, Any]) -> list[int]:
    """Returns, for each node, the rows of its own clock until it is settled (section 3's table)."""
    nodes, clocks = program["nodes"], program["clocks"]
    settled = [0] * len(nodes)
    for index, node in enumerate(
        nodes
    ):  # `state` reads a later node, which is still 0 here: the table gives it 0 (our choice)
        before = max((settled[k] for k in node.get("in", [])), default=0)
        if node["op"] in ("carry", "carry_event"):
            before *= clocks[nodes[node["in"][0]].get("clock", 0)] // program["interval_ms"]
        settled[index] = before + own_settled(node, clocks[node.get("clock", 0)])
    return settled


def own_settled(node: Mapping[str, Any], interval: int) -> int:
    op, f = node["op"], node.get("f", [])
    n = f[0] if f else 0.0
    if node.get("s", "") == "ms":
        n = math.ceil(n / interval)
    if op in ("shift", "change", "returns", "log_return"):
        return int(n)
    if op.startswith("roll_"):
        return int(n) - 1
    if op in ("ema", "rma", "atr", "rsi"):
        return 10 * int(n)
    if op in ("ewm_mean", "ewm_std"):
        return math.ceil(10 * (2.0 / n - 1.0))
    return 1 if op in ("true_range", "crosses_above", "crosses_below") else 0
